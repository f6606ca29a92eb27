"""Are the first candidates admitted just those that pass, in their order, and is no picture looked at in vain?"""

from dataclasses import replace

import pytest

from lookalike.gallery.filters import parse_filter
from lookalike.search.admitting import Admission
from lookalike.testing import MemoryGallery, make_record

MANY = 3_000


@pytest.fixture(scope="module")
def gallery() -> MemoryGallery:
    """Every third picture is a JPEG; the keys are in the order of the numbers."""
    gallery = MemoryGallery()
    gallery.put(
        [
            replace(make_record(f"file:///{number}.jpg"), format="png" if number % 3 else "jpeg")
            for number in range(MANY)
        ]
    )
    return gallery


@pytest.fixture
def keys(gallery: MemoryGallery) -> list[int]:
    ids = {id_: key for page in gallery.fingerprints() for key, id_ in gallery.ids(page.held.tolist()).items()}
    return [ids[make_record(f"file:///{number}.jpg").id] for number in range(MANY)]


@pytest.mark.parametrize("count", [0, 1, 64, 65, 200])
def test_without_a_filter_the_first_are_admitted_in_their_order(
    gallery: MemoryGallery, keys: list[int], count: int
) -> None:
    backwards = keys[::-1]
    assert Admission(gallery, parse_filter(""), ()).first(backwards, count) == backwards[:count]


@pytest.mark.parametrize("count", [1, 20, 64, 65, 200])
def test_what_the_filter_keeps_out_and_what_is_known_take_no_place(
    gallery: MemoryGallery, keys: list[int], count: int
) -> None:
    known = [make_record(f"file:///{number}.jpg").id for number in range(0, 300, 6)]
    admission = Admission(gallery, parse_filter("format:jpeg"), known)
    expected = [*range(3, 300, 6), *range(300, MANY, 3)][:count]
    assert admission.first(keys, count) == [keys[number] for number in expected]
    assert [admission.id_of(keys[number]) for number in expected] == [
        make_record(f"file:///{number}.jpg").id for number in expected
    ]


def test_pictures_that_went_meanwhile_take_no_place(gallery: MemoryGallery, keys: list[int]) -> None:
    unheard_of = max(keys) + 1
    assert Admission(gallery, parse_filter(""), ()).first([unheard_of, *keys], 2) == keys[:2]


def test_each_picture_is_looked_at_once_and_none_after_enough_were_admitted(
    gallery: MemoryGallery, keys: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    ids = gallery.ids
    monkeypatch.setattr(gallery, "ids", lambda some: (asked.extend(some), ids(some))[1])
    admission = Admission(gallery, parse_filter("format:jpeg"), ())
    first = admission.first(keys, 10)
    assert admission.first(keys, 10) == first
    assert len(asked) == len(set(asked)) < 100


def test_a_filter_that_nothing_passes_is_not_asked_of_the_whole_gallery(
    gallery: MemoryGallery, keys: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    ids = gallery.ids
    monkeypatch.setattr(gallery, "ids", lambda some: (asked.extend(some), ids(some))[1])
    assert Admission(gallery, parse_filter("format:gif"), ()).first(keys, 1) == []
    assert len(asked) < MANY / 2
