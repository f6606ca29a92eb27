"""Which records do words mean? Those whose texts hold them, and those that show it, scored together."""

from concurrent.futures import wait

import numpy as np

from lookalike.gallery import Gallery
from lookalike.gallery.filters import Filter
from lookalike.gallery.suiting import Term
from lookalike.search.fusion import Calibration
from lookalike.search.meaning import Meant
from lookalike.search.paging import Candidate
from lookalike.search.ranking import Tail, begun_tail
from lookalike.threads import helpers
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


def tail_and_pool(
    gallery: Gallery, space: str, terms: list[Term], meant: Meant | None, where: Filter
) -> tuple[Tail | None, dict[str, Candidate]]:
    """Rank all records by what is meant, None where that is not known, and score some one by one by both signals.

    These are records whose texts hold any of the terms: those that suit best, and of the nearest. The score is the
    confidence. Texts and vectors are looked through at the same time.
    """
    if meant is None:
        found = gallery.match_text(terms, _POOLED_ALONE, where)
        return None, _scored(found, np.full(len(found.ids), np.nan, np.float32), Calibration(0.0, 0.0), TEXT)
    begun = helpers("vectors").submit(tail_of, gallery, space, meant, where)
    try:
        found = gallery.match_text(terms, POOLED, where, also=lambda: [one.id for one in nearest_of(begun.result())])
    finally:
        wait([begun])  # whoever asked may close the gallery next
    tail = begun.result()
    return tail, _scored(found, gallery.similarity(space, meant.vector, found.ids), meant.calibration, space)


def _scored(found: Neighbors, cosines: Scores, calibration: Calibration, space: str) -> dict[str, Candidate]:
    scored = {}
    for id_, text, cosine in zip(found.ids, found.scores.tolist(), cosines.tolist(), strict=True):
        signal = TEXT if text >= _LEAST_TEXT else space
        scored[id_] = Candidate(Tier.SIMILAR, calibration.confidence(cosine, text), id_, signal)
    return scored
