"""How does one keep a second copy of a gallery?"""

import os
import shutil
from pathlib import Path
from typing import Annotated

import typer

from lookalike.cli.options import GalleryOption, argument, open_library
from lookalike.cli.terminal import plural, readable


def backup(
    context: typer.Context,
    file: Annotated[Path, argument("FILE", "Where the copy goes; a new file.")],
    gallery: GalleryOption = None,
) -> None:
    """Copy the gallery and its uploads while they are in use.

    Uploaded pictures go to FILE.uploads. To restore, put both back under their old names.
    """
    with open_library(context, gallery=gallery) as library:
        library.gallery.backup(file)
        copied = copy_uploads(library.uploads, Path(f"{file}.uploads"))
    uploaded = f", and {plural(copied, 'uploaded picture')} in {file}.uploads" if copied else ""
    print(readable(f"The copy is {file}{uploaded}."))


def copy_uploads(source: Path, target: Path) -> int:
    """Link, or where that cannot be copy, what `target` has not yet; returns how many files there are.

    Uploads are named for their bytes and never change, so that a link is as good as a copy.
    """
    count = 0
    for folder, folders, names in os.walk(source):
        if "incoming" in folders:  # what is not whole yet
            folders.remove("incoming")
        there = target / Path(folder).relative_to(source)
        there.mkdir(parents=True, exist_ok=True)
        for name in names:
            count += 1
            if not (there / name).exists():
                _copy(Path(folder) / name, there / name)
    return count


def _copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk, or one that knows no links
        unfinished = target.with_name(f".{target.name}.unfinished")
        shutil.copy2(source, unfinished)
        unfinished.replace(target)
