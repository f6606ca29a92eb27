"""How does a path become an open gallery? Made where nothing lies, checked, and read-only where it must be."""

import os
import re
import time
from functools import partial
from pathlib import Path

import apsw
from platformdirs import user_data_path

from lookalike.disk import expand_home, sync_folder
from lookalike.errors import BadInput, GalleryError, NotFound
from lookalike.gallery.sqlite.database import Access, Database, connect, holds_anything, log_of
from lookalike.gallery.sqlite.faults import translated
from lookalike.gallery.sqlite.schema import VERSION, check_version, is_empty, prepare

_OTHER_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_NO_ROOM = {apsw.SQLITE_IOERR_SHMOPEN, apsw.SQLITE_IOERR_SHMSIZE, apsw.SQLITE_IOERR_SHMMAP, apsw.SQLITE_IOERR_WRITE}
"""What SQLite says where a full disk has no room for the small file by which readers and writers meet."""
_PRIVATE = 0o600
"""Pictures are private: only their owner may read a new gallery, unless the umask is stricter still."""


def gallery_path(url: str | Path) -> Path:
    """Give the file that a gallery's url means.

    Raises:
        BadInput: it is a URL of another kind of gallery.
    """
    if not str(url):
        return user_data_path("lookalike", appauthor=False) / "default.gallery"
    if _OTHER_SCHEME.match(str(url)):
        scheme = str(url).partition("//")[0]  # what follows may hold a password
        fix = "Give a path like ~/photos.gallery, or a URL like milvus://host:19530/photos."
        raise BadInput(f"There is no gallery of the kind {scheme}//.", fix)
    if "\0" in str(url) or not _is_unicode(str(url)):
        raise BadInput(f"The path {str(url)!r} holds characters that SQLite cannot take.", "Give another path.")
    return expand_home(url).absolute()


def _is_unicode(text: str) -> bool:
    """Say whether a path holds no bytes that Python could only keep as half a pair of surrogates."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def open_database(path: Path, *, create: bool, busy_timeout_s: float) -> Database:
    """Open the gallery in a file.

    Raises:
        NotFound: nothing lies there and `create` is off.
        GalleryError: the file is no gallery, is newer than this program, or cannot be made or read.
    """
    if path.is_dir():
        raise GalleryError(f"{path} is a folder, not a gallery.", f"Give a file, like {path / 'photos.gallery'}.")
    if create and not path.exists():
        _make_file(path)
    with translated(path):
        return Database(path, partial(_prepared, path, create=create, busy_timeout_s=busy_timeout_s), busy_timeout_s)


def _make_file(path: Path) -> None:
    try:
        if path == gallery_path(""):
            path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, _PRIVATE))
        sync_folder(path.parent)
    except OSError as error:
        raise GalleryError(
            f"The gallery {path} cannot be made: {error.strerror}.",
            "Check that its folder is there and may be written.",
        ) from error


def _prepared(path: Path, *, create: bool, busy_timeout_s: float) -> Access:
    """Check the file or bring it up to date, and say what this process may do with it."""
    if not path.exists():
        raise _nothing(path)
    access: Access = "write"
    try:
        connection = _connect_and_look(path, access, busy_timeout_s)
    except (apsw.CantOpenError, apsw.ReadOnlyError, apsw.FullError, apsw.IOError) as error:
        if isinstance(error, apsw.IOError) and getattr(error, "extendedresult", 0) not in _NO_ROOM:
            raise
        access = "immutable"
        connection = _connect_immutable(path, busy_timeout_s)
    try:
        read_only = access == "immutable" or connection.readonly("main")
        if is_empty(connection) and (read_only or not create):
            raise _nothing(path)
        if read_only:
            _check_readable(connection, path)
            return "read" if access == "write" else access
        _prepare_patiently(connection, path, busy_timeout_s)
        return access
    finally:
        connection.close()


def _connect_and_look(path: Path, access: Access, busy_timeout_s: float) -> apsw.Connection:
    connection = connect(path, access, busy_timeout_s)
    try:
        is_empty(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _connect_immutable(path: Path, busy_timeout_s: float) -> apsw.Connection:
    """Open a gallery whose folder may not be written, as on a read-only disk.

    SQLite needs two files beside it to see what others write; where they can neither be found nor made, for want of
    leave or of room, nobody writes, and the file alone is the whole gallery, provided that no unmerged log lies there.
    """
    log = log_of(path)
    try:
        unmerged = holds_anything(log)
        path.open("rb").close()
    except OSError as error:
        raise GalleryError(f"{path} cannot be read: {error.strerror}.", "Check who may read it.") from error
    if unmerged:
        raise GalleryError(
            f"The gallery {path} has changes in {log.name} that cannot be merged here, because nothing may be written.",
            "Open it once where it may be written, or copy both files to such a place.",
        )
    return _connect_and_look(path, "immutable", busy_timeout_s)


def _check_readable(connection: apsw.Connection, path: Path) -> None:
    if check_version(connection, path) < VERSION:
        raise GalleryError(
            f"The gallery {path} was made by an older Lookalike and cannot be brought up to date: it may only be read.",
            "Open it once where it may be written.",
        )


def _prepare_patiently(connection: apsw.Connection, path: Path, busy_timeout_s: float) -> None:
    """Wait for another process that is making the same gallery: changing the journal's mode does not wait by itself."""
    deadline = time.monotonic() + busy_timeout_s
    while True:
        try:
            prepare(connection, path)
            return
        except apsw.BusyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _nothing(path: Path) -> NotFound:
    return NotFound(f"There is no gallery at {path}.", "Make one with `lookalike index FOLDER`, or give another path.")
