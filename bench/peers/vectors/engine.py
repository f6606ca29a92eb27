"""What is asked of an engine that keeps vectors with labels, and finds the nearest?"""

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import numpy as np

Batch = tuple[int, np.ndarray, list[str]]
"""Number of the first row, vectors, labels."""


class Engine(Protocol):
    """Somebody else's index in a folder."""

    has_filters: bool

    def build(self, folder: Path, rows: Iterable[Batch]) -> None:
        """Store all rows, and be ready for queries after `open`."""

    def open(self, folder: Path) -> None:
        """Open what was built."""

    def nearest(self, vector: np.ndarray, k: int, label: str) -> list[int]:
        """Give the numbers of the nearest rows, of one label if it is not empty."""

    def add(self, number: int, vector: np.ndarray) -> int:
        """Store one more row, and give the number that it is found by: another one where the engine counts itself."""
