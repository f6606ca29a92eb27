"""How does one keep a second copy of a gallery?"""

import os
from pathlib import Path
from typing import Annotated

import typer

from lookalike.cli.beside import copy_blocked, copy_uploads
from lookalike.cli.options import GalleryOption, argument, open_library
from lookalike.cli.terminal import plural, readable
from lookalike.errors import BadInput

_LOGS = ("-wal", "-shm", "-journal")
"""What SQLite would take for changes on their way into a file of that name."""


def backup(
    context: typer.Context,
    file: Annotated[Path, argument("FILE", "Where the copy goes; a new file.", Path)],
    gallery: GalleryOption = None,
) -> None:
    """Copy the gallery, its uploads and its block list while they are in use.

    Uploaded pictures go to FILE.uploads, blocked ones to FILE.blocked and FILE.blocked.pictures. To restore,
    first move the old ones away, -wal and -shm, too; then put all of these under their names.
    """
    _check_new(file)
    with open_library(context, gallery=gallery) as library:
        library.gallery.backup(file)
        copied = copy_uploads(library.uploads, Path(f"{file}.uploads"))
        copy_blocked(library.blocked, Path(f"{file}.blocked"))
    uploaded = f", and {plural(copied, 'uploaded picture')} in {file}.uploads" if copied else ""
    print(readable(f"The copy is {file}{uploaded}."))


def _check_new(file: Path) -> None:
    """Refuse names of which anything is there: half of a backup that is older would be taken for one of today.

    Raises:
        BadInput: as said.
    """
    for suffix in ("", *_LOGS, ".blocked", *(f".blocked{log}" for log in _LOGS), ".blocked.pictures"):
        path = Path(f"{file}{suffix}")
        if os.path.lexists(path):
            what = f"{path} is there already, and a backup overwrites nothing."
            raise BadInput(what, "Give another name, or move away whatever begins with this one.")
