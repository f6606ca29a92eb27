"""How are results written to the terminal, or to what stands in its place?"""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from unicodedata import category

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_BIDIRECTIONAL = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_TABLE = 80
"""Columns that a table gets at the least: with fewer, whole columns vanish."""
_UNLIMITED = 100_000
"""Columns; a pipe has no edge at which to cut a path."""


def readable(text: str, *, lines: bool = False) -> str:
    """Replace what could move the cursor, change colours or reverse text: file names may hold anything.

    With `lines`, line ends stay.
    """
    return "".join("�" if _dangerous(one) and not (lines and one == "\n") else one for one in text)


def _dangerous(character: str) -> bool:
    return category(character) in {"Cc", "Cs", "Zl", "Zp"} or character in _BIDIRECTIONAL


def console(*, stderr: bool = False) -> "Console":
    """Give a console for tables and pictures, on stdout unless said otherwise."""
    from lookalike.cli.screen import Screen

    made = Screen(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not made.is_terminal:
        made.width = _UNLIMITED
    return made


def shows_colours(screen: "Console") -> bool:
    """Tell whether pictures can be drawn on a console: it knows colours, and NO_COLOR does not forbid them."""
    return screen.color_system is not None and not screen.no_color


def print_table(table: "Table") -> None:
    """Print a table; a terminal that is too narrow for its names breaks its lines instead."""
    screen = console()
    screen.width = max(screen.width, _TABLE)
    screen.print(table)


def print_json(value: Mapping[str, Any]) -> None:
    """Print one object on one line of stdout, as UTF-8 whatever the locale (RFC 8259 asks for that)."""
    import json

    line = json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n"
    sys.stdout.buffer.write(line.encode(errors="replace"))
    sys.stdout.buffer.flush()


def size(count: int) -> str:
    """Write a number of bytes: `1,507 MB`, `12 kB`."""
    return f"{count / 1e6:,.0f} MB" if count >= 1e6 else f"{count / 1e3:,.0f} kB"


def plural(count: int, one: str, many: str = "") -> str:
    """Write a count with its noun: `1 picture`, `2,000 pictures`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
