"""Is anything damaged? What SQLite finds, and whether rows, pages, embeddings, codes and words agree."""

# ruff: noqa: S608 - names of tables and columns are our own; values are bound
from collections.abc import Iterator, Mapping
from typing import Any

import apsw
import numpy as np

from lookalike.gallery.sqlite.pages import PAGE, ROWS, TERM_FIELDS, columns_of, tag_codes_of
from lookalike.gallery.sqlite.rows import SELECT, to_record
from lookalike.gallery.sqlite.scanning import load_bits
from lookalike.gallery.sqlite.spaces import StoredSpace, load_spaces, read_page_of_vectors
from lookalike.types import ImageRecord

_ROUNDED_BITS = 0.02
"""Share of the bits that may come out otherwise when vectors are encoded in another order of additions."""

_NO_CODE = 2**32 - 1
"""The code of a value that the table `term` lacks."""

_COUNTS = (
    (
        "SELECT count(*) FROM image WHERE key NOT IN (SELECT id FROM words_docsize)",
        "{} records have no words to be found by.",
    ),
    (
        "SELECT count(*) FROM words_docsize WHERE id NOT IN (SELECT key FROM image)",
        "The words of {} records that are gone can still be found.",
    ),
    ("SELECT count(*) - count(DISTINCT id) FROM image", "{} records have the id of another."),
    ("SELECT count(*) FROM free_key JOIN image USING (key)", "{} keys are in use and free at once."),
    (
        "SELECT keys - (SELECT count(*) FROM image) - (SELECT count(*) FROM free_key) FROM gallery",
        "{} keys are neither in use nor free.",
    ),
)
"""Statements that count what is wrong, and how to say so."""


def findings(connection: apsw.Connection) -> Iterator[str]:
    """Say what is wrong, a sentence each."""
    try:
        yield from _findings(connection)
    except apsw.CorruptError as error:
        yield f"SQLite finds the file so damaged that looking further is of no use: {error}."


def _findings(connection: apsw.Connection) -> Iterator[str]:
    for (said,) in connection.execute("PRAGMA integrity_check"):
        if said != "ok":
            yield _damaged(said)
    for table, *_ in connection.execute("PRAGMA foreign_key_check"):
        yield f"A row of {table} belongs to nothing."
    for statement, sentence in _COUNTS:
        count = connection.execute(statement).get
        if count:
            yield sentence.format(count)
    spaces = load_spaces(connection)
    for space in spaces.values():
        yield from _space_findings(connection, space)
    yield from _page_findings(connection, {name: space.number for name, space in spaces.items()})


def _damaged(said: str) -> str:
    """Say what SQLite finds; of the up to a hundred lines that it has for one database, the first."""
    first, *more = [line for line in said.splitlines() if not line.startswith("***")] or [said]
    return f"SQLite finds the file damaged: {first}{f', and {len(more)} more like it' if more else ''}."


def _space_findings(connection: apsw.Connection, space: StoredSpace) -> Iterator[str]:
    name = space.space.name
    rows = connection.execute(f"SELECT count(*) FROM embedding_{space.number}").get
    if rows != space.rows:
        yield f"The space {name!r} holds {rows} embeddings, but counts {space.rows}."
    length = 2 * space.space.dim
    query = f"SELECT count(*) FROM embedding_{space.number} WHERE octet_length(vector) <> ?"
    torn = connection.execute(query, (length,)).get
    if torn:
        yield f"{torn} embeddings of the space {name!r} have another length than {length} bytes."
    elif space.codec == "bits":
        yield from _code_findings(connection, space)


def _code_findings(connection: apsw.Connection, space: StoredSpace) -> Iterator[str]:
    codec = load_bits(connection, space)
    query = "SELECT number, codes FROM code_page WHERE space = ? ORDER BY number"
    for number, stored in connection.execute(query, (space.number,)):
        vectors = read_page_of_vectors(connection, space, number)
        present = vectors.any(axis=1)
        codes = np.frombuffer(stored, np.uint8).reshape(ROWS, codec.width)
        bits = 2 * codec.sign_bytes  # the scales are numbers, whose bits jump when rounded
        differing = np.bitwise_count((codec.encode(vectors) ^ codes)[:, :bits]).sum(axis=1)
        wrong = int(np.count_nonzero(present & (differing > _ROUNDED_BITS * space.space.dim)))
        if wrong:
            yield f"{wrong} codes of the space {space.space.name!r} do not belong to their embeddings (page {number})."


class _Codes(dict[str, int]):
    """The codes of a field's values; one that is not there gets a code that no page holds."""

    def __missing__(self, value: str) -> int:
        return _NO_CODE


def _page_findings(connection: apsw.Connection, spaces: Mapping[str, int]) -> Iterator[str]:
    """Make every page anew from its rows, and compare."""
    codes = {field: _Codes({"": 0}) for field in (*TERM_FIELDS, "tag")}
    for field, value, code in connection.execute("SELECT field, value, code FROM term"):
        codes[field][value] = code
    numbers = []
    keys: Any = connection.execute("SELECT keys FROM gallery").get
    for number, columns, tags in connection.execute("SELECT number, columns, tags FROM page ORDER BY number"):
        numbers.append(number)
        if len(columns) != PAGE.itemsize:
            yield f"Page {number} has {len(columns)} bytes instead of {PAGE.itemsize}."
            continue
        slots, records = _rows_of_page(connection, number, spaces)
        expected = columns_of(records, [record.path for record in records], codes, spaces)
        wrong = _differing(np.frombuffer(columns, PAGE)[0], slots, expected)
        tagged = tag_codes_of(records, codes["tag"])
        if wrong or not np.array_equal(tagged, np.frombuffer(tags, np.uint32)):
            yield f"Filters and facets see {wrong or 'the tags of'} records of page {number} otherwise than they are."
    if numbers != list(range(-(-keys // ROWS))):
        yield "There are pages missing, or too many."


def _rows_of_page(
    connection: apsw.Connection, number: int, spaces: Mapping[str, int]
) -> tuple[np.ndarray, list[ImageRecord]]:
    """Give the slots and records of a page; of their embeddings, only in which spaces there are any."""
    span = (number * ROWS, (number + 1) * ROWS)
    having: dict[int, list[str]] = {}
    for name, space in spaces.items():
        query = f"SELECT key FROM embedding_{space} WHERE key >= ? AND key < ?"
        for (key,) in connection.execute(query, span):
            having.setdefault(key, []).append(name)
    nothing = np.zeros(0, np.float16)
    rows: Any = connection.execute(f"{SELECT} WHERE key >= ? AND key < ? ORDER BY key", span).fetchall()
    records = [to_record(row, dict.fromkeys(having.get(row[0], ()), nothing)) for row in rows]
    return np.array([row[0] for row in rows], np.int64) - span[0], records


def _differing(page: np.void, slots: np.ndarray, expected: Mapping[str, np.ndarray]) -> int:
    """Count the slots of a page that say something else than expected; what is not in use is zero."""
    wrong = np.zeros(ROWS, np.bool_)
    for name, values in expected.items():
        column = np.zeros(ROWS, values.dtype)
        column[slots] = values
        wrong |= column != page[name]
    return int(np.count_nonzero(wrong))
