"""Why may one picture of a gallery be the same as another? All that can be told without looking at their pixels."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, takewhile

import numpy as np

from lookalike.copies.pdq import LEAST_QUALITY
from lookalike.duplicates.hashes import HashIndex, Near
from lookalike.duplicates.keeping import KeepRules, Key
from lookalike.duplicates.stopping import IsStopped, never
from lookalike.errors import GalleryError
from lookalike.gallery import Gallery
from lookalike.gallery.filters import Filter
from lookalike.gallery.walking import each_record
from lookalike.types import ImageRecord, Tier

_NEIGHBORS = 50
"""Most similar pictures of one picture that are looked at."""
_PAGE = 1_000
_BATCH = 64
_TOGETHER = 128
"""Hashes that are looked for together, which takes a tenth of the time."""


@dataclass(frozen=True, slots=True)
class Link:
    """Why one picture may be the same as another."""

    other: int
    tier: Tier
    reason: str
    sure: bool
    """False where the pixels must be looked at."""


@dataclass(frozen=True, slots=True)
class Links:
    """Which pictures may be the same as one, by reasons of one kind.

    A reason is told when it is asked for: of thousands of pictures that are all near one another, there are millions.
    """

    tier: Tier
    rows: Collection[int]
    """The likeliest first; the picture itself may be among them."""
    reason: Callable[[int], str]
    """Says of one of these rows why."""
    sure: bool = True
    """As in `Link`."""

    def link(self, row: int) -> Link:
        """Give the link to one of these rows."""
        return Link(row, self.tier, self.reason(row), self.sure)


Linking = Callable[[int], Links]
"""Gives the links of a row."""


class Table:
    """What must be known of every picture at once: what to sort by, and what to compare."""

    def __init__(
        self,
        gallery: Gallery,
        where: Filter | None,
        rules: KeepRules,
        likeness: float | None = None,
        is_stopped: IsStopped = never,
    ) -> None:
        """Read all that pass; with a likeness, look as well for those whose embeddings are as close.

        Stopped early, it knows but some of them.

        Raises:
            GalleryError: a likeness is given, and the gallery holds no embeddings.
        """
        self.gallery = gallery
        self.ids: list[str] = []
        self._keys: list[Key] = []
        self._where = where
        self._rules = rules
        self._is_stopped = is_stopped
        self._files: list[tuple[str, str]] = []
        self._hashes: list[bytes] = []
        self._near: dict[int, list[tuple[int, float]]] = defaultdict(list)
        space = "" if likeness is None else self._space()
        vectors: dict[int, np.ndarray] = {}
        records = each_record(
            lambda after: gallery.scan(where, order="added", after=after, limit=_PAGE, embeddings=bool(space))
        )
        for record in takewhile(lambda _: not is_stopped(), records):
            if space and space in record.embeddings:
                vectors[len(self.ids)] = record.embeddings[space]
            self._take(record)
        self.order = sorted(range(len(self.ids)), key=self._keys.__getitem__)
        """Rows, the best pictures first."""
        self.places = {row: place for place, row in enumerate(self.order)}
        """Row → its place in that order."""
        if vectors and likeness is not None:
            self._find_near(space, vectors, likeness)

    def _take(self, record: ImageRecord) -> None:
        print_ = record.fingerprint
        usable = len(print_.perceptual) == 64 and print_.quality >= LEAST_QUALITY
        self.ids.append(record.id)
        self._keys.append(self._rules.key(record))
        self._files.append((record.sha256, print_.pixels))
        self._hashes.append(bytes.fromhex(print_.perceptual) if usable else b"")

    def _space(self) -> str:
        answering = self.gallery.serving.now
        if not answering:
            raise GalleryError(
                f"The gallery {self.gallery.url} holds no embeddings to compare.", "Index pictures first."
            )
        return answering[0]

    def identical(self) -> Linking:
        """Link pictures of the same bytes or the same pixels; of what was imported, neither need be known."""
        by_hash: tuple[dict[str, list[int]], ...] = (defaultdict(list), defaultdict(list))
        for row, hashes in enumerate(self._files):
            for rows, hash_ in zip(by_hash, hashes, strict=True):
                if hash_:
                    rows[hash_].append(row)

        def links(row: int) -> Links:
            hashes = self._files[row]

            def reason(other: int) -> str:
                return "same bytes" if hashes[0] and hashes[0] == self._files[other][0] else "same pixels"

            others = chain.from_iterable(rows.get(hash_, ()) for rows, hash_ in zip(by_hash, hashes, strict=True))
            return Links(Tier.IDENTICAL, list(others), reason)

        return links

    def edited(self) -> Linking:
        """Link pictures whose perceptual hashes are close, also those of pictures that were turned or mirrored."""
        rows: dict[bytes, list[int]] = defaultdict(list)
        for row, hash_ in enumerate(self._hashes):
            if hash_:
                rows[hash_].append(row)
        numbers = {hash_: number for number, hash_ in enumerate(rows)}
        number_of = [numbers.get(hash_, -1) for hash_ in self._hashes]
        holders = list(rows.values())
        index = HashIndex(np.frombuffer(b"".join(rows), np.uint8).reshape(-1, 32))
        near = _Ahead(index, [number_of[row] for row in self.order])

        def links(row: int) -> Links:
            own = number_of[row]
            if own < 0:
                return Links(Tier.EDITED, (), str)
            found = near.of(self.places[row])

            def reason(other: int) -> str:
                if number_of[other] == own:
                    return "same perceptual hash"
                place = int(np.flatnonzero(found.numbers == number_of[other])[0])
                turned = "" if found.upright[place] else ", turned or mirrored"
                return f"hashes differ in {found.distances[place]} of 256 bits{turned}"

            others = chain.from_iterable(holders[number] for number in (own, *found.numbers.tolist()))
            return Links(Tier.EDITED, list(others), reason, sure=False)

        return links

    def similar(self) -> Linking:
        """Link pictures whose embeddings are close."""

        def links(row: int) -> Links:
            scores = dict(sorted(self._near[row], key=lambda pair: pair[1]))  # of two for one, the higher stays
            others = sorted(scores, key=lambda other: -scores[other])
            return Links(Tier.SIMILAR, others, lambda other: f"likeness {scores[other]:.2f}")

        return links

    def _find_near(self, space: str, vectors: Mapping[int, np.ndarray], likeness: float) -> None:
        row_of = {id_: row for row, id_ in enumerate(self.ids)}
        rows = list(vectors)
        for start in range(0, len(rows), _BATCH):
            if self._is_stopped():
                return
            batch = rows[start : start + _BATCH]
            asked = np.array([vectors[row] for row in batch], np.float32)
            for row, near in zip(batch, self.gallery.nearest(space, asked, _NEIGHBORS, self._where), strict=True):
                for id_, score in zip(near.ids, near.scores.tolist(), strict=True):
                    other = row_of.get(id_)
                    if other is not None and other != row and score >= likeness:
                        self._near[row].append((other, score))
                        self._near[other].append((row, score))


class _Ahead:
    """Looks up what is close to a hash, and to the next ones at the same time."""

    def __init__(self, index: HashIndex, numbers: Sequence[int]) -> None:
        """Take the numbers of all hashes in the order in which they will be asked about; -1 where there is none."""
        self._index = index
        self._numbers = numbers
        self._known: dict[int, Near] = {}
        self._reached = 0

    def of(self, place: int) -> Near:
        """Give what is close to the hash at a place, which has one. Whoever comes late is looked up alone."""
        if place >= self._reached:
            self._reached = place + _TOGETHER
            places = [one for one, number in enumerate(self._numbers[place : self._reached], place) if number >= 0]
            self._known = dict(zip(places, self._look_up(places), strict=True))
        return self._known.pop(place, None) or self._look_up([place])[0]

    def _look_up(self, places: Sequence[int]) -> list[Near]:
        return self._index.near(np.array([self._numbers[place] for place in places], np.int64))
