"""What do filters, facets and sorting read? Small columns of all records, stored by pages of 1,024 keys."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar
from zlib import crc32

import apsw
import numpy as np

from lookalike.gallery import PAGE_KEYS
from lookalike.gallery.times import microseconds
from lookalike.types import ImageRecord

ROWS = PAGE_KEYS
"""Keys in a page: one record more rewrites this many, all of them read back in a millisecond."""

MAX_SPACES = 32
_LARGE_PAGE = 2 * 2**20

NO_TIME = int(np.iinfo(np.int64).min)
"""Stands for a time that is not known."""

PAGE = np.dtype(
    [
        ("taken", np.int64, ROWS),  # microseconds since 1970, as if UTC
        ("added", np.int64, ROWS),
        ("bytes", np.int64, ROWS),
        ("width", np.uint32, ROWS),
        ("height", np.uint32, ROWS),
        ("label", np.uint32, ROWS),  # codes of the table `term`, 0 for none; likewise the next three
        ("owner", np.uint32, ROWS),
        ("format", np.uint32, ROWS),
        ("folder", np.uint32, ROWS),
        ("id", np.uint32, ROWS),  # a fragment, to find the whole without an index on disk; likewise the next two
        ("sha256", np.uint32, ROWS),
        ("pixels", np.uint32, ROWS),
        ("spaces", np.uint32, ROWS),  # bit n is set where the record has an embedding in space n
        ("tags", np.uint16, ROWS),  # how many of the page's tag codes are this record's
        ("alive", np.bool_, ROWS),
    ]
)
"""Column after column, so that reading one of them touches few bytes."""

TERM_FIELDS = ("label", "owner", "format", "folder")


@dataclass(frozen=True, slots=True)
class Changes:
    """What the pages shall hold of some keys, row by row; a column that is not named stays, but `tags` always is."""

    keys: np.ndarray
    columns: Mapping[str, np.ndarray]
    tags: np.ndarray
    """Codes of all rows' tags, one row's after another's; `columns["tags"]` says how many each row has."""

    def take(self, rows: np.ndarray) -> "Changes":
        """Give the changes of some rows, in ascending order."""
        chosen = np.zeros(len(self.keys), np.bool_)
        chosen[rows] = True
        owners = np.repeat(np.arange(len(self.keys)), self.columns["tags"])
        columns = {name: values[rows] for name, values in self.columns.items()}
        return Changes(self.keys[rows], columns, self.tags[chosen[owners]])


def folder(path: str) -> str:
    """Give what stands before a path's last slash, with it; empty where there is none."""
    return path[: path.rfind("/") + 1]


def fragment(whole: bytes) -> int:
    """Give the four bytes by which ids and hashes are looked up.

    An index on disk would cost a page of it written for every record, because ids and hashes come in no order; so
    many bytes lie in memory, and whoever has the same ones is compared in full.
    """
    return crc32(whole)


def columns_of(
    records: Sequence[ImageRecord],
    paths: Sequence[str],
    codes: Mapping[str, Mapping[str, int]],
    spaces: Mapping[str, int],
) -> dict[str, np.ndarray]:
    """Give the columns of some records; `codes` holds each field's terms, `spaces` the number of each space.

    The paths come along because taking them out of the uris again is what costs most here.
    """
    values: dict[str, Iterable[int]] = {
        "taken": (microseconds(record.taken_at) if record.taken_at else NO_TIME for record in records),
        "added": (microseconds(record.added_at) for record in records),
        "bytes": (record.bytes for record in records),
        "width": (record.width for record in records),
        "height": (record.height for record in records),
        "format": (codes["format"][record.format] for record in records),
        "folder": (codes["folder"][folder(path)] for path in paths),
        "id": (fragment(record.id.encode("utf-8", "surrogatepass")) for record in records),
        "sha256": (fragment(bytes.fromhex(record.sha256)) for record in records),
        "pixels": (fragment(bytes.fromhex(record.fingerprint.pixels)) for record in records),
        "spaces": (sum(1 << spaces[name] for name in record.embeddings) for record in records),
        "alive": (True for _ in records),
    }
    return _filled(values, len(records)) | word_columns_of(records, codes)


def word_columns_of(records: Sequence[ImageRecord], codes: Mapping[str, Mapping[str, int]]) -> dict[str, np.ndarray]:
    """Give those columns of some records that depend on what is said of them."""
    values: dict[str, Iterable[int]] = {
        "label": (codes["label"][record.label] for record in records),
        "owner": (codes["owner"][record.owner] for record in records),
        "tags": (len(record.all_tags) for record in records),
    }
    return _filled(values, len(records))


def _filled(values: Mapping[str, Iterable[int]], count: int) -> dict[str, np.ndarray]:
    return {name: np.fromiter(column, PAGE[name].base, count) for name, column in values.items()}


def tag_codes_of(records: Iterable[ImageRecord], codes: Mapping[str, int]) -> np.ndarray:
    """Give the codes of the tags of some records, one record's after another's."""
    return np.array([codes[tag] for record in records for tag in record.all_tags], np.uint32)


def nothing(keys: np.ndarray) -> Changes:
    """Give the changes that empty some keys."""
    columns = {name: np.zeros(len(keys), PAGE[name].base) for name in PAGE.names or ()}
    return Changes(keys, columns, np.zeros(0, np.uint32))


def by_page(keys: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Give each page's number, and where its keys stand in `keys`."""
    order = np.argsort(keys, kind="stable")
    numbers = keys[order] // ROWS
    starts = np.flatnonzero(np.diff(numbers, prepend=-1))
    for start, end in zip(starts, [*starts[1:], len(keys)], strict=True):
        yield int(numbers[start]), order[start:end]


def write_pages(connection: apsw.Connection, changes: Changes, revision: int) -> np.ndarray:
    """Rewrite the pages that changes touch; gives how many rows each space has won (or lost, below 0)."""
    won = np.zeros(MAX_SPACES, np.int64)
    for number, rows in by_page(changes.keys):
        old = connection.execute("SELECT columns, tags FROM page WHERE number = ?", (number,)).fetchone()
        page = np.frombuffer(old[0], PAGE).copy() if old else np.zeros(1, PAGE)
        tags = np.frombuffer(old[1], np.uint32) if old else np.zeros(0, np.uint32)
        before = page[0]["spaces"].copy()
        tags = _change(page[0], tags, changes.take(np.sort(rows)))
        won += _bits(page[0]["spaces"]) - _bits(before)
        connection.execute(
            "INSERT INTO page(number, revision, columns, tags) VALUES (?1, ?2, ?3, ?4) "
            "ON CONFLICT (number) DO UPDATE SET revision = ?2, columns = ?3, tags = ?4",
            (number, revision, page.tobytes(), tags.tobytes()),
        )
    return won


def mark_space(connection: apsw.Connection, keys: np.ndarray, space_number: int, revision: int) -> int:
    """Note that some keys have an embedding in a space; gives how many had none."""
    won = 0
    for number, rows in by_page(keys):
        won += _set_bit(connection, number, keys[rows] % ROWS, np.uint32(1 << space_number), revision)
    return won


def unmark_space(connection: apsw.Connection, space_number: int, revision: int) -> None:
    """Note that no key has an embedding in a space."""
    everything = np.arange(ROWS)
    numbers: Any = connection.execute("SELECT number FROM page").fetchall()
    for (number,) in numbers:
        _set_bit(connection, number, everything, np.uint32(1 << space_number), revision, present=False)


def _set_bit(
    connection: apsw.Connection, number: int, slots: np.ndarray, bit: np.uint32, revision: int, *, present: bool = True
) -> int:
    """Set or clear a bit of some slots of one page, and give how many have changed."""
    query = "SELECT columns FROM page WHERE number = ?"
    page = np.frombuffer(connection.execute(query, (number,)).get, PAGE).copy()
    spaces = page[0]["spaces"]
    changed = int(np.count_nonzero((spaces[slots] & bit != 0) != present))
    spaces[slots] = spaces[slots] | bit if present else spaces[slots] & ~bit
    connection.execute("UPDATE page SET revision = ?, columns = ? WHERE number = ?", (revision, page.tobytes(), number))
    return changed


def _change(page: np.void, tags: np.ndarray, changes: Changes) -> np.ndarray:
    """Write the changes of one page into it, and give its new tags."""
    slots = changes.keys % ROWS
    owners = np.repeat(np.arange(ROWS), page["tags"])
    kept = ~np.isin(owners, slots)
    all_owners = np.concatenate([owners[kept], np.repeat(slots, changes.columns["tags"])])
    all_tags = np.concatenate([tags[kept], changes.tags])
    for name, values in changes.columns.items():
        page[name][slots] = values
    return all_tags[np.argsort(all_owners, kind="stable")]


def _bits(spaces: np.ndarray) -> np.ndarray:
    bits = (spaces[:, None] >> np.arange(MAX_SPACES, dtype=np.uint32)) & 1
    return np.asarray(bits.sum(axis=0, dtype=np.int64))


_Page = TypeVar("_Page")


def in_blocks(
    pages: Iterable[tuple[int, _Page]], pages_per_block: int
) -> Iterator[tuple[int, list[tuple[int, _Page]]]]:
    """Group pages, in ascending order, by the block they lie in; numbers count from the block's first page."""
    for block, group in groupby(pages, key=lambda page: page[0] // pages_per_block):
        yield block, [(number % pages_per_block, page) for number, page in group]


def allocate(shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray:
    """Allocate at the start of a large page of the processor, which makes scanning a third quicker."""
    size = int(np.prod(shape)) * dtype.itemsize
    room = np.empty(size + _LARGE_PAGE, np.uint8)
    start = -room.ctypes.data % _LARGE_PAGE
    return room[start : start + size].view(dtype).reshape(shape)


def patched(old: np.ndarray, pages: Sequence[tuple[int, Any]]) -> np.ndarray:
    """Give a copy of a block with some pages exchanged, longer where needed; pages never written are zero.

    The old block stays as it is, because others may be reading it.
    """
    block = allocate((max(pages[-1][0] + 1, len(old)), *old.shape[1:]), old.dtype)
    block[: len(old)] = old
    block[len(old) :] = np.zeros((), old.dtype)
    for number, page in pages:
        block[number] = page
    return block
