"""How are records read? By id, by hash, by the start of their uri."""

# ruff: noqa: S608 - names of tables and columns are our own; values are bound
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

import apsw
import numpy as np

from lookalike.gallery.sqlite import fingerprints
from lookalike.gallery.sqlite.columns import Columns
from lookalike.gallery.sqlite.database import Database
from lookalike.gallery.sqlite.pages import fragment
from lookalike.gallery.sqlite.rows import SELECT, Row, to_blob, to_record
from lookalike.gallery.sqlite.spaces import load_spaces
from lookalike.gallery.sqlite.view import View
from lookalike.types import Failure, ImageRecord, Outcome, StoredEmbedding

_KEY, _ID = 0, 1
"""Where a row of SELECT holds them."""

_CHUNK = 10_000
_LAST_CHARACTER = 0x10FFFF
_FIRST_SURROGATE, _AFTER_SURROGATES = 0xD800, 0xE000


def keys_of_ids(connection: apsw.Connection, columns: Columns, ids: Collection[str]) -> dict[str, int]:
    """Give the keys of the ids that are there."""
    known = {id_: key for key, id_ in ids_of_keys(connection, _possible_keys(columns, ids)).items()}
    return {id_: known[id_] for id_ in ids if id_ in known}


def _possible_keys(columns: Columns, ids: Collection[str]) -> np.ndarray:
    return columns.keys_with("id", [fragment(id_.encode("utf-8", "surrogatepass")) for id_ in ids])


def records_with_ids(view: View, ids: Sequence[str], *, embeddings: bool) -> list[ImageRecord]:
    """Fetch records in the order asked; unknown ids are left out."""
    rows = _rows(view.connection, _possible_keys(view.columns, ids).tolist())
    wanted = set(ids)
    records = _records(view.connection, [row for row in rows if row[_ID] in wanted], embeddings=embeddings)
    found = {record.id: record for record in records}
    return [found[id_] for id_ in ids if id_ in found]


def records_with_keys(connection: apsw.Connection, keys: Sequence[int], *, embeddings: bool) -> list[ImageRecord]:
    """Fetch records in the order asked."""
    by_key = {row[_KEY]: row for row in _rows(connection, keys)}
    return _records(connection, [by_key[key] for key in keys], embeddings=embeddings)


def _rows(connection: apsw.Connection, keys: Sequence[int]) -> list[Row]:
    query = f"{SELECT} WHERE key IN (SELECT value FROM json_each(?))"
    return connection.execute(query, (str(list(keys)),)).fetchall()


def _records(connection: apsw.Connection, rows: Sequence[Row], *, embeddings: bool) -> list[ImageRecord]:
    vectors: dict[int, dict[str, StoredEmbedding]] = {row[_KEY]: {} for row in rows}
    features: dict[int, bytes] = {}
    if embeddings:
        features = fingerprints.features_of(connection, vectors)
        for name, space in load_spaces(connection).items():
            query = f"SELECT key, vector FROM embedding_{space.number} WHERE key IN (SELECT value FROM json_each(?))"
            for key, vector in connection.execute(query, (str(list(vectors)),)):
                vectors[key][name] = np.frombuffer(vector, np.float16)
    return [to_record(row, vectors[row[_KEY]], features.get(row[_KEY], b"")) for row in rows]


def ids_of_keys(connection: apsw.Connection, keys: np.ndarray) -> dict[int, str]:
    """Give the ids of some keys."""
    query = "SELECT key, id FROM image WHERE key IN (SELECT value FROM json_each(?))"
    return dict(connection.execute(query, (str(keys.tolist()),)))


def ids_by_hash(view: View, field: Literal["sha256", "pixels"], values: Collection[str]) -> dict[str, list[str]]:
    """Map each hash that occurs to the ids of the records that carry it, oldest first."""
    wanted = {blob: value for value in values if (blob := _blob_or_none(value)) is not None}
    keys = view.columns.keys_with(field, [fragment(blob) for blob in wanted])
    query = f"SELECT {field}, id FROM image WHERE key IN (SELECT value FROM json_each(?)) ORDER BY added_at, key"
    found: dict[str, list[str]] = {}
    for blob, id_ in view.connection.execute(query, (str(keys.tolist()),)):
        if blob in wanted:
            found.setdefault(wanted[blob], []).append(id_)
    return found


def _blob_or_none(value: str) -> bytes | None:
    try:
        return to_blob(value)
    except ValueError:
        return None


def versions(database: Database, start: str) -> Iterator[tuple[str, str]]:
    """Give (uri, version) of every record and failure whose uri starts so.

    Each chunk is read in a transaction of its own, so that a slow consumer holds nothing up.
    """
    for table in ("image", "failure"):
        test, bound = ">=", start
        while True:
            query = f"SELECT uri, version FROM {table} WHERE uri {test} ? AND uri < ? ORDER BY uri LIMIT {_CHUNK}"
            with database.reading() as connection:
                rows: Any = connection.execute(query, (bound, _end_of(start))).fetchall()
            yield from rows
            if len(rows) < _CHUNK:
                break
            test, bound = ">", rows[-1][0]


def _end_of(start: str) -> str | bytes:
    """Give what comes after every text that starts so; a blob comes after all text."""
    while start:
        last = ord(start[-1]) + 1
        if last <= _LAST_CHARACTER:
            return start[:-1] + chr(_AFTER_SURROGATES if last == _FIRST_SURROGATE else last)
        start = start[:-1]
    return b""


def failures(connection: apsw.Connection) -> list[Failure]:
    """Give what could not be taken in, by uri."""
    rows = connection.execute("SELECT uri, version, outcome, reason, at FROM failure ORDER BY uri")
    return [
        Failure(uri=uri, version=version, outcome=Outcome(outcome), reason=reason, at=datetime.fromisoformat(at))
        for uri, version, outcome, reason, at in rows
    ]
