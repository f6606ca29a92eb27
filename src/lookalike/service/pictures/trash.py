"""How is a deletion taken back? Records wait in the trash for an hour, and what was uploaded stays as long."""

import logging
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from threading import Lock, Timer

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

_THROWN_FOR = "SELECT id FROM trash WHERE substr(reason, 1, length(?1)) = ?1 AND thrown > ?2"

_log = logging.getLogger(__name__)


class Trash:
    """Takes records out of the gallery, and puts them back. May be shared by threads."""

    def __init__(self, ledger: Ledger, gallery: Gallery, on_gone: Callable[[ImageRecord], None], keep_s: float) -> None:
        """Keep records in the ledger; `on_gone` is called with each that cannot come back any more."""
        self._ledger = ledger
        self._gallery = gallery
        self._on_gone = on_gone
        self._keep_s = keep_s
        self._lock = Lock()
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
                kept = {record.id: record for record in self._kept(batch)}
                restored += self._put_back(kept)
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
        """Let go of what has waited long enough, and plan to do so again."""
        while gone := self._let_go():
            for record in gone:
                self._tell(record)
        with self._lock:
            self._plan()

    def _let_go(self) -> list[ImageRecord]:
        """Forget some of what has waited long enough, all with one write; none where it is over."""
        with self._lock:
            gone = [] if self._closed else self._overdue()
            if gone:
                self._drop([record.id for record in gone])
        return gone

    def _tell(self, record: ImageRecord) -> None:
        """Say that a record cannot come back; whatever that leads to, the next one is swept, and those to come.

        Others go on meanwhile: what came in again since and was thrown away once more waits anew, with its file.
        """
        try:
            with self._lock:
                waits = bool(self._kept([record.id]))
            if not waits:
                self._on_gone(record)
        except Exception as error:  # noqa: BLE001 - as said
            _log.warning("What was left of a deleted picture could not be cleared away: %s", error)

    def _keep(self, records: Sequence[ImageRecord], reason: str) -> None:
        rows = [(record.id, record.sha256, time.time(), reason, pack_record(record)) for record in records]
        with self._ledger.transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO trash VALUES (?, ?, ?, ?, ?)", rows)

    def _kept(self, ids: Sequence[str]) -> list[ImageRecord]:
        """Give what may come back of these."""
        query, since = "SELECT record FROM trash WHERE id = ? AND thrown > ?", self._since
        with self._ledger.transaction() as connection:
            found = [connection.execute(query, (id_, since)).get for id_ in ids]
        return [unpack_record(packed) for packed in found if isinstance(packed, bytes)]

    def _thrown_for(self, reason: str) -> list[str]:
        if not reason:
            return []
        with self._ledger.transaction() as connection:
            return [str(id_) for (id_,) in connection.execute(_THROWN_FOR, (reason, self._since))]

    def _drop(self, ids: Iterable[str]) -> None:
        with self._ledger.transaction() as connection:
            connection.executemany("DELETE FROM trash WHERE id = ?", [(id_,) for id_ in ids])

    def _overdue(self) -> list[ImageRecord]:
        with self._ledger.transaction() as connection:
            rows = connection.execute(
                "SELECT record FROM trash WHERE thrown <= ? ORDER BY thrown LIMIT ?",
                (self._since, _BATCH),
            ).fetchall()
        return [unpack_record(packed) for (packed,) in rows if isinstance(packed, bytes)]

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
        with self._ledger.transaction() as connection:
            first = connection.execute("SELECT min(thrown) FROM trash").get
        if isinstance(first, int | float):
            self._wait(max(0.0, first + self._keep_s - time.time()) + _SETTLE_S)

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
