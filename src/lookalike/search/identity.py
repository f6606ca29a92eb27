"""Which pictures of the gallery are the query itself: the same bytes, or the same pixels in another file?"""

from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic

from lookalike.copies.verifier import Comparison
from lookalike.decode import DecodePool
from lookalike.errors import LookalikeError
from lookalike.gallery import Gallery
from lookalike.gallery.filters import Filter, matches
from lookalike.recent import Recent
from lookalike.search.paging import Candidate
from lookalike.search.resolving import Opened, Resolved
from lookalike.search.sameness import decode_whole, is_hashed_whole, may_be_converted
from lookalike.sources import open_original
from lookalike.threads import stepping_aside
from lookalike.types import ImageRecord, Relation, Tier

_PIXELS = "pixels"
_UNSEEN = 0.99
"""Confidence where the hashes of two large JPEGs agree, and nobody could look at both whole."""
_MOST = 4
"""Pictures of the gallery that one search looks at whole, so that nobody waits for long."""
_LONGEST_WASTE_S = 1.0
"""Time spent on files that could not be had, after which no other is asked for: their drive may give nothing."""
_LONGEST_S = 3.0
"""Time that looking took, or once took, after which no other picture is looked at: some are very large."""
REMEMBERED = 1_000
"""Files whose hashes are kept in memory: the next pages of a search need the same again."""


@dataclass(frozen=True, slots=True)
class Look:
    """What came of a look at a file whole."""

    pixels: str
    """Hash of every pixel; empty for a file that cannot be had."""
    took_s: float


class Identity:
    """Finds what is identical to one query picture, and looks at files whole where hashes do not tell, each once.

    A look that is remembered costs what it cost at first: every page of a search looks at the same files.
    """

    def __init__(self, gallery: Gallery, decoder: DecodePool, resolved: Resolved, looks: Recent[Look]) -> None:
        """Look for `resolved` in the gallery; nothing is decoded before it is needed, nor what is among `looks`."""
        self._gallery = gallery
        self._decoder = decoder
        self._query = resolved
        self._remembered = looks
        self._looks: dict[str, Look] = {}
        """Of this search, by sha256."""

    def by_hash(self, where: Filter) -> dict[str, Candidate]:
        """Give those of the query's bytes, and those of its pixels; a look at both takes out what only seems so."""
        query = self._query
        by_bytes = self._gallery.find("sha256", [query.sha256] if query.sha256 else [])
        by_pixels = self._gallery.find("pixels", [query.pixels] if query.pixels else [])
        signals = {id_: _PIXELS for ids in by_pixels.values() for id_ in ids}
        signals |= {id_: "sha256" for ids in by_bytes.values() for id_ in ids}
        signals.pop(query.itself, None)
        passing = [record for record in self._gallery.get(list(signals)) if matches(record, where)]
        sure = {one.id: self._confidence(one) if signals[one.id] == _PIXELS else 1.0 for one in passing}
        return {id_: Candidate(Tier.IDENTICAL, score, id_, signals[id_]) for id_, score in sure.items() if score}

    def among(self, comparisons: Mapping[str, Comparison]) -> dict[str, Candidate]:
        """Give those of the query's copies that are its very pixels in another format, the surest looked at first."""
        query = self._query
        same = {id_: one.confidence for id_, one in comparisons.items() if one.relation is Relation.SAME}
        if not query.pixels or is_hashed_whole("jpeg", query.size):
            return {}
        return {
            one.id: Candidate(Tier.IDENTICAL, 1.0, one.id, _PIXELS)
            for one in self._gallery.get(sorted(same, key=lambda id_: -same[id_]))
            if query.size == (one.width, one.height)
            and may_be_converted(query.format, one.format, query.size)
            and self._agrees(one)
        }

    def _confidence(self, record: ImageRecord) -> float:
        """Say how sure it is that a record with the query's pixel hash has its pixels."""
        query, size = self._query, (record.width, record.height)
        if is_hashed_whole(query.format, query.size) and is_hashed_whole(record.format, size):
            return 1.0
        if query.size != size:
            return 0.0
        agrees = self._agrees(record)
        return _UNSEEN if agrees is None else float(agrees)

    def _agrees(self, record: ImageRecord) -> bool | None:
        """Say whether a record has the query's very pixels.

        None where one of them cannot be had any more without asking another site, or enough were looked at.
        """
        query = self._hash(self._query.sha256, self._query.opened)
        image = query and self._hash(record.sha256, lambda: open_original(record.uri, version=record.version))
        return query == image if image else None

    def _hash(self, sha256: str, opened: Opened) -> str:
        """Hash every pixel of a file, if it still has those bytes."""
        if sha256 not in self._looks:
            if self._is_enough():
                return ""
            self._looks[sha256] = self._remembered.get(sha256) or self._look(sha256, opened)
        return self._looks[sha256].pixels

    def _is_enough(self) -> bool:
        """Whether no other file is looked at in this search."""
        looks = self._looks.values()
        wasted_s = sum(one.took_s for one in looks if not one.pixels)
        return len(looks) > _MOST or wasted_s >= _LONGEST_WASTE_S or sum(one.took_s for one in looks) >= _LONGEST_S

    def _look(self, sha256: str, opened: Opened) -> Look:
        start = monotonic()
        with stepping_aside():
            pixels = self._hashed(sha256, opened)
        look = Look(pixels, monotonic() - start)
        if pixels:
            self._remembered.put(sha256, look)
        return look

    def _hashed(self, sha256: str, opened: Opened) -> str:
        try:
            decoded = decode_whole(self._decoder, opened())
        except LookalikeError:
            return ""
        return decoded.pixel_hash if decoded.sha256 == sha256 else ""
