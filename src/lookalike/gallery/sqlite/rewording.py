"""How do the words of records change, and nothing else? Rows, terms and what FTS5 knows, in one transaction."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import apsw
import numpy as np

from lookalike.errors import BadInput
from lookalike.gallery import Change
from lookalike.gallery.sqlite import text
from lookalike.gallery.sqlite.columns import Columns
from lookalike.gallery.sqlite.fetching import keys_of_ids, records_with_keys
from lookalike.gallery.sqlite.pages import Changes, tag_codes_of, word_columns_of, write_pages
from lookalike.gallery.sqlite.rows import UPDATE_WORDS, WORDS, to_words_row
from lookalike.gallery.sqlite.terms import numbered
from lookalike.gallery.sqlite.writing import next_revision
from lookalike.types import ImageRecord


def describe(connection: apsw.Connection, columns: Columns, ids: Collection[str], change: Change) -> list[ImageRecord]:
    """Change what is said of records, and give them as they are then; the columns are those before."""
    keys = list(keys_of_ids(connection, columns, ids).values())
    before = records_with_keys(connection, keys, embeddings=False)
    after = [_reworded(record, change(record)) for record in before]
    pairs = zip(keys, before, after, strict=True)
    changed = {key: new for key, old, new in pairs if new != old}
    if changed:
        revision = next_revision(connection)
        _write_words(connection, changed)
        write_pages(connection, _changes(connection, changed), revision)
    return after


def _reworded(old: ImageRecord, new: ImageRecord) -> ImageRecord:
    """Take nothing but the words of a new record."""
    return replace(old, **{name: getattr(new, name) for name in WORDS})


def _write_words(connection: apsw.Connection, changed: Mapping[int, ImageRecord]) -> None:
    words = [text.to_words(key, record, record.path) for key, record in changed.items()]
    try:
        connection.executemany(UPDATE_WORDS, [(*to_words_row(record), key) for key, record in changed.items()])
        connection.executemany("DELETE FROM words WHERE rowid = ?", [(key,) for key in changed])
        connection.executemany(text.INSERT, words)
    except UnicodeEncodeError as error:
        raise BadInput(f"A text of a record is no valid Unicode: {error.object!r}.") from error


def _changes(connection: apsw.Connection, changed: Mapping[int, ImageRecord]) -> Changes:
    records = list(changed.values())
    codes = {name: numbered(connection, name, {getattr(one, name) for one in records}) for name in ("label", "owner")}
    tags = numbered(connection, "tag", {tag for record in records for tag in record.all_tags})
    return Changes(np.array(list(changed)), word_columns_of(records, codes), tag_codes_of(records, tags))
