"""Which records pass a filter? Milvus's own answer where it is exact; else each record that may pass is looked at."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from lookalike.gallery.filters import Filter, matches
from lookalike.gallery.milvus.codes import EVERYTHING, any_of
from lookalike.gallery.milvus.notes import Notes
from lookalike.gallery.milvus.rows import HEAD, to_record
from lookalike.gallery.milvus.schema import records_of
from lookalike.gallery.milvus.server import Server
from lookalike.gallery.milvus.translating import Asked, translate
from lookalike.gallery.milvus.walking import stream

_IDS_A_PART = 8_000
_DEEPEST = 40
"""Parentheses within one another; Milvus 2.3.5 refuses to search by 48."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The records that pass a filter, as expressions of which each record passes at most one."""

    parts: tuple[str, ...]


def select(server: Server, where: Filter | None, notes: Notes, *, beside_vectors: bool = False) -> Selection:
    """Find out what to ask for; where codes say too little, by reading every record that may pass.

    `beside_vectors` says that it is asked of the collection of a space, which has codes and numbers only.
    """
    asked = translate(where, notes)
    if _depth(asked.expression) > _DEEPEST:
        asked = Asked(EVERYTHING, exact=False)
    if where is None or (asked.exact and not (beside_vectors and asked.of_texts)):
        return Selection((asked.expression,))
    ids = list(passing_ids(server, asked, where))
    starts = range(0, max(len(ids), 1), _IDS_A_PART)
    return Selection(tuple(any_of("id", ids[start : start + _IDS_A_PART]) for start in starts))


def passing_ids(server: Server, asked: Asked, where: Filter) -> Iterator[str]:
    """Give the ids of the records that pass, in ascending order."""
    for rows in stream(server, records_of(server.address.name), asked.expression, HEAD):
        for row in rows:
            if matches(to_record(row, {}, features=False), where):
                yield row["id"]


def _depth(expression: str) -> int:
    """Count the parentheses within one another; those within texts may make it more."""
    return max(accumulate(1 if sign == "(" else -1 for sign in re.findall("[()]", expression)), default=0)
