"""Where do small pictures come from? Made on demand from the original, and kept in a file that may go at any time."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Self, TypeVar

import apsw
import numpy as np
from PIL import Image
from xxhash import xxh3_64_intdigest

from lookalike.copies import GREY_PX
from lookalike.decode import DecodePool, Fit
from lookalike.fetch import Fetcher
from lookalike.sources import open_original
from lookalike.types import Grey, ImageRecord, Pixels

SIZES = (128, 256, 512, 1024)
"""Longest sides that are made, in pixels; few, so that a cached one is nearly always at hand."""
_QUALITY = 82
_VERSION = 1
"""Raise it when thumbnails would come out differently; older ones are then made anew."""
_PRIVATE = 0o600
"""Small pictures are as private as the gallery."""
_BUSY_MS = 200
_TOUCH_S = 3_600
"""How far the time of last use may lag, so that reading hardly ever writes."""
_DROPPED = 300
"""So many are dropped at a time, some 10 MB: others wait meanwhile."""

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small JPEG, and of which picture it is."""

    jpeg: bytes
    sha256: str
    """Of the original's bytes as they were when it was made: they may be others than when it was indexed."""


class Thumbnails:
    """Gives small JPEGs of records. May be shared by threads."""

    def __init__(
        self,
        path: Path | None,
        decoder: DecodePool,
        max_bytes: int = 1_000_000_000,
        fetcher: Fetcher | None = None,
    ) -> None:
        """Cache in the file at `path`, in about `max_bytes` at most; without a path, nowhere.

        `fetcher` gets the originals that are on the web; without it, they have no thumbnails.
        """
        self._decoder = decoder
        self._fetcher = fetcher
        self._cache = None if path is None else _Cache(path, max_bytes)

    def thumbnail(self, record: ImageRecord, size: int) -> Thumbnail:
        """Give a JPEG whose longest side is `size`, rounded up to one of `SIZES`; never larger than the original.

        Raises:
            NotFound: the original is not there any more.
            UnreadableImage, TooLarge, Unreachable: it cannot be decoded any more.
            Overloaded: many wait for other sites already.
        """
        return self._cached(record.sha256, _side(size)) or self._made(record, _side(size), self._fetcher)

    def jpeg(self, record: ImageRecord, size: int) -> bytes:
        """Give only the bytes of what `thumbnail` does; raises as it does."""
        return self.thumbnail(record, size).jpeg

    def grey(self, record: ImageRecord) -> Grey:
        """Give the picture in grey as it is compared with others, at most `GREY_PX` long; raises as `jpeg` does."""
        return _grey(self.jpeg(record, GREY_PX))

    def cached_grey(self, record: ImageRecord) -> Grey | None:
        """Give what `grey` does if it is cached; None where the original would have to be looked at."""
        cached = self._cached(record.sha256, _side(GREY_PX))
        return _grey(cached.jpeg) if cached else None

    def jpeg_at_hand(self, record: ImageRecord, size: int) -> bytes:
        """Give what `jpeg` does, and ask no other site for it.

        Raises:
            NotFound: it is not cached, and the original is on the web or not there any more.
            UnreadableImage, TooLarge, Unreachable: it cannot be decoded any more.
        """
        return (self._cached(record.sha256, _side(size)) or self._made(record, _side(size), None)).jpeg

    def grey_at_hand(self, record: ImageRecord) -> Grey:
        """Give what `grey` does, and ask no other site for it; raises as `jpeg_at_hand` does."""
        return _grey(self.jpeg_at_hand(record, GREY_PX))

    def size_bytes(self) -> int:
        """Give the bytes that the cache takes on disk."""
        return self._cache.size_bytes() if self._cache else 0

    def close(self) -> None:
        """Close the cache; the object is of no use afterwards."""
        if self._cache:
            self._cache.close()

    def __enter__(self) -> Self:
        """Use as a context manager: `close` at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def _cached(self, sha256: str, side: int) -> Thumbnail | None:
        """Give what the cache has; of a larger one a smaller is made, in a millisecond or two."""
        if self._cache is None:
            return None
        for larger in SIZES[SIZES.index(side) :]:
            jpeg = self._cache.get(sha256, larger)
            if jpeg is not None:
                smaller = jpeg if larger == side else self._keep(sha256, side, _shrink(jpeg, side))
                return Thumbnail(smaller, sha256)
        return None

    def _made(self, record: ImageRecord, side: int, fetcher: Fetcher | None) -> Thumbnail:
        """Decode the original; what is kept of it is large enough to compare it with others, so that this is once."""
        larger = max(side, _side(GREY_PX)) if self._cache else side
        original = open_original(record.uri, fetcher, version=record.version)
        decoded = self._decoder.decode(original, Fit(size=larger, mode="inside"))
        # The file may hold other bytes by now than when it was indexed.
        jpeg = self._keep(decoded.sha256, larger, _compress(decoded.pixels))
        smaller = jpeg if larger == side else self._keep(decoded.sha256, side, _shrink(jpeg, side))
        return Thumbnail(smaller, decoded.sha256)

    def _keep(self, sha256: str, side: int, jpeg: bytes) -> bytes:
        if self._cache:
            self._cache.put(sha256, side, jpeg)
        return jpeg


def _side(size: int) -> int:
    return next((one for one in SIZES if one >= size), SIZES[-1])


def _grey(jpeg: bytes) -> Grey:
    with Image.open(BytesIO(jpeg), formats=["JPEG"]) as image:
        image.draft("L", None)
        image.load()
        small = image.convert("L")
    small.thumbnail((GREY_PX, GREY_PX), Image.Resampling.BOX)
    return np.asarray(small)


def _shrink(jpeg: bytes, side: int) -> bytes:
    with Image.open(BytesIO(jpeg), formats=["JPEG"]) as image:
        image.thumbnail((side, side), Image.Resampling.HAMMING)
        return _compress(np.asarray(image))


def _compress(pixels: Pixels) -> bytes:
    jpeg = BytesIO()
    Image.fromarray(pixels).save(jpeg, "JPEG", quality=_QUALITY)
    return jpeg.getvalue()


class _Cache:
    """Keeps JPEGs by the sha256 of their originals. Whatever is wrong with the file, the answer is only slower."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._lock = Lock()
        self._connection: apsw.Connection | None = None
        self._inode = 0

    def get(self, sha256: str, size: int) -> bytes | None:
        return self._try(lambda connection: self._read(connection, sha256, size))

    def put(self, sha256: str, size: int, jpeg: bytes) -> None:
        self._try(lambda connection: self._write(connection, sha256, size, jpeg))

    def size_bytes(self) -> int:
        found = 0
        for suffix in ("", "-wal", "-shm"):
            with suppress(OSError):
                found += self._path.with_name(self._path.name + suffix).stat().st_size
        return found

    def close(self) -> None:
        with self._lock:
            self._disconnect()

    def _try(self, work: Callable[[apsw.Connection], Answer]) -> Answer | None:
        with self._lock:
            try:
                return work(self._connect())
            except (apsw.CorruptError, apsw.NotADBError):
                self._disconnect()
                self._unlink()
            except (apsw.Error, OSError):
                self._disconnect()
            return None

    def _read(self, connection: apsw.Connection, sha256: str, size: int) -> bytes | None:
        found = connection.execute(
            "SELECT jpeg, checksum, used FROM thumbnails WHERE sha256 = ? AND size = ?", (sha256, size)
        ).fetchone()
        if found is None or _checksum(found[0]) != found[1]:
            return None
        if found[2] < time.time() - _TOUCH_S:
            with suppress(apsw.Error):  # a cache that may only be read is still of use
                connection.execute(
                    "UPDATE thumbnails SET used = ? WHERE sha256 = ? AND size = ?", (int(time.time()), sha256, size)
                )
        jpeg: bytes = found[0]
        return jpeg

    def _write(self, connection: apsw.Connection, sha256: str, size: int, jpeg: bytes) -> None:
        if len(jpeg) > self._max_bytes // 10:
            return
        with connection:
            self._prune(connection)
            connection.execute(
                "INSERT OR REPLACE INTO thumbnails (sha256, size, used, checksum, jpeg) VALUES (?, ?, ?, ?, ?)",
                (sha256, size, int(time.time()), _checksum(jpeg), jpeg),
            )

    def _prune(self, connection: apsw.Connection) -> None:
        """Drop some of those that were not used for longest once the file is full; its pages are used again."""
        pages, free, page_bytes = (
            int(connection.pragma(name)) for name in ("page_count", "freelist_count", "page_size")
        )
        if (pages - free) * page_bytes >= self._max_bytes * 9 // 10:
            connection.execute(
                "DELETE FROM thumbnails WHERE rowid IN (SELECT rowid FROM thumbnails ORDER BY used LIMIT "
                "(SELECT min(?, count(*) / 10 + 1) FROM thumbnails))",
                (_DROPPED,),
            )

    def _connect(self) -> apsw.Connection:
        """Give the open file, or a new one where somebody deleted or replaced it."""
        if self._connection is not None:
            with suppress(FileNotFoundError):
                if self._path.stat().st_ino == self._inode:
                    return self._connection
            self._disconnect()
        with suppress(FileExistsError):
            os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _PRIVATE))
        connection = apsw.Connection(str(self._path))
        self._connection, self._inode = connection, self._path.stat().st_ino
        connection.set_busy_timeout(_BUSY_MS)
        if connection.pragma("user_version") != _VERSION:
            self._create(connection)
        connection.pragma("synchronous", "normal")
        return connection

    def _create(self, connection: apsw.Connection) -> None:
        connection.pragma("journal_mode", "wal")
        with connection:
            connection.execute("DROP TABLE IF EXISTS thumbnails")
            connection.execute(
                "CREATE TABLE thumbnails (sha256 TEXT, size INTEGER, used INTEGER, checksum INTEGER, jpeg BLOB, "
                "PRIMARY KEY (sha256, size))"
            )
            connection.execute("CREATE INDEX thumbnails_used ON thumbnails (used)")
            connection.pragma("user_version", _VERSION)

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(apsw.Error):
                connection.close(force=True)

    def _unlink(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            with suppress(OSError):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)


def _checksum(jpeg: bytes) -> int:
    """Tell a damaged thumbnail from a whole one; 63 bits, which SQLite's integers hold."""
    return xxh3_64_intdigest(jpeg) >> 1
