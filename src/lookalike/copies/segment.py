"""How do some thousand pictures' features lie, so that those of one word are found at once? Sorted by word."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Int64, UInt8, UInt16, UInt32, UInt64

from lookalike.copies.codebook import WORDS
from lookalike.copies.features import Points
from lookalike.copies.packing import Places, Stored, place_points
from lookalike.copies.pdq import HashRows

MOST_PICTURES = 2**18
"""Of a segment: to merge larger ones takes seconds and gigabytes."""

_AT_ONCE = 2**17
"""Features compared in one go: what they take stays in the processor's cache."""

Rows = Int64[np.ndarray, "_rows"]


@dataclass(frozen=True, slots=True)
class Similar:
    """Features of a query and features of a segment that share a word and are alike, one pair a row."""

    probes: Int64[np.ndarray, " n"]
    """The row of the word that was asked for."""
    features: Int64[np.ndarray, " n"]
    """The row of the feature in the segment."""
    distances: UInt8[np.ndarray, " n"]
    """Between the signatures, in bits."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Pictures and their features, never changed; a picture that is gone is only marked in a new segment."""

    keys: Int64[np.ndarray, " n"]
    hashes: UInt8[np.ndarray, "n 32"]
    quality: UInt8[np.ndarray, " n"]
    widths: UInt16[np.ndarray, " n"]
    heights: UInt16[np.ndarray, " n"]
    alive: Bool[np.ndarray, " n"]
    offsets: UInt32[np.ndarray, " words"]
    """Where each word's features begin; the last is their number."""
    images: UInt32[np.ndarray, " m"]
    """The row of the picture that a feature is of."""
    signatures: UInt64[np.ndarray, " m"]
    places: UInt32[np.ndarray, " m"]
    name: str = ""
    """Of its file; empty while there is none."""
    mapped: Path | None = None
    """The file whose pages the columns are, and `size` its bytes; None where they are in memory."""
    size: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether the columns may be read: to touch a page that somebody cut off the file ends the process.

        A file that is gone is no matter: its pages stay for whoever has mapped them.
        """
        try:
            return self.mapped is None or self.mapped.stat().st_size >= self.size
        except OSError:
            return True

    def __len__(self) -> int:
        """Count the pictures, those that are gone too."""
        return len(self.keys)

    def without(self, keys: Int64[np.ndarray, " _keys"]) -> "Segment":
        """Mark pictures as gone."""
        gone = np.isin(self.keys, keys) & self.alive
        return replace(self, alive=self.alive & ~gone) if gone.any() else self

    def similar(self, words: UInt32[np.ndarray, " n"], signatures: UInt64[np.ndarray, " n"], most_bits: int) -> Similar:
        """Find the features of the given words whose signature is no more than some bits away.

        Words in ascending order are quickest.
        """
        starts = self.offsets[words].astype(np.int64)
        counts = self.offsets[words + np.uint32(1)] - starts
        found = [Similar(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.uint8))]
        for some in _portions(counts):
            probes = np.repeat(np.arange(some.start, some.stop), counts[some])
            begins = np.repeat(starts[some] - (np.cumsum(counts[some]) - counts[some]), counts[some])
            features = np.arange(len(probes)) + begins
            distances = np.bitwise_count(self.signatures[features] ^ signatures[probes])
            near = np.flatnonzero(distances <= most_bits)
            found.append(Similar(probes[near], features[near], distances[near]))
        return Similar(*(np.concatenate([getattr(one, column) for one in found]) for column in Similar.__slots__))

    def points(self, features: Rows) -> Points:
        """Give the places of features in pixels of the pictures that they are of."""
        images = self.images[features]
        return place_points(self.places[features], self.widths[images], self.heights[images])


def build(
    keys: Int64[np.ndarray, " n"], stored: Sequence[Stored | None], hashes: HashRows, quality: UInt8[np.ndarray, " n"]
) -> Segment:
    """Sort the features of pictures by word; None stands for a picture whose features were not kept."""
    kept = [(row, one) for row, one in enumerate(stored) if one is not None]
    sizes = np.zeros((2, len(keys)), np.uint16)
    for row, one in kept:
        sizes[:, row] = one.width, one.height
    images = np.repeat([row for row, _ in kept], [len(one.words) for _, one in kept]).astype(np.uint32)
    columns = [
        np.concatenate([np.zeros(0, dtype), *(getattr(one, name) for _, one in kept)])
        for name, dtype in (("words", np.uint32), ("signatures", np.uint64), ("places", np.uint32))
    ]
    return Segment(
        keys=keys.copy(),
        hashes=hashes.copy(),
        quality=quality.copy(),
        widths=sizes[0],
        heights=sizes[1],
        alive=np.ones(len(keys), np.bool_),
        **_sort(columns[0], images, columns[1], columns[2]),
    )


def merge(*segments: Segment) -> Segment:
    """Make one segment of some, without the pictures that are gone."""
    pictures: dict[str, Any] = {
        name: np.concatenate([getattr(one, name)[one.alive] for one in segments])
        for name in ("keys", "hashes", "quality", "widths", "heights", "alive")
    }
    columns: list[list[np.ndarray]] = [[], [], [], []]
    base = 0
    for one in segments:
        kept = one.alive[one.images]
        words = np.repeat(np.arange(WORDS, dtype=np.uint32), np.diff(one.offsets))
        rows = (np.cumsum(one.alive) - 1 + base).astype(np.uint32)
        base += int(one.alive.sum())
        parts = (words[kept], rows[one.images[kept]], one.signatures[kept], one.places[kept])
        for column, part in zip(columns, parts, strict=True):
            column.append(part)
    return Segment(**pictures, **_sort(*(np.concatenate(column) for column in columns)))


def _sort(
    words: UInt32[np.ndarray, " n"],
    images: UInt32[np.ndarray, " n"],
    signatures: UInt64[np.ndarray, " n"],
    places: Places,
) -> dict[str, Any]:
    order = np.argsort(words, kind="stable")
    offsets = np.zeros(WORDS + 1, np.uint32)
    np.cumsum(np.bincount(words, minlength=WORDS), out=offsets[1:])
    return {"offsets": offsets, "images": images[order], "signatures": signatures[order], "places": places[order]}


def _portions(counts: Int64[np.ndarray, " _n"]) -> Iterator[slice]:
    """Cut rows into slices of about as many features as are compared at once."""
    ends = np.cumsum(counts)
    start = 0
    while start < len(counts):
        before = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + _AT_ONCE, side="right")))
        yield slice(start, stop)
        start = stop
