"""How is an answer shown: as a table, as pictures in the terminal, as a contact sheet?"""

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from rich.table import Table

from lookalike.cli import halfblocks
from lookalike.cli.failing import say
from lookalike.cli.sheet import THUMBNAIL_SIZE, Entry, Sheet, check_sheet_path, short_name, write_sheet
from lookalike.cli.terminal import console, plural, readable
from lookalike.cli.wording import confidence_words
from lookalike.decode import Fit
from lookalike.errors import LookalikeError
from lookalike.search import Answer, Query
from lookalike.sources import open_original
from lookalike.types import Hit

if TYPE_CHECKING:
    from lookalike.library import Lookalike

__all__ = ["check_sheet_path", "print_pictures", "print_table", "write_answer"]

_COLUMNS, _ROWS = 32, 12
"""Characters that a thumbnail takes in the terminal: 32 × 24 pixels show what a picture is of, three to a screen."""
_THUMBNAIL = 128


def print_table(answer: Answer) -> None:
    """Print a line a hit, best first."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("#", justify="right")
    table.add_column("tier")
    table.add_column("confidence", no_wrap=True)
    table.add_column("score", justify="right")
    table.add_column("picture", overflow="fold")
    for hit in answer.hits:
        words = confidence_words(hit.confidence)
        table.add_row(str(hit.rank), hit.tier, words, f"{hit.score:.3f}", readable(hit.record.path))
    if answer.hits:
        console().print(table)


def print_pictures(answer: Answer, library: "Lookalike") -> None:
    """Print each hit with its thumbnail; as a table where the terminal has no colours."""
    screen = console()
    if screen.color_system is None:
        say("There are no colours here to draw thumbnails with; --sheet answers.html makes a page of them.")
        print_table(answer)
        return
    table = Table.grid(padding=(0, 2, 1, 0))
    table.add_column(width=_COLUMNS)
    table.add_column(overflow="fold")
    for hit in answer.hits:
        jpeg = _thumbnail(hit, library, _THUMBNAIL)
        drawn = halfblocks.draw(jpeg, _COLUMNS, _ROWS) if jpeg else "(not there any more)"
        table.add_row(drawn, f"{_heading(hit)}\n{readable(hit.record.path)}")
    screen.print(table)


def write_answer(path: Path, query: Query, answer: Answer, library: "Lookalike") -> None:
    """Write the answer as a contact sheet.

    Raises:
        BadInput: as `check_sheet_path` says.
    """
    entries = tuple(
        Entry(
            jpeg=_thumbnail(hit, library, THUMBNAIL_SIZE),
            heading=_heading(hit),
            name=short_name(hit.record.path),
            uri=hit.record.uri,
        )
        for hit in answer.hits
    )
    remark = plural(len(entries), "hit") if answer.likely else "Nothing like it is here; these are the nearest."
    sheet = Sheet(query=_query_jpeg(query, library), query_name=_query_name(query), remark=remark, entries=entries)
    write_sheet(path, sheet)


def _heading(hit: Hit) -> str:
    return f"{hit.rank} · {hit.tier} · {confidence_words(hit.confidence)}"


def _thumbnail(hit: Hit, library: "Lookalike", size: int) -> bytes | None:
    try:
        return library.thumbnails.jpeg(hit.record, size)
    except LookalikeError:
        return None


def _query_jpeg(query: Query, library: "Lookalike") -> bytes:
    """Make a thumbnail of what was searched with; a URL is asked once more."""
    if query.id:
        source: Path | bytes = open_original(library.gallery.get([query.id])[0].uri)
    elif query.url:
        source = library.fetcher.get(query.url).content
    else:
        source = query.file if query.file is not None else query.data or b""
    decoded = library.decoder.decode(source, Fit(size=THUMBNAIL_SIZE, mode="inside"), query.region)
    buffer = BytesIO()
    Image.fromarray(decoded.pixels).save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def _query_name(query: Query) -> str:
    if query.file is not None:
        return short_name(str(query.file))
    return readable(query.url or query.id or "a picture from a pipe")
