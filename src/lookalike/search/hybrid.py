"""Which records do words mean? Those whose texts hold them, and those that show it, scored together."""

from collections.abc import Callable
from concurrent.futures import Executor, wait

import numpy as np

from lookalike.gallery import Gallery
from lookalike.gallery.filters import Filter
from lookalike.gallery.suiting import Term
from lookalike.search.fusion import Calibration
from lookalike.search.meaning import Meant
from lookalike.search.paging import Candidate
from lookalike.search.ranking import Tail, begun_tail
from lookalike.types import Neighbors, Scores, Tier

TEXT = "text"
"""The signal of a hit that was found by what is written about it."""
POOLED = 100
"""Records that are looked at closely by their texts, which are the more telling signal; and by what they show:"""
_NEAREST = 24
_POOLED_ALONE = 1_000
"""Where nothing can be said about what pictures show, so many by their texts; there are no other hits."""
_LEAST_TEXT = 0.5
"""Share of the words that a record must hold for its texts to be what found it."""


def tail_of(gallery: Gallery, space: str, meant: Meant, where: Filter) -> Tail:
    """Rank all records by how near they are to what is meant."""
    return begun_tail(gallery, space, meant.vector, meant.calibration.confidence, where)


def nearest_of(tail: Tail | None) -> list[Candidate]:
    """Give the first of a tail, as many as are looked at closely."""
    if tail is None:
        return []
    pairs = zip(tail.first.ids[:_NEAREST], tail.first.scores.tolist(), strict=False)
    return [Candidate(Tier.SIMILAR, tail.score(cosine), id_, tail.space) for id_, cosine in pairs]


def pool_of_texts(gallery: Gallery, terms: list[Term], where: Filter) -> dict[str, Candidate]:
    """Score the records whose texts suit the terms best, by these alone."""
    found = gallery.match_text(terms, _POOLED_ALONE, where)
    never_compared = np.full(len(found.ids), np.nan, np.float32)
    return _scored(found, never_compared, Calibration(0.0, 0.0), lambda _: TEXT)


def tail_and_pool(
    gallery: Gallery, space: str, terms: list[Term], meant: Meant, where: Filter, beside: Executor
) -> tuple[Tail, dict[str, Candidate]]:
    """Rank all records by how near they are to what is meant, and score some one by one by both signals.

    These are the records whose texts suit the terms best, and of the nearest those whose texts hold any. The score is
    the confidence. Vectors are looked through `beside`, while this thread looks through texts.
    """
    begun = beside.submit(tail_of, gallery, space, meant, where)
    try:
        found = gallery.match_text(terms, POOLED, where, also=lambda: [one.id for one in nearest_of(begun.result())])
    finally:
        wait([begun])  # whoever asked may close the gallery next
    tail = begun.result()
    cosines = gallery.similarity(space, meant.vector, found.ids)
    return tail, _scored(found, cosines, meant.calibration, lambda text: TEXT if text >= _LEAST_TEXT else space)


def _scored(
    found: Neighbors, cosines: Scores, calibration: Calibration, signal: Callable[[float], str]
) -> dict[str, Candidate]:
    pairs = zip(found.ids, found.scores.tolist(), cosines.tolist(), strict=True)
    return {
        id_: Candidate(Tier.SIMILAR, calibration.confidence(cosine, text), id_, signal(text))
        for id_, text, cosine in pairs
    }
