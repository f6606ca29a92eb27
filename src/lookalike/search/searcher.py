"""Which pictures answer a query? Resolve it once, gather candidates, rank them by tier and score."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lookalike.decode import Decoded, DecodePool
from lookalike.encoders import Encoder
from lookalike.errors import BadInput, GalleryError, NotFound
from lookalike.fetch import Fetcher
from lookalike.gallery import Gallery
from lookalike.gallery.filters import Filter, matches, parse_filter
from lookalike.search.paging import Candidate, Cursor
from lookalike.search.query import Query
from lookalike.sources import open_original
from lookalike.types import Embedding, Evidence, Hit, Region, Tier

MAX_DEPTH = 10_000
"""How far one may page into the answers; whoever wants more wants a filter."""
_LIKELY = 0.5
"""Confidence from which on a hit is called an answer rather than merely the nearest there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One page of hits."""

    hits: tuple[Hit, ...]
    after: str
    """Give it to `search` for the next page; empty at the end."""

    @property
    def likely(self) -> bool:
        """Whether the best hit is a good answer, rather than merely the nearest there is."""
        return any(hit.confidence >= _LIKELY for hit in self.hits)


@dataclass(frozen=True, slots=True)
class _Resolved:
    """A query reduced to what is compared."""

    vector: Embedding
    sha256: str
    pixels: str
    """Pixel hash; like sha256 empty where only a region is asked for."""
    itself: str
    """Id of the record searched with, which is no answer to its own query."""


class Searcher:
    """Answers queries from one gallery with one encoder. May be shared by threads."""

    def __init__(self, gallery: Gallery, encoder: Encoder, decoder: DecodePool, fetcher: Fetcher | None = None) -> None:
        """Tie the parts together; none of them is closed by this object."""
        self.gallery = gallery
        self.encoder = encoder
        self._decoder = decoder
        self._fetcher = fetcher or Fetcher()
        self._space = next(iter(encoder.spaces.values()))

    def search(self, query: Query, k: int = 10, after: str = "") -> Answer:
        """Find the k best hits, or the k after the page whose `after` is given.

        Hits come by tier, within a tier by falling score; ties are broken by id.

        Raises:
            BadInput: a wrong filter, region, k or cursor.
            NotFound: no such file or id.
            UnreadableImage, TooLarge, Unreachable: the query picture cannot be had or decoded.
            GalleryError: the gallery was made with another encoder.
        """
        where = parse_filter(query.where)
        cursor = Cursor.read(after, query)
        if not 1 <= k <= MAX_DEPTH - cursor.seen:
            raise BadInput(
                f"k is {k}; with the pages before it must stay between 1 and {MAX_DEPTH:,}.",
                "Narrow the search with a filter instead.",
            )
        self._check_space()
        resolved = self._resolve(query)
        if self._space.name not in self.gallery.spaces:
            return Answer(hits=(), after="")
        found = self._candidates(resolved, where, cursor, k)
        fresh = [one for one in found if one.score >= query.min_score]
        page = self._hits(fresh[:k], cursor.seen)
        more = cursor.beyond(fresh[:k]).write(query) if len(fresh) > k else ""
        return Answer(hits=page, after=more)

    def _check_space(self) -> None:
        """Refuse a query with another encoder than the gallery's.

        An empty gallery has no space yet, and nothing to compare with.
        """
        spaces = self.gallery.spaces
        stored = spaces.get(self._space.name)
        if stored is not None and stored.digest == self._space.digest:
            return
        if spaces:
            made_with = next(iter(spaces.values())).encoder
            if made_with == self.encoder.name:
                raise GalleryError(
                    f"The gallery {self.gallery.url} was made with other weights of the encoder {made_with!r}.",
                    "Index the pictures into another gallery.",
                )
            raise GalleryError(
                f"The gallery {self.gallery.url} was made with the encoder {made_with!r}, not with this "
                f"{self.encoder.name!r}.",
                f"Use --encoder {made_with}, or index into another gallery.",
            )

    def _resolve(self, query: Query) -> _Resolved:
        if not query.id:
            decoded = self._decode(self._open(query), query.region)
            return self._encode(decoded, whole=query.region is None, itself="")
        found = self.gallery.get([query.id], embeddings=True)
        if not found:
            raise NotFound(f"There is no picture {query.id!r} in {self.gallery.url}.")
        record = found[0]
        vector = record.embeddings.get(self._space.name)
        if query.region is None and vector is not None:
            return _Resolved(vector.astype(np.float32), record.sha256, record.fingerprint.pixels, record.id)
        decoded = self._decode(open_original(record.uri), query.region)
        return self._encode(decoded, whole=query.region is None, itself=record.id)

    def _open(self, query: Query) -> Path | bytes:
        if query.url:
            return self._fetcher.get(query.url).content
        if query.data is not None:
            return query.data
        assert query.file is not None  # noqa: S101 - Query holds exactly one of the four
        return query.file

    def _decode(self, source: Path | bytes, region: Region | None) -> Decoded:
        return self._decoder.decode(source, self.encoder.fit, region)

    def _encode(self, decoded: Decoded, *, whole: bool, itself: str) -> _Resolved:
        vector = self.encoder.encode([decoded.pixels])[self._space.name][0]
        return _Resolved(vector, decoded.sha256 if whole else "", decoded.pixel_hash if whole else "", itself)

    def _candidates(self, resolved: _Resolved, where: Filter, cursor: Cursor, k: int) -> list[Candidate]:
        """Rank what comes after the cursor; at least k + 1 where there are so many.

        A gallery breaks ties as it likes where it cuts off, a page by id: so all that share the score of the page's
        last hit must be at hand.
        """
        identical = self._identical(resolved, where)
        depth = cursor.seen + k + 1 + len(identical) + bool(resolved.itself)
        while True:
            near = self.gallery.nearest(self._space.name, resolved.vector[None], depth, where)[0]
            ranked = list(identical.values()) + [
                Candidate(Tier.SIMILAR, float(score), id_, self._space.name)
                for id_, score in zip(near.ids, near.scores, strict=True)
                if id_ not in identical and id_ != resolved.itself
            ]
            fresh = sorted((one for one in ranked if cursor.before(one)), key=Candidate.order)
            if len(near.ids) < depth or (len(fresh) > k and fresh[k - 1].score > near.scores[-1]):
                return fresh
            depth *= 2

    def _identical(self, resolved: _Resolved, where: Filter) -> dict[str, Candidate]:
        by_bytes = self.gallery.find("sha256", [resolved.sha256] if resolved.sha256 else [])
        by_pixels = self.gallery.find("pixels", [resolved.pixels] if resolved.pixels else [])
        signals = {id_: "pixels" for ids in by_pixels.values() for id_ in ids}
        signals |= {id_: "sha256" for ids in by_bytes.values() for id_ in ids}
        signals.pop(resolved.itself, None)
        return {
            record.id: Candidate(Tier.IDENTICAL, 1.0, record.id, signals[record.id])
            for record in self.gallery.get(list(signals))
            if matches(record, where)
        }

    def _hits(self, candidates: list[Candidate], seen: int) -> tuple[Hit, ...]:
        """Fetch the records; one that was deleted meanwhile is left out."""
        calibration = self.gallery.spaces[self._space.name].calibration
        records = {record.id: record for record in self.gallery.get([one.id for one in candidates])}
        present = [one for one in candidates if one.id in records]
        return tuple(
            Hit(
                rank=seen + place,
                record=records[one.id],
                tier=one.tier,
                score=one.score,
                confidence=_confidence(one, calibration),
                evidence=Evidence(signal=one.signal),
            )
            for place, one in enumerate(present, start=1)
        )


def _confidence(candidate: Candidate, calibration: tuple[float, float]) -> float:
    """Give the logistic of a score; sameness needs none."""
    if candidate.tier is Tier.IDENTICAL:
        return 1.0
    slope, offset = calibration
    return (1 + math.tanh((slope * candidate.score + offset) / 2)) / 2  # the logistic, without an overflow
