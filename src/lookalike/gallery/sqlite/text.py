"""Which records suit some words best? FTS5 with BM25, bounded in time however common the words are."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import apsw
import numpy as np

from lookalike.gallery.filters import metadata_text
from lookalike.types import ImageRecord

_MAX_WORDS = 4_096
"""Of a query; what comes after is not looked at."""
_RANKED = 50_000
"""Matching records that are scored. Words as common as that say little, and scoring takes 2 µs each."""
_RARE_WORDS = 8
_SHORTEST_BEGINNING = 3
"""Letters; fewer begin so many words that putting their lists together takes seconds."""
_TOKENIZER = ("unicode61", ["remove_diacritics", "2"])
_BOUNDARY = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])|(?<=[a-zß-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])|_")
"""Where a file name goes on with another word: between letters and digits, and before a capital."""

INSERT = "INSERT INTO words(rowid, title, caption, tags, name, metadata) VALUES (?, ?, ?, ?, ?, ?)"


def to_words(key: int, record: ImageRecord, path: str) -> tuple[int, str, str, str, str, str]:
    """Give the row of INSERT for a record."""
    name = path.rpartition("/")[2]
    split = _BOUNDARY.sub(" ", name)
    names = name if split == name else f"{name} {split}"
    entries = " ".join(metadata_text(value) for value in record.metadata.values()) if record.metadata else ""
    return key, record.title, record.caption, " ".join(record.tags), names, entries


def match_words(
    connection: apsw.Connection, text: str, k: int, passing: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Give the keys and the scores of the k records that suit a text best, best first.

    Records that hold all the words come first. Where they are fewer than k, those follow in which the last word only
    begins so, and then those that hold some of the rarest words.
    """
    words = _split(connection, text)
    keys, scores = np.zeros(0, np.int64), np.zeros(0, np.float32)
    for query in _queries(connection, words):
        if len(keys) >= k:
            break
        more, their_scores = _rank(connection, query, k + len(keys), passing)
        new = ~np.isin(more, keys)
        worst = scores[-1] if len(scores) else np.inf
        keys = np.concatenate([keys, more[new]])[:k]
        scores = np.concatenate([scores, np.minimum(their_scores[new], worst)])[:k].astype(np.float32)
    return keys, scores


def _split(connection: apsw.Connection, text: str) -> list[str]:
    """Give the words of a text just as FTS5 makes them, each once."""
    name, arguments = _TOKENIZER
    tokenize = connection.fts5_tokenizer(name, arguments)
    encoded = text.encode("utf-8", "replace")
    found: Any = tokenize(encoded, apsw.FTS5_TOKENIZE_QUERY, None, include_offsets=False, include_colocated=False)
    return list(dict.fromkeys(found))[:_MAX_WORDS]


def _queries(connection: apsw.Connection, words: Sequence[str]) -> Iterator[str]:
    """Give queries in the language of FTS5, the strictest first. Quoted words mean nothing but themselves."""
    if not words:
        return
    quoted = [f'"{word}"' for word in words]
    yield " AND ".join(quoted)
    if len(words[-1]) >= _SHORTEST_BEGINNING:
        yield " AND ".join([*quoted[:-1], f"{quoted[-1]} *"])
    rare = _rarest(connection, words)
    if rare:
        yield " OR ".join(f'"{word}"' for word in rare)


def _rarest(connection: apsw.Connection, words: Sequence[str]) -> list[str]:
    """Give the rarest words that occur, so many that what they match can still be scored, but one at least."""
    query = (
        "SELECT term, doc FROM json_each(?) AS wanted CROSS JOIN vocabulary ON term = wanted.value ORDER BY doc LIMIT ?"
    )
    rare: list[str] = []
    total = 0
    for word, documents in connection.execute(query, (json.dumps(words), _RARE_WORDS)):
        total += documents
        if rare and total > _RANKED:
            break
        rare.append(word)
    return rare


def _rank(connection: apsw.Connection, query: str, k: int, passing: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Score the first records that match and pass, and give the best k."""
    statement = "SELECT rowid, -rank FROM words WHERE words MATCH ? LIMIT ?"
    if passing is not None:
        flags: Any = passing.tobytes()
        connection.create_scalar_function("passes", flags.__getitem__, 1, deterministic=True)
        statement = "SELECT rowid, -rank FROM words WHERE words MATCH ? AND passes(rowid) LIMIT ?"
    found = connection.execute(statement, (query, _RANKED)).fetchall()
    keys = np.array([key for key, _ in found], np.int64)
    scores = np.array([score for _, score in found], np.float32)
    order = np.lexsort((keys, -scores))[:k]
    return keys[order], scores[order]
