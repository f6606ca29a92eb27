"""Which pictures of the gallery are the query, edited, or share a part with it? Candidates first, then proof."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Literal

import numpy as np

from lookalike.copies.index import CopyIndex
from lookalike.copies.packing import unpack
from lookalike.copies.pdq import dihedral, hash_picture
from lookalike.copies.storing import LIST
from lookalike.copies.verifier import Comparison, QueryPicture, Verifier
from lookalike.errors import GalleryError, LookalikeError
from lookalike.gallery import PAGE_KEYS, FingerprintPage, Gallery, State
from lookalike.gallery.filters import Filter, matches
from lookalike.types import Grey, ImageRecord, MatchedRegion, Region, Relation

Effort = Literal["fast", "normal", "thorough"]

_HASH_BITS = 31
"""Hashes this near belong to the same picture nearly always.

Source: ThreatExchange, pdq/README.md: a distance threshold of 31 of 256 bits, for a quality of 50 or more.
"""
_HASH_QUALITY = 50
_PAGES_AT_ONCE = 64
_SAVED_FROM = 5_000
"""Pictures that must have come in before the index is written to disk: fewer are read again in a moment."""
_STATE = "state.json"


@dataclass(frozen=True, slots=True)
class _Plan:
    """How long to look."""

    agreeing: int
    """Points that must agree on a place for a candidate to be compared; chance makes 1 to 3 agree, seldom 4."""
    anyway: int
    """The likeliest so many are compared even if fewer points agree."""
    patience: int
    """Comparisons in a row that come to nothing before the rest is left alone."""
    most: int
    """Candidates looked at."""
    thorough: bool = False


_PLANS: Mapping[str, _Plan] = {
    "fast": _Plan(agreeing=5, anyway=1, patience=2, most=20),
    "normal": _Plan(agreeing=4, anyway=2, patience=5, most=60),
    "thorough": _Plan(agreeing=2, anyway=20, patience=30, most=200, thorough=True),
}


@dataclass(frozen=True, slots=True)
class _Candidate:
    id: str
    alike: bool
    """Whether the hash says that the whole pictures are alike, so that few points are no objection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What copies are looked for."""

    picture: QueryPicture
    alike: Sequence[str] = ()
    """Ids that something else, say the copy vector, holds for copies, likeliest first."""
    known: Collection[str] = ()
    """Ids that need not be looked at."""
    is_known: bool = False
    """Whether the very picture was found already, so that nobody waits for a long search."""
    effort: Effort | Literal[""] = ""


def placed(comparison: Comparison, region: Region | None) -> Comparison:
    """Tell of the whole query picture what was found out about a region of it."""
    if region is None:
        return comparison
    inward = np.diag([1 / region.width, 1 / region.height, 1.0]) @ np.array(
        [[1, 0, -region.x], [0, 1, -region.y], [0, 0, 1]]
    )
    return replace(comparison, regions=tuple(_placed(one, region, inward) for one in comparison.regions))


def _placed(matched: MatchedRegion, region: Region, inward: np.ndarray) -> MatchedRegion:
    homography = np.reshape(matched.homography, (3, 3)) @ inward
    return replace(
        matched,
        query=tuple((region.x + x * region.width, region.y + y * region.height) for x, y in matched.query),
        homography=tuple((homography / homography[2, 2]).ravel().tolist()),
    )


class CopyFinder:
    """Finds edited copies in one gallery, with an index of its own that follows the gallery. Threads may share it."""

    def __init__(
        self,
        gallery: Gallery,
        picture_of: Callable[[ImageRecord], Grey],
        folder: Path | None = None,
        effort: Effort = "normal",
    ) -> None:
        """Look at the gallery's pictures through `picture_of`; keep the index in `folder`, which may go at any time.

        Without a folder the index is made anew by each process. `effort` is for queries that ask for none.
        """
        self._gallery = gallery
        self._picture_of = picture_of
        self._folder = folder
        self._effort = effort
        self._index: CopyIndex | None = None
        self._state = State(identity="", revision=-1)
        self._refreshing = Lock()
        self._verifier = Verifier()

    def find(self, wanted: Wanted, where: Filter) -> dict[str, Comparison]:
        """Compare the likeliest candidates that pass, and give those that are the same picture or share a region."""
        effort = wanted.effort or self._effort
        if wanted.is_known and effort != "thorough":
            effort = "fast"
        plan, missed = _PLANS[effort], 0
        found: dict[str, Comparison] = {}
        for candidate, record in self._passing(self._candidates(wanted, plan), where):
            comparison = self._compare(wanted.picture, record, thorough=plan.thorough or candidate.alike)
            if comparison is None or comparison.relation is Relation.UNRELATED:
                missed += 1
                if missed >= plan.patience:
                    break
            else:
                missed = 0
                found[record.id] = comparison
        return found

    def picture_of(self, record: ImageRecord) -> Grey | None:
        """Give a record's picture in grey; None where it cannot be had any more."""
        try:
            return self._picture_of(record)
        except LookalikeError:
            return None

    def refresh(self) -> CopyIndex:
        """Bring the index up to date with the gallery, and give it."""
        with self._refreshing:
            state = self._gallery.state
            if self._index is None or state.identity != self._state.identity or state.revision < self._state.revision:
                self._index, self._state = self._load(state)
            if state.revision > self._state.revision:
                taken_in = _take_in(self._index, self._gallery.fingerprints(self._state.revision))
                self._state = state
                if taken_in >= _SAVED_FROM:
                    self._save(self._index)
            return self._index

    def _candidates(self, wanted: Wanted, plan: _Plan) -> list[_Candidate]:
        """Give candidates, likeliest first: by hash, then by local features and what else speaks for them, in turn."""
        index, query = self.refresh(), wanted.picture
        hashed: list[int] = []
        if hash_picture(query.grey).quality >= _HASH_QUALITY:
            near = index.hash_matches(dihedral(query.grey), _HASH_BITS)
            hashed = near.keys[near.quality >= _HASH_QUALITY][: plan.most].tolist()
        votes = index.candidates(query.features, plan.most)
        voted = [one.key for place, one in enumerate(votes) if place < plan.anyway or one.agreeing >= plan.agreeing]
        ids = self._gallery.ids([*hashed, *voted])
        same, shared = ([ids[key] for key in keys if key in ids] for keys in (hashed, voted))
        ordered = dict.fromkeys([*same, *_woven(shared, wanted.alike[: plan.anyway])])
        return [_Candidate(id_, id_ in same) for id_ in ordered if id_ not in wanted.known]

    def _passing(self, candidates: list[_Candidate], where: Filter) -> Iterator[tuple[_Candidate, ImageRecord]]:
        records = {record.id: record for record in self._gallery.get([one.id for one in candidates])}
        for candidate in candidates:
            record = records.get(candidate.id)
            if record is not None and matches(record, where):
                yield candidate, record

    def _compare(self, query: QueryPicture, record: ImageRecord, *, thorough: bool) -> Comparison | None:
        picture = self.picture_of(record)
        return None if picture is None else self._verifier.compare(query, picture, thorough=thorough)

    def _load(self, state: State) -> tuple[CopyIndex, State]:
        """Open what was saved if it is of this gallery, else begin with nothing."""
        if self._folder is not None:
            try:
                saved = json.loads((self._folder / _STATE).read_text())
                of = State(identity=saved["identity"], revision=saved["revision"])
                whole = saved["list"] == _digest(self._folder)
                if whole and of.identity == state.identity and of.revision <= state.revision:
                    return CopyIndex.load(self._folder), of
            except (OSError, ValueError, TypeError, KeyError, LookalikeError):
                pass  # it is made anew
        return CopyIndex(), State(identity=state.identity, revision=-1)

    def _save(self, index: CopyIndex) -> None:
        """Write the index; whatever hinders that, it is only made anew next time.

        The state names the list of segments that it is of, since another process may be writing its own.
        """
        if self._folder is None:
            return
        try:
            index.save(self._folder)
            (self._folder / _STATE).write_text(json.dumps({**asdict(self._state), "list": _digest(self._folder)}))
        except (OSError, LookalikeError):
            pass


def _digest(folder: Path) -> str:
    return sha256((folder / LIST).read_bytes()).hexdigest()


def _take_in(index: CopyIndex, pages: Iterable[FingerprintPage]) -> int:
    """Bring changed pages into the index, some at a time; gives how many pictures they hold."""
    taken_in, batch = 0, []
    for page in pages:
        batch.append(page)
        taken_in += len(page.keys)
        if len(batch) == _PAGES_AT_ONCE:
            _exchange(index, batch)
            batch = []
    if batch:
        _exchange(index, batch)
    return taken_in


def _exchange(index: CopyIndex, pages: list[FingerprintPage]) -> None:
    keys, hashes, quality = (
        np.concatenate([getattr(page, name) for page in pages]) for name in ("keys", "perceptual", "quality")
    )
    held = index.keys()
    held = held[np.isin(held // PAGE_KEYS, [page.number for page in pages])]
    index.remove(held[~np.isin(held, keys)])
    features = [packed for page in pages for packed in page.features]
    try:
        index.add(keys, features, hashes, quality)
    except GalleryError:
        index.add(keys, [_readable(packed) for packed in features], hashes, quality)


def _readable(packed: bytes) -> bytes:
    """Give packed features; nothing in place of such as another version packed, which must not hide all others."""
    try:
        if packed:
            unpack(packed)
    except GalleryError:
        return b""
    return packed


def _woven(one: Sequence[str], other: Sequence[str]) -> Iterator[str]:
    """Take from both in turn, the first list's first."""
    for place in range(max(len(one), len(other))):
        yield from one[place : place + 1]
        yield from other[place : place + 1]
