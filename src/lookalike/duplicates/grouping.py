"""Which pictures of a gallery are the same, and which one of each is worth keeping?

Every picture of a group was compared with the one that is kept. There is no chain: if A is like B and B like C, then C
is with A only if it is like A.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from lookalike.duplicates.hashes import close_pairs
from lookalike.duplicates.keeping import KeepRules, Key
from lookalike.errors import GalleryError
from lookalike.gallery import Gallery
from lookalike.gallery.filters import Filter
from lookalike.types import ImageRecord, Relation, Tier

MIN_QUALITY = 50
"""Of 100: below it a perceptual hash says too little about its picture.

Source: https://github.com/facebook/ThreatExchange/blob/main/pdq/README.md, "Quality metric".
"""
DEFAULT_LIKENESS = 0.95
"""Cosine from which on two pictures count as similar enough to be grouped."""
_NEIGHBORS = 50
"""Most similar pictures of one picture that are looked at."""
_THREADS = 2
_AHEAD = 16
"""Candidates whose pixels are looked at before their turn."""
_PAGE = 1_000
_BATCH = 64
_ORDER = (Tier.IDENTICAL, Tier.EDITED, Tier.SIMILAR)


class Compared(Protocol):
    """What a look at the pixels of two pictures says."""

    @property
    def relation(self) -> Relation:
        """What they are to one another."""
        ...


Verify = Callable[[ImageRecord, ImageRecord], Compared | None]
"""Looks at the pixels of two pictures; None where one of them cannot be had. Several threads ask at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Pictures that are the same as the one that is kept."""

    tier: Tier
    """The loosest among the group's."""
    keep: ImageRecord
    kept_for: str
    """Why this one: `most pixels: 4000 × 3000`."""
    records: tuple[ImageRecord, ...]
    """All of the group, the best first; `keep` is the first."""
    reasons: Mapping[str, str]
    """Id of every other picture → why it is in the group: `same bytes`, `hashes differ in 6 of 256 bits`."""

    @property
    def others(self) -> tuple[ImageRecord, ...]:
        """All but the one that is kept."""
        return self.records[1:]

    @property
    def spare_bytes(self) -> int:
        """What the others take on disk."""
        return sum(record.bytes for record in self.others)


@dataclass(frozen=True, slots=True)
class Looking:
    """How to look for groups."""

    tier: Tier = Tier.EDITED
    """The loosest wanted: `edited` finds identical and edited ones."""
    rules: KeepRules = field(default_factory=KeepRules)
    verify: Verify | None = None
    """Asked wherever hashes are close; without it they decide alone, and two screenshots of one app may pass."""
    likeness: float = DEFAULT_LIKENESS


def find_groups(
    gallery: Gallery, tier: Tier = Tier.EDITED, where: Filter | None = None, how: Looking | None = None
) -> Generator[Group]:
    """Find the groups of a gallery, those of the best pictures first; each picture is in one group at most.

    `tier` stands in for that of `how`.

    Raises:
        GalleryError: `similar` is asked for and the gallery holds no embeddings.
    """
    looking = replace(how or Looking(), tier=tier)
    table = _Table(gallery, where, looking)
    links = [table.identical()]
    if tier is not Tier.IDENTICAL:
        links.append(table.edited())
    if tier is Tier.SIMILAR:
        links.append(table.similar())
    yield from _groups(table, links, looking)


@dataclass(frozen=True, slots=True)
class _Link:
    """Why one picture may be the same as another."""

    other: int
    tier: Tier
    reason: str
    sure: bool = True
    """False where the pixels must be looked at."""


_Links = Callable[[int], Iterator[_Link]]
"""Gives the links of a row."""


class _Table:
    """What must be known of every picture at once: what to sort by, and what to compare."""

    def __init__(self, gallery: Gallery, where: Filter | None, looking: Looking) -> None:
        self.gallery = gallery
        self.ids: list[str] = []
        self.keys: list[Key] = []
        self._where = where
        self._looking = looking
        self._files: list[tuple[str, str]] = []
        self._hashes: list[bytes] = []
        self._near: dict[int, list[tuple[int, float]]] = defaultdict(list)
        space = self._space() if looking.tier is Tier.SIMILAR else ""
        vectors: dict[int, np.ndarray] = {}
        for record in _scan(gallery, where, embeddings=bool(space)):
            if space and space in record.embeddings:
                vectors[len(self.ids)] = record.embeddings[space]
            self._take(record)
        if vectors:
            self._find_near(space, vectors)

    def _take(self, record: ImageRecord) -> None:
        print_ = record.fingerprint
        usable = len(print_.perceptual) == 64 and print_.quality >= MIN_QUALITY
        self.ids.append(record.id)
        self.keys.append(self._looking.rules.key(record))
        self._files.append((record.sha256, print_.pixels))
        self._hashes.append(bytes.fromhex(print_.perceptual) if usable else b"")

    def _space(self) -> str:
        answering = self.gallery.serving.now
        if not answering:
            raise GalleryError(
                f"The gallery {self.gallery.url} holds no embeddings to compare.", "Index pictures first."
            )
        return answering[0]

    def identical(self) -> _Links:
        """Link pictures of the same bytes or the same pixels."""
        by_bytes, by_pixels = defaultdict(list), defaultdict(list)
        for row, (sha256, pixels) in enumerate(self._files):
            by_bytes[sha256].append(row)
            by_pixels[pixels].append(row)

        def links(row: int) -> Iterator[_Link]:
            sha256, pixels = self._files[row]
            yield from (_Link(other, Tier.IDENTICAL, "same bytes") for other in by_bytes[sha256])
            yield from (_Link(other, Tier.IDENTICAL, "same pixels") for other in by_pixels[pixels])

        return links

    def edited(self) -> _Links:
        """Link pictures whose perceptual hashes are close."""
        rows: dict[bytes, list[int]] = defaultdict(list)
        for row, hash_ in enumerate(self._hashes):
            if hash_:
                rows[hash_].append(row)
        different = list(rows)
        pairs = close_pairs(np.frombuffer(b"".join(different), np.uint8).reshape(-1, 32))
        close: dict[bytes, list[tuple[bytes, int]]] = defaultdict(list)
        for first, second, distance in zip(pairs.first, pairs.second, pairs.distance.tolist(), strict=True):
            close[different[first]].append((different[second], distance))
            close[different[second]].append((different[first], distance))

        def links(row: int) -> Iterator[_Link]:
            hash_ = self._hashes[row]
            for other, distance in ((hash_, 0), *sorted(close[hash_], key=lambda pair: pair[1])) if hash_ else ():
                reason = f"hashes differ in {distance} of 256 bits" if distance else "same perceptual hash"
                yield from (_Link(one, Tier.EDITED, reason, sure=False) for one in rows[other])

        return links

    def similar(self) -> _Links:
        """Link pictures whose embeddings are close."""

        def links(row: int) -> Iterator[_Link]:
            for other, score in sorted(self._near[row], key=lambda pair: -pair[1]):
                yield _Link(other, Tier.SIMILAR, f"likeness {score:.2f}")

        return links

    def _find_near(self, space: str, vectors: Mapping[int, np.ndarray]) -> None:
        row_of = {id_: row for row, id_ in enumerate(self.ids)}
        rows = list(vectors)
        for start in range(0, len(rows), _BATCH):
            batch = rows[start : start + _BATCH]
            asked = np.array([vectors[row] for row in batch], np.float32)
            for row, near in zip(batch, self.gallery.nearest(space, asked, _NEIGHBORS, self._where), strict=True):
                for id_, score in zip(near.ids, near.scores.tolist(), strict=True):
                    other = row_of.get(id_)
                    if other is not None and other != row and score >= self._looking.likeness:
                        self._near[row].append((other, score))
                        self._near[other].append((row, score))


def _scan(gallery: Gallery, where: Filter | None, *, embeddings: bool) -> Iterator[ImageRecord]:
    after = ""
    while True:
        page = gallery.scan(where, order="added", after=after, limit=_PAGE, embeddings=embeddings)
        yield from page.records
        after = page.after
        if not after:
            return


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A picture that may be the best of a group, and what may belong to it."""

    row: int
    keep: ImageRecord
    links: Mapping[int, _Link]
    same: Mapping[int, tuple[ImageRecord, Future[bool]]]


def _groups(table: _Table, links: Sequence[_Links], looking: Looking) -> Iterator[Group]:
    """Let each picture, the best first, gather what is the same and not gathered yet.

    Pixels are looked at a little ahead, in threads, also for pictures that turn out to be gathered by then.
    """
    done: set[int] = set()
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="verify") as threads:
        waiting: deque[_Candidate] = deque()
        for candidate in _candidates(table, links, looking, threads, done):
            waiting.append(candidate)
            if len(waiting) > _AHEAD:
                yield from _gather(waiting.popleft(), done, looking)
        while waiting:
            yield from _gather(waiting.popleft(), done, looking)


def _candidates(
    table: _Table, links: Sequence[_Links], looking: Looking, threads: Executor, done: Collection[int]
) -> Iterator[_Candidate]:
    """Go through the pictures, the best first, passing over those without links and what is `done` by then."""
    before: set[int] = set()
    for row in sorted(range(len(table.ids)), key=table.keys.__getitem__):
        before.add(row)
        if row in done:
            continue
        found: dict[int, _Link] = {}
        for link in (link for source in links for link in source(row)):
            if link.other not in before and link.other not in done:
                found.setdefault(link.other, link)
        if not found:
            continue
        records = {record.id: record for record in table.gallery.get([table.ids[one] for one in (row, *found)])}
        keep = records.get(table.ids[row])
        if keep is None:
            continue  # deleted meanwhile
        others = {one: records[table.ids[one]] for one in found if table.ids[one] in records}
        yield _Candidate(
            row=row,
            keep=keep,
            links=found,
            same={
                one: (record, threads.submit(_is_same, found[one], keep, record, looking.verify))
                for one, record in others.items()
            },
        )


def _gather(candidate: _Candidate, done: set[int], looking: Looking) -> Iterator[Group]:
    """Put a group together, unless the picture or all that is like it was gathered meanwhile."""
    if candidate.row in done:
        return
    same = {row: record for row, (record, is_same) in candidate.same.items() if row not in done and is_same.result()}
    if not same:
        return
    done |= {candidate.row, *same}
    records = (candidate.keep, *sorted(same.values(), key=looking.rules.key))
    yield Group(
        tier=max((candidate.links[row].tier for row in same), key=_ORDER.index),
        keep=candidate.keep,
        kept_for=looking.rules.reason(records),
        records=records,
        reasons={record.id: candidate.links[row].reason for row, record in same.items()},
    )


def _is_same(link: _Link, keep: ImageRecord, other: ImageRecord, verify: Verify | None) -> bool:
    if link.sure or verify is None:
        return True
    compared = verify(keep, other)
    return compared is not None and compared.relation is Relation.SAME
