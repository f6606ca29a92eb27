"""What do words find a picture by? All texts that belong to its record, by where they stand."""

import json
import re
from collections.abc import Iterable
from typing import Any

from lookalike.gallery.spellings import with_other_spellings
from lookalike.types import ImageRecord

PLACES = ("title", "caption", "tags", "name", "metadata", "recognised")
"""Where words may stand, in the order of `texts_of`."""

_BOUNDARY = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])|(?<=[a-zß-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])|_")
"""Where a file name goes on with another word: between letters and digits, and before a capital."""


def texts_of(record: ImageRecord, path: str | None = None) -> tuple[str, ...]:
    """Give a record's texts in the order of PLACES; folders are no words, they are for filters.

    Whoever has the record's path need not have it made again.
    """
    return (
        with_other_spellings(record.title),
        with_other_spellings(record.caption),
        words_of_list(record.tags),
        words_of_path(record.path if path is None else path),
        words_of_metadata(record.metadata),
        words_of_list(record.recognised),
    )


def words_of_list(words: Iterable[str]) -> str:
    """Give tags or names as one text."""
    return with_other_spellings(" ".join(words))


def words_of_path(path: str) -> str:
    """Give the file name of a path, and behind it the words that it is put together from."""
    name = path.rpartition("/")[2]
    split = _BOUNDARY.sub(" ", name)
    return with_other_spellings(name if split == name else f"{name} {split}")


def words_of_metadata(metadata: Any) -> str:
    """Give all entries of a record's metadata as one text."""
    return with_other_spellings(" ".join(metadata_text(value) for value in metadata.values())) if metadata else ""


def metadata_text(value: Any) -> str:
    """Give a metadata entry as filters see it: text as it is, nothing for null, anything else as compact JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
