"""What is a row, before anyone knows what its columns mean?"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lookalike.errors import BadInput


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


def refuse_twice(header: Sequence[str], where: str) -> None:
    """Make sure that every column has a name of its own.

    Raises:
        BadInput: several are called the same.
    """
    twice = sorted(name for name, times in Counter(header).items() if times > 1)
    if twice:
        raise BadInput(f"{where} has several columns {twice[0]!r}.", "Give each a name of its own.")
