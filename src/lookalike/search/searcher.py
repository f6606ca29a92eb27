"""Which pictures answer a query? Resolve it once, gather candidates, rank them by tier and score."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lookalike.copies import GREY_PX
from lookalike.copies.verifier import Comparison, QueryPicture
from lookalike.decode import Decoded, DecodePool
from lookalike.encoders import Encoder
from lookalike.errors import BadInput, GalleryError, NotFound
from lookalike.fetch import Fetcher
from lookalike.gallery import Gallery
from lookalike.gallery.filters import Filter, matches, parse_filter
from lookalike.search.copies import CopyFinder, Wanted, placed
from lookalike.search.paging import Candidate, Cursor
from lookalike.search.query import Query
from lookalike.sources import open_original
from lookalike.types import Embedding, Evidence, Grey, Hit, Region, Relation, Tier

MAX_DEPTH = 10_000
"""How far one may page into the answers; whoever wants more wants a filter."""
COPY_SUFFIX = "/copy"
"""What the space of an encoder's copy vectors ends with."""
REGIONS = "regions"
"""The signal of a hit that was proved by matched regions."""
_ALIKE = 10
"""How many candidates the copy vector gives."""
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

    vectors: Mapping[str, Embedding]
    """Unit vectors by space."""
    sha256: str
    pixels: str
    """Pixel hash; like sha256 empty where only a region is asked for."""
    itself: str
    """Id of the record searched with, which is no answer to its own query."""
    grey: Grey | None
    """What to compare regions with; None where that is not asked for, or cannot be had."""


class Searcher:
    """Answers queries from one gallery with one encoder. May be shared by threads."""

    def __init__(
        self,
        gallery: Gallery,
        encoder: Encoder,
        decoder: DecodePool,
        fetcher: Fetcher | None = None,
        copies: CopyFinder | None = None,
    ) -> None:
        """Tie the parts together; none of them is closed by this object. Without `copies` no answer is `edited`."""
        self.gallery = gallery
        self.encoder = encoder
        self._decoder = decoder
        self._fetcher = fetcher or Fetcher()
        self._copies = copies
        self._space = next(iter(encoder.spaces.values()))
        self._copy_space = next((name for name in encoder.spaces if name.endswith(COPY_SUFFIX)), "")

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
        certain = self._identical(resolved, where)
        compared = self._compare(resolved, where, query, certain)
        certain |= {id_: _compared(id_, one) for id_, one in compared.items() if id_ not in certain}
        found = self._candidates(resolved, where, cursor, k, certain)
        fresh = [one for one in found if one.score >= query.min_score]
        page = self._hits(fresh[:k], cursor.seen, compared)
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
        if query.region is None and self._space.name in record.embeddings:
            vectors = {name: vector.astype(np.float32) for name, vector in record.embeddings.items()}
            grey = self._copies.picture_of(record) if self._copies else None
            return _Resolved(vectors, record.sha256, record.fingerprint.pixels, record.id, grey)
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
        return self._decoder.decode(source, replace(self.encoder.fit, grey=GREY_PX), region)

    def _encode(self, decoded: Decoded, *, whole: bool, itself: str) -> _Resolved:
        vectors = {space: rows[0] for space, rows in self.encoder.encode([decoded.pixels]).items()}
        sha256, pixels = (decoded.sha256, decoded.pixel_hash) if whole else ("", "")
        return _Resolved(vectors, sha256, pixels, itself, decoded.grey)

    def _compare(
        self, resolved: _Resolved, where: Filter, query: Query, identical: Collection[str]
    ) -> dict[str, Comparison]:
        """Find what is the same picture or shares a region; what is identical needs no proof."""
        if self._copies is None or resolved.grey is None:
            return {}
        alike: tuple[str, ...] = ()
        if self._copy_space in self.gallery.spaces and self._copy_space in resolved.vectors:
            vector = resolved.vectors[self._copy_space][None]
            alike = self.gallery.nearest(self._copy_space, vector, _ALIKE, where)[0].ids
        wanted = Wanted(
            picture=QueryPicture(resolved.grey),
            alike=alike,
            known={*identical, resolved.itself},
            is_known=bool(identical),
            effort=query.effort,
        )
        found = self._copies.find(wanted, where)
        return {id_: placed(one, query.region) for id_, one in found.items()}

    def _candidates(
        self, resolved: _Resolved, where: Filter, cursor: Cursor, k: int, certain: Mapping[str, Candidate]
    ) -> list[Candidate]:
        """Rank what comes after the cursor; at least k + 1 where there are so many.

        A gallery breaks ties as it likes where it cuts off, a page by id: so all that share the score of the page's
        last hit must be at hand.
        """
        depth = cursor.seen + k + 1 + len(certain) + bool(resolved.itself)
        while True:
            near = self.gallery.nearest(self._space.name, resolved.vectors[self._space.name][None], depth, where)[0]
            ranked = list(certain.values()) + [
                Candidate(Tier.SIMILAR, float(score), id_, self._space.name)
                for id_, score in zip(near.ids, near.scores, strict=True)
                if id_ not in certain and id_ != resolved.itself
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

    def _hits(self, candidates: list[Candidate], seen: int, compared: Mapping[str, Comparison]) -> tuple[Hit, ...]:
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
                confidence=_confidence(one, compared.get(one.id), calibration),
                evidence=_evidence(one, compared.get(one.id)),
            )
            for place, one in enumerate(present, start=1)
        )


def _compared(id_: str, comparison: Comparison) -> Candidate:
    """Rank what was compared: copies by how sure they are, what shares a region before all that is merely similar."""
    if comparison.relation is Relation.SAME:
        return Candidate(Tier.EDITED, comparison.confidence, id_, REGIONS)
    return Candidate(Tier.SIMILAR, 1.0, id_, REGIONS)


def _evidence(candidate: Candidate, comparison: Comparison | None) -> Evidence:
    if comparison is None:
        return Evidence(signal=candidate.signal)
    return Evidence(
        signal=candidate.signal,
        relation=comparison.relation,
        regions=comparison.regions,
        transform=comparison.transform,
    )


def _confidence(candidate: Candidate, comparison: Comparison | None, calibration: tuple[float, float]) -> float:
    """Give the logistic of a score, or what the comparison says; sameness needs none."""
    if candidate.tier is Tier.IDENTICAL:
        return 1.0
    if comparison is not None:
        return comparison.confidence
    slope, offset = calibration
    return (1 + math.tanh((slope * candidate.score + offset) / 2)) / 2  # the logistic, without an overflow
