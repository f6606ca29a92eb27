"""How is the gallery's file read and written? Snapshots for many readers, one transaction at a time for a writer."""

import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Literal
from urllib.parse import quote

import apsw

from lookalike.errors import GalleryError
from lookalike.gallery.sqlite.faults import translated
from lookalike.threads import holding

Access = Literal["write", "read", "immutable"]
"""What this process may do with the file; `immutable` reads it where nothing may be created beside it."""

_IDLE_READERS = 8
_WAL_PAGES = 8_192
"""Pages in the write-ahead log before they are merged into the file, 64 MiB: ids and other hashes touch a page each,
and merging several batches at once writes such a page once."""
_WAL_BYTES = 64 * 2**20
_MOST_SHRUNK_BYTES = 256 * 2**20
"""Up to so much content is written anew to give free pages back: some seconds, even where disks are slow."""

_READER = """
PRAGMA query_only = ON;
PRAGMA cache_size = -8192;
PRAGMA temp_store = MEMORY;
"""
_WRITER = f"""
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA cache_size = -32768;
PRAGMA temp_store = MEMORY;
PRAGMA wal_autocheckpoint = {_WAL_PAGES};
PRAGMA journal_size_limit = {_WAL_BYTES};
"""


def connect(path: Path, access: Access, busy_timeout_s: float) -> apsw.Connection:
    """Open a file that is there."""
    if access == "immutable":
        connection = apsw.Connection(
            f"file:{quote(str(path))}?immutable=1", flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
        )
    else:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
        # On macOS, as `sync_file` says; for readers, too: whoever closes the file last merges the log into it.
        connection.pragma("fullfsync", "on")
    connection.set_busy_timeout(int(busy_timeout_s * 1000))
    return connection


class Database:
    """An open gallery file, shared by the threads of the process that opened it."""

    def __init__(self, path: Path, decide: Callable[[], Access], busy_timeout_s: float) -> None:
        """Open connections as they are needed; `decide` looks at the file and says what may be done with it."""
        self.path = path
        self._condition = _condition(path)
        self.access = decide()
        self.when_changed: Callable[[], None] = lambda: None
        """Called where what was read before may no longer be what the file holds."""
        self._decide = decide
        self._busy_timeout_s = busy_timeout_s
        self._owner = os.getpid()
        self._found = _look(path)
        self._idle: deque[apsw.Connection] = deque()
        self._writer: apsw.Connection | None = None
        self._writing, self._looking = Lock(), Lock()
        self._closed = False

    @contextmanager
    def reading(self) -> Iterator[apsw.Connection]:
        """Lend a connection inside a transaction: everything read through it is of one moment.

        Raises:
            GalleryError: the file is not the one that was opened, or cannot be read.
        """
        with translated(self.path):
            self._check_open()
            self._check_place()
            self._notice_change()
            idle = self._idle
            connection = self._take_reader(idle)
            try:
                connection.execute("BEGIN")
                yield connection
                connection.execute("ROLLBACK")  # there is nothing to commit
            except BaseException:
                connection.close(True)
                raise
            self._give_back(connection, idle)

    def _notice_change(self) -> None:
        """Begin anew where an immutable file has changed: its readers never look again at what they have read."""
        if self.access != "immutable":
            return
        with self._looking:
            condition = _condition(self.path)
            if condition == self._condition:
                return
            self.access = self._decide()
            self._condition = condition
            former, self._idle = self._idle, deque()
            while former:
                former.popleft().close()
            self.when_changed()

    def _take_reader(self, idle: deque[apsw.Connection]) -> apsw.Connection:
        try:
            return idle.pop()
        except IndexError:
            return self._connect(self.access, _READER)

    def _connect(self, access: Access, pragmas: str) -> apsw.Connection:
        """Open the file that was found before: SQLite would merge its log into any other."""
        self._check_place()
        connection = connect(self.path, access, self._busy_timeout_s)
        try:
            self._check_place()
            connection.execute(pragmas).fetchall()  # each line that answers would else be the last one run
        except BaseException:
            connection.close(True)
            raise
        return connection

    def _give_back(self, connection: apsw.Connection, idle: deque[apsw.Connection]) -> None:
        if self._closed or idle is not self._idle or len(idle) >= _IDLE_READERS:
            connection.close()
        else:
            idle.append(connection)

    @contextmanager
    def writing(self) -> Iterator[apsw.Connection]:
        """Lend the writing connection inside a transaction, which is durable when the block ends, or undone.

        Who must wait for another thread that writes steps aside meanwhile.

        Raises:
            GalleryError: the file is not the one that was opened, may only be read, or could not be written.
        """
        with translated(self.path):
            self._check_open()
        if self.access != "write":
            raise GalleryError(
                f"The gallery {self.path} can only be read.",
                "See who may write to it and its folder, and free space.",
            )
        with holding(self._writing), translated(self.path):
            connection = self._take_writer()
            connection.execute("BEGIN IMMEDIATE")
            try:
                self._check_place()
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def shrink(self) -> None:
        """Give free pages back to the disk; where another process writes, or there is no room, they are kept for later.

        What is free is filled again by what comes in, so that nothing is lost by not shrinking. All content is written
        anew on the way, which would fill the memory if it were not on disk, and keeps other writers waiting: much of
        it stays where it is.
        """
        hindered = (apsw.BusyError, apsw.FullError, apsw.IOError, apsw.NoMemError)
        with self._writing, translated(self.path), suppress(*hindered):
            writer = self._take_writer()
            pages = writer.pragma("page_count") - writer.pragma("freelist_count")
            if pages * writer.pragma("page_size") > _MOST_SHRUNK_BYTES:
                return
            try:
                writer.execute("PRAGMA temp_store = FILE; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                writer.execute("PRAGMA temp_store = MEMORY")

    def _take_writer(self) -> apsw.Connection:
        if self._closed:
            raise apsw.ConnectionClosedError
        if self._writer is None:
            self._writer = self._connect("write", _WRITER)
        return self._writer

    def _check_place(self) -> None:
        """Refuse a file that is not the one opened: what is put into one that nobody finds goes with the process."""
        here = _look(self.path)
        if here is None or self._found is None or not os.path.samestat(here, self._found):
            raise replaced(self.path)

    def _check_open(self) -> None:
        """Refuse to work when closed, or in a process that was forked off: SQLite's locks stay with the one before."""
        if self._closed:
            raise apsw.ConnectionClosedError
        if os.getpid() != self._owner:
            raise GalleryError(
                f"The gallery {self.path} was opened before this process was forked off, and is of no use in it.",
                "Open it again after the fork.",
            )

    def close(self) -> None:
        """Close what is idle now, and what is lent when it comes back; nothing in a process that was forked off.

        The writer goes last: the last connection of all merges the write-ahead log into the file.
        """
        if os.getpid() != self._owner:
            return
        self._closed = True
        while self._idle:
            self._idle.popleft().close()
        with self._writing:
            if self._writer is not None:
                self._writer.close()
                self._writer = None


def replaced(path: Path) -> GalleryError:
    """Say that a file is not the one that was opened."""
    return GalleryError(
        f"The gallery {path} was moved, deleted or replaced while it was open.", "Put it back, or start again."
    )


def log_of(path: Path) -> Path:
    """Give the file in which changes are on their way into a gallery."""
    return path.with_name(f"{path.name}-wal")


def holds_anything(path: Path) -> bool:
    """Say whether a file is there and not empty."""
    found = _look(path)
    return found is not None and found.st_size > 0


def _look(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def _condition(path: Path) -> tuple[object, bool]:
    """Give what differs once another program has written to a file, or is about to."""
    found = _look(path)
    return found and (found.st_ino, found.st_size, found.st_mtime_ns), holds_anything(log_of(path))
