"""How does a file get another name, or go, and nothing is lost on the way, nor anything replaced, nor half there?"""

import errno
import hashlib
import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path

from lookalike.disk import sync_file, sync_folder
from lookalike.uris import shown_path

UNFINISHED = ".lookalike-unfinished"
"""What the names of files begin with that are not whole yet."""
_KEEPS_READ_ONLY = os.name == "nt"
"""Whether the system deletes no file that is read-only; elsewhere the rights to its folder decide."""


def file_sha256(path: Path) -> str:
    """Give the sha256 of a file's bytes, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def move_file(source: Path, target: Path) -> None:
    """Move a file to a name that is free: whole, or not at all, also to another disk.

    Raises:
        FileExistsError: the name is not free.
    """
    try:
        os.link(source, target)  # unlike a rename, it never replaces what came there meanwhile
    except FileExistsError:
        raise
    except OSError:  # another disk, or one without hard links
        copy_file(source, target)
    try:
        sync_folder(target.parent)
        unlink(source, twin=target)
    except OSError:
        unlink(target, twin=source)
        raise


def unlink(path: Path, *, twin: Path | None = None) -> None:
    """Delete a file, even where the system keeps what is read-only; its other name, if any, stays read-only."""
    if not _KEEPS_READ_ONLY:
        path.unlink()
        return
    mode, left = path.stat().st_mode, twin
    path.chmod(mode | stat.S_IWRITE)
    try:
        path.unlink()
    except OSError:
        left = path
        raise
    finally:
        if left is not None:
            left.chmod(mode)


def copy_file(source: Path, target: Path) -> None:
    """Copy a file, with its times, to a name that is free; complete when this returns, and so on disk, if it can be.

    Where a folder cannot be brought to disk, the new name may not outlive a power cut; the source does.

    Raises:
        FileExistsError: the name is not free.
    """
    unfinished = target.with_name(f"{UNFINISHED}-{os.getpid()}")
    try:
        shutil.copyfile(source, unfinished)
        with unfinished.open("rb+") as file:
            sync_file(file.fileno())
        shutil.copystat(source, unfinished)  # not before: nobody may write to a copy of what is read-only
        rename(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)
    with suppress(OSError):
        sync_folder(target.parent)


def rename(source: Path, target: Path) -> None:
    """Give a file a name that is free.

    Raises:
        FileExistsError: the name is not free.
    """
    check_free(target)
    source.rename(target)


def check_free(path: Path) -> None:
    """Refuse a name that something has.

    Raises:
        FileExistsError: so.
    """
    if os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, f"{shown_path(path)} is there already")
