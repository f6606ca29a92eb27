"""How does FAISS do, flat and as a graph?"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from peers.vectors.engine import Batch


class Flat:
    """FAISS: an index in memory; labels are masks that the caller keeps."""

    has_filters = True
    file = "index.faiss"

    def _new(self, dim: int) -> Any:
        return faiss.IndexFlatIP(dim)

    def _parameters(self, selector: Any) -> Any:
        return faiss.SearchParameters(sel=selector)

    def build(self, folder: Path, rows: Iterable[Batch]) -> None:
        """Add batch after batch; SQ8 learns its ranges from the first 50,000."""
        parts = list(rows)
        self._index = self._new(parts[0][1].shape[1])
        self._index.train(np.concatenate([vectors for _, vectors, _ in parts[:50]]))
        for _, vectors, _ in parts:
            self._index.add(vectors)
        faiss.write_index(self._index, str(folder / self.file))
        np.save(folder / "labels.npy", np.array([label for _, _, labels in parts for label in labels]))

    def open(self, folder: Path) -> None:
        """Read the index, and make a mask for each label."""
        self._index = faiss.read_index(str(folder / self.file))
        labels = np.load(folder / "labels.npy")
        masks = {label: np.packbits(labels == label, bitorder="little") for label in np.unique(labels).tolist()}
        self._selectors = {label: faiss.IDSelectorBitmap(mask) for label, mask in masks.items()} | {"": None}

    def nearest(self, vector: np.ndarray, k: int, label: str) -> list[int]:
        """Search with the label's mask."""
        _, found = self._index.search(vector[None], k, params=self._parameters(self._selectors[label]))
        return [one for one in found[0].tolist() if one >= 0]

    def add(self, number: int, vector: np.ndarray) -> int:  # noqa: ARG002 - FAISS numbers rows itself
        """Add in memory."""
        self._index.add(vector[None])
        return int(self._index.ntotal) - 1


class Hnsw(Flat):
    """FAISS: a graph over vectors of one byte a dimension."""

    def _new(self, dim: int) -> Any:
        index = faiss.IndexHNSWSQ(dim, faiss.ScalarQuantizer.QT_8bit, 32, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = 100
        return index

    def _parameters(self, selector: Any) -> Any:
        return faiss.SearchParametersHNSW(sel=selector, efSearch=64)
