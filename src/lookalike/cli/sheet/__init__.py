"""How does an answer become a contact sheet? A query picture, its hits, and a file of HTML or PNG."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from lookalike.cli.terminal import readable
from lookalike.disk import write_whole
from lookalike.errors import BadInput

THUMBNAIL_SIZE = 256

_WRITERS = {".html": "lookalike.cli.sheet.html", ".htm": "lookalike.cli.sheet.html", ".png": "lookalike.cli.sheet.png"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One hit on a sheet."""

    jpeg: bytes | None
    """The thumbnail; None where the original is not to be had any more."""
    heading: str
    """Rank, tier and confidence."""
    name: str
    uri: str
    proof: bytes | None = None
    """A JPEG of query and hit side by side with what they have in common outlined; None where nothing was matched."""
    overlay: bytes | None = None
    """A JPEG of the query laid over the hit where they match; None where nothing was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What was searched with, and what was found."""

    query: bytes | None
    """A JPEG of the query picture; None where words were searched for."""
    query_name: str
    remark: str
    """What is to be said about the answer as a whole; may be empty."""
    entries: tuple[Entry, ...]

    @property
    def proved(self) -> tuple[Entry, ...]:
        """Those with a proof to show."""
        return tuple(entry for entry in self.entries if entry.proof)


def check_sheet_path(path: Path) -> None:
    """Refuse a file that no sheet can be written to, before the work is done.

    Raises:
        BadInput: another ending than .html or .png, a folder that is not there, or a folder of that very name.
    """
    if path.suffix.lower() not in _WRITERS:
        raise BadInput(f"A contact sheet cannot be written to {str(path)!r}.", "End its name in .html or .png.")
    if path.is_dir():
        raise BadInput(f"{str(path)!r} is a folder.", "Name a file for the contact sheet.")
    if not path.parent.is_dir():
        raise BadInput(f"There is no folder {str(path.parent)!r} for the contact sheet.", "Make it first.")


def write_sheet(path: Path, sheet: Sheet) -> None:
    """Write the sheet: whole, or not at all."""
    write_whole(path, import_module(_WRITERS[path.suffix.lower()]).render(sheet))


def short_name(path: str) -> str:
    """Give the last part of a path, readable."""
    return readable(path.rstrip("/").rpartition("/")[2])
