"""How are vectors kept in memory to be scanned? As they are, as bytes, or as one bit a dimension."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import faiss as typed_faiss
import numpy as np

from lookalike.types import Embedding, Embeddings

faiss: Any = typed_faiss
"""Untyped: its annotations know the C++ layer, not the friendlier one above it."""

_LARGEST = 127
"""Steps that a byte counts to each side."""

_SPARSE = 8
"""Where fewer than one in so many rows pass, copying their codes takes less time than looking at all."""

Found = tuple[np.ndarray, np.ndarray]
"""Scores and rows, in no order. Higher scores are closer."""


@runtime_checkable
class Codec(Protocol):
    """Turns vectors into codes, and finds the codes nearest to a query."""

    @property
    def width(self) -> int:
        """Elements of a row of codes."""
        ...

    @property
    def dtype(self) -> type[np.generic]:
        """What the elements are."""
        ...

    def encode(self, vectors: Embeddings) -> np.ndarray:
        """Give one row of codes a vector."""
        ...

    def seal(self, codes: np.ndarray) -> Any:
        """Make a block to be scanned from rows of codes."""
        ...

    def codes(self, block: Any) -> np.ndarray:
        """Give a block's rows of codes, to be read only."""
        ...

    def ask(self, query: Embedding) -> np.ndarray:
        """Give a query in the form that `scan` compares with codes."""
        ...

    def scan(self, block: Any, asked: np.ndarray, k: int, passing: np.ndarray, least: float) -> Found:
        """Find the k nearest rows of a block among those that pass, of which there is one at least.

        Rows that score less than `least` may be left out, and more may come where several are equally near.
        """
        ...


@dataclass(frozen=True)
class ExactCodec:
    """The vectors themselves."""

    width: int
    dtype: type[np.generic] = np.float32

    def encode(self, vectors: Embeddings) -> np.ndarray:
        """Give the vectors."""
        return vectors

    def seal(self, codes: np.ndarray) -> Any:
        """Make a FAISS index of the vectors."""
        index = faiss.IndexFlatIP(self.width)
        index.add(codes)
        return index

    def codes(self, block: Any) -> np.ndarray:
        """Look into the FAISS index."""
        return _contents(block).view(np.float32)

    def ask(self, query: Embedding) -> np.ndarray:
        """Give the query."""
        return query

    def scan(self, block: Any, asked: np.ndarray, k: int, passing: np.ndarray, least: float) -> Found:  # noqa: ARG002
        """Compare by inner product."""
        return _search(block, asked, k, passing)


@dataclass(frozen=True)
class ByteCodec:
    """One byte a dimension, all on one scale around a centre."""

    centre: np.ndarray
    step: float
    """How much one step of a code is worth."""
    dtype: type[np.generic] = np.uint8

    @classmethod
    def fit(cls, vectors: Embeddings) -> "ByteCodec":
        """Choose a scale that holds all of these vectors, and a quarter more for those to come."""
        centre = vectors.mean(axis=0)
        return cls(centre, max(float(np.abs(vectors - centre).max()) * 1.25, 1e-6) / _LARGEST)

    @property
    def width(self) -> int:
        """Bytes of a row."""
        return len(self.centre)

    def encode(self, vectors: Embeddings) -> np.ndarray:
        """Round to 255 steps around 128, as FAISS' QT_8bit_direct_signed reads them."""
        steps: np.ndarray = np.rint((vectors - self.centre) / self.step)
        return np.asarray(np.clip(steps, -_LARGEST, _LARGEST) + 128, np.uint8)

    def seal(self, codes: np.ndarray) -> Any:
        """Make a FAISS index of the codes."""
        kind = faiss.ScalarQuantizer.QT_8bit_direct_signed
        index = faiss.IndexScalarQuantizer(self.width, kind, faiss.METRIC_INNER_PRODUCT)
        index.add_sa_codes(np.ascontiguousarray(codes))
        return index

    def codes(self, block: Any) -> np.ndarray:
        """Look into the FAISS index."""
        return _contents(block)

    def ask(self, query: Embedding) -> np.ndarray:
        """Stretch the query to the largest steps it may take, because FAISS takes it in whole steps, too."""
        longest = max(float(np.abs(query).max()), 1e-30)
        return np.asarray(np.rint(query * (_LARGEST / longest)))

    def scan(self, block: Any, asked: np.ndarray, k: int, passing: np.ndarray, least: float) -> Found:  # noqa: ARG002
        """Compare by inner product; the centre adds the same to every score of a query, so it may stay away."""
        return _search(block, asked, k, passing)


@dataclass(frozen=True)
class BitCodec:
    """The signs of the centred, randomly rotated vector, 64 of them in 8 bytes.

    Two unit vectors at the angle θ differ in about θ/π of their signs, provided that the axes are random.
    Source: Charikar, Similarity Estimation Techniques from Rounding Algorithms, STOC 2002, section 3.
    """

    centre: np.ndarray
    axes: np.ndarray
    """Random and orthogonal, one a row."""
    dtype: type[np.generic] = np.uint8
    surplus: int = 4
    """How many times more rows to scan for than are wanted after a second look."""

    @classmethod
    def fit(cls, vectors: Embeddings) -> "BitCodec":
        """Centre on the mean of these vectors, and take random axes (always the same for one dimension)."""
        dim = vectors.shape[1]
        axes, _ = np.linalg.qr(np.random.default_rng(dim).standard_normal((dim, dim)))
        return cls(vectors.mean(axis=0), axes.astype(np.float32))

    @property
    def width(self) -> int:
        """Bytes of a row: whole words of 64 bits, which are what is compared at once."""
        return -(-len(self.centre) // 64) * 8

    def encode(self, vectors: Embeddings) -> np.ndarray:
        """Give the signs."""
        signs = np.packbits((vectors - self.centre) @ self.axes.T > 0, axis=1)
        return np.pad(signs, ((0, 0), (0, self.width - signs.shape[1])))

    def seal(self, codes: np.ndarray) -> np.ndarray:
        """Give the rows."""
        return codes

    def codes(self, block: np.ndarray) -> np.ndarray:
        """Give the rows."""
        return block

    def ask(self, query: Embedding) -> np.ndarray:
        """Give the signs."""
        signs = np.packbits(self._rotated(query) > 0)
        return np.pad(signs, (0, self.width - len(signs)))

    def scan(self, block: np.ndarray, asked: np.ndarray, k: int, passing: np.ndarray, least: float) -> Found:
        """Count differing bits, of all rows or of a copy of the few that pass."""
        if np.count_nonzero(passing) * _SPARSE < len(block):
            rows = np.flatnonzero(passing)
            chosen = block.view(f"V{self.width}")[:, 0].take(rows).view(np.uint8).reshape(-1, self.width)
            scores, places = self.scan(chosen, asked, k, np.ones(len(rows), np.bool_), least)
            return scores, rows[places]
        distances = _hamming(asked, block)
        if least == -np.inf:
            nearer = np.cumsum(np.bincount(distances if passing.all() else distances[passing]))
            furthest = int(np.searchsorted(nearer, min(k, nearer[-1])))
        else:
            furthest = int(-least)
        rows = np.flatnonzero((distances <= furthest) & passing)
        return -distances[rows].astype(np.float32), rows

    def look_again(self, query: Embedding, codes: np.ndarray) -> np.ndarray:
        """Compare the rotated query itself, not its signs, with some codes; higher is closer.

        That halves how many vectors must be read for the same recall.
        Source: Gordo et al., Asymmetric Distances for Binary Embeddings, TPAMI 2014, section 3.
        """
        rotated = self._rotated(query)
        signs = np.unpackbits(codes, axis=1, count=len(rotated)).astype(np.float32)
        return inner_products(signs, rotated)

    def _rotated(self, query: Embedding) -> np.ndarray:
        return inner_products(self.axes, query - self.centre)


def _hamming(code: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Count the bits in which a code differs from each of many."""
    distances = np.empty(len(codes), np.int32)
    pointers = [faiss.swig_ptr(array) for array in (code, codes, distances)]
    faiss.hammings(pointers[0], pointers[1], 1, len(codes), len(code), pointers[2])
    return distances


def _contents(index: Any) -> np.ndarray:
    """Give the bytes that a FAISS index holds, a line a row, to be read only."""
    if index.ntotal == 0:
        return np.zeros((0, index.code_size), np.uint8)
    contents: np.ndarray = faiss.rev_swig_ptr(index.codes.data(), index.ntotal * index.code_size)
    return contents.reshape(index.ntotal, index.code_size)


def _search(index: Any, query: np.ndarray, k: int, passing: np.ndarray) -> Found:
    """Ask a FAISS index for the best of the rows that pass."""
    count = int(np.count_nonzero(passing))
    selected = None
    if count < len(passing):
        selected = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(np.packbits(passing, bitorder="little")))
    with one_thread():
        scores, rows = index.search(query[None], min(k, count), params=selected)
    return scores[0], rows[0]


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep FAISS from starting threads for a single query: waiting for them takes longer than the scan.

    FAISS' setting is the calling thread's own, so other threads do not notice.
    """
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def inner_products(vectors: Embeddings, query: Embedding) -> np.ndarray:
    """Multiply every vector with a query in this thread; `@` would wait for others, long on a busy machine."""
    products: np.ndarray = np.vecdot(vectors, query)
    return products


def best(scores: np.ndarray, k: int) -> np.ndarray:
    """Give the places of the k highest scores, in no order."""
    if k >= len(scores):
        return np.arange(len(scores))
    return np.argpartition(scores, -k)[-k:]
