"""Which of many perceptual hashes are close to one another, also where a picture was turned or mirrored?"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int64, UInt8

from lookalike.copies.pdq import MATCH_BITS

BITS = 256
_CHUNK_BITS = 16
_CHUNKS = BITS // _CHUNK_BITS
MAX_DISTANCE = 2 * _CHUNKS - 1
"""The largest distance that `HashIndex` is exact for: `pdq.MATCH_BITS` is just that.

If two hashes differ in no more than 31 of 256 bits, then one at least of their 16 chunks differs in one bit or none.
Source: Norouzi, Punjani, Fleet: Fast Exact Search in Hamming Space with Multi-Index Hashing, 2014, section 3.
"""
MAX_TURNED = 47
"""The same for a picture that was turned or mirrored: of such a hash the bits tell less, and the pixels decide.

Where the median of the frequencies is not zero, or samples do not lie in the middle of their pixels, some bits differ.
Measured on 200 photos, made smaller to 70 % and saved again at quality 60: 47 bits find 199 of them mirrored and 198
upside down, 31 bits 186 and 127. Beyond 31 nearly all are found that are so close.
"""
_CHANGES = np.array([0, *(1 << bit for bit in range(_CHUNK_BITS))], np.uint16)
"""What a chunk is changed by: nothing, or one bit."""
_VALUES = 1 << (_CHUNK_BITS - 1)
"""Of chunks of which either they or their negatives count, whichever is lower."""
_BLOCK = 250_000
"""Pairs compared at a time, if there are not more of one hash."""

_PLACES = np.arange(BITS)[::-1].reshape(16, 16)
"""Where in a hash the bit of each frequency lies, by row and column."""
_FLIPPED = np.array([[0, 0, 0, 0], [1, 0, 1, 0], [1, 1, 0, 0], [0, 1, 1, 0]])
"""Which quarters of the bits become their negatives when the picture stays, is mirrored, upended, or both.

As `pdq.dihedral` says, a flip changes the sign of every other frequency; the quarters are the even and odd ones of
rows and columns.
"""

Hashes = UInt8[np.ndarray, "n 32"]
"""256 bits a row, as `pdq` gives them."""


@dataclass(frozen=True, slots=True)
class Near:
    """The hashes close to one, nearest first."""

    numbers: Int64[np.ndarray, " n"]
    distances: Int64[np.ndarray, " n"]
    """Bits that differ."""
    upright: Bool[np.ndarray, " n"]
    """Whether they are so close as they are; else one of the pictures must be turned or mirrored."""


class HashIndex:
    """Finds which of its hashes are close to one. However many are, it takes some hundred bytes a hash."""

    def __init__(self, hashes: Hashes) -> None:
        """Number the hashes by their rows; they should differ."""
        self._hashes = hashes
        arranged = _arrange(hashes)
        chunks = _lower(arranged.view(np.uint16)).T
        self._count = len(hashes)
        self._words = np.ascontiguousarray(arranged.view(np.uint64).T)
        self._order = np.argsort(chunks, axis=1, kind="stable").astype(np.int32).ravel()
        counts = np.stack([np.bincount(chunk, minlength=_VALUES) for chunk in chunks])
        self._starts = np.pad(np.cumsum(counts, axis=1), ((0, 0), (1, 0))).ravel()

    def near(
        self, numbers: Int64[np.ndarray, " k"], max_distance: int = MATCH_BITS, max_turned: int = MAX_TURNED
    ) -> list[Near]:
        """Give the others that differ in no more than `max_distance` bits, for each number; exact up to MAX_DISTANCE.

        In its seven other positions each may differ in `max_turned` bits.
        """
        if max_distance > MAX_DISTANCE:
            raise ValueError(f"distances above {MAX_DISTANCE} are not found exactly")
        if not len(numbers):
            return []
        asked = self._hashes[numbers]
        both = np.stack([_arrange(asked), _arrange(asked, transposed=True)], axis=1).reshape(-1, BITS // 8)
        starts, counts = self._runs(both)
        if len(numbers) > 1 and counts.sum() > _BLOCK:
            middle = len(numbers) // 2
            halves = numbers[:middle], numbers[middle:]
            return [near for half in halves for near in self.near(half, max_distance, max_turned)]
        lines, others = self._listed(starts, counts)
        words = np.ascontiguousarray(both.view(np.uint64).T)
        fewest = sum(_fewest(words[quarter][lines] ^ self._words[quarter][others]) for quarter in (0, 1))
        # Of other pictures, half of the bits tell nearly all.
        likely = np.flatnonzero(fewest <= max(max_distance, max_turned))
        lines, others = lines[likely], others[likely]
        quarters = np.bitwise_count(words[:, lines] ^ self._words[:, others]).astype(np.int64).T
        distances = quarters @ (1 - 2 * _FLIPPED).T + 64 * _FLIPPED.sum(axis=1)
        as_it_is = lines % 2 == 0
        upright = as_it_is & (distances[:, 0] <= max_distance) & (distances[:, 0] == distances.min(axis=1))
        distances[as_it_is, 0] = np.where(upright[as_it_is], distances[as_it_is, 0], BITS)
        best = distances.min(axis=1)
        kept = (upright | (best <= max_turned)) & (numbers[lines // 2] != others)
        return _sorted(lines[kept] // 2, others[kept], 2 * best[kept] + ~upright[kept], len(numbers))

    def _runs(self, lines: Hashes) -> tuple[Int64[np.ndarray, "n 272"], Int64[np.ndarray, "n 272"]]:
        """Say where in the order of all chunks those lie that differ in no more than one bit, and how many they are."""
        chunk = np.arange(_CHUNKS)[:, None]
        values = _lower(lines.view(np.uint16)[:, :, None] ^ _CHANGES)
        places = chunk * (_VALUES + 1) + values
        starts, ends = self._starts[places], self._starts[places + 1]
        shape = len(lines), _CHUNKS * len(_CHANGES)
        counts, starts = (ends - starts).reshape(shape), (starts + chunk * self._count).reshape(shape)
        many = counts.sum(axis=1) > self._count
        counts[many], starts[many] = 0, 0
        counts[many, 0] = self._count  # each once rather than by many of its chunks
        return starts, counts

    def _listed(self, starts: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """List all pairs of runs: the line that asks, and the number that it is compared with."""
        lines = np.repeat(np.arange(len(counts)), counts.sum(axis=1))
        starts, counts = starts.ravel(), counts.ravel()
        before = np.cumsum(counts) - counts
        return lines, self._order[np.repeat(starts - before, counts) + np.arange(len(lines))]


def _sorted(askers: np.ndarray, others: np.ndarray, ranks: np.ndarray, count: int) -> list[Near]:
    """Keep each pair's best rank, and give every asker's, the best first."""
    order = np.lexsort((ranks, others, askers))
    askers, others, ranks = askers[order], others[order], ranks[order]
    first = np.ones(len(order), np.bool_)
    first[1:] = (askers[1:] != askers[:-1]) | (others[1:] != others[:-1])
    askers, others, ranks = askers[first], others[first], ranks[first]
    order = np.lexsort((ranks, askers))
    others, ranks = others[order].astype(np.int64), ranks[order]
    bounds = np.searchsorted(askers, np.arange(1, count))
    split = zip(np.split(others, bounds), np.split(ranks, bounds), strict=True)
    return [Near(numbers, rank // 2, rank % 2 == 0) for numbers, rank in split]


def _arrange(hashes: Hashes, *, transposed: bool = False) -> Hashes:
    """Put the bits in order of quarters, mixed within each, because neighbouring bits are alike."""
    places = _PLACES.T if transposed else _PLACES
    mixed = np.random.default_rng(0).permutation(BITS // 4)
    order = [places[row::2, column::2].ravel()[mixed] for row in (0, 1) for column in (0, 1)]
    bits = np.unpackbits(hashes, axis=1).take(np.concatenate(order), axis=1)
    return np.ascontiguousarray(np.packbits(bits, axis=1))


def _lower(chunks: np.ndarray) -> np.ndarray:
    """Give each chunk or its negative, whichever is lower: flips change no chunk into anything else."""
    lower: np.ndarray = np.minimum(chunks, ~chunks)
    return lower


def _fewest(differing: np.ndarray) -> np.ndarray:
    """Count the bits of a quarter in which two hashes differ, or else one and the negative of the other."""
    count = np.bitwise_count(differing)
    fewest: np.ndarray = np.minimum(count, 64 - count)
    return fewest
