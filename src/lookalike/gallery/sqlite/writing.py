"""How do records come in and go? All that belongs to them, in one transaction: rows, embeddings, words, pages."""

# ruff: noqa: S608 - names of tables and columns are our own; values are bound
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import apsw
import numpy as np

from lookalike.errors import BadInput
from lookalike.gallery import Merge
from lookalike.gallery.merging import merged
from lookalike.gallery.sqlite import text
from lookalike.gallery.sqlite.calibrating import build_where_due
from lookalike.gallery.sqlite.columns import Columns
from lookalike.gallery.sqlite.fetching import keys_of_ids, records_with_keys
from lookalike.gallery.sqlite.fingerprints import changed_fingerprints, mark_gone, write_fingerprints
from lookalike.gallery.sqlite.pages import (
    TERM_FIELDS,
    Changes,
    columns_of,
    folder,
    nothing,
    tag_codes_of,
    write_pages,
)
from lookalike.gallery.sqlite.rows import UPSERT, Row, to_row
from lookalike.gallery.sqlite.scanning import Sizes
from lookalike.gallery.sqlite.spaces import StoredSpace, load_spaces
from lookalike.gallery.sqlite.terms import numbered
from lookalike.gallery.sqlite.vectors import checked_vectors, no_vectors, write_embeddings
from lookalike.types import Embeddings, Failure, ImageRecord

_PATH = 2
"""Where a row of COLUMNS holds the path."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """Records with the keys they shall have."""

    records: Sequence[ImageRecord]
    rows: Sequence[Row]
    keys: np.ndarray
    replaced: np.ndarray
    """Whether a record was there before."""


def put(
    connection: apsw.Connection,
    columns: Columns,
    records: Sequence[ImageRecord],
    failures: Sequence[Failure],
    sizes: Sizes,
    merge: Merge | None = None,
) -> None:
    """Insert or replace records and failures; the columns are those before, `merge` is as in `Gallery.put`.

    Raises:
        BadInput: a value that cannot be kept.
        GalleryError: unknown space, or wrong dimension.
    """
    spaces = load_spaces(connection)
    unique = list({record.id: record for record in records}.values())
    if merge is not None:
        keys = list(keys_of_ids(connection, columns, [record.id for record in unique]).values())
        before = {record.id: record for record in records_with_keys(connection, keys, embeddings=True)}
        unique = [merged(merge, before[record.id], record) if record.id in before else record for record in unique]
    vectors = checked_vectors([(record.uri, record.embeddings) for record in unique], spaces)
    revision = next_revision(connection)
    if unique:
        batch = _with_keys(connection, columns, unique)
        prints = {key: record.fingerprint for key, record in zip(batch.keys.tolist(), batch.records, strict=True)}
        changed = changed_fingerprints(connection, prints)
        _write_rows(connection, batch)
        write_fingerprints(connection, prints, changed, revision)
        for name, space in spaces.items():
            _write_space(connection, batch, space, *vectors.get(name, no_vectors(space)), revision)
        won = write_pages(connection, _changes(connection, batch, spaces), revision)
        _count_rows(connection, spaces, won)
        connection.executemany("DELETE FROM failure WHERE uri = ?", [(record.uri,) for record in unique])
    connection.executemany(
        "REPLACE INTO failure(uri, version, outcome, reason, at) VALUES (?, ?, ?, ?, ?)",
        [(one.uri, one.version, str(one.outcome), one.reason, one.at.isoformat()) for one in failures],
    )
    for space in load_spaces(connection).values():
        build_where_due(connection, space, revision, sizes)


def delete(connection: apsw.Connection, columns: Columns, ids: Collection[str]) -> int:
    """Forget records, and give how many there were; the columns are those before."""
    keys = list(keys_of_ids(connection, columns, ids).values())
    if keys:
        revision = next_revision(connection)
        one_each = [(key,) for key in keys]
        connection.executemany("DELETE FROM image WHERE key = ?", one_each)
        connection.executemany("DELETE FROM words WHERE rowid = ?", one_each)
        connection.executemany("INSERT INTO free_key(key) VALUES (?)", one_each)
        mark_gone(connection, keys, revision)
        won = write_pages(connection, nothing(np.array(sorted(keys))), revision)
        _count_rows(connection, load_spaces(connection), won)
    return len(keys)


def drop_failures(connection: apsw.Connection, uris: Collection[str]) -> int:
    """Forget failures, and give how many there were."""
    connection.execute("DELETE FROM failure WHERE uri IN (SELECT value FROM json_each(?))", (json.dumps(list(uris)),))
    return connection.changes()


def next_revision(connection: apsw.Connection) -> int:
    """Count one more transaction that changes something, and give its number."""
    revision: int = connection.execute("UPDATE gallery SET revision = revision + 1 RETURNING revision").get
    return revision


def _with_keys(connection: apsw.Connection, columns: Columns, records: Sequence[ImageRecord]) -> _Batch:
    """Give known records the key and the time of addition they have, new ones a free key or one more."""
    keys_before = keys_of_ids(connection, columns, [record.id for record in records])
    query = "SELECT id, key, added_at FROM image WHERE key IN (SELECT value FROM json_each(?))"
    rows = connection.execute(query, (str(list(keys_before.values())),))
    known = {id_: (key, added_at) for id_, key, added_at in rows}
    free = iter(_free_keys(connection, len(records) - len(known)))
    keys, kept = [], []
    for record in records:
        if record.id in known:
            key, added_at = known[record.id]
            keys.append(key)
            kept.append(replace(record, added_at=datetime.fromisoformat(added_at)))
        else:
            keys.append(next(free))
            kept.append(record)
    replaced = np.array([record.id in known for record in records])
    return _Batch(kept, [to_row(record) for record in kept], np.array(keys), replaced)


def _free_keys(connection: apsw.Connection, count: int) -> list[int]:
    """Take keys out of use again, so that pages and codes stay dense, and new ones after the last."""
    query = "SELECT key FROM free_key ORDER BY key LIMIT ?"
    freed = [key for (key,) in connection.execute(query, (count,))]
    if freed:
        connection.execute("DELETE FROM free_key WHERE key <= ?", (freed[-1],))
    more = count - len(freed)
    end: int = connection.execute("UPDATE gallery SET keys = keys + ? RETURNING keys", (more,)).get
    return [*freed, *range(end - more, end)]


def _write_rows(connection: apsw.Connection, batch: _Batch) -> None:
    keys = batch.keys.tolist()
    try:
        connection.executemany(UPSERT, [(key, *row) for key, row in zip(keys, batch.rows, strict=True)])
        connection.executemany(
            "DELETE FROM words WHERE rowid = ?", [(key,) for key in batch.keys[batch.replaced].tolist()]
        )
        words = zip(keys, batch.records, batch.rows, strict=True)
        connection.executemany(text.INSERT, [text.to_words(key, record, row[_PATH]) for key, record, row in words])
    except apsw.ConstraintError as error:
        raise BadInput(
            f"Two records with one uri but different ids: {error}.",
            "Take the id of a record from its uri: image_id(uri).",
        ) from error
    except UnicodeEncodeError as error:
        raise BadInput(f"A text of a record is no valid Unicode: {error.object!r}.") from error


def _write_space(
    connection: apsw.Connection,
    batch: _Batch,
    space: StoredSpace,
    rows: np.ndarray,
    vectors: Embeddings,
    revision: int,
) -> None:
    """Store the embeddings that came in one space, and drop those that replaced records no longer have."""
    gone = batch.replaced.copy()
    gone[rows] = False
    drop = f"DELETE FROM embedding_{space.number} WHERE key = ?"
    connection.executemany(drop, [(key,) for key in batch.keys[gone].tolist()])
    if len(rows):
        write_embeddings(connection, space, batch.keys[rows], vectors, revision)


def _changes(connection: apsw.Connection, batch: _Batch, spaces: Mapping[str, StoredSpace]) -> Changes:
    paths = [row[_PATH] for row in batch.rows]
    values = {field: {getattr(record, field) for record in batch.records} for field in TERM_FIELDS if field != "folder"}
    values["folder"] = {folder(path) for path in paths}
    codes = {field: numbered(connection, field, found) for field, found in values.items()}
    tags = numbered(connection, "tag", {tag for record in batch.records for tag in record.all_tags})
    numbers = {name: space.number for name, space in spaces.items()}
    return Changes(batch.keys, columns_of(batch.records, paths, codes, numbers), tag_codes_of(batch.records, tags))


def _count_rows(connection: apsw.Connection, spaces: Mapping[str, StoredSpace], won: np.ndarray) -> None:
    """Count what each space has won or lost; what was measured of embeddings that are gone holds no longer."""
    counts = [(int(won[space.number]), space.number) for space in spaces.values()]
    connection.executemany(
        "UPDATE space SET rows = rows + ?1, calibrated_rows = min(calibrated_rows, rows + ?1) WHERE number = ?2", counts
    )
