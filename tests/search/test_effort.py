"""Does a search end when its time or patience is spent, and does it go on only with what is likely?"""

import numpy as np
import pytest

from lookalike import threads
from lookalike.copies.verifier import Comparison
from lookalike.search import effort
from lookalike.search.effort import CLEAR, PLANS, Plan, Progress, Suspect
from lookalike.threads import going_out
from lookalike.types import Relation

SAME, SHARED, NOTHING = (
    Comparison(relation, 0.5) for relation in (Relation.SAME, Relation.SHARES_REGION, Relation.UNRELATED)
)
PLAN = Plan(budget_s=0.02, agreeing=5, anyway=1, patience=2, most=10, closer=1)


def compute() -> None:
    """Keep the processor busy for longer than the plan allows."""
    for _ in range(40):
        np.linalg.svd(np.random.default_rng(1).normal(size=(120, 120)))


@pytest.mark.slow
def test_a_search_is_over_when_its_processor_time_is_spent():
    search = Progress(PLAN)
    with search.spending():
        pass
    assert not search.is_over
    with search.spending():
        compute()
    assert search.is_over


PICTURE = np.zeros((8, 8), np.uint8)


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    clock = [0.0]
    for module in (threads, effort):
        monkeypatch.setattr(module, "monotonic", lambda: clock[0])
    return clock


def test_a_search_does_not_wait_for_other_sites_for_ever(clock):
    search = Progress(PLAN)

    def answer() -> np.ndarray:
        with going_out():
            clock[0] += 6.0
        return PICTURE

    for may_wait in (True, False):
        assert search.fetch(answer, here=False) is PICTURE
        assert search.may_wait(here=False) == may_wait
    assert search.may_wait(here=True), "others wait for nobody"
    assert not search.is_over


def test_a_picture_that_is_decoded_here_is_not_waited_for(clock):
    search = Progress(PLAN)

    def decode() -> np.ndarray:
        clock[0] += 60.0
        return PICTURE

    search.fetch(decode, here=True)
    assert search.may_wait(here=True)


def test_a_drive_that_gives_nothing_is_not_waited_for_again_and_again(clock):
    search = Progress(PLAN)

    def stall() -> None:
        clock[0] += 10.0

    search.fetch(stall, here=True)
    assert not search.may_wait(here=True)
    assert search.may_wait(here=False)


def test_a_search_is_over_after_so_many_comparisons_in_a_row_that_came_to_nothing():
    search = Progress(PLAN)
    for found in (NOTHING, SHARED, NOTHING):
        search.take("one", found)
        assert not search.is_over
    search.take("two", NOTHING)
    assert search.is_over


def test_once_a_copy_was_found_only_clear_or_alike_ones_are_wanted():
    search = Progress(PLAN)
    weak, clear, alike = Suspect("a", 0.5), Suspect("b", CLEAR), Suspect("c", alike=True)
    assert all(search.wants(one) for one in (weak, clear, alike))
    search.take("shared", SHARED)
    assert search.wants(weak)
    search.take("copy", SAME)
    assert [search.wants(one) for one in (weak, clear, alike)] == [False, True, True]
    assert search.same == [SAME]


def test_more_effort_is_more_of_everything():
    fast, normal, thorough = (PLANS[name] for name in ("fast", "normal", "thorough"))
    for less, more in ((fast, normal), (normal, thorough)):
        assert (less.budget_s, less.patience, less.most, less.closer) < (
            more.budget_s,
            more.patience,
            more.most,
            more.closer,
        )
        assert less.agreeing > more.agreeing
