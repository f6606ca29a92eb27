"""What is a filter made of? A tree of five kinds of node, over named fields."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How the values of a field compare."""

    WORD = "word"
    """Whole value, any case, `*` and `?` as wildcards; `*` alone means: has one."""
    EXACT = "exact"
    """Like WORD, but case counts."""
    PATH = "path"
    """Glob over the readable path; anchored at any folder boundary unless it starts with `/`; `*` crosses folders;
    case counts."""
    NUMBER = "number"
    """Integers, with units k, M, G (powers of 1,000) or kB, MB, GB for bytes."""
    TEXT = "text"
    """Words next to one another in any text of the record, in any case, without accents and English endings; `*` at
    the end takes the rest of the last word, and any other sign is a space; a value without words matches nothing."""
    DATE = "date"
    """A year, month, day, minute or second in ISO 8601, each meaning its whole span."""


FIELDS: dict[str, Kind] = {
    "label": Kind.WORD,
    "tag": Kind.WORD,
    "owner": Kind.WORD,
    "format": Kind.WORD,
    "text": Kind.TEXT,
    "path": Kind.PATH,
    "width": Kind.NUMBER,
    "height": Kind.NUMBER,
    "bytes": Kind.NUMBER,
    "taken": Kind.DATE,
    "added": Kind.DATE,
    "id": Kind.EXACT,
    "uri": Kind.EXACT,
    "sha256": Kind.EXACT,
}
"""Field → kind. `meta.NAME` (EXACT) reads the text of one metadata entry at top level."""

ALIASES = {"tags": "tag"}
"""Other spellings that are understood → field."""


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold; no part at all always holds."""

    parts: "tuple[Filter, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds."""

    parts: "tuple[Filter, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Filter"


@dataclass(frozen=True, slots=True)
class Matches:
    """A WORD, EXACT or PATH field (any one tag) matches a pattern; an empty value matches nothing.

    In the pattern `*` stands for any run of characters, `?` for any one, and a backslash takes the meaning away
    from the character that follows it.
    """

    field: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Between:
    """A NUMBER or DATE field has a value within closed bounds; dates in whole seconds since 1970, as if UTC."""

    field: str
    low: int | None
    high: int | None


Filter = And | Or | Not | Matches | Between


def kind_of(field: str) -> Kind:
    """Give the kind of a field that a filter may hold.

    Raises:
        KeyError: there is no such field.
    """
    return Kind.EXACT if field.startswith("meta.") else FIELDS[field]
