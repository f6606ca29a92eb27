"""How are vectors kept in memory to be scanned? As they are, or as bytes; `bits` holds the shortest form."""

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import faiss as typed_faiss
import numpy as np

from lookalike.threads import one_thread
from lookalike.types import Embedding, Embeddings

faiss: Any = typed_faiss
"""Untyped: its annotations know the C++ layer, not the friendlier one above it."""

_LARGEST = 127
"""Steps that a byte counts to each side."""

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

    def rows(self, block: Any) -> int:
        """Count a block's rows."""
        ...

    def codes(self, block: Any) -> np.ndarray:
        """Give a block's rows of codes, to be read only."""
        ...

    def ask(self, query: Embedding) -> Any:
        """Give a query in the form that `scan` compares with codes."""
        ...

    def scan(self, block: Any, asked: Any, k: int, passing: np.ndarray, least: float) -> Found:
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

    def rows(self, block: Any) -> int:
        """Ask the FAISS index."""
        return int(block.ntotal)

    def codes(self, block: Any) -> np.ndarray:
        """Look into the FAISS index."""
        return _contents(block).view(np.float32)

    def ask(self, query: Embedding) -> np.ndarray:
        """Give the query."""
        return query

    def scan(self, block: Any, asked: Any, k: int, passing: np.ndarray, least: float) -> Found:  # noqa: ARG002
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

    def rows(self, block: Any) -> int:
        """Ask the FAISS index."""
        return int(block.ntotal)

    def codes(self, block: Any) -> np.ndarray:
        """Look into the FAISS index."""
        return _contents(block)

    def ask(self, query: Embedding) -> np.ndarray:
        """Stretch the query to the largest steps it may take, because FAISS takes it in whole steps, too."""
        longest = max(float(np.abs(query).max()), 1e-30)
        return np.asarray(np.rint(query * (_LARGEST / longest)))

    def scan(self, block: Any, asked: Any, k: int, passing: np.ndarray, least: float) -> Found:  # noqa: ARG002
        """Compare by inner product; the centre adds the same to every score of a query, so it may stay away."""
        return _search(block, asked, k, passing)


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


def inner_products(vectors: Embeddings, query: Embedding) -> np.ndarray:
    """Multiply every vector with a query in this thread; `@` would wait for others, long on a busy machine."""
    products: np.ndarray = np.vecdot(vectors, query)
    return products


def best(scores: np.ndarray, k: int) -> np.ndarray:
    """Give the places of the k highest scores, in no order."""
    if k >= len(scores):
        return np.arange(len(scores))
    return np.argpartition(scores, -k)[-k:]
