"""Do pages hold all who take part, however they are cut?"""

from dataclasses import replace

import numpy as np
import pytest

from lookalike.gallery.filters import parse_filter
from lookalike.search.paging import Candidate, Cursor
from lookalike.search.ranking import Contest, begun_tail, ranked
from lookalike.testing import MemoryGallery, make_record, make_space
from lookalike.types import Tier

EVERYTHING = parse_filter("")
NEAR = 200


@pytest.fixture
def gallery() -> MemoryGallery:
    """Records ever further from one direction, all of a cosine above 0.8."""
    space = make_space(dim=2)
    gallery = MemoryGallery()
    gallery.add_space(space)
    angles = np.linspace(0, 0.6, NEAR, dtype=np.float32)
    gallery.put(
        [
            replace(
                make_record(f"file:///{number}.jpg"),
                embeddings={space.name: np.array([np.cos(angle), np.sin(angle)], np.float16)},
            )
            for number, angle in enumerate(angles)
        ]
    )
    return gallery


def contest_in(gallery: MemoryGallery, least: float) -> Contest:
    """Have the second and the third of the nearest be edited copies, of which nobody is sure."""
    tail = begun_tail(gallery, "toy@1/colour", np.array([1, 0], np.float32), float, EVERYTHING)
    unsure = {id_: Candidate(Tier.EDITED, 0.3, id_, "regions") for id_ in tail.first.ids[1:3]}
    return Contest(where=EVERYTHING, pool=unsure, tail=tail, itself="", least=least)


def pages(gallery: MemoryGallery, contest: Contest, k: int) -> list[str]:
    given, cursor, found = list[str](), Cursor(), list[Candidate]()
    while not given or len(found) > k:
        found = ranked(gallery, contest, cursor, k)
        given += [one.id for one in found[:k]]
        cursor = cursor.beyond(found[:k])
    return given


@pytest.mark.parametrize(("least", "expected"), [(-1.0, NEAR), (0.3, NEAR), (0.5, NEAR - 2), (0.95, None), (1.0, None)])
@pytest.mark.parametrize("k", [1, 45, 46, 47, 48])
def test_who_scores_too_little_ends_no_page_before_its_time(
    k: int, least: float, expected: int | None, gallery: MemoryGallery
) -> None:
    contest = contest_in(gallery, least)
    whole = ranked(gallery, contest, Cursor(), NEAR)
    assert len(whole) == (expected or len(whole)) > 0
    assert min(one.score for one in whole) >= least
    assert pages(gallery, contest, k) == [one.id for one in whole]


@pytest.mark.parametrize("k", [1, 47, 48, 49, NEAR])
def test_all_who_score_just_enough_take_part_however_many_they_are(k: int) -> None:
    space = make_space(dim=2)
    gallery = MemoryGallery()
    gallery.add_space(space)
    alike = {space.name: np.array([1, 0], np.float16)}
    gallery.put([replace(make_record(f"file:///{number}.jpg"), embeddings=alike) for number in range(NEAR)])
    tail = begun_tail(gallery, space.name, np.array([1, 0], np.float32), float, EVERYTHING)
    contest = Contest(where=EVERYTHING, pool={}, tail=tail, itself="", least=1.0)
    given = pages(gallery, contest, k)
    assert len(given) == len(set(given)) == NEAR


def test_a_page_of_edited_copies_needs_no_more_of_what_is_merely_similar(
    gallery: MemoryGallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    contest = contest_in(gallery, -1.0)
    monkeypatch.delattr(MemoryGallery, "nearest")
    assert [one.tier for one in ranked(gallery, contest, Cursor(), 2)[:3]] == [Tier.EDITED, Tier.EDITED, Tier.SIMILAR]


def test_where_the_nearest_left_score_too_little_no_more_are_asked_for(
    gallery: MemoryGallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    contest = contest_in(gallery, 0.999)
    monkeypatch.delattr(MemoryGallery, "nearest")
    assert 0 < len(ranked(gallery, contest, Cursor(), 47)) < 48
