"""What becomes of a gallery on Milvus that is asked, told, and opened by people who overdo it?"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from milvus_servers import Shelf
from waiting import eventually

from lookalike.errors import BadInput
from lookalike.gallery import Gallery, open_gallery
from lookalike.gallery.filters import parse_filter
from lookalike.testing import MemoryGallery, make_record, make_records, make_space
from lookalike.testing.records import make_vectors
from lookalike.types import Failure, Outcome

pytestmark = [pytest.mark.milvus, pytest.mark.slow, pytest.mark.timeout(120)]

SPACE = make_space()


@pytest.fixture
def gallery(milvus: Shelf) -> Iterator[Gallery]:
    with milvus.open("extremes") as opened:
        opened.add_space(SPACE)
        yield opened
    milvus.clear()


@pytest.fixture(scope="module")
def reference() -> Gallery:
    gallery = MemoryGallery()
    gallery.add_space(SPACE)
    gallery.put(make_records(60))
    return gallery


@pytest.mark.parametrize(
    ("term", "count"), [("-width:{}", 500), ("-meta.stars:{}", 100), ("-text:no{}", 100), ("-tag:no{}", 500)]
)
def test_a_filter_of_many_terms_passes_what_it_means(term, count, gallery, reference):
    where = parse_filter(" ".join(term.format(i) for i in range(count)))
    gallery.put(make_records(60))
    expected = {one.id for one in reference.scan(where, limit=60).records}
    assert {one.id for one in gallery.scan(where, limit=60).records} == expected
    assert {*gallery.nearest(SPACE.name, make_vectors(1), 60, where)[0].ids} == expected


@pytest.mark.parametrize(
    "text",
    ["-" * 50 + "label:dog", "".join(f"-(width:{i} " for i in range(25)) + "label:dog" + ")" * 25],
    ids=["negations", "parentheses"],
)
def test_a_filter_as_deep_as_any_passes_what_it_means(text, gallery, reference):
    where = parse_filter(text)
    gallery.put(make_records(60))
    expected = {one.id for one in reference.scan(where, limit=60).records}
    assert {one.id for one in gallery.scan(where, limit=60).records} == expected
    assert {*gallery.nearest(SPACE.name, make_vectors(1), 60, where)[0].ids} == expected


def test_a_word_beyond_the_4096_that_are_kept_of_a_record_is_found(gallery):
    gallery.put(make_records(20))
    assert gallery.count(parse_filter("text:x5999")) == 0
    long = make_record("file:///long.jpg", caption=" ".join(f"x{i}" for i in range(6_000)))
    gallery.put([long])
    for word in ("x5999", "x599*", '"x5998 x5999"'):
        assert [one.id for one in gallery.scan(parse_filter(f"text:{word}")).records] == [long.id]
    assert gallery.match_text("x5999", 3).ids == (long.id,)


def test_a_label_is_found_and_sorted_by_all_of_it_however_long_and_refused_where_that_cannot_be(gallery):
    long = make_record("file:///long.jpg", label="k" * 60_000 + "zebra", caption="x" * 70_000)
    gallery.put([long, make_record("file:///b.jpg", label="dog")])
    assert [one.id for one in gallery.scan(parse_filter("label:*zebra")).records] == [long.id]
    assert gallery.scan(order="label").records[-1].id == long.id
    for change in ({"label": "ü" * 40_000}, {"owner": "x" * 70_000}, {"tags": ("x" * 70_000,)}):
        with pytest.raises(BadInput, match="too long"):
            gallery.put([make_record("file:///c.jpg", **change)])
    assert gallery.count() == 2


def test_programs_that_open_a_new_gallery_at_once_all_fill_it(milvus):
    records = make_records(60)

    def fill(start: int) -> None:
        with open_gallery(f"{milvus.server}/crowd") as gallery:
            gallery.add_space(SPACE)
            gallery.put(records[start : start + 20])

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(fill, (0, 20, 40)))
    with open_gallery(f"{milvus.server}/crowd") as gallery:
        assert len(gallery.nearest(SPACE.name, make_vectors(1), 60)[0].ids) == gallery.count() == 60
    milvus.drop("crowd")


def test_the_failure_that_another_program_kept_is_cleared_by_the_record_that_comes_in(gallery, milvus):
    record = replace(make_record("file:///mended.jpg"), embeddings={})
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    failure = Failure(uri=record.uri, version="0", outcome=Outcome.UNREADABLE, reason="cut off", at=moment)
    with milvus.open("extremes") as other:
        other.put(make_records(1))
        gallery.put([], [failure])
        assert gallery.failures() == [failure]

        def is_cleared() -> bool:
            other.put([record])
            return not gallery.failures()

        assert eventually(is_cleared)


def test_a_failure_that_cannot_be_kept_leaves_all_as_it_was(gallery):
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    endless = Failure(uri="file:///" + 70_000 * "x", version="0", outcome=Outcome.UNREADABLE, reason="", at=moment)
    with pytest.raises(BadInput, match="too long"):
        gallery.put(make_records(3), [endless])
    assert gallery.count() == 0
