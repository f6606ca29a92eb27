"""How do texts enter Milvus's expressions? As numbers: no text from outside is ever part of an expression unquoted."""

import re
from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache
from hashlib import blake2b

from lookalike.gallery.times import EPOCH
from lookalike.uris import image_id

NO_TIME = -(2**62)
"""Stands for no time at all: below any that a filter may name."""
_ID = re.compile(r"[a-z2-7]{16}")
ID_LETTERS = "234567abcdefghijklmnopqrstuvwxyz"
"""What ids are written in, in the order in which they sort."""
_LAST_SIGN, _BEFORE_SURROGATES = "\U0010ffff", "\ud7ff"
"""No text goes on behind the first; behind the second, the next that UTF-8 can write is U+E000."""
_UNQUOTED = re.compile(r'[\x00-\x1f"\\\x7f]')


@lru_cache(8_192)
def code_of(kind: str, text: str) -> int:
    """Give the number that stands for a text of some kind: a positive one of 62 bits.

    Two texts of ten million share one with a probability of 1 in 100,000, and then a filter by one also passes the
    other.
    """
    digest = blake2b(f"{kind}\0{text}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest) >> 2


def is_id(text: str) -> bool:
    """Whether a text is of the form of a record's id."""
    return _ID.fullmatch(text) is not None


def key_of(kind: str, text: str) -> str:
    """Give the primary key of a note about a text."""
    return f"{kind}:{image_id(text)}"


def year_of(moment: int) -> str:
    """Give the year of a time that `microseconds` counted; Windows knows none before 1970 by itself."""
    return f"{(EPOCH + timedelta(microseconds=moment)).year:04}"


def quoted(text: str) -> str:
    """Write a text so that an expression takes it as it is."""
    return '"' + _UNQUOTED.sub(lambda sign: f"\\x{ord(sign[0]):02x}", text) + '"'


def any_of(field: str, values: Iterable[int] | Iterable[str]) -> str:
    """Write that a field has one of some values."""
    written = [quoted(value) if isinstance(value, str) else str(value) for value in values]
    return f"{field} in [{', '.join(written)}]" if written else NOTHING


def begins_with(field: str, beginning: str) -> str:
    """Write that a text begins so: it lies between that and what comes after all texts that do."""
    if not beginning:
        return EVERYTHING
    lowest = f"{field} >= {quoted(beginning)}"
    counted = beginning.rstrip(_LAST_SIGN)
    if not counted:
        return lowest
    following = chr(0xE000 if counted[-1] == _BEFORE_SURROGATES else ord(counted[-1]) + 1)
    return f"{lowest} && {field} < {quoted(counted[:-1] + following)}"


def holds_any(field: str, values: Iterable[int]) -> str:
    """Write that a list holds one at least of some numbers."""
    written = list(map(str, values))
    return f"array_contains_any({field}, [{', '.join(written)}])" if written else NOTHING


def holds_all(field: str, values: Iterable[int]) -> str:
    """Write that a list holds all of some numbers."""
    written = list(map(str, values))
    return f"array_contains_all({field}, [{', '.join(written)}])" if written else EVERYTHING


NOTHING = 'id == ""'
"""An expression that no row passes."""
EVERYTHING = 'id != ""'
"""One that all rows pass."""


def all_of(parts: Iterable[str]) -> str:
    """Write that all of some expressions hold; those that always do are left out."""
    wanted = [part for part in parts if part != EVERYTHING]
    if not wanted:
        return EVERYTHING
    return wanted[0] if len(wanted) == 1 else " && ".join(f"({part})" for part in wanted)
