"""How do records get into Milvus, and out? In an order that loses nothing that was acknowledged, wherever it breaks.

There are no transactions over collections. So vectors come before the record that they belong to, and the record, in
one call a batch, is what makes it known: where a batch is cut off in between, its pictures count as not taken in, and
are taken in again. What is forgotten goes the other way round: the record last. Vectors that another writer adds
meanwhile are looked for once the record is there, as that one looks for the record once they are.
"""

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from itertools import count
from secrets import randbelow
from threading import RLock
from typing import Any

from lookalike.errors import BadInput
from lookalike.gallery import PAGE_KEYS, Change, Merge
from lookalike.gallery.merging import merged
from lookalike.gallery.milvus.codes import is_id
from lookalike.gallery.milvus.embedding import check_vectors, embed
from lookalike.gallery.milvus.notes import Notes, failure_notes
from lookalike.gallery.milvus.packing import Packed
from lookalike.gallery.milvus.rows import FULL, HEAD, Coded, features_of, to_record, to_row, to_vector_row
from lookalike.gallery.milvus.schema import records_of, space_of
from lookalike.gallery.milvus.searching import read_vector
from lookalike.gallery.milvus.server import Row, Server
from lookalike.gallery.milvus.spaces import Spaces
from lookalike.gallery.serving import Embedded
from lookalike.types import Described, Failure, ImageRecord

_WORDS = (*(one.name for one in fields(Described)), "recognised", "edited", "version")
_LANES = 2**40
"""Each writer numbers its records from a place of its own, so that writers need not ask one another."""


@dataclass
class Writer:
    """Changes one gallery, one change at a time."""

    server: Server
    notes: Notes
    spaces: Spaces
    _coming: frozenset[str] = frozenset()
    _lock: RLock = field(default_factory=RLock)
    _keys: Any = field(default_factory=lambda: count(randbelow(_LANES) * 8 * PAGE_KEYS))
    _revision: int = 0

    def on_their_way(self) -> frozenset[str]:
        """Give the ids of new records whose vectors may be found already, though the records are not there yet."""
        return self._coming

    def put(self, records: Sequence[ImageRecord], failures: Sequence[Failure], merge: Merge | None) -> None:
        """Store records and failures.

        Raises:
            BadInput: a value that cannot be kept.
            GalleryError: unknown space, or wrong dimension.
            Unreachable: the server does not answer; what it holds of these is as if it had not been asked, or stored.
        """
        with self._lock:
            given = {record.id: record for record in records}
            written = failure_notes(failures)
            revision = self._next_revision()
            with ThreadPoolExecutor(3) as threads:
                reading = (
                    threads.submit(lambda: self.spaces.known),
                    threads.submit(self._rows, list(given), HEAD),
                    threads.submit(self.notes.have_failed, [record.uri for record in records]),
                )
                new = self._coded_meanwhile(given.values(), revision, reading)
                spaces, known, failed = reading[0].result(), reading[1].result(), reading[2].result()
            if merge and known:
                known = self._rows(list(known), FULL, latest=True)
            before = {id_: to_record(row, {}, features=bool(merge)) for id_, row in known.items()}
            kept = [_kept(record, before.get(record.id), merge) for record in given.values()]
            same_bytes = {one.id for one in kept if merge and one.id in before and one.sha256 == before[one.id].sha256}
            for record in kept:
                check_vectors(record.uri, record.embeddings, spaces)
            coded = [
                new[record.id] if record.id in new and record.id not in known else self._coded(record, known, revision)
                for record in kept
            ]
            self._coming = frozenset(given.keys() - known.keys())
            try:
                self._store(kept, coded, self._unnamed(kept, before, spaces), same_bytes, failed=failed)
            finally:
                self._coming = frozenset()
            if written:
                self.notes.put_failures(written)
            self._note_change(one.row for one in coded)

    def _coded_meanwhile(
        self, records: Iterable[ImageRecord], revision: int, reading: Iterable[Future[Any]]
    ) -> dict[str, Coded]:
        """Make the rows that records have if they are new, as most are, for as long as the server is being asked."""
        rows: dict[str, Coded] = {}
        with suppress(BadInput):  # another record may be kept in its place
            for record in records:
                if all(one.done() for one in reading):
                    break
                rows[record.id] = self._coded(record, {}, revision)
        return rows

    def _unnamed(
        self, records: Iterable[ImageRecord], there: Collection[str], spaces: Iterable[str]
    ) -> dict[str, list[str]]:
        """Give, by space, the ids of those that are there already and come without a vector in it."""
        return {
            name: ids
            for name in spaces
            if (ids := [one.id for one in records if one.id in there and name not in one.embeddings])
            and name in self.spaces.present
        }

    def _store(
        self,
        records: Sequence[ImageRecord],
        coded: Sequence[Coded],
        unnamed: Mapping[str, Sequence[str]],
        same_bytes: Collection[str],
        *,
        failed: bool,
    ) -> None:
        """Send all that makes records whole, and then themselves, which are packed meanwhile.

        Of the `unnamed` vectors, those of records in `same_bytes` stay. Of the others, nothing tells those that another
        writer makes of the new bytes, before they are looked for again, from those of the old: they are forgotten, too.
        Their records lack them then, so that `lookalike reencode` makes them again.
        """
        rows = {one.row["id"]: one.row for one in coded}
        with ThreadPoolExecutor() as threads:
            sent: list[Future[Any]] = [threads.submit(self.notes.note_terms, [one.terms for one in coded])]
            for name in {name for one in records for name in one.embeddings}:
                sent += [threads.submit(self.server.send, one) for one in self._packed_vectors(name, records, rows)]
            settled = {name: threads.submit(self._settle, name, ids, rows, same_bytes) for name, ids in unnamed.items()}
            if failed:
                sent.append(threads.submit(self.notes.drop_failures, [record.uri for record in records]))
            packed = list(self.server.pack(self._records, rows.values()))
            for one in (*sent, *settled.values()):
                one.result()
        for message in packed:
            self.server.send(message)
        for name, ids in unnamed.items():
            self._settle(name, [id_ for id_ in ids if id_ not in settled[name].result()], rows, same_bytes)

    def embed(self, made: Sequence[Embedded]) -> list[str]:
        """Add vectors to records, and give the ids of those that took them."""
        with self._lock:
            taken = embed(self.server, made, self.spaces.known)
            if taken:
                self._note_change(())
            return taken

    def describe(self, ids: Collection[str], change: Change) -> list[ImageRecord]:
        """Change what is said of records; vectors stay, with other words beside them."""
        with self._lock:
            known = self._rows([id_ for id_ in dict.fromkeys(ids) if is_id(id_)], FULL, latest=True)
            before = {id_: to_record(row, {}, features=False) for id_, row in known.items()}
            after = {id_: _reworded(old, change(old)) for id_, old in before.items()}
            changed = {id_: new for id_, new in after.items() if new != before[id_]}
            if changed:
                self._rewrite(changed, known)
            return list(after.values())

    def _rewrite(self, changed: Mapping[str, ImageRecord], known: Mapping[str, Row]) -> None:
        revision = self._next_revision()
        coded = [self._coded(_with_features(one, known[id_]), known, revision) for id_, one in changed.items()]
        rows = {one.row["id"]: one.row for one in coded}
        self.notes.note_terms(one.terms for one in coded)
        rewritten = {name: self._rewrite_vectors(name, list(changed), rows) for name in self.spaces.present}
        self.server.upsert(self._records, rows.values())
        for name, ids in rewritten.items():
            self._rewrite_vectors(name, [id_ for id_ in changed if id_ not in ids], rows)
        self._note_change(rows.values())

    def delete(self, ids: Collection[str]) -> int:
        """Forget records; returns how many there were."""
        with self._lock:
            asked = [id_ for id_ in dict.fromkeys(ids) if is_id(id_)]
            known = list(self._rows(asked, ("id", "key"), latest=True).values())
            if not known:
                return 0
            gone = [row["id"] for row in known]
            for name in self.spaces.present:
                self.server.delete(space_of(self.server.address.name, name), gone)
            self.server.delete(self._records, gone)
            self._note_change(known)
            return len(known)

    def _note_change(self, rows: Iterable[Row]) -> None:
        """Say, last of all, that something has changed, and in which pages of keys."""
        self.notes.note_change({row["key"] // PAGE_KEYS for row in rows}, self._next_revision())

    def _coded(self, record: ImageRecord, known: Mapping[str, Row], revision: int) -> Coded:
        key = known[record.id]["key"] if record.id in known else next(self._keys)
        return to_row(record, key, revision)

    def _packed_vectors(self, space: str, records: Iterable[ImageRecord], rows: Mapping[str, Row]) -> Iterator[Packed]:
        held = (one for one in records if space in one.embeddings)
        vectors = (to_vector_row(rows[one.id], one.embeddings[space]) for one in held)
        return self.server.pack(space_of(self.server.address.name, space), vectors)

    def _settle(
        self, space: str, ids: Collection[str], rows: Mapping[str, Row], same_bytes: Collection[str]
    ) -> Collection[str]:
        """Forget the vectors that replaced records had and have no more; write what is now said beside the others, and
        give their ids."""
        self.server.delete(space_of(self.server.address.name, space), [id_ for id_ in ids if id_ not in same_bytes])
        return self._rewrite_vectors(space, [id_ for id_ in ids if id_ in same_bytes], rows)

    def _rewrite_vectors(self, space: str, ids: Sequence[str], rows: Mapping[str, Row]) -> Collection[str]:
        """Write what records' rows have to filter by beside their vectors, and give the ids of those that have one."""
        collection = space_of(self.server.address.name, space)
        vectors = self.server.rows(collection, ids, ("id", "vector"), latest=True)
        self.server.upsert(
            collection, [to_vector_row(rows[id_], read_vector(one["vector"])) for id_, one in vectors.items()]
        )
        return vectors.keys()

    def _rows(self, ids: Sequence[str], names: Sequence[str], *, latest: bool = False) -> dict[str, Row]:
        """Read rows by their ids, in the order asked."""
        found = self.server.rows(self._records, ids, names, latest=latest)
        return {id_: found[id_] for id_ in ids if id_ in found}

    def _next_revision(self) -> int:
        """Give a number that grows: the time, so that writers need not ask one another."""
        self._revision = max(self._revision + 1, time.time_ns() // 1_000)
        return self._revision

    @property
    def _records(self) -> str:
        return records_of(self.server.address.name)


def _kept(record: ImageRecord, before: ImageRecord | None, merge: Merge | None) -> ImageRecord:
    if before is None:
        return record
    return replace(merged(merge, before, record) if merge else record, added_at=before.added_at)


def _with_features(record: ImageRecord, row: Row) -> ImageRecord:
    return replace(record, fingerprint=replace(record.fingerprint, features=features_of(row)))


def _reworded(old: ImageRecord, new: ImageRecord) -> ImageRecord:
    """Take nothing but the words of a new record."""
    return replace(old, **{name: getattr(new, name) for name in _WORDS})
