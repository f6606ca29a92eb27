"""What does a whole search answer, and is it right? Asked as people ask, timed, and judged hit by hit."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from time import perf_counter

import numpy as np
from PIL import Image

from lookalike.decode import Fit
from lookalike.errors import LookalikeError
from lookalike.evaluation.judged import SIDE, Judged, JudgedHit
from lookalike.evaluation.subject import Subject, proofs
from lookalike.search import MAX_DEPTH, Query
from lookalike.types import Hit, Pixels, Relation, Tier

DEPTH = 100
"""Hits that are asked for where nothing else is said."""
_SIDE = 1_024
"""Longest side of the pictures that are asked with: what people pass on is seldom larger."""
_QUALITY, _QUALITY_SHOWN = 90, 80


class Twins:
    """Tells which pictures of the gallery are one and the same, so that finding the other one is no mistake.

    Nobody can tell but the search under test. Those that it alone claims, without equal bytes or pixels, are counted.
    """

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._of: dict[str, set[str]] = {}
        self._compared: dict[tuple[str, str], bool] = {}

    def of(self, id_: str) -> set[str]:
        """Give the pictures that a search calls the same as a record, itself included."""
        if id_ not in self._of:
            answer = self._subject.library.searcher.search(Query(id=id_), DEPTH)
            self._of[id_] = {id_, *(hit.record.id for hit in answer.hits if hit.tier is not Tier.SIMILAR)}
        return self._of[id_]

    def unproven(self, ids: Collection[str], others: Collection[str]) -> int:
        """Count those of others that have neither bytes nor pixels in common with any of some records."""
        records = self._subject.records
        known = {proof for id_ in ids if id_ in records for proof in proofs(records[id_])}
        return sum(id_ in records and known.isdisjoint(proofs(records[id_])) for id_ in others)

    def are(self, id_: str, other: str) -> bool:
        """Say whether two records are one picture, however long it takes to compare them."""
        if (id_, other) not in self._compared:
            try:
                self._compared[id_, other] = self._subject.library.compare(id_, other).relation is Relation.SAME
            except LookalikeError:
                self._compared[id_, other] = False
        return self._compared[id_, other]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a search should find."""

    relevant: Collection[str]
    ignored: Collection[str] = ()
    """Ids that are neither right nor wrong."""
    absent: str = ""
    """An id that the search must do without."""
    depth: int = DEPTH
    """Hits that are judged; what is neither right nor wrong is asked for beside them."""
    made_of: Collection[str] = ()
    """Ids of what the query was made of."""
    twins: "Twins | None" = None
    """Knows which pictures are there more than once; None where the truth is known."""

    def excuses(self, hit: Hit) -> bool:
        """Say whether what was wrongly called the same is a twin of what the query was made of."""
        if self.twins is None or hit.tier is Tier.SIMILAR or hit.record.id in self.relevant:
            return False
        return any(self.twins.are(id_, hit.record.id) for id_ in self.made_of)


def ask(subject: Subject, query: Query, expected: Expected, name: str, *, jpeg: bytes = b"", group: str = "") -> Judged:
    """Search, take the time, and judge the hits; of `jpeg`, the picture that is searched with, a small one is kept."""
    apart = [one for one in (*expected.ignored, expected.absent) if one]
    if expected.absent:
        leaving_out = " ".join(f"-id:{id_}" for id_ in apart)
        query = replace(query, where=f"{f'({query.where}) ' if query.where else ''}{leaving_out}")
    depth = min(MAX_DEPTH, expected.depth + (0 if expected.absent else len(set(expected.ignored))))
    start = perf_counter()
    answer = subject.library.searcher.search(query, depth)
    seconds = perf_counter() - start
    left_out = {*expected.ignored, *(hit.record.id for hit in answer.hits if expected.excuses(hit))}
    hits = [
        JudgedHit(
            id=hit.record.id,
            is_relevant=hit.record.id in expected.relevant,
            confidence=hit.confidence,
            tier=str(hit.tier),
        )
        for hit in answer.hits
        if hit.record.id not in left_out
    ][: expected.depth]
    return Judged(
        name=name,
        found=np.array([hit.is_relevant for hit in hits], np.bool_),
        relevant=len(expected.relevant),
        hits=tuple(hits),
        group=group,
        id=query.id,
        jpeg=_small(jpeg) if jpeg else b"",
        seconds=seconds,
        excused=expected.twins.unproven(expected.made_of, left_out) if expected.twins else 0,
    )


def pixels_of(subject: Subject, source: Path | bytes) -> Pixels:
    """Decode a picture, large enough to be edited and shown. Raises as `DecodePool.decode` does."""
    return subject.library.decoder.decode(source, Fit(size=_SIDE)).pixels


def to_jpeg(pixels: Pixels) -> bytes:
    """Compress a picture as people pass it on."""
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()


def _small(jpeg: bytes) -> bytes:
    """Shrink a picture to the size in which it is shown: there may be thousands of them, all in memory."""
    with Image.open(BytesIO(jpeg), formats=["JPEG"]) as image:
        image.draft("RGB", (SIDE, SIDE))
        image.thumbnail((SIDE, SIDE))
        buffer = BytesIO()
        image.convert("RGB").save(buffer, "JPEG", quality=_QUALITY_SHOWN)
    return buffer.getvalue()
