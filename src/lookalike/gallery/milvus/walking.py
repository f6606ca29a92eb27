"""How are many rows read, when one query gives 16,384 at most? By ranges of ids, which are hashes and so lie evenly."""

from collections.abc import Iterator, Sequence
from itertools import pairwise, product

from lookalike.gallery.milvus.codes import EVERYTHING, ID_LETTERS, all_of, quoted
from lookalike.gallery.milvus.server import LARGEST_WINDOW, Row, Server

_LIGHT, _HEAVY = 4_000, 400
"""Rows that are wanted in one answer: of a few numbers, or of whole records with their features."""
_HEAVY_FIELDS = {"record", "features", "vector"}


def fetch(server: Server, collection: str, where: str, fields: Sequence[str]) -> list[Row]:
    """Give all rows that pass, in the order of their ids."""
    return [row for rows in stream(server, collection, where, fields) for row in rows]


def stream(server: Server, collection: str, where: str, fields: Sequence[str], after: str = "") -> Iterator[list[Row]]:
    """Give all rows that pass and whose ids come after one, part by part, in the order of their ids."""
    wanted = _HEAVY if _HEAVY_FIELDS & {*fields} else _LIGHT
    count = server.count(collection, where)
    if count:
        asked = list(dict.fromkeys(("id", *fields)))
        where = where or EVERYTHING
        for low, high in _ranges(count / wanted, after):
            yield from _range(server, collection, where, asked, low, high)


def _range(server: Server, collection: str, where: str, fields: list[str], low: str, high: str) -> Iterator[list[Row]]:
    """Give the rows of a range, cut in two again and again where they are too many: ids of notes are no hashes."""
    parts = [([f"id > {quoted(low)}"] if low else [], [f"id < {quoted(high)}"] if high else [])]
    while parts:
        above, below = parts.pop()
        rows = sorted(server.query(collection, all_of([where, *above, *below]), fields), key=lambda row: str(row["id"]))
        if len(rows) >= LARGEST_WINDOW:
            middle = quoted(rows[len(rows) // 2]["id"])
            parts += [([f"id >= {middle}"], below), (above, [f"id < {middle}"])]
        elif rows:
            yield rows


def _ranges(parts: float, after: str) -> Iterator[tuple[str, str]]:
    """Cut all ids into about so many ranges, both ends not included; no id is as short as a cut."""
    length = 0
    while 32**length < parts:
        length += 1
    step = max(1, int(32**length / max(parts, 1)))
    cuts = ["".join(letters) for letters in product(ID_LETTERS, repeat=length)][::step] if length else []
    for low, high in pairwise(["", *cuts[1:], ""]):
        if not high or high > after:
            yield max(low, after), high


def sample(server: Server, collection: str, where: str, fields: Sequence[str], n: int) -> list[Row]:
    """Give n of the rows that pass, whichever: as ids are hashes, they are like the others."""
    return server.query(collection, where or EVERYTHING, list(fields), n)
