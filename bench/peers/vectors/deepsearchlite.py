"""How does DeepSearchLite do?"""

import contextlib
import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from DeepSearchLite.DeepSearchLite import SearchSetup

from peers.vectors.engine import Batch


class DeepSearchLite:
    """DeepSearchLite: a table of items in a pickle, and FAISS' flat index, read anew for every query."""

    has_filters = False

    def _set_up(self, folder: Path, items: list[str], vector_of: Callable[[str], np.ndarray], mode: str) -> Any:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return SearchSetup(
                item_list=items,
                feature_extractor=lambda vector: vector,
                metadata_dir=str(folder),
                mode=mode,
                item_loader=vector_of,
            )

    def build(self, folder: Path, rows: Iterable[Batch]) -> None:
        """Let it ask for every item's vector."""
        vectors = np.concatenate([some for _, some, _ in rows])
        self._set_up(folder, [str(n) for n in range(len(vectors))], lambda name: vectors[int(name)], "index")

    def open(self, folder: Path) -> None:
        """Read the table."""
        self._new: dict[str, np.ndarray] = {}
        self._search = self._set_up(folder, [], lambda name: self._new[name], "search")

    def nearest(self, vector: np.ndarray, k: int, label: str) -> list[int]:  # noqa: ARG002 - it has no filters
        """Ask for the items most like one."""
        return [int(one) for one in self._search.get_similar_items(vector, k)]

    def add(self, number: int, vector: np.ndarray) -> int:
        """Add one item, for which it writes all of them."""
        self._new[str(number)] = vector
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            self._search.add_items_to_index([str(number)])
        return number
