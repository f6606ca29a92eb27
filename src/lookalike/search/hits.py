"""How do ranked candidates become hits? With their records, how sure it is, and what proves it."""

from collections.abc import Callable, Mapping, Sequence

from lookalike.copies.verifier import Comparison
from lookalike.gallery import Gallery
from lookalike.gallery.suiting import HeldWords
from lookalike.gallery.texts import texts_of
from lookalike.search.paging import Candidate
from lookalike.types import Evidence, Hit, ImageRecord, Relation, Tier

REGIONS = "regions"
"""The signal of a hit that was proved by matched regions."""


def make_hits(
    gallery: Gallery,
    candidates: Sequence[Candidate],
    first_rank: int,
    confidence: Callable[[Candidate], float],
    evidence: Callable[[Candidate, ImageRecord], Evidence],
) -> tuple[Hit, ...]:
    """Fetch the records; one that was deleted meanwhile is left out."""
    records = {record.id: record for record in gallery.get([one.id for one in candidates])}
    present = [one for one in candidates if one.id in records]
    return tuple(
        Hit(
            rank=rank,
            record=records[one.id],
            tier=one.tier,
            score=one.score,
            confidence=confidence(one),
            evidence=evidence(one, records[one.id]),
        )
        for rank, one in enumerate(present, start=first_rank)
    )


def compared(id_: str, comparison: Comparison) -> Candidate:
    """Rank what was compared: copies by how sure they are, what shares a region before all that is merely similar."""
    if comparison.relation is Relation.SAME:
        return Candidate(Tier.EDITED, comparison.confidence, id_, REGIONS)
    return Candidate(Tier.SIMILAR, 1.0 + comparison.confidence, id_, REGIONS)  # no likeness comes to more than 1


def evidence_of(
    candidate: Candidate, record: ImageRecord, comparisons: Mapping[str, Comparison], words: HeldWords | None
) -> Evidence:
    """Say what proves a hit: matched regions, and which of the words its texts hold."""
    held = words.within(texts_of(record)) if words else ()
    comparison = comparisons.get(candidate.id)
    if comparison is None:
        return Evidence(signal=candidate.signal, words=held)
    return Evidence(
        signal=candidate.signal,
        relation=comparison.relation,
        regions=comparison.regions,
        transform=comparison.transform,
        words=held,
    )


def proof_words(hit: Hit) -> str:
    """Say what proves a hit: what was done to it, `cropped to 31 %`, or which words it holds; empty for likeness."""
    evidence = hit.evidence
    if evidence.relation is Relation.SHARES_REGION:
        return "shares a region"
    return f"says {', '.join(evidence.words)}" if evidence.words and evidence.relation is None else evidence.transform


def confidence_of(
    candidate: Candidate, comparisons: Mapping[str, Comparison], of_score: Callable[[float], float]
) -> float:
    """Give what a comparison says, else what the score says; the score of what is identical is its confidence."""
    if candidate.tier is Tier.IDENTICAL:
        return candidate.score
    comparison = comparisons.get(candidate.id)
    return of_score(candidate.score) if comparison is None else comparison.confidence
