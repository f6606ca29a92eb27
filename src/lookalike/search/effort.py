"""How long to look for copies: what is worth a comparison, and when is it enough?"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, thread_time
from typing import Literal

from lookalike.copies.verifier import Comparison
from lookalike.threads import seconds_out
from lookalike.types import Grey, Relation

Effort = Literal["fast", "normal", "thorough"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What one effort means."""

    budget_s: float
    """Processor time for comparisons; the one under way is finished, and the first is always made."""
    agreeing: int
    """Points that must agree on a place for a candidate to be compared, where their weight is small."""
    anyway: int
    """The likeliest so many are compared even if no points agree."""
    patience: int
    """Comparisons in a row that come to nothing before the rest is left alone."""
    most: int
    """Candidates looked at."""
    closer: int
    """Candidates that are looked at closely where nothing was found."""
    thorough: bool = False


PLANS: Mapping[str, Plan] = {
    "fast": Plan(budget_s=0.05, agreeing=15, anyway=1, patience=2, most=20, closer=0),
    "normal": Plan(budget_s=0.4, agreeing=10, anyway=1, patience=5, most=60, closer=3),
    "thorough": Plan(budget_s=4.0, agreeing=2, anyway=20, patience=30, most=200, closer=20, thorough=True),
}
CLEAR = 1.0
"""Weight of the points that agree, from which a candidate is worth comparing whatever was found before.

Measured: among 20,000 pictures no copy weighed less; chance weighs 0.5, at most 0.8, and what user interfaces and
frames have in common, many points of many pictures, mostly less than 1.
"""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A picture that may be a copy."""

    id: str
    score: float = 0.0
    """What `CopyIndex.candidates` says of it."""
    alike: bool = False
    """Whether something says that the whole pictures are alike, so that few points are no objection."""


_LONGEST_WAIT_S = 10.0
"""Seconds that one search waits for other sites in all, and as many for drives that give nothing; then it takes what is
cached of theirs."""


class Progress:
    """What one search has found and spent so far."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.found: dict[str, Comparison] = {}
        self.missed = 0
        self._left_s = plan.budget_s
        self._waited_s = {True: 0.0, False: 0.0}

    @property
    def is_over(self) -> bool:
        """Whether time or patience has run out."""
        return self._left_s <= 0 or self.missed >= self.plan.patience

    def may_wait(self, *, here: bool) -> bool:
        """Whether drives, where pictures lie `here`, or else other sites may still be asked for them."""
        return self._waited_s[here] < _LONGEST_WAIT_S

    @property
    def same(self) -> list[Comparison]:
        """What was found to be the same picture."""
        return [one for one in self.found.values() if one.relation is Relation.SAME]

    def wants(self, candidate: Suspect) -> bool:
        """Say whether a candidate may still be worth its time."""
        return candidate.alike or not self.same or candidate.score >= CLEAR or self.plan.thorough

    def take(self, id_: str, comparison: Comparison) -> None:
        """Note what a comparison showed."""
        if comparison.relation is Relation.UNRELATED:
            self.missed += 1
            return
        self.missed = 0
        self.found[id_] = comparison

    @contextmanager
    def spending(self) -> Iterator[None]:
        """Count the time that this thread computes.

        Waiting for others does not count, so that answers do not change where the machine is busy.
        """
        start = thread_time()
        yield
        self._left_s -= thread_time() - start

    def fetch(self, get: Callable[[], Grey | None], *, here: bool) -> Grey | None:
        """Get a picture, and count the time until another site gave it, or until it was known that none is given."""
        start, out = monotonic(), seconds_out()
        picture = get()
        self._waited_s[here] += monotonic() - start if picture is None else seconds_out() - out
        return picture
