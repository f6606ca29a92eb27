"""How is an answer shown: as a table, as pictures in the terminal, as a contact sheet?"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from lookalike.cli import halfblocks
from lookalike.cli.failing import say
from lookalike.cli.proof import PROOF_COLUMNS, PROOF_ROWS, Proof, jpeg, proofs_of
from lookalike.cli.sheet import THUMBNAIL_SIZE, Entry, Sheet, check_sheet_path, short_name, write_sheet
from lookalike.cli.terminal import console, print_table, readable, shows_colours
from lookalike.cli.wording import answer_words, confidence_words
from lookalike.decode import Fit
from lookalike.errors import LookalikeError
from lookalike.search import Answer, Query, proof_words
from lookalike.types import Hit

if TYPE_CHECKING:
    from lookalike.library import Lookalike

__all__ = ["check_sheet_path", "print_hits", "print_pictures", "write_answer"]

_COLUMNS, _ROWS = 32, 12
"""Characters that a thumbnail takes in the terminal: 32 × 24 pixels show what a picture is of, three to a screen."""
_THUMBNAIL = 128
_PROOF_PX = 720


def print_hits(answer: Answer) -> None:
    """Print a line a hit, best first."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("#", justify="right")
    table.add_column("tier")
    table.add_column("confidence", no_wrap=True)
    table.add_column("score", justify="right")
    is_proved = any(map(proof_words, answer.hits))
    if is_proved:
        table.add_column("how", overflow="fold")
    table.add_column("picture", overflow="fold")
    for hit in answer.hits:
        words = confidence_words(hit.confidence)
        how = [proof_words(hit)] if is_proved else []
        table.add_row(str(hit.rank), hit.tier, words, f"{hit.score:.3f}", *how, readable(hit.record.path))
    if answer.hits:
        print_table(table)


def print_pictures(query: Query, answer: Answer, library: "Lookalike") -> None:
    """Print each hit with its thumbnail, or beside the query where regions match.

    Where the terminal has no colours, print a table.
    """
    screen = console()
    if not shows_colours(screen):
        say("There are no colours here to draw thumbnails with; --sheet answers.html makes a page of them.")
        print_hits(answer)
        return
    proofs = proofs_of(answer, lambda: library.original(query), library)
    table = Table.grid(padding=(0, 2, 1, 0))
    table.add_column(width=PROOF_COLUMNS if proofs else _COLUMNS)
    table.add_column(overflow="fold")
    for hit in answer.hits:
        table.add_row(_drawn(hit, proofs, library), f"{_heading(hit)}\n{readable(hit.record.path)}")
    screen.print(table)


def _drawn(hit: Hit, proofs: Mapping[str, Proof], library: "Lookalike") -> Text | str:
    if hit.record.id in proofs:
        return halfblocks.draw(jpeg(proofs[hit.record.id].beside), PROOF_COLUMNS, PROOF_ROWS)
    thumbnail = _thumbnail(hit, library, _THUMBNAIL)
    return halfblocks.draw(thumbnail, _COLUMNS, _ROWS) if thumbnail else "(not there any more)"


def write_answer(path: Path, query: Query, answer: Answer, library: "Lookalike") -> None:
    """Write the answer as a contact sheet.

    Raises:
        BadInput: as `check_sheet_path` says.
    """
    source = library.original(query) if query.has_picture else None
    proofs = proofs_of(answer, lambda: library.original(query) if source is None else source, library)
    entries = tuple(_entry(hit, proofs.get(hit.record.id), library) for hit in answer.hits)
    fit = Fit(size=THUMBNAIL_SIZE, mode="inside")
    picture = None if source is None else jpeg(library.decoder.decode(source, fit, query.region).pixels)
    write_sheet(
        path, Sheet(query=picture, query_name=_query_name(query), remark=answer_words(answer, query), entries=entries)
    )


def _entry(hit: Hit, proof: Proof | None, library: "Lookalike") -> Entry:
    return Entry(
        jpeg=_thumbnail(hit, library, THUMBNAIL_SIZE),
        heading=_heading(hit),
        name=short_name(hit.record.path),
        uri=hit.record.uri,
        proof=jpeg(proof.beside, _PROOF_PX) if proof else None,
        overlay=jpeg(proof.over, _PROOF_PX) if proof else None,
    )


def _heading(hit: Hit) -> str:
    how = proof_words(hit)
    return f"{hit.rank} · {hit.tier} · {confidence_words(hit.confidence)}{how and f' · {how}'}"


def _thumbnail(hit: Hit, library: "Lookalike", size: int) -> bytes | None:
    try:
        return library.thumbnails.jpeg(hit.record, size)
    except LookalikeError:
        return None


def _query_name(query: Query) -> str:
    if not query.has_picture:
        return readable(query.text)
    name = short_name(str(query.file)) if query.file is not None else readable(query.url or query.id)
    name = name or "a picture from a pipe"
    return f"{name} and {readable(query.text)}" if query.text else name
