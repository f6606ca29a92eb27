"""What does an error of SQLite mean to the user? One table from its class to a sentence and a fix."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from lookalike.errors import GalleryError

_MEANINGS: tuple[tuple[type[apsw.Error], str, str], ...] = (
    (apsw.FullError, "The disk is full at {path}.", "Nothing was half-written: free some space and try again."),
    (
        apsw.BusyError,
        "Another program has been writing to {path} for too long.",
        "Wait until it has finished, or end it, and try again.",
    ),
    (apsw.NotADBError, "{path} is not a gallery.", "Give the path of a gallery, or of a file that is not there yet."),
    (
        apsw.CorruptError,
        "The gallery {path} is damaged: {error}.",
        "Move it away, -wal and -shm, too; put a backup there (`lookalike backup` makes them), or index anew.",
    ),
    (apsw.ReadOnlyError, "{path} cannot be written.", "See who may write to it and its folder, and free space."),
    (apsw.CantOpenError, "{path} cannot be opened: {error}.", "Check the path and who may read it."),
    (apsw.PermissionsError, "{path} may not be read.", "Check who may read the file."),
    (
        apsw.IOError,
        "Reading or writing {path} failed: {error}.",
        "Check the disk and its free space; nothing was half-written.",
    ),
    (apsw.ConnectionClosedError, "The gallery {path} has been closed.", "Open it again."),
)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise a GalleryError in place of any error of SQLite."""
    try:
        yield
    except apsw.Error as error:
        raise explained(error, path) from error


def explained(error: apsw.Error, path: Path) -> GalleryError:
    """Say what happened, where, and what to do."""
    for kind, what, fix in _MEANINGS:
        if isinstance(error, kind):
            return GalleryError(what.format(path=path, error=error), fix)
    return GalleryError(f"The gallery {path} cannot do this: {error}.")
