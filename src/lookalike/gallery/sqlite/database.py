"""How is the gallery's file read and written? Snapshots for many readers, one transaction at a time for a writer."""

import os
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Literal
from urllib.parse import quote

import apsw

from lookalike.errors import GalleryError
from lookalike.gallery.sqlite.faults import translated

Access = Literal["write", "read", "immutable"]
"""What this process may do with the file; `immutable` reads it where nothing may be created beside it."""

_IDLE_READERS = 8
_WAL_PAGES = 8_192
"""Pages in the write-ahead log before they are merged into the file, 64 MiB: ids and other hashes touch a page each,
and merging several batches at once writes such a page once."""
_WAL_BYTES = 64 * 2**20

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
    connection.set_busy_timeout(int(busy_timeout_s * 1000))
    return connection


class Database:
    """An open gallery file, shared by the threads of this process."""

    def __init__(self, path: Path, access: Access, busy_timeout_s: float) -> None:
        """Open connections as they are needed."""
        self.path = path
        self.access = access
        self._busy_timeout_s = busy_timeout_s
        self._idle: deque[apsw.Connection] = deque()
        self._writer: apsw.Connection | None = None
        self._written: os.stat_result | None = None
        self._writing = Lock()
        self._closed = False

    @contextmanager
    def reading(self) -> Iterator[apsw.Connection]:
        """Lend a connection inside a transaction: everything read through it is of one moment."""
        with translated(self.path):
            connection = self._take_reader()
            try:
                connection.execute("BEGIN")
                yield connection
                connection.execute("ROLLBACK")  # there is nothing to commit
            except BaseException:
                connection.close(True)
                raise
            self._give_back(connection)

    def _take_reader(self) -> apsw.Connection:
        if self._closed:
            raise apsw.ConnectionClosedError
        try:
            return self._idle.pop()
        except IndexError:
            connection = connect(self.path, self.access, self._busy_timeout_s)
            connection.execute(_READER)
            return connection

    def _give_back(self, connection: apsw.Connection) -> None:
        if self._closed or len(self._idle) >= _IDLE_READERS:
            connection.close()
        else:
            self._idle.append(connection)

    @contextmanager
    def writing(self) -> Iterator[apsw.Connection]:
        """Lend the writing connection inside a transaction, which is durable when the block ends, or undone.

        Raises:
            GalleryError: the file may only be read, or could not be written.
        """
        if self.access != "write":
            raise GalleryError(
                f"The gallery {self.path} can only be read.",
                "See who may write to it and its folder, and free space.",
            )
        with self._writing, translated(self.path):
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

        What is free is filled again by what comes in, so that nothing is lost by not shrinking. The whole file is
        written anew on the way, which would fill the memory if it were not on disk.
        """
        hindered = (apsw.BusyError, apsw.FullError, apsw.IOError, apsw.NoMemError)
        with self._writing, translated(self.path), suppress(*hindered):
            writer = self._take_writer()
            try:
                writer.execute("PRAGMA temp_store = FILE; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                writer.execute("PRAGMA temp_store = MEMORY")

    def _take_writer(self) -> apsw.Connection:
        if self._closed:
            raise apsw.ConnectionClosedError
        if self._writer is None:
            self._writer = connect(self.path, "write", self._busy_timeout_s)
            self._written = self.path.stat()
            self._writer.execute(_WRITER)
        return self._writer

    def _check_place(self) -> None:
        """Refuse to write into a file that nobody finds any more: what is put there goes when the process does."""
        try:
            here = self.path.stat()
        except FileNotFoundError:
            here = None
        if here is None or self._written is None or not os.path.samestat(here, self._written):
            raise GalleryError(
                f"The gallery {self.path} was moved or deleted while it was open.", "Put it back, or start again."
            )

    def close(self) -> None:
        """Close what is idle now, and what is lent when it comes back.

        The writer goes last: the last connection of all merges the write-ahead log into the file.
        """
        self._closed = True
        while self._idle:
            self._idle.popleft().close()
        with self._writing:
            if self._writer is not None:
                self._writer.close()
                self._writer = None
