"""How does one bit a dimension find the nearest of a million? Differing signs first, then a closer look at a few."""

from dataclasses import dataclass
from threading import local
from typing import NamedTuple

import numpy as np

from lookalike.gallery.sqlite.codecs import Found, faiss, inner_products
from lookalike.gallery.sqlite.pages import allocate
from lookalike.threads import one_thread
from lookalike.types import Embedding, Embeddings

_WORD_BITS = 64
"""What is compared at once."""

_FIRST_BYTES = 32
"""Half of the signs are looked at first, but no fewer than this."""

_LET_THROUGH = 7
"""How many times the rows wanted by all signs must pass the first look.

Measured on a million rows of 512 values: of the ten nearest to each of 150 queries, ranking by the first 256 signs
leaves none behind this many, and ranking by all 512 loses 4.
"""

_SPARSE = 16
"""Where fewer than one in so many rows pass, copying their codes takes less time than looking at all."""

_STEP = 0.9957
"""Width of the four equal steps that best stand for a normal variable of spread 1, two to each side of 0.

Source: Max, Quantizing for Minimum Distortion, IRE Transactions on Information Theory, 1960, table II, N = 4.
"""

_SCALES = 2
"""Numbers that end a row of codes, float16: see `BitCodec.encode`."""

_NEVER = np.iinfo(np.int32).max
"""The distance of rows that do not pass."""

_LARGEST_SCALE = 60_000
"""What float16 holds."""

SAMPLED = 64
"""One row in so many tells beforehand how far away the last of the nearest will be."""

_thread = local()


class Block(NamedTuple):
    """Codes of some rows, to be scanned."""

    first: np.ndarray
    """The first signs of all rows, side by side: reading them from memory is most of the time that a scan takes."""
    others: np.ndarray
    """The other signs, for rows that come through by the first."""
    rest: np.ndarray
    """Halves and scales, which only the few that come into question need."""
    sample: np.ndarray
    """The first signs of every so manieth row, side by side."""


class Asked(NamedTuple):
    """A query."""

    values: np.ndarray
    """Centred and rotated."""
    first: np.ndarray
    """Packed as in a row of codes, likewise `others`."""
    others: np.ndarray


@dataclass(frozen=True)
class BitCodec:
    """The signs of the centred, randomly rotated vector; for a second look, one bit more of each value and two scales.

    Two unit vectors at the angle θ differ in about θ/π of their signs, provided that the axes are random.
    Source: Charikar, Similarity Estimation Techniques from Rounding Algorithms, STOC 2002, section 3.
    """

    centre: np.ndarray
    axes: np.ndarray
    """Random and orthogonal, one a row."""
    spread: np.ndarray
    """Standard deviation along each axis."""
    dtype: type[np.generic] = np.uint8

    @classmethod
    def fit(cls, vectors: Embeddings) -> "BitCodec":
        """Centre on the mean of these vectors, and take random axes (always the same for one dimension)."""
        dim = vectors.shape[1]
        axes = np.linalg.qr(np.random.default_rng(dim).standard_normal((dim, dim)))[0].astype(np.float32)
        centre = vectors.mean(axis=0)
        spread = ((vectors - centre) @ axes.T).std(axis=0)
        return cls(centre, axes, np.maximum(spread, 1e-6).astype(np.float32))

    @property
    def sign_bytes(self) -> int:
        """Bytes that the signs of a row take: whole words, which are what is compared at once."""
        return -(-len(self.centre) // _WORD_BITS) * _WORD_BITS // 8

    @property
    def _first_bytes(self) -> int:
        return min(self.sign_bytes, -(-self.sign_bytes // (2 * _FIRST_BYTES)) * _FIRST_BYTES)

    @property
    def width(self) -> int:
        """Bytes of a row: signs, halves, scales."""
        return 2 * self.sign_bytes + 2 * _SCALES

    def encode(self, vectors: Embeddings) -> np.ndarray:
        """Give signs, halves (whether a value lies in the upper half of its side) and scales.

        With x the vector less the centre and y what signs and halves say of it, the scales are |x|² / (x·y), which
        makes q·y a fair guess of q·x, and the vector's own product with the centre.
        Source: Gao, Long, RaBitQ, SIGMOD 2024, section 3.2.
        """
        rotated = (vectors - self.centre) @ self.axes.T
        steps = np.clip(np.floor(rotated / (self.spread * np.float32(_STEP))), -2, 1)
        standing = (steps + np.float32(0.5)) * self.spread
        scales = np.empty((len(vectors), _SCALES), np.float16)
        length = np.vecdot(rotated, rotated)
        scales[:, 0] = np.minimum(length / np.maximum(np.vecdot(rotated, standing), 1e-12), _LARGEST_SCALE)
        scales[:, 1] = vectors @ self.centre
        halves = (steps == 1) | (steps == -1)
        return np.concatenate([self._packed(steps >= 0), self._packed(halves), scales.view(np.uint8)], axis=1)

    def seal(self, codes: np.ndarray) -> Block:
        """Part what is scanned from the rest."""
        first, others, rest = np.split(codes, [self._first_bytes, self.sign_bytes], axis=1)
        scanned = allocate(first.shape, first.dtype)
        scanned[:] = first
        return Block(scanned, np.ascontiguousarray(others), np.ascontiguousarray(rest), first[::SAMPLED].copy())

    def rows(self, block: Block) -> int:
        """Count the rows."""
        return len(block.first)

    def codes(self, block: Block) -> np.ndarray:
        """Put the rows together again."""
        return np.concatenate([block.first, block.others, block.rest], axis=1)

    def take(self, block: Block, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give signs and rest of some rows, as `look_again` wants them."""
        first, others, rest = (_taken(part, rows) for part in (block.first, block.others, block.rest))
        return np.concatenate([first, others], axis=1), rest

    def ask(self, query: Embedding) -> Asked:
        """Centre and rotate the query, and take its signs."""
        values = inner_products(self.axes, query - self.centre)
        signs = self._packed(values[None] > 0)[0]
        return Asked(values, signs[: self._first_bytes], signs[self._first_bytes :])

    def let_through(self, count: int) -> int:
        """Give how many rows must come through by the first signs, where so many are wanted by all."""
        return count if self._first_bytes == self.sign_bytes else _LET_THROUGH * count

    def sampled(self, block: Block, asked: Asked, passing: np.ndarray) -> np.ndarray:
        """Give the scores, by the first signs, of those rows of the block's sample that pass."""
        inside = passing[::SAMPLED]
        distances = _hamming(asked.first, block.sample)[: len(inside)]
        scores: np.ndarray = -distances[inside].astype(np.float32)
        return scores

    def scan(self, block: Block, asked: Asked, k: int, passing: np.ndarray, least: float) -> Found:
        """Count differing bits, of all rows or of a copy of the few that pass.

        With `least`, only of those that score as much by the first signs, and they all come.
        """
        if np.count_nonzero(passing) * _SPARSE < len(passing):
            chosen = np.flatnonzero(passing)
            first, others = _taken(block.first, chosen), _taken(block.others, chosen)
            scores, rows = _compared(first, others, asked, k, np.ones(len(chosen), np.bool_), least)
            return scores, chosen[rows]
        return _compared(block.first, block.others, asked, k, passing, least)

    def look_again(self, asked: Asked, signs: np.ndarray, rest: np.ndarray) -> np.ndarray:
        """Guess the inner products of a query with a few rows, but for one addend, from all that their codes say.

        That leaves a third of the vectors to be read for the same recall.
        """
        weights = asked.values * self.spread
        scales = np.ascontiguousarray(rest[:, -2 * _SCALES :]).view(np.float16).astype(np.float32)
        # A value stands 2·sign + half − 1½ steps from the centre.
        steps = 2 * self._sums(weights, signs) + self._sums(weights, rest) - 1.5 * weights.sum()
        products: np.ndarray = steps * scales[:, 0] + scales[:, 1]
        return products

    def _sums(self, weights: np.ndarray, bits: np.ndarray) -> np.ndarray:
        """Sum the weights of the bits that are set, row by row."""
        return inner_products(np.unpackbits(bits, axis=1, count=len(weights)).astype(np.float32), weights)

    def _packed(self, bits: np.ndarray) -> np.ndarray:
        packed = np.zeros((len(bits), self.sign_bytes), np.uint8)
        packed[:, : -(-bits.shape[1] // 8)] = np.packbits(bits, axis=1)
        return packed


def _compared(first: np.ndarray, others: np.ndarray, asked: Asked, k: int, passing: np.ndarray, least: float) -> Found:
    """Give the nearest of the passing rows: by all signs, or those near enough by the first ones."""
    if least > -np.inf:
        scores, rows = _within(asked.first, first, int(-least))
        passed = passing[rows]
        scores, rows = scores[passed], rows[passed]
        return (scores - _hamming(asked.others, _taken(others, rows)) if others.size else scores), rows
    distances = _hamming(asked.first, first)
    if others.size:
        distances = distances.copy() + _hamming(asked.others, others)
    nearer = np.cumsum(np.bincount(distances[passing]))
    distances[~passing] = _NEVER
    rows = np.flatnonzero(distances <= np.searchsorted(nearer, min(k, nearer[-1])))
    return -distances[rows].astype(np.float32), rows


def _taken(codes: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Give some rows of codes; as wholes, which takes half the time of byte by byte."""
    width = codes.shape[1]
    if width == 0:
        return codes[: len(rows)]
    return codes.view(f"V{width}")[:, 0].take(rows).view(np.uint8).reshape(len(rows), width)


def _hamming(code: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Count the bits in which a code differs from each of many; the thread's next call overwrites the answer.

    Fresh memory for every block would cost as much as a quarter of the counting.
    """
    if not hasattr(_thread, "distances") or len(_thread.distances) < len(codes):
        _thread.distances = np.empty(len(codes), np.int32)
    distances: np.ndarray = _thread.distances[: len(codes)]
    pointers = [faiss.swig_ptr(array) for array in (code, codes, distances)]
    faiss.hammings(pointers[0], pointers[1], 1, len(codes), len(code), pointers[2])
    return distances


def _within(code: np.ndarray, codes: np.ndarray, furthest: int) -> Found:
    """Give the codes that differ from one in so many bits at most; half the work of counting and then choosing."""
    result = faiss.RangeSearchResult(1)
    pointers = [faiss.swig_ptr(array) for array in (code, codes)]
    with one_thread():
        faiss.hamming_range_search(pointers[0], pointers[1], 1, len(codes), furthest + 1, len(code), result)
    count = int(faiss.rev_swig_ptr(result.lims, 2)[1])
    if count == 0:
        return np.zeros(0, np.float32), np.zeros(0, np.int64)
    return -faiss.rev_swig_ptr(result.distances, count), faiss.rev_swig_ptr(result.labels, count).copy()
