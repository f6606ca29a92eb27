"""How is a gallery copied while others read and write it? By SQLite, page after page, of one moment."""

import errno
import os
import tempfile
from pathlib import Path

import apsw

from lookalike.disk import sync_file, sync_folder
from lookalike.errors import BadInput, GalleryError
from lookalike.gallery.sqlite.database import Database

_READING = {apsw.SQLITE_IOERR_READ, apsw.SQLITE_IOERR_SHORT_READ}
"""What SQLite says where the gallery's own disk fails: only the copy is written."""


def write_copy(database: Database, path: Path) -> None:
    """Write a copy to a new file, which appears under its name only when it is whole and durable.

    Raises:
        BadInput: something has that name already.
        GalleryError: the folder cannot be written, or the disk is full.
    """
    if path.exists():
        raise BadInput(f"{path} is there already, and a backup overwrites nothing.", "Give another name.")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
    except OSError as error:
        raise _failed(path, error) from error
    os.close(handle)
    partial = Path(name)
    try:
        _copy(database, partial)
        _appear(partial, path)
    except FileExistsError as error:
        raise BadInput(f"{path} is there already, and a backup overwrites nothing.", "Give another name.") from error
    except OSError as error:
        raise _failed(path, error) from error
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            partial.with_name(partial.name + suffix).unlink(missing_ok=True)


def _copy(database: Database, partial: Path) -> None:
    """Copy all pages inside the reader's transaction, so that what others write meanwhile starts nothing anew."""
    with database.reading() as source:
        copy = apsw.Connection(str(partial))
        try:
            with copy.backup("main", source, "main") as pages:
                pages.step(-1)
            copy.execute("UPDATE gallery SET identity = lower(hex(randomblob(16)))")
        except apsw.FullError as error:  # here, where it is plain that the copy is meant and not the gallery
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        except apsw.IOError as error:
            if getattr(error, "extendedresult", 0) in _READING:
                raise
            raise OSError(errno.EIO, os.strerror(errno.EIO)) from error
        finally:
            copy.close()
    handle = os.open(partial, os.O_RDWR)
    try:
        sync_file(handle)
    finally:
        os.close(handle)


def _appear(partial: Path, path: Path) -> None:
    """Give the whole copy its name; a link, unlike a renaming, never takes the place of another file."""
    try:
        os.link(partial, path)
    except FileExistsError:
        raise
    except OSError:  # a disk without links
        if path.exists():
            raise FileExistsError from None
        partial.rename(path)
    sync_folder(path.parent)


def _failed(path: Path, error: OSError) -> GalleryError:
    return GalleryError(
        f"The backup {path} cannot be written: {error.strerror}.", "Check the folder and its free space."
    )
