"""Which keys come into question for a query? The codes of one space in memory, kept up to date and scanned."""

# ruff: noqa: S608 - names of tables and columns are our own; values are bound
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import apsw
import numpy as np

from lookalike.gallery.sqlite.bits import BitCodec
from lookalike.gallery.sqlite.codecs import ByteCodec, Codec, ExactCodec, Found, best
from lookalike.gallery.sqlite.pages import ROWS, in_blocks, patched
from lookalike.gallery.sqlite.spaces import StoredSpace, read_page_of_vectors
from lookalike.threads import usable_cores
from lookalike.types import Embedding, Embeddings

_BLOCK_BYTES = 16 * 2**20
"""A change copies one block: small enough to copy in a few milliseconds, large enough that scanning many blocks takes
no longer than scanning one."""

_SAMPLED_PAGES = 8
_SURPLUS = 120
"""How many rows the signs must let through for each that is compared exactly, times the square root of the shortlist:
17 at 50, so that signs lose next to nothing, and 3 at 2,000."""

_MOST_LET_THROUGH = 0.25
"""Where more would come through by the first signs, all are compared by all."""

_LANE_BYTES = _BLOCK_BYTES
"""Below so much a thread, waking it is no gain worth having."""

BYTES_SHORTLIST = 50
"""What the byte codes put among the first 50 holds practically all of the best ten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How many embeddings a space may hold before it is scanned in a shorter form."""

    few: int = 1_000
    """So many passing records are compared one and all: reading their vectors takes 3 ms, no longer than a scan."""
    exact: int = 20_000
    """Up to here the vectors themselves are scanned."""
    bytes: int = 200_000
    """Up to here one byte a dimension; beyond, one bit, unless that finds too little."""
    shortlists: tuple[int, ...] = (50, 75, 100, 150, 200, 300, 500, 1_000, 2_000)
    """How many of the best bit codes may be compared exactly for the best ten; the first that suffices is taken."""


@dataclass(frozen=True)
class SpaceIndex:
    """One space's codes as of one revision. Never changed: what a reader holds stays as it is."""

    codec: Codec
    codec_revision: int
    revision: int
    fitted_rows: int
    """How many rows there were when the codec was chosen."""
    shortlist: int = BYTES_SHORTLIST
    blocks: tuple[Any, ...] = ()

    @property
    def rows_per_block(self) -> int:
        """Give the keys that a full block holds, a multiple of the keys in a page."""
        return max(1, _BLOCK_BYTES // (self._row_bytes * ROWS)) * ROWS

    @property
    def _row_bytes(self) -> int:
        return self.codec.width * np.dtype(self.codec.dtype).itemsize

    def empty_block(self) -> Any:
        """Make a block for keys none of which has an embedding in this space yet."""
        return self.codec.seal(np.zeros((0, self.codec.width), self.codec.dtype))

    def candidates(self, query: Embedding, k: int, passing: np.ndarray) -> np.ndarray:
        """Give the keys among which the k nearest to a query are, out of those that pass, in ascending order."""
        wanted, asked = self._wanted(k), self.codec.ask(query)
        if not isinstance(self.codec, BitCodec):
            return self._scan(asked, wanted, passing)
        keys = self._scan(asked, int(wanted * max(1.0, _SURPLUS / self.shortlist**0.5)), passing)
        return np.sort(keys[best(self._look_again(self.codec, asked, keys), wanted)])

    def _wanted(self, k: int) -> int:
        """Give how many to compare exactly: the shortlist suits the best ten.

        Measured on a quarter of a million: for the same share of the best 30, 100 and 1,000 it must grow as k ** 0.75.
        """
        if isinstance(self.codec, ExactCodec):
            return k
        return max(2 * k, int(self.shortlist * max(1.0, (k / 10) ** 0.75)))

    def _scan(self, asked: Any, count: int, passing: np.ndarray, *, sampled: bool = True) -> np.ndarray:
        """Give the keys of the nearest codes, in ascending order; threads share the work where there is much."""
        held = len(self.blocks) * self.rows_per_block * self._row_bytes
        lanes = np.array_split(range(len(self.blocks)), max(1, min(usable_cores(), held // _LANE_BYTES)))
        least = self._least(asked, count, passing) if sampled else -np.inf
        others = [_threads().submit(self._scan_blocks, lane, asked, count, passing, least) for lane in lanes[1:]]
        found = [self._scan_blocks(lanes[0], asked, count, passing, least), *(lane.result() for lane in others)]
        scores, keys = (np.concatenate(part) for part in zip(*found, strict=True))
        if least > -np.inf and len(keys) < count:  # the sample misled
            return self._scan(asked, count, passing, sampled=False)
        return np.sort(keys[best(scores, count)])

    def _least(self, asked: Any, count: int, passing: np.ndarray) -> float:
        """Guess what the last of the nearest scores at a first look, from a sample of the rows that pass.

        Gives -∞ where nothing tells, or where most would come through.
        """
        if not isinstance(self.codec, BitCodec):
            return -np.inf
        share = self.codec.let_through(count) / int(np.count_nonzero(passing))
        if share > _MOST_LET_THROUGH:
            return -np.inf
        parts = []
        for number, block in enumerate(self.blocks):
            start = number * self.rows_per_block
            passing_here = passing[start : start + self.codec.rows(block)]  # the gallery may go on beyond the block
            parts.append(self.codec.sampled(block, asked, passing_here))
        scores = np.concatenate(parts)
        expected = len(scores) * share
        rank = int(expected + 3 * expected**0.5) + 1  # three standard errors: rather too many than too few
        return float(np.partition(scores, -rank)[-rank]) if rank <= len(scores) else -np.inf

    def _scan_blocks(self, numbers: np.ndarray, asked: Any, count: int, passing: np.ndarray, least: float) -> Found:
        """Give scores and keys of the nearest codes of some blocks, and of others that are not much further."""
        found = [(np.zeros(0, np.float32), np.zeros(0, np.int64))]
        for number in numbers.tolist():
            block = self.blocks[number]
            start, rows = number * self.rows_per_block, self.codec.rows(block)
            part = passing[start : start + rows]
            if part.any():
                if len(part) < rows:  # the index may have gone on to a later revision
                    part = np.pad(part, (0, rows - len(part)))
                scores, rows_found = self.codec.scan(block, asked, count, part, least)
                found.append((scores, rows_found + start))
        all_scores, all_keys = zip(*found, strict=True)
        return np.concatenate(all_scores), np.concatenate(all_keys)

    def _look_again(self, codec: BitCodec, asked: Any, keys: np.ndarray) -> np.ndarray:
        """Give closer scores of some keys, which are in ascending order."""
        edges = np.searchsorted(keys, np.arange(len(self.blocks) + 1) * self.rows_per_block)
        parts = []
        for number, block in enumerate(self.blocks):
            rows = keys[edges[number] : edges[number + 1]] - number * self.rows_per_block
            parts.append(codec.take(block, rows))
        signs, rest = (np.concatenate(part) for part in zip(*parts, strict=True))
        return codec.look_again(asked, signs, rest)


@cache
def _threads() -> ThreadPoolExecutor:
    """Give the threads that help with scanning, started when first needed."""
    return ThreadPoolExecutor(usable_cores(), thread_name_prefix="scan")


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_threads.cache_clear)  # threads are not forked along


def refreshed(
    old: SpaceIndex | None, connection: apsw.Connection, space: StoredSpace, revision: int, sizes: Sizes
) -> SpaceIndex:
    """Bring an index up to the revision that the connection sees, or make it."""
    if old is not None and old.revision >= revision:
        return old
    if old is None or _outgrown(old, space, sizes):
        old = _empty(connection, space, sizes)
    blocks = list(old.blocks)
    for number, pages in in_blocks(_changed_pages(connection, space, old), old.rows_per_block // ROWS):
        blocks.extend([old.empty_block()] * (number + 1 - len(blocks)))
        before = old.codec.codes(blocks[number]).reshape(-1, ROWS, old.codec.width)
        blocks[number] = old.codec.seal(patched(before, pages).reshape(-1, old.codec.width))
    shortlist = space.shortlist if isinstance(old.codec, BitCodec) else BYTES_SHORTLIST
    return replace(old, blocks=tuple(blocks), revision=revision, shortlist=shortlist)


def _outgrown(index: SpaceIndex, space: StoredSpace, sizes: Sizes) -> bool:
    """Say whether another codec is due: a new one was stored, or the rows have become too many, few or different."""
    if space.codec_revision > index.codec_revision:
        return True
    if isinstance(index.codec, ExactCodec):
        return space.rows > sizes.exact
    if 2 * space.rows <= sizes.exact:  # not at the very border, where codes would come and go
        return True
    return isinstance(index.codec, ByteCodec) and space.rows > 2 * index.fitted_rows


def _empty(connection: apsw.Connection, space: StoredSpace, sizes: Sizes) -> SpaceIndex:
    codec: Codec
    if space.rows <= sizes.exact:
        codec = ExactCodec(space.space.dim)
    elif space.codec == "bits":
        codec = load_bits(connection, space)
    else:
        codec = ByteCodec.fit(sample_vectors(connection, space, _SAMPLED_PAGES))
    return SpaceIndex(codec, space.codec_revision, -1, space.rows)


def load_bits(connection: apsw.Connection, space: StoredSpace) -> BitCodec:
    """Read the stored codec of a space."""
    query = "SELECT centre, axes, spread FROM space WHERE number = ?"
    centre, axes, spread = (np.frombuffer(blob, np.float32) for blob in connection.execute(query, (space.number,)).get)
    return BitCodec(centre, axes.reshape(len(centre), -1), spread)


def sample_vectors(connection: apsw.Connection, space: StoredSpace, pages: int) -> Embeddings:
    """Give the embeddings of some pages, spread evenly over those that hold any."""
    keys = f"SELECT DISTINCT key / {ROWS} FROM embedding_{space.number} ORDER BY 1"
    numbers = [number for (number,) in connection.execute(keys)]
    chosen = {numbers[i] for i in np.linspace(0, len(numbers) - 1, pages).astype(int)}
    vectors = np.concatenate([read_page_of_vectors(connection, space, number) for number in sorted(chosen)])
    return vectors[vectors.any(axis=1)]


def _changed_pages(
    connection: apsw.Connection, space: StoredSpace, index: SpaceIndex
) -> Iterator[tuple[int, np.ndarray]]:
    query = "SELECT number, codes FROM code_page WHERE space = ? AND revision > ? ORDER BY number"
    for number, codes in connection.execute(query, (space.number, index.revision)):
        if isinstance(index.codec, BitCodec):
            yield number, np.frombuffer(codes, np.uint8).reshape(ROWS, index.codec.width)
        else:
            yield number, index.codec.encode(read_page_of_vectors(connection, space, number))
