"""Which pictures of the gallery are the query, edited, or share a part with it? Candidates first, then proof."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Literal

import numpy as np

from lookalike.copies.index import CopyIndex, HashMatches
from lookalike.copies.packing import unpack
from lookalike.copies.pdq import dihedral, hash_picture
from lookalike.copies.storing import LIST
from lookalike.copies.verifier import Comparison, QueryPicture, Verifier
from lookalike.errors import GalleryError, LookalikeError
from lookalike.gallery import PAGE_KEYS, FingerprintPage, Gallery, State
from lookalike.gallery.filters import Filter, matches
from lookalike.search.effort import CLEAR, PLANS, Effort, Plan, Progress, Suspect
from lookalike.types import Grey, ImageRecord, MatchedRegion, Neighbors, Region

_HASH_BITS = 31
"""Hashes this near belong to the same picture nearly always.

Source: ThreatExchange, pdq/README.md: a distance threshold of 31 of 256 bits, for a quality of 50 or more.
"""
_FAR_HASH_BITS = 75
"""Hashes this near are worth a close look. Measured: among 20,000 pictures, none of 60 unknown ones had one so near."""
_HASH_QUALITY = 50
_STANDS_OUT = 0.1
"""How much nearer than what is near by chance a copy's vector is.

Measured: among 20,000 pictures the first neighbour of 971 of 1,000 copies is, and that of 20 of 100 unknown pictures.
"""
_FEW_POINTS = 60
_NONE = Neighbors(ids=(), scores=np.zeros(0, np.float32))
_PAGES_AT_ONCE = 64
_SAVED_FROM = 5_000
"""Pictures that must have come in before the index is written to disk: fewer are read again in a moment."""
_STATE = "state.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What copies are looked for."""

    picture: QueryPicture
    alike: Neighbors = _NONE
    """What the copy vector holds for copies, and some that are near by chance."""
    known: Collection[str] = ()
    """Ids that need not be looked at."""
    is_known: bool = False
    """Whether the very picture was found already, so that nobody waits for close looks at unlikely ones."""
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
        search = Progress(PLANS[wanted.effort or self._effort])
        near = self.refresh().hash_matches(dihedral(wanted.picture.grey), _FAR_HASH_BITS)
        likely = self._candidates(wanted, search.plan, near)
        self._compare_all(search, wanted.picture, likely, where)
        search.missed = 0
        if search.plan.closer and not search.same and not wanted.is_known:
            self._compare_all(search, wanted.picture, self._look_again(wanted, likely, search.plan, near), where)
        elif search.plan.closer and len(search.same) > 1:
            self._compare_all(search, wanted.picture.closer, self._look_beside(wanted, search), where)
        return search.found

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
            if self._index is not None and not self._index.is_whole:
                self._index = None
            if self._index is None or state.identity != self._state.identity or state.revision < self._state.revision:
                self._index, self._state = self._load(state)
            if state.revision > self._state.revision:
                taken_in = _take_in(self._index, self._gallery.fingerprints(self._state.revision))
                self._state = state
                if taken_in >= _SAVED_FROM:
                    self._save(self._index)
            return self._index

    def _candidates(self, wanted: Wanted, plan: Plan, near: HashMatches) -> list[Suspect]:
        """Give candidates, likeliest first: by hash, then by local features."""
        hashed: list[int] = []
        if hash_picture(wanted.picture.grey).quality >= _HASH_QUALITY:
            kept = (near.quality >= _HASH_QUALITY) & (near.distances <= _HASH_BITS)
            hashed = near.keys[kept][: plan.most].tolist()
        index = self.refresh()
        found = index.candidates(wanted.picture.features, plan.most) if index.has_features else []
        votes = {one.key: one for one in found}
        voted = [
            one.key
            for place, one in enumerate(votes.values())
            if one.score >= CLEAR or one.agreeing >= plan.agreeing or place < plan.anyway
        ]
        ids = self._gallery.ids([*hashed, *voted])
        return [
            Suspect(ids[key], votes[key].score if key in votes else 0.0, key in hashed)
            for key in dict.fromkeys([*hashed, *voted])
            if key in ids and ids[key] not in wanted.known
        ]

    def _look_again(self, wanted: Wanted, likely: list[Suspect], plan: Plan, near: HashMatches) -> list[Suspect]:
        """Give what is looked at closely where nothing was found: the nearest hashes, and the first of the others."""
        ids = self._gallery.ids(near.keys[: plan.closer].tolist())
        voted = [one.id for one in likely if one.score >= CLEAR][:1]
        ordered = dict.fromkeys([*ids.values(), *voted, *wanted.alike.ids[: self._trusted(wanted, plan)]])
        done = {one.id for one in likely if one.alike or plan.thorough} | set(wanted.known)
        return [Suspect(id_, alike=True) for id_ in ordered if id_ not in done]

    def _trusted(self, wanted: Wanted, plan: Plan) -> int:
        """Say how many of the copy vector's neighbours are worth a close look.

        Where the query's points, if they are many, agree with nothing, only one that stands out is.
        """
        has_features = self.refresh().has_features
        if plan.thorough:
            return plan.closer
        if not _stands_out(wanted.alike) and not (has_features and len(wanted.picture.features) < _FEW_POINTS):
            return 0
        return 1 if has_features else plan.closer

    def _look_beside(self, wanted: Wanted, search: Progress) -> list[Suspect]:
        """Give candidates for the rest of a query that holds several pictures: the small ones had few points."""
        covered = [one.regions[0].query for one in search.same if one.regions]
        votes = self.refresh().candidates(wanted.picture.beside(covered), search.plan.most)
        ids = self._gallery.ids([one.key for one in votes])
        suspects = [Suspect(ids[one.key], one.score) for one in votes if one.key in ids and one.score >= CLEAR]
        return [one for one in suspects if one.id not in search.found and one.id not in wanted.known]

    def _passing(self, candidates: list[Suspect], where: Filter) -> Iterator[tuple[Suspect, ImageRecord]]:
        ids = [one.id for one in candidates]
        records = {record.id: record for record in self._gallery.get(ids, embeddings=True)}
        for candidate in candidates:
            record = records.get(candidate.id)
            if record is not None and matches(record, where):
                yield candidate, record

    def _compare_all(self, search: Progress, query: QueryPicture, candidates: list[Suspect], where: Filter) -> None:
        """Compare candidate after candidate until the search has enough; those of the same pixels once."""
        compared: dict[str, Comparison] = {}
        for candidate, record in self._passing(candidates, where):
            if record.fingerprint.pixels in compared:
                search.take(record.id, compared[record.fingerprint.pixels])
                continue
            if search.is_over or not search.wants(candidate):
                continue
            with search.spending():
                thorough = search.plan.thorough or candidate.alike
                if not thorough and candidate.score < CLEAR and self._is_ruled_out(query, record):
                    continue
                picture = self.picture_of(record)
                if picture is not None:
                    comparison = self._verifier.compare(query, picture, thorough=thorough)
                    compared[record.fingerprint.pixels] = comparison
                    search.take(record.id, comparison)

    def _is_ruled_out(self, query: QueryPicture, record: ImageRecord) -> bool:
        """Say whether the stored features speak against a candidate, where they were stored in full."""
        packed = _readable(record.fingerprint.features)
        features = unpack(packed).features if packed else None
        return features is not None and self._verifier.rules_out(query, features)

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


def _stands_out(alike: Neighbors) -> bool:
    """Say whether the first is much nearer than the farther half, which is near by chance."""
    by_chance = alike.scores[max(1, len(alike.ids) // 2) :]
    return len(by_chance) == 0 or bool(alike.scores[0] - by_chance.mean() >= _STANDS_OUT)


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
