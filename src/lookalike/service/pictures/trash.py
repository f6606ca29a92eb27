"""How is a deletion taken back? Records wait in the trash for an hour, and what was uploaded stays as long."""

import logging
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from threading import Lock, Timer
from typing import Any

from lookalike.describing import keep_persons_words
from lookalike.errors import GalleryError
from lookalike.gallery import Gallery
from lookalike.gallery.packing import pack_record, unpack_record
from lookalike.service.ledger import Ledger
from lookalike.types import ImageRecord

_BATCH = 500
_SETTLE_S = 1.0
"""How much after its time a record is looked for, so that none is missed by a rounding."""
_AGAIN_S = 60.0
"""How long after a sweep that failed the next is tried."""
_CLEAR_AGAIN_S = 600.0
"""How long after what is left of one record could not be cleared away that is tried again."""

_THROWN_FOR = "SELECT id FROM trash WHERE substr(reason, 1, length(?1)) = ?1 AND thrown > ?2"
_OVERDUE = "SELECT record, thrown FROM trash WHERE thrown <= ? AND (thrown, id) > (?, ?) ORDER BY thrown, id LIMIT ?"

_log = logging.getLogger(__name__)

OnGone = Callable[[ImageRecord, Callable[[], bool]], None]
"""Clears away what is left of a record that cannot come back any more. What it asks tells whether that is still so: the
picture may have come in and been thrown away once more, and then waits anew."""


@dataclass(frozen=True, slots=True)
class _Thrown:
    """A record in the trash, and since when."""

    record: ImageRecord
    at: float


class Trash:
    """Takes records out of the gallery, and puts them back. May be shared by threads."""

    def __init__(self, ledger: Ledger, gallery: Gallery, on_gone: OnGone, keep_s: float) -> None:
        """Keep records in the ledger for so long; `on_gone` is called of each that cannot come back any more."""
        self._ledger = ledger
        self._gallery = gallery
        self._on_gone = on_gone
        self._keep_s = keep_s
        self._lock, self._sweeping = Lock(), Lock()
        self._stuck: dict[str, float] = {}
        """When what could not be cleared away is tried again, by the ids of records."""
        self._timer: Timer | None = None
        self._closed = False

    def throw(self, ids: Collection[str], reason: str = "") -> list[ImageRecord]:
        """Take records out of the gallery, durably; gives those that were there.

        Raises:
            GalleryError: it cannot be written.
        """
        thrown: list[ImageRecord] = []
        with self._lock:
            wanted = list(dict.fromkeys(ids))
            for start in range(0, len(wanted), _BATCH):
                with self._ledger.changing:
                    found = self._gallery.get(wanted[start : start + _BATCH], embeddings=True)
                    self._keep(found, reason)
                    self._gallery.delete([record.id for record in found])
                thrown += found
            self._plan()
        return thrown

    def restore(self, ids: Collection[str] = (), *, reason: str = "") -> list[ImageRecord]:
        """Put records back, those named and all that were thrown for a reason; gives those that are back, as they are.

        A reason is also every one that it begins, so that some of what was thrown for it can be put back apart.
        What came into the gallery again meanwhile stays as it is, but for what a person had written. Unknown ids are
        passed over.

        Raises:
            GalleryError: it cannot be written.
        """
        restored: list[ImageRecord] = []
        with self._lock:
            wanted = list(dict.fromkeys([*ids, *self._thrown_for(reason)]))
            for start in range(0, len(wanted), _BATCH):
                batch = wanted[start : start + _BATCH]
                kept = self._kept(batch)
                restored += self._put_back({one.record.id: one.record for one in kept})
                self._drop(kept)
        return restored

    def _put_back(self, records: Mapping[str, ImageRecord]) -> list[ImageRecord]:
        """Put records back where they are missing, else what a person wrote; gives them as they are then."""
        fitting = [self._fitting(record) for record in records.values()]
        self._gallery.put(fitting, merge=lambda now, back: keep_persons_words(back, now))
        return self._gallery.get(list(records), embeddings=True)

    def _fitting(self, record: ImageRecord) -> ImageRecord:
        """Leave out vectors in spaces that were dropped meanwhile, or have another dimension now."""
        dims = {name: space.dim for name, space in self._gallery.spaces.items()}
        kept = {name: vector for name, vector in record.embeddings.items() if dims.get(name) == len(vector)}
        return replace(record, embeddings=kept)

    def holds_any(self, reason: str) -> bool:
        """Tell whether a record that was thrown for a reason may come back."""
        return bool(self._thrown_for(reason))

    def holds(self, sha256s: Collection[str]) -> set[str]:
        """Say which of these pictures may come back, by the sha256 of their bytes."""
        with self._ledger.transaction() as connection:
            rows = (connection.execute("SELECT sha256 FROM trash WHERE sha256 = ?", (one,)).get for one in sha256s)
            return {str(row) for row in rows if row is not None}

    def sweep(self) -> None:
        """Let go of what has waited long enough, and plan to do so again.

        What is left of a record is cleared away first, and the record forgotten then, so that neither a crash nor a
        failure leaves anything for ever.
        """
        with self._sweeping:
            last: _Thrown | None = None
            while overdue := self._overdue(last):
                self._drop([one for one in overdue if self._clear_away(one)])
                last = overdue[-1]
        with self._lock:
            self._plan()

    def _clear_away(self, one: _Thrown) -> bool:
        """Have what is left of a record cleared away; whatever that leads to, the next one is swept.

        Others use the trash meanwhile.
        """
        id_ = one.record.id
        if self._closed or self._stuck.get(id_, 0.0) > time.time():
            return False
        try:
            self._on_gone(one.record, partial(self._is_over, one))
        except Exception as error:  # noqa: BLE001 - as said
            _log.warning("What was left of a deleted picture could not be cleared away; it is tried again: %s", error)
            self._stuck[id_] = time.time() + _CLEAR_AGAIN_S
            return False
        self._stuck.pop(id_, None)
        return True

    def _is_over(self, one: _Thrown) -> bool:
        """Tell whether this is still what is kept of a record, rather than what was thrown away since.

        Whoever restores began in time, and may take longer than that: it is waited for.
        """
        with self._lock, self._ledger.transaction() as connection:
            thrown = connection.execute("SELECT thrown FROM trash WHERE id = ?", (one.record.id,)).get
        return bool(thrown == one.at)

    def _keep(self, records: Sequence[ImageRecord], reason: str) -> None:
        rows = [(record.id, record.sha256, time.time(), reason, pack_record(record)) for record in records]
        with self._ledger.transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO trash VALUES (?, ?, ?, ?, ?)", rows)

    def _kept(self, ids: Sequence[str]) -> list[_Thrown]:
        """Give what may come back of these."""
        query, since = "SELECT record, thrown FROM trash WHERE id = ? AND thrown > ?", self._since
        with self._ledger.transaction() as connection:
            rows: list[Any] = [row for id_ in ids for row in connection.execute(query, (id_, since))]
        return [_Thrown(unpack_record(packed), at) for packed, at in rows]

    def _thrown_for(self, reason: str) -> list[str]:
        if not reason:
            return []
        with self._ledger.transaction() as connection:
            return [str(id_) for (id_,) in connection.execute(_THROWN_FOR, (reason, self._since))]

    def _drop(self, thrown: Iterable[_Thrown]) -> None:
        """Forget records, but for those that were thrown away once more since."""
        pairs = [(one.record.id, one.at) for one in thrown]
        if pairs:
            with self._ledger.transaction() as connection:
                connection.executemany("DELETE FROM trash WHERE id = ? AND thrown = ?", pairs)

    def _overdue(self, after: _Thrown | None) -> list[_Thrown]:
        """Give some of what has waited long enough, behind one of them; nothing where all is over."""
        if self._closed:
            return []
        edge = (after.at, after.record.id) if after else (0.0, "")
        with self._ledger.transaction() as connection:
            rows: list[Any] = connection.execute(_OVERDUE, (self._since, *edge, _BATCH)).fetchall()
        return [_Thrown(unpack_record(packed), at) for packed, at in rows]

    @property
    def _since(self) -> float:
        """What was thrown away later than this can come back."""
        return time.time() - self._keep_s

    def sweep_in_time(self) -> None:
        """Sweep as planned; where nothing can be read or written just now, later: nobody else would plan it."""
        try:
            self.sweep()
        except GalleryError as error:
            with self._lock:
                if not self._closed:
                    _log.warning("Deleted pictures could not be let go of; that is tried again: %s", error)
                    self._wait(_AGAIN_S)

    def _plan(self) -> None:
        """Sweep again when the next record has waited long enough, though nobody asks for anything until then."""
        if self._sweeping.locked():
            return  # whoever sweeps plans at the end
        with self._ledger.transaction() as connection:
            first = "SELECT id, thrown FROM trash ORDER BY thrown LIMIT ?"
            rows: list[Any] = connection.execute(first, (len(self._stuck) + 1,)).fetchall()  # one more than are stuck
        due = [max(thrown + self._keep_s, self._stuck.get(id_, 0.0)) for id_, thrown in rows]
        if due:
            self._wait(max(0.0, min(due) - time.time()) + _SETTLE_S)

    def _wait(self, seconds: float) -> None:
        """Sweep after so long, rather than when that was planned before."""
        if self._timer is not None:
            self._timer.cancel()
        if not self._closed:
            self._timer = Timer(seconds, self.sweep_in_time)
            self._timer.daemon = True
            self._timer.start()

    def close(self) -> None:
        """Sweep no more; the next program that opens the ledger does."""
        with self._lock:
            self._closed = True
            if self._timer is not None:
                self._timer.cancel()
