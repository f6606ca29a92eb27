"""What does the index of copies know of its gallery by now? It follows what comes and goes."""

import json
import math
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from threading import Lock
from time import monotonic

import numpy as np

from lookalike.copies.index import CopyIndex
from lookalike.copies.packing import unpack
from lookalike.copies.storing import digest_of_list
from lookalike.errors import GalleryError, LookalikeError
from lookalike.gallery import PAGE_KEYS, FingerprintPage, Gallery, State

_PAGES_AT_ONCE = 64
_SAVED_FROM = 5_000
"""Pictures that must have come in before the index is written to disk: fewer are read again in a moment."""
_SAVED_EVERY_S = 30.0
"""Seconds between two times that it is written, though pictures come in without a pause."""
_STATE = "state.json"


class FollowingIndex:
    """An index of copies that is brought up to date with one gallery whenever it is asked for. Threads may share it."""

    def __init__(self, gallery: Gallery, folder: Path | None = None) -> None:
        """Keep the index in `folder`, which may go at any time; without one each process makes it anew."""
        self._gallery = gallery
        self._folder = folder
        self._index: CopyIndex | None = None
        self._state = State(identity="", revision=-1)
        self._refreshing = Lock()
        self._unsaved, self._saved_at = 0, -math.inf

    def refresh(self) -> CopyIndex:
        """Bring the index up to date with the gallery, and give it."""
        with self._refreshing:
            state = self._gallery.state
            if self._index is not None and not self._index.is_whole:
                self._index = None
            if self._index is None or state.identity != self._state.identity or state.revision < self._state.revision:
                self._index, self._state = self._load(state)
            if state.revision > self._state.revision:
                self._unsaved += _take_in(self._index, self._gallery.fingerprints(self._state.revision))
                self._state = state
                if self._unsaved >= _SAVED_FROM and monotonic() > self._saved_at + _SAVED_EVERY_S:
                    self._save(self._index)
                    self._unsaved, self._saved_at = 0, monotonic()
            return self._index

    def _load(self, state: State) -> tuple[CopyIndex, State]:
        """Open what was saved if it is of this gallery, else begin with nothing."""
        if self._folder is not None:
            try:
                saved = json.loads((self._folder / _STATE).read_text())
                of = State(identity=saved["identity"], revision=saved["revision"])
                whole = saved["list"] == digest_of_list(self._folder)
                if whole and of.identity == state.identity and of.revision <= state.revision:
                    return CopyIndex.load(self._folder), of
            except (OSError, ValueError, TypeError, KeyError, LookalikeError):
                pass  # it is made anew
        return CopyIndex(), State(identity=state.identity, revision=-1)

    def _save(self, index: CopyIndex) -> None:
        """Write the index; whatever hinders that, it is only made anew next time.

        The state names the list of segments that it is of, since another process may be writing its own.
        """
        if self._folder is None:
            return
        try:
            digest = index.save(self._folder)
            (self._folder / _STATE).write_text(json.dumps({**asdict(self._state), "list": digest}))
        except (OSError, LookalikeError):
            pass


def _take_in(index: CopyIndex, pages: Iterable[FingerprintPage]) -> int:
    """Bring changed pages into the index, some at a time; gives how many pictures they hold."""
    taken_in, batch = 0, []
    for page in pages:
        batch.append(page)
        taken_in += len(page.keys)
        if len(batch) == _PAGES_AT_ONCE:
            _exchange(index, batch)
            batch = []
    if batch:
        _exchange(index, batch)
    return taken_in


def _exchange(index: CopyIndex, pages: list[FingerprintPage]) -> None:
    keys, hashes, quality = (
        np.concatenate([getattr(page, name) for page in pages]) for name in ("keys", "perceptual", "quality")
    )
    held = index.keys()
    held = held[np.isin(held // PAGE_KEYS, [page.number for page in pages])]
    index.remove(held[~np.isin(held, keys)])
    features = [packed for page in pages for packed in page.features]
    try:
        index.add(keys, features, hashes, quality)
    except GalleryError:
        index.add(keys, [readable(packed) for packed in features], hashes, quality)


def readable(packed: bytes) -> bytes:
    """Give packed features; nothing in place of such as another version packed, which must not hide all others."""
    try:
        if packed:
            unpack(packed)
    except GalleryError:
        return b""
    return packed
