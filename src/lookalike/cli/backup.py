"""How does one keep a second copy of a gallery?"""

import os
import shutil
from pathlib import Path
from typing import Annotated

import typer

from lookalike.cli.options import GalleryOption, argument, open_library
from lookalike.cli.terminal import plural, readable
from lookalike.disk import replacing, sweep_unfinished, sync_folder
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


def copy_blocked(source: Path, target: Path) -> None:
    """Copy a block list and its small pictures, where there is one.

    The pictures come first, so that wherever the list is they are, too; then those that were blocked meanwhile.
    """
    from lookalike.gallery import open_gallery

    if source.exists():
        copy_uploads(Path(f"{source}.pictures"), Path(f"{target}.pictures"))
        with open_gallery(source, create=False) as blocked:
            blocked.backup(target)
        copy_uploads(Path(f"{source}.pictures"), Path(f"{target}.pictures"))


def copy_uploads(source: Path, target: Path) -> int:
    """Link, or where that cannot be copy, what `target` has not yet, durably; returns how many files there are.

    Uploads are named for their bytes and never change, so that a link is as good as a copy.
    """
    count, reached = 0, set[Path]()
    for folder, folders, names in os.walk(source):
        if "incoming" in folders:  # what is not whole yet
            folders.remove("incoming")
        there = target / Path(folder).relative_to(source)
        there.mkdir(parents=True, exist_ok=True)
        sweep_unfinished(there)
        reached |= {there, there.parent}
        for name in names:
            count += 1
            if not (there / name).exists():
                _copy(Path(folder) / name, there / name)
    for path in reached:
        sync_folder(path)
    return count


def _copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk, or one that knows no links
        with source.open("rb") as original, replacing(target, mode=0o600) as copy:
            shutil.copyfileobj(original, copy)
            copy.flush()
            shutil.copystat(source, copy.name)
