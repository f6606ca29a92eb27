"""What does a process keep in memory of all records? The pages' columns, in blocks that never change."""

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass, field

import apsw
import numpy as np

from lookalike.gallery.sqlite.pages import PAGE, ROWS, in_blocks, patched

PAGES_PER_BLOCK = 64
ROWS_PER_BLOCK = PAGES_PER_BLOCK * ROWS
_REMEMBERED = 24
"""Masks that a block remembers, 64 kB each: filters are asked again and again while someone pages through hits."""

_NO_TAGS = np.zeros(0, np.uint32)
_NO_KEYS = np.zeros(0, np.int64)


@dataclass(frozen=True, eq=False)
class Block:
    """The columns of 65,536 keys, the first of them `start`."""

    start: int
    pages: np.ndarray
    tag_pages: tuple[np.ndarray, ...]
    _masks: dict[Hashable, np.ndarray] = field(default_factory=dict)
    _sorted: dict[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Count the keys, in use or not."""
        return len(self.pages) * ROWS

    def column(self, name: str) -> np.ndarray:
        """Give one value a key."""
        return self.pages[name].reshape(-1)

    def tags(self) -> tuple[np.ndarray, np.ndarray]:
        """Give the codes of all tags, and the row that each belongs to."""
        return np.concatenate(self.tag_pages), np.repeat(np.arange(self.rows), self.column("tags"))

    def mask(self, question: Hashable, answer: Callable[["Block"], np.ndarray]) -> np.ndarray:
        """Give which rows answer a question, remembering the answer as long as the block lives."""
        found = self._masks.get(question)
        if found is None:
            if len(self._masks) >= _REMEMBERED:
                self._masks.clear()
            found = self._masks[question] = answer(self)
        return found

    def alive(self) -> np.ndarray:
        """Give which keys are in use."""
        return self.mask("alive", lambda block: block.column("alive"))

    def keys_with(self, name: str, values: np.ndarray) -> np.ndarray:
        """Give the keys in use of which a column holds one of some different values."""
        if name not in self._sorted:
            rows = np.flatnonzero(self.alive())
            order = np.argsort(self.column(name)[rows])
            self._sorted[name] = self.column(name)[rows][order], rows[order].astype(np.uint16)
        found, rows = self._sorted[name]
        starts, ends = found.searchsorted(values, "left"), found.searchsorted(values, "right")
        parts = [rows[starts[hit] : ends[hit]] for hit in (starts < ends).nonzero()[0]]
        return self.start + np.concatenate(parts, dtype=np.int64) if parts else _NO_KEYS


@dataclass(frozen=True)
class Columns:
    """The columns of all keys as of one revision."""

    revision: int = -1
    blocks: tuple[Block, ...] = ()
    _having: dict[int, np.ndarray] = field(default_factory=dict)

    def join(self, parts: Sequence[np.ndarray], dtype: type[np.generic] = np.bool_) -> np.ndarray:
        """Put together what was worked out block by block."""
        return np.concatenate([np.zeros(0, dtype), *parts])

    def values(self, name: str, keys: np.ndarray) -> np.ndarray:
        """Give one column's values of some keys, which are in ascending order."""
        parts = []
        for block in self.blocks:
            low, high = np.searchsorted(keys, [block.start, block.start + block.rows])
            parts.append(block.column(name)[keys[low:high] - block.start])
        return self.join(parts, PAGE[name].base.type)

    def keys_with(self, name: str, values: Collection[int]) -> np.ndarray:
        """Give the keys in use of which a column holds one of some values, in ascending order."""
        wanted = np.array(sorted(set(values)), np.uint32)
        return np.sort(self.join([block.keys_with(name, wanted) for block in self.blocks], np.int64))

    def having(self, space_number: int) -> np.ndarray:
        """Give which keys have an embedding in a space; not to be changed."""
        if space_number not in self._having:
            bit = np.uint32(1 << space_number)
            self._having[space_number] = self.join([block.column("spaces") & bit != 0 for block in self.blocks])
        return self._having[space_number]

    def alive(self) -> np.ndarray:
        """Give which keys are in use."""
        return self.join([block.alive() for block in self.blocks])


def refreshed(old: Columns, connection: apsw.Connection, revision: int) -> Columns:
    """Bring columns up to the revision that the connection sees, sharing every block in which nothing changed."""
    blocks = list(old.blocks)
    changed = connection.execute(
        "SELECT number, columns, tags FROM page WHERE revision > ? ORDER BY number", (old.revision,)
    )
    rows = ((number, (columns, tags)) for number, columns, tags in changed)
    for number, pages in in_blocks(rows, PAGES_PER_BLOCK):
        blocks.extend(_empty(i) for i in range(len(blocks), number + 1))
        blocks[number] = _patched(blocks[number], pages)
    return Columns(revision, tuple(blocks))


def _empty(number: int) -> Block:
    return Block(number * ROWS_PER_BLOCK, np.zeros(0, PAGE), ())


def _patched(old: Block, changed: Sequence[tuple[int, tuple[bytes, bytes]]]) -> Block:
    pages = patched(old.pages, [(number, np.frombuffer(columns, PAGE)[0]) for number, (columns, _) in changed])
    tags = list(old.tag_pages) + [_NO_TAGS] * (len(pages) - len(old.tag_pages))
    for number, (_, codes) in changed:
        tags[number] = np.frombuffer(codes, np.uint32)
    return Block(old.start, pages, tuple(tags))
