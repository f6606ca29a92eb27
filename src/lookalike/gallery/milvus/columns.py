"""Which numbers does Milvus keep of a record, so that it can filter by itself? The same beside each of its vectors."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lookalike.errors import BadInput
from lookalike.gallery.milvus.codes import NO_TIME, code_of
from lookalike.gallery.texts import metadata_text, texts_of
from lookalike.gallery.times import microseconds
from lookalike.gallery.tokens import tokens_of
from lookalike.types import ImageRecord

NUMBERS = ("added", "taken", "width", "height", "bytes", "label", "owner", "format", "folder")
"""One number a record; the last four stand for texts."""
TERMS = ("label", "owner", "format", "folder")
LISTS = ("tags", "words", "meta")
"""Several: the codes of tags, of words wherever they stand, and of metadata entries and their names."""
COLUMNS = (*NUMBERS, *LISTS)

MOST_IN_LIST = 4_096
"""Source: https://milvus.io/docs/array_data_type.md"""
MORE_WORDS = 0
"""The code that ends a list of words which are too many; such records are looked at one by one."""
SHORTEST_BEGINNING = 3
"""Letters of an unfinished word that are looked up; fewer begin too many words."""
_LONGEST_NUMBER = 6
_LARGEST = 2**62


@dataclass(frozen=True, slots=True)
class Terms:
    """The texts that stand behind a record's codes, each once."""

    noted: Mapping[str, Sequence[str]]
    """By kind, those that are kept among the texts that occur; none of them is empty."""
    unnoted: Sequence[str]
    """Words that are not, as they are too many."""


def is_noted(word: str) -> bool:
    """Whether a word is kept among those that occur: not the long numbers of cameras, of which no two are alike."""
    return len(word) <= _LONGEST_NUMBER or word.isalpha()


def beginning_code(word: str) -> int:
    """Give the code, among a record's words, that says that one which is not noted begins as this one does."""
    return code_of("begins", word[:SHORTEST_BEGINNING])


def terms_of(record: ImageRecord, path: str) -> Terms:
    """Give the texts that stand behind a record's codes; its path takes a while to make, and so is made once."""
    words = list(dict.fromkeys(token for text in texts_of(record, path) if text for token in tokens_of(text)))
    unnoted = [word for word in words if not is_noted(word)]
    begins = sorted({word[:SHORTEST_BEGINNING] for word in unnoted})
    noted = {
        "label": [record.label] if record.label else [],
        "owner": [record.owner] if record.owner else [],
        "format": [record.format] if record.format else [],
        "folder": ["".join(path.rpartition("/")[:2])],
        "tag": [tag for tag in dict.fromkeys(record.all_tags) if tag],
        "word": [word for word in words if is_noted(word)],
        "begins": begins,
        "more": ["words"] if len(words) + len(begins) > MOST_IN_LIST else [],
    }
    return Terms(noted, unnoted)


def columns_of(record: ImageRecord, terms: Terms) -> dict[str, Any]:
    """Give the values of COLUMNS for a record and its terms.

    Raises:
        BadInput: a number is too large, or there are too many tags or metadata entries.
    """
    words = [code_of("word", word) for word in (*terms.noted["word"], *terms.unnoted)]
    words += [code_of("begins", beginning) for beginning in terms.noted["begins"]]
    if len(words) > MOST_IN_LIST:
        words = [*words[: MOST_IN_LIST - 1], MORE_WORDS]
    columns: dict[str, Any] = {
        "added": microseconds(record.added_at),
        "taken": microseconds(record.taken_at) if record.taken_at else NO_TIME,
        "width": record.width,
        "height": record.height,
        "bytes": record.bytes,
        **{kind: code_of(kind, "".join(terms.noted[kind])) for kind in TERMS},
        "tags": [code_of("tag", tag) for tag in terms.noted["tag"]],
        "words": words,
        "meta": _metadata(record),
    }
    for name in ("width", "height", "bytes"):
        if not 0 <= columns[name] < _LARGEST:
            raise BadInput(f"The record of {record.uri!r} has the {name} {columns[name]}.", "It is out of bounds.")
    for name in LISTS:
        if len(columns[name]) > MOST_IN_LIST:
            raise BadInput(f"The record of {record.uri!r} has too many {name}.", f"At most {MOST_IN_LIST} are kept.")
    return columns


def _metadata(record: ImageRecord) -> list[int]:
    """Give a code for each entry that has a value, and one for its name."""
    texts = {name: text for name, value in record.metadata.items() if (text := metadata_text(value))}
    return [code for name, text in texts.items() for code in (code_of("name", name), entry_code(name, text))]


def written_terms(codes: Iterable[int]) -> str:
    """Write words' codes as a text that a server takes apart in just one way, whatever it knows of languages."""
    return " ".join(f"w{code:x}" for code in codes)


def entry_code(name: str, text: str) -> int:
    """Give the code of a metadata entry with its value."""
    return code_of("entry", f"{name}\0{text}")
