"""In which order do candidates come? By tier and score, in pages that neither repeat nor skip one.

Some records are scored one by one (the pool); all others by how near they are to one vector (the tail), as far as one
pages. Which are which does not depend on the page, so that the answer is the same however it is cut into pages.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from lookalike.gallery import Gallery
from lookalike.gallery.filters import Filter
from lookalike.search.paging import Candidate, Cursor
from lookalike.types import Embedding, Neighbors, Tier

_FIRST = 48
"""How many of the nearest are asked for at once: enough for a first page behind those scored one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """All records, by how near they are to a vector."""

    space: str
    vector: Embedding
    score: Callable[[float], float]
    """Makes the score of a hit of a cosine; never falls as that rises."""
    first: Neighbors
    """The nearest, so that a first page need not ask again."""
    asked: int
    """How many were asked for."""


def begun_tail(gallery: Gallery, space: str, vector: Embedding, score: Callable[[float], float], where: Filter) -> Tail:
    """Ask for as many of the nearest as a first page mostly takes."""
    first = gallery.nearest(space, vector[None], _FIRST, where)[0]
    return Tail(space=space, vector=vector, score=score, first=first, asked=_FIRST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """Who is ranked, and how."""

    where: Filter
    pool: Mapping[str, Candidate]
    """Those scored one by one, by id."""
    tail: Tail | None
    """What scores all others; None where nothing does."""
    itself: str
    """Id of the record searched with, which takes no part; empty where there is none."""
    least: float
    """Who scores less takes no part, either."""


def ranked(gallery: Gallery, contest: Contest, cursor: Cursor, k: int) -> list[Candidate]:
    """Rank what comes after the cursor; at least k + 1 where there are so many.

    A gallery breaks ties as it likes where it cuts off, a page by id: so all that share the score of the page's last
    hit must be at hand.
    """
    tail, pool = contest.tail, contest.pool
    if tail is None:
        return _after(cursor, pool.values(), contest.least)
    known = {*pool, contest.itself}
    near, depth = tail.first, tail.asked
    while True:
        fresh = _after(cursor, [*pool.values(), *_others(tail, near, known)], contest.least)
        if len(near.ids) < depth:
            return fresh
        farther = Candidate(Tier.SIMILAR, tail.score(float(near.scores[-1])), "", tail.space)
        if farther.score < contest.least or (len(fresh) > k and fresh[k - 1].order() < farther.order()):
            return fresh
        depth = max(2 * depth, cursor.seen + k + 1 + len(known))
        near = gallery.nearest(tail.space, tail.vector[None], depth, contest.where)[0]


def _others(tail: Tail, near: Neighbors, known: Collection[str]) -> list[Candidate]:
    return [
        Candidate(Tier.SIMILAR, tail.score(float(cosine)), id_, tail.space)
        for id_, cosine in zip(near.ids, near.scores, strict=True)
        if id_ not in known
    ]


def _after(cursor: Cursor, candidates: Collection[Candidate], least: float) -> list[Candidate]:
    return sorted((one for one in candidates if one.score >= least and cursor.before(one)), key=Candidate.order)
