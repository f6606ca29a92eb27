"""What does the index of copies know of its gallery by now? It follows what comes and goes."""

import logging
import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from threading import Event, Lock
from time import monotonic

import numpy as np

from lookalike.copies.index import CopyIndex
from lookalike.copies.packing import unpack
from lookalike.errors import GalleryError, LookalikeError
from lookalike.gallery import PAGE_KEYS, FingerprintPage, Gallery, State
from lookalike.threads import holding

_PAGES_AT_ONCE = 64
_SAVED_FROM = 5_000
"""Pictures that must have come in before the index is written to disk: fewer are read again in a moment."""
_SAVED_EVERY_S = 30.0
"""Seconds between two times that it is written, though pictures come in without a pause."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Known:
    """How far an index has followed a gallery."""

    identity: str
    revision: int = -1
    """All changes up to it were taken in."""
    page: int = -1
    """The last page that was taken in of those that changed later; -1 where none was."""
    towards: int = -1
    """The revision up to which at least these pages were."""

    def is_of(self, state: State) -> bool:
        """Whether a gallery may have come from there to this state."""
        return self.identity == state.identity and max(self.revision, self.towards) <= state.revision


class FollowingIndex:
    """An index of copies that is brought up to date with one gallery whenever it is asked for. Threads may share it."""

    def __init__(self, gallery: Gallery, folder: Path | None = None) -> None:
        """Keep the index in `folder`, which may go at any time; without one each process makes it anew."""
        self._gallery = gallery
        self._folder = folder
        self._index: CopyIndex | None = None
        self._known = _Known(identity="")
        self._refreshing = Lock()
        self._closed = Event()
        self._unsaved, self._tried_at = 0, -math.inf

    def refresh(self) -> CopyIndex:
        """Bring the index up to date with the gallery, and give it; who waits for another thread to do so steps aside.

        To make it for a large gallery takes minutes. What is done of it is kept, if in files, where it is broken off.

        Raises:
            GalleryError: the gallery cannot be read, or `close` was called meanwhile.
        """
        with holding(self._refreshing):
            state = self._gallery.state
            if self._index is None or not self._index.is_whole or not self._known.is_of(state):
                self._index, self._known = self._load(state)
            if state.revision > self._known.revision:
                self._catch_up(self._index, state.revision)
            return self._index

    def close(self) -> None:
        """Read the gallery no more; a thread that is at it ends within seconds, and is waited for."""
        self._closed.set()
        with self._refreshing:
            pass

    def _load(self, state: State) -> tuple[CopyIndex, _Known]:
        """Open what was saved if it is of this gallery, else begin with nothing."""
        if self._folder is not None:
            try:
                index = CopyIndex.load(self._folder)
                known = _Known(**index.of)
                if known.is_of(state):
                    return index, known
            except (OSError, ValueError, TypeError, KeyError, LookalikeError):
                pass  # it is made anew
        return CopyIndex(), _Known(state.identity)

    def _catch_up(self, index: CopyIndex, revision: int) -> None:
        """Take in what changed up to a revision, some pages at a time; first the rest of what was broken off."""
        due = monotonic() + _SAVED_EVERY_S
        while (known := self._known).revision < revision:
            towards = revision if known.page < 0 else known.towards
            pages = (page for page in self._gallery.fingerprints(known.revision) if page.number > known.page)
            for some in _batches(pages):
                if self._closed.is_set():
                    raise GalleryError("The gallery has been closed.", "Open it again.")
                self._unsaved += _exchange(index, some)
                self._known = replace(known, page=some[-1].number, towards=towards)
                if monotonic() > due:
                    self._save(index)
                    due = monotonic() + _SAVED_EVERY_S
            self._known = _Known(known.identity, towards)
        if self._unsaved >= _SAVED_FROM and monotonic() > self._tried_at + _SAVED_EVERY_S:
            self._save(index)
            self._tried_at = monotonic()

    def _save(self, index: CopyIndex) -> None:
        """Write the index; whatever hinders that, it is tried again later."""
        if self._folder is None:
            return
        try:
            index.save(self._folder, asdict(self._known))
            self._unsaved = 0
        except LookalikeError as error:
            _log.warning("%s It is kept in memory only.", error.what)


def _batches(pages: Iterable[FingerprintPage]) -> Iterator[list[FingerprintPage]]:
    left = iter(pages)
    while batch := list(islice(left, _PAGES_AT_ONCE)):
        yield batch


def _exchange(index: CopyIndex, pages: list[FingerprintPage]) -> int:
    """Bring changed pages into the index; gives how many pictures came in."""
    held, keys, hashes, quality = (
        np.concatenate([getattr(page, name) for page in pages]) for name in ("held", "keys", "perceptual", "quality")
    )
    known = index.keys()
    known = known[np.isin(known // PAGE_KEYS, [page.number for page in pages])]
    index.remove(known[~np.isin(known, held)])
    features = [packed for page in pages for packed in page.features]
    try:
        index.add(keys, features, hashes, quality)
    except GalleryError:
        index.add(keys, [readable(packed) for packed in features], hashes, quality)
    return len(keys)


def readable(packed: bytes) -> bytes:
    """Give packed features; nothing in place of such as another version packed, which must not hide all others."""
    try:
        if packed:
            unpack(packed)
    except GalleryError:
        return b""
    return packed
