"""Which records do words mean? Those whose texts hold them, and those that show it, scored together."""

import numpy as np

from lookalike.gallery import Gallery
from lookalike.gallery.filters import Filter
from lookalike.gallery.suiting import Term
from lookalike.search.fusion import Calibration
from lookalike.search.meaning import Meant
from lookalike.search.paging import Candidate
from lookalike.search.ranking import Tail, begun_tail
from lookalike.types import Tier

TEXT = "text"
"""The signal of a hit that was found by what is written about it."""
POOLED = 100
"""Records that are looked at closely by their texts, which are the more telling signal; and by what they show:"""
_NEAREST = 24
_POOLED_ALONE = 1_000
"""Where nothing can be said about what pictures show, so many by their texts; there are no other hits."""
_LEAST_TEXT = 0.5
"""Share of the words that a record must hold for its texts to be what found it."""


def tail_of(gallery: Gallery, space: str, meant: Meant | None, where: Filter) -> Tail | None:
    """Rank all records by how near they are to what is meant; None where that is not known."""
    if meant is None:
        return None
    return begun_tail(gallery, space, meant.vector, meant.calibration.confidence, where)


def nearest_of(tail: Tail | None) -> list[Candidate]:
    """Give the first of a tail, as many as are looked at closely."""
    if tail is None:
        return []
    pairs = zip(tail.first.ids[:_NEAREST], tail.first.scores.tolist(), strict=False)
    return [Candidate(Tier.SIMILAR, tail.score(cosine), id_, tail.space) for id_, cosine in pairs]


def pool(
    gallery: Gallery, terms: list[Term], tail: Tail | None, meant: Meant | None, where: Filter
) -> dict[str, Candidate]:
    """Score the records whose texts hold any of the terms, by both signals; those that suit best, and those nearest.

    The score is the confidence. All other records are to be ranked by the tail.
    """
    if not terms:
        return {}
    if tail is None or meant is None:
        found = gallery.match_text(terms, _POOLED_ALONE, where)
        cosines = np.full(len(found.ids), np.nan, np.float32)
    else:
        found = gallery.match_text(terms, POOLED, where, also=[one.id for one in nearest_of(tail)])
        cosines = gallery.similarity(tail.space, tail.vector, found.ids)
    calibration = meant.calibration if meant else Calibration(0.0, 0.0)
    scored = {}
    for id_, text, cosine in zip(found.ids, found.scores.tolist(), cosines.tolist(), strict=True):
        signal = TEXT if tail is None or text >= _LEAST_TEXT else tail.space
        scored[id_] = Candidate(Tier.SIMILAR, calibration.confidence(cosine, text), id_, signal)
    return scored
