"""What must the service remember across restarts? A small file of its own beside the gallery."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, RLock
from typing import Self

import apsw

from lookalike.errors import GalleryError

_VERSION = 2
_BUSY_MS = 5_000
_PRIVATE = 0o600
"""As private as the gallery; the files that SQLite lays beside one take after it."""
_SCHEMA = """
CREATE TABLE trash (
    id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, thrown REAL NOT NULL, reason TEXT NOT NULL, record BLOB NOT NULL);
CREATE INDEX trash_thrown ON trash (thrown);
CREATE INDEX trash_sha256 ON trash (sha256);
CREATE TABLE replays (
    key TEXT PRIMARY KEY, body TEXT NOT NULL, kept REAL NOT NULL, status INTEGER NOT NULL, headers TEXT NOT NULL,
    answer BLOB NOT NULL);
CREATE INDEX replays_kept ON replays (kept);
CREATE TABLE duplicate_groups (number INTEGER PRIMARY KEY, found TEXT NOT NULL);
CREATE TABLE notes (name TEXT PRIMARY KEY, text TEXT NOT NULL);
"""
_EDITS = """
CREATE TABLE edits (id TEXT PRIMARY KEY, made REAL NOT NULL, before BLOB NOT NULL, after BLOB NOT NULL);
CREATE INDEX edits_made ON edits (made);
"""
"""What came with version 2."""


class Ledger:
    """One SQLite file, written durably. May be shared by threads."""

    def __init__(self, path: Path | None = None) -> None:
        """Open the file at `path`, which is made where there is none; without a path, remember in memory only.

        Raises:
            GalleryError: it cannot be opened, or was written by a later version.
        """
        self.changing = Lock()
        """Held by whoever changes a picture and writes down here how it was, around both: what another wrote in between
        would be in neither. Whoever has a turn steps aside before, as there may be a wait inside."""
        self._where = str(path or ":memory:")
        self._lock = RLock()
        with self._telling():
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)  # on the first start there is no gallery yet
                path.touch(_PRIVATE)
                path.chmod(_PRIVATE)
            self._connection = apsw.Connection(self._where)
            self._connection.set_busy_timeout(_BUSY_MS)
            self._connection.pragma("journal_mode", "wal")
            self._connection.pragma("synchronous", "full")
            self._connection.pragma("fullfsync", "on")  # on macOS, as `sync_file` says
            self._prepare()

    @contextmanager
    def transaction(self) -> Iterator[apsw.Connection]:
        """Lend the connection for one transaction: all of it is on disk afterwards, or none.

        Raises:
            GalleryError: the file cannot be read or written.
        """
        with self._lock, self._telling(), self._connection:
            yield self._connection

    def close(self) -> None:
        """Let go of the file; the object is of no use afterwards."""
        with self._lock:
            self._connection.close(True)

    def __enter__(self) -> Self:
        """Use as a context manager: `close` at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def _prepare(self) -> None:
        with self._connection:
            found = self._connection.pragma("user_version")
            if found in {0, 1}:
                self._connection.execute(_EDITS if found else _SCHEMA + _EDITS)
                self._connection.pragma("user_version", _VERSION)
            elif found != _VERSION:
                raise GalleryError(
                    f"{self._where} was written by another version of Lookalike.", "Use that version, or move it away."
                )

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except (apsw.Error, OSError) as error:
            what = f"{self._where} cannot be used: {error}."
            raise GalleryError(what, "Make room, or move it away; it is then made anew.") from error
