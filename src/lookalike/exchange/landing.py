"""How does an exported file or folder appear whole or not at all, even if the power goes?"""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from lookalike.disk import sync_file, sync_folder
from lookalike.errors import BadInput, GalleryError


@contextmanager
def landing_file(path: Path) -> Iterator[BinaryIO]:
    """Open a new file for writing that gets its name when the block ends well.

    Raises:
        BadInput: something lies at `path` already.
        GalleryError: it cannot be written; nothing is left behind.
    """
    with _landing(path) as beside, beside.open("xb") as file:
        yield file
        sync(file)


@contextmanager
def landing_folder(path: Path) -> Iterator[Path]:
    """Make a new folder that gets its name when the block ends well; who writes files into it syncs them.

    Raises:
        BadInput: something lies at `path` already.
        GalleryError: it cannot be written; nothing is left behind.
    """
    with _landing(path) as beside:
        beside.mkdir()
        yield beside
        for folder in (beside, *(entry for entry in beside.iterdir() if entry.is_dir())):
            sync_folder(folder)


def sync(file: BinaryIO) -> None:
    """Wait until what was written lies on the disk."""
    file.flush()
    sync_file(file.fileno())


@contextmanager
def _landing(path: Path) -> Iterator[Path]:
    """Give a path beside the wanted one, and move what lies there to the wanted one."""
    _refuse_existing(path)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        yield beside
        _refuse_existing(path)
        beside.rename(path)
        sync_folder(path.parent)
    except OSError as error:
        raise GalleryError(
            f"{str(path)!r} cannot be written: {error.strerror or error}.", "Make room, or choose another folder."
        ) from error
    finally:
        if beside.is_dir():
            shutil.rmtree(beside, ignore_errors=True)
        else:
            beside.unlink(missing_ok=True)


def _refuse_existing(path: Path) -> None:
    if os.path.lexists(path):
        raise BadInput(f"Something lies at {str(path)!r} already.", "Choose another name, or move it away first.")
