"""What is a row, before anyone knows what its columns mean?"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """A row, and where it stands: `line=17`."""

    place: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class BadRow:
    """Why there is no row."""

    place: str
    reason: str


Rows = Iterator[Row | BadRow]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows, and the columns that each of them has; none where each row names its own."""

    header: tuple[str, ...]
    rows: Rows
