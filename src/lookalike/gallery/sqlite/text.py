"""Which words does FTS5 hold of a record, and how is it asked for some?"""

# ruff: noqa: S608 - names of tables and columns are our own; values are bound
import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import apsw

from lookalike.gallery.filters.patterns import words_of
from lookalike.gallery.spellings import two_letters, with_other_spellings
from lookalike.gallery.suiting import BOOST
from lookalike.gallery.texts import PLACES, texts_of, words_of_list, words_of_metadata, words_of_path
from lookalike.gallery.tokens import TOKENIZER
from lookalike.types import ImageRecord

_COLUMNS = ", ".join(PLACES)
TABLE = f"""
CREATE VIRTUAL TABLE words USING fts5(
  {_COLUMNS},
  content='', contentless_delete=1, tokenize='{" ".join(TOKENIZER)}'
);
INSERT INTO words(words, rank) VALUES ('rank', 'bm25({", ".join(str(BOOST[place]) for place in PLACES)})');
"""
INSERT = f"INSERT INTO words(rowid, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"

REFILL = f"""
INSERT INTO words(rowid, {_COLUMNS})
SELECT key, words_of_text(title), words_of_text(caption), words_of_list(tags), words_of_path(path),
  words_of_metadata(metadata), words_of_list(recognised) FROM image;
"""
"""Fills an empty table of words from the records; `teach` gives a connection the functions that it needs."""


def teach(connection: apsw.Connection) -> None:
    """Let SQL make words of a record's columns."""
    functions: dict[str, Any] = {
        "words_of_text": with_other_spellings,
        "words_of_list": _words_of_list,
        "words_of_path": words_of_path,
        "words_of_metadata": _words_of_metadata,
    }
    for name, function in functions.items():
        connection.create_scalar_function(name, function, 1, deterministic=True)


def to_words(key: int, record: ImageRecord, path: str) -> tuple[Any, ...]:
    """Give the row of INSERT for a record."""
    return key, *texts_of(record, path)


def words_query(pattern: str) -> str:
    """Give what FTS5 must be asked for a filter's pattern of words; empty where nothing can match."""
    words, unfinished = words_of(pattern)
    return f'"{two_letters(" ".join(words))}"{" *" if unfinished else ""}' if words else ""


def stored_texts(connection: apsw.Connection, keys: Collection[int]) -> Iterator[tuple[int, Sequence[str]]]:
    """Give the texts of records by their keys, in the order of PLACES, as the words that FTS5 was given."""
    query = (
        "SELECT key, title, caption, tags, path, metadata, recognised FROM image "
        "WHERE key IN (SELECT value FROM json_each(?))"
    )
    for key, title, caption, tags, path, metadata, recognised in connection.execute(query, (str(list(keys)),)):
        written = with_other_spellings(title), with_other_spellings(caption), _words_of_list(tags), words_of_path(path)
        yield key, (*written, _words_of_metadata(metadata), _words_of_list(recognised))


def _words_of_list(text: str) -> str:
    return "" if text in {"[]", "{}"} else words_of_list(json.loads(text))


def _words_of_metadata(text: str) -> str:
    return "" if text == "{}" else words_of_metadata(json.loads(text))
