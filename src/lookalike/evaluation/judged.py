"""What came of one query? Which of its hits are relevant, how sure each is, and how long it took."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Int64

from lookalike.evaluation.measures import Confidences, Found, Times

_STEPS = {"identical": 2.0, "edited": 1.0}
"""What a tier counts in one ranking of all hits: answers list the surest tier first, whatever the confidence."""

SIDE = 128
"""Longest side of a picture that a reader is shown, in pixels."""
SHOWN = 10
"""Hits by which confidences are judged: the first page of an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedHit:
    """A hit, and whether it is right."""

    id: str
    """Of the record; of what else was ranked, say a caption, its text."""
    is_relevant: bool
    confidence: float
    tier: str = ""
    """Empty where only vectors were compared."""

    @property
    def score(self) -> float:
        """Where it stands among the hits of all queries: by tier, then by confidence."""
        return _STEPS.get(self.tier, 0.0) + self.confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One query and its hits, judged."""

    name: str
    """What people read: a file's name, or the words."""
    found: Found
    """Of the hits, best first; as deep as was looked."""
    relevant: int
    """How much is relevant in the whole gallery; 0 for a distractor, which nothing answers."""
    hits: tuple[JudgedHit, ...]
    """The first of them; all, where what was called the same picture is judged."""
    group: str = ""
    """What it is counted with, too: its class, or the kind of edit."""
    id: str = ""
    """The record whose picture was searched with; empty for words and for pictures from elsewhere."""
    seeks: str = ""
    """The record it asks for, where others may be asked for by the same words; nobody is shown it."""
    jpeg: bytes = b""
    """The picture that was searched with, as it is shown, where it is of no record; empty for words."""
    seconds: float = float("nan")
    """How long the answer took; not a number where it was not measured."""
    excused: int = 0
    """Pictures that count neither as right nor as wrong because the search itself takes them for second copies."""

    @property
    def key(self) -> str:
        """What is the same for the same query put to another gallery."""
        return "\n".join((self.id, self.seeks, self.group, self.name))

    @property
    def is_recognised(self) -> bool:
        """Whether something relevant was called the same picture."""
        return any(hit.tier in _STEPS and hit.is_relevant for hit in self.hits)

    @property
    def accepts(self) -> bool:
        """Whether a hit was called the same picture."""
        return any(hit.tier in _STEPS for hit in self.hits)


@dataclass(frozen=True, slots=True)
class Pooled:
    """The hits of many queries, in one list, by falling score."""

    scores: Confidences
    confidences: Confidences
    right: Found
    times: Times
    """How often each hit counts."""
    queries: Int64[np.ndarray, " n"]
    """The number of the query that each hit is of."""
    wanted: Int64[np.ndarray, " queries"]
    """Right pairs of each query, found or not."""

    @property
    def relevant(self) -> int:
        """Right pairs of all queries, found or not."""
        return int(self.wanted.sum())

    def drawn(self, times: Int64[np.ndarray, " queries"]) -> "Pooled":
        """Have the hits of each query count so often."""
        return replace(self, times=times[self.queries], wanted=times * self.wanted)


def pooled(queries: Sequence[Judged], *, most: int | None = None, only_copies: bool = False) -> Pooled:
    """Put the hits of queries together, `most` of each; with `only_copies`, those that were called the same picture."""
    by_query = [[hit for hit in query.hits[:most] if not only_copies or hit.tier in _STEPS] for query in queries]
    numbers = np.repeat(np.arange(len(queries)), [len(one) for one in by_query])
    hits = [hit for one in by_query for hit in one]
    order = np.argsort([-hit.score for hit in hits], kind="stable")
    hits = [hits[place] for place in order.tolist()]
    return Pooled(
        scores=np.array([hit.score for hit in hits], np.float64),
        confidences=np.array([hit.confidence for hit in hits], np.float64),
        right=np.array([hit.is_relevant for hit in hits], np.bool_),
        times=np.ones(len(hits), np.int64),
        queries=numbers[order],
        wanted=np.array([query.relevant for query in queries], np.int64),
    )
