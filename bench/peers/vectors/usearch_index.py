"""How does USearch do?"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from usearch.index import Index

from peers.vectors.engine import Batch


class Usearch:
    """USearch: a graph over half-precision vectors, and nothing else."""

    has_filters = False

    def _new(self, dim: int) -> Any:
        return Index(ndim=dim, metric="ip", dtype="f16", connectivity=16, expansion_add=128, expansion_search=64)

    def build(self, folder: Path, rows: Iterable[Batch]) -> None:
        """Add batch after batch, and save."""
        index = None
        for start, vectors, _ in rows:
            index = index if index is not None else self._new(vectors.shape[1])
            index.add(np.arange(start, start + len(vectors)), vectors)
        assert index is not None
        index.save(str(folder / "index.usearch"))

    def open(self, folder: Path) -> None:
        """Load into memory."""
        self._index = Index.restore(str(folder / "index.usearch"))

    def nearest(self, vector: np.ndarray, k: int, label: str) -> list[int]:  # noqa: ARG002 - it has no filters
        """Search the graph."""
        return [int(one) for one in self._index.search(vector, k).keys]

    def add(self, number: int, vector: np.ndarray) -> int:
        """Add in memory."""
        self._index.add(number, vector)
        return number
