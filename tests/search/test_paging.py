"""Does a cursor give the next page of its own query, and nothing else?"""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.errors import BadInput
from lookalike.search.paging import Candidate, Cursor
from lookalike.search.query import Query
from lookalike.types import Tier

QUERY = Query(id="kq3v5n2xwz7dymbt")

candidates = st.lists(
    st.builds(
        Candidate,
        st.sampled_from([Tier.IDENTICAL, Tier.SIMILAR]),
        st.sampled_from([1.0, 0.5, 0.1 + 0.2, -1.0]),
        st.text("abc", min_size=1, max_size=3),
        st.just(""),
    ),
    unique_by=lambda one: one.id,
)


@given(candidates, st.integers(1, 5))
def test_pages_give_every_candidate_once_and_in_order(found: list[Candidate], k: int) -> None:
    ranked = sorted(found, key=Candidate.order)
    given: list[Candidate] = []
    cursor = Cursor()
    while page := [one for one in ranked if cursor.before(one)][:k]:
        given += page
        cursor = Cursor.read(cursor.beyond(page).write(QUERY), QUERY)
        assert cursor.seen == len(given)
    assert given == ranked


def test_a_cursor_remembers_a_good_answer_on_any_page_before() -> None:
    page, cursor = [Candidate(Tier.SIMILAR, 0.5, "a", "")], Cursor()
    for is_good, remembered in ((False, False), (True, True), (False, True)):
        cursor = Cursor.read(cursor.beyond(page, likely=is_good).write(QUERY), QUERY)
        assert cursor.likely == remembered


@pytest.mark.parametrize(
    "other",
    [
        Query(id="aq3v5n2xwz7dymbt"),
        Query(file=Path("kq3v5n2xwz7dymbt")),
        Query(data=b"kq3v5n2xwz7dymbt"),
        Query(id="kq3v5n2xwz7dymbt", where="label:dog"),
        Query(id="kq3v5n2xwz7dymbt", min_score=0.5),
        Query(id="kq3v5n2xwz7dymbt", text="in the snow"),
        Query(id="kq3v5n2xwz7dymbt", mode="caption"),
    ],
)
def test_a_cursor_of_another_query_is_refused(other: Query) -> None:
    text = Cursor().beyond([Candidate(Tier.SIMILAR, 0.5, "a", "")]).write(QUERY)
    assert Cursor.read(text, QUERY).seen == 1
    with pytest.raises(BadInput, match="does not belong"):
        Cursor.read(text, other)


def forged(*values: object) -> str:
    genuine = Cursor().beyond([Candidate(Tier.SIMILAR, 0.5, "a", "")]).write(QUERY)
    digest = json.loads(base64.urlsafe_b64decode(genuine))[0]
    return base64.urlsafe_b64encode(json.dumps([digest, *values]).encode()).decode()


def test_a_cursor_that_does_not_say_whether_a_good_answer_came_before_is_taken() -> None:
    assert Cursor.read(forged(1, 2, 0.5, "a"), QUERY) == Cursor(1, (2, 0.5, "a"), likely=False)


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "é",
        forged(),
        forged(-1, 2, 0.5, "a", True),
        forged(1, 2, float("nan"), "a", True),
        forged(1e999, 2, 0.5, "a", True),
        forged(1, 2, [], "a", True),
        forged(1, 2, 0.5, "a", True, True),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
    ],
)
def test_a_cursor_made_by_nobody_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="does not belong"):
        Cursor.read(text, QUERY)
