"""Which path of this machine is meant, how do programs share a folder, and how is a file there whole or not at all?"""

import errno
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from time import time
from typing import BinaryIO

_WRITTEN_S = 3_600
"""Seconds without a byte after which nobody is writing a file any more."""


def expand_home(path: str | Path) -> Path:
    """Give a path as a shell reads it: `~` in front is the home folder, `~name` the one of that user.

    Where there is no such user, it is a name like any other. So it is in `./~name`, which becomes absolute, as a Path
    would lose the dot; only a text can say so.
    """
    expanded = os.path.expanduser(path)  # noqa: PTH111 - pathlib raises RuntimeError where there is no such user
    found = Path(expanded)
    is_plain = str(found).startswith("~") and not expanded.startswith("~")
    return found.absolute() if is_plain else found


def identity_of(path: Path) -> tuple[int, int] | None:
    """Say which file or folder a path names now, by its disk and its number there; None where it names none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def sync_file(descriptor: int) -> None:
    """Bring what was written to a file to disk for good; what Python holds back itself must be flushed before.

    macOS leaves it in the drive's own memory, which a power cut empties, unless it is asked for more than fsync; some
    drives on a network know nothing of that. Source: macOS, fsync(2); SQLite, src/os_unix.c, full_fsync.

    Raises:
        OSError: the disk fails.
    """
    if sys.platform == "darwin":
        import fcntl

        with suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
    os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to disk; Windows cannot open folders, and needs no such thing.

    Raises:
        OSError: the folder cannot be read, or the disk fails.
    """
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        sync_file(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def replacing(path: Path, *, mode: int = 0o666, synced: bool = True) -> Iterator[BinaryIO]:
    """Write a file that gets its name, in place of what had it, when the block ends well; else nothing is left behind.

    With `synced` it then outlives a power cut. `mode` is narrowed by the umask, as that of any new file. Until then
    the file lies beside that name, where its own `name` says.

    Raises:
        OSError: there is no room, or no permission; its `filename` is `path`.
    """
    unfinished = path.with_name(f".lookalike-{secrets.token_hex(8)}.unfinished")
    try:
        with open(unfinished, "xb", opener=partial(os.open, mode=mode)) as file:
            yield file
            if synced:
                file.flush()
                sync_file(file.fileno())
        unfinished.replace(path)
        if synced:
            sync_folder(path.parent)
    except BaseException as error:
        with suppress(OSError):
            unfinished.unlink()
        if isinstance(error, OSError):
            error.filename = str(path)
        raise


def sweep_unfinished(folder: Path) -> None:
    """Remove what programs left in a folder that were killed while `replacing`; what somebody writes now stays."""
    for path in folder.glob(".lookalike-*.unfinished"):
        with suppress(OSError):  # another program may be sweeping, too
            if path.stat().st_mtime < time() - _WRITTEN_S:
                path.unlink()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; after a power cut it may be the one before."""
    with replacing(path, synced=False) as file:
        file.write(content)


@contextmanager
def held_alone(path: Path) -> Iterator[None]:
    """Wait until nobody else holds this file, and hold it; a process that dies lets go.

    Raises:
        OSError: it cannot be made or opened.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if os.name == "nt":
            _hold_on_windows(descriptor)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _hold_on_windows(descriptor: int) -> None:
    import msvcrt

    while True:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError as error:
            if error.errno != errno.EDEADLK:  # which says that somebody held it for ten seconds
                raise
        else:
            return
