"""Which records come next in a sort order? Milvus cannot sort, but count: a sample tells how far the next page reaches.

Ids are hashes, so that some rows of the many are a fair sample of them. One value of it is the bound of what is read
and then sorted here, however large the gallery.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lookalike.gallery.milvus.codes import NO_TIME, all_of, code_of, quoted
from lookalike.gallery.milvus.notes import Notes
from lookalike.gallery.milvus.schema import records_of
from lookalike.gallery.milvus.selecting import Selection
from lookalike.gallery.milvus.server import Server
from lookalike.gallery.milvus.walking import fetch, sample, stream
from lookalike.gallery.order import TERMS, TIMES, Edge, Order, Value

_READ_AT_ONCE = 4_000
"""Rows behind the edge that are read and sorted without asking a sample first."""
_SAMPLED = 2_000
_SAFETY = 2
"""How many times the page is aimed at, so that one attempt does."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Lists the records of a gallery that pass, in some order."""

    server: Server
    notes: Notes
    selection: Selection
    order: Order

    def after(self, edge: Edge[str] | None, limit: int) -> list[Edge[str]]:
        """Give the next records, at most `limit` of them, each with its sort value."""
        found = sorted(
            (one for part in self.selection.parts for one in self._of_part(part, edge, limit)), key=self._rank
        )
        return found[:limit]

    def _rank(self, one: Edge[str]) -> tuple[bool, Value, str]:
        """Give what sorts as it should, for values that do not already come in descending order."""
        missing = one.value == NO_TIME and self.order.field in TIMES
        if not self.order.falling:
            return missing, one.value, one.mark
        return missing, -one.value if isinstance(one.value, int) else _turned(one.value), one.mark

    def _of_part(self, part: str, edge: Edge[str] | None, limit: int) -> list[Edge[str]]:
        if self.order.field == "id":
            return self._by_id(part, edge, limit)
        if self.order.field in TERMS:
            return self._by_term(part, edge, limit)
        return self._by_value(part, edge, limit)

    def _by_value(self, part: str, edge: Edge[str] | None, limit: int) -> list[Edge[str]]:
        """Give the ties of the edge, then what lies behind, then what has no value at all."""
        field = self.order.field
        present = f"{field} > {NO_TIME}" if field in TIMES else ""
        found: list[Edge[str]] = []
        if edge is not None:
            found = self._ties(part, edge.value, edge.mark, limit)
        if edge is None or not (present and edge.value == NO_TIME):
            bounds = [part, present] if present else [part]
            if edge is not None:
                bounds.append(f"{field} {'<' if self.order.falling else '>'} {_written(edge.value)}")
            found += self._behind(all_of(bounds), limit - len(found))
            if present and len(found) < limit:
                found += self._ties(part, NO_TIME, "", limit - len(found))
        return found[:limit]

    def _ties(self, part: str, value: Value, after: str, limit: int) -> list[Edge[str]]:
        """Give the records of one value whose ids come after one."""
        where = all_of([part, f"{self.order.field} == {_written(value)}"])
        return [Edge(value, id_) for id_ in self._ids(where, after, limit)]

    def _behind(self, where: str, limit: int) -> list[Edge[str]]:
        """Give the first of all records that pass."""
        if limit < 1:
            return []
        field, count = self.order.field, self.server.count(self._collection, where)
        if count <= max(_READ_AT_ONCE, limit):
            return self._sorted(where)[:limit]
        for bound in self._bounds(where, limit / count):
            before = all_of([where, f"{field} {'>' if self.order.falling else '<'} {_written(bound)}"])
            if self.server.count(self._collection, before) <= max(_READ_AT_ONCE, 8 * limit):
                found = self._sorted(before)
                found += self._ties(where, bound, "", limit - len(found))
                if len(found) >= limit:
                    return found[:limit]
        return self._sorted(where)[:limit]

    def _bounds(self, where: str, share: float) -> Iterator[Value]:
        """Give values that about so large a share of the records comes before, or a little more; nearest first."""
        rows = sample(self.server, self._collection, where, (self.order.field,), _SAMPLED)
        values = sorted((row[self.order.field] for row in rows), reverse=self.order.falling)
        place = max(1, int(share * len(values) * _SAFETY))
        while place < len(values):
            yield values[place]
            place = 2 * place

    def _sorted(self, where: str) -> list[Edge[str]]:
        rows = fetch(self.server, self._collection, where, ("id", self.order.field))
        return sorted((Edge(row[self.order.field], row["id"]) for row in rows), key=self._rank)

    def _by_term(self, part: str, edge: Edge[str] | None, limit: int) -> list[Edge[str]]:
        terms = ["", *self.notes.vocabulary.terms(self.order.field)]
        if self.server.count(self._collection, part) <= _READ_AT_ONCE:
            return self._few_by_term(part, terms, edge, limit)
        found: list[Edge[str]] = []
        for text in sorted(terms, reverse=self.order.falling):
            if edge is not None and (text > edge.value if self.order.falling else text < edge.value):  # type: ignore[operator]
                continue
            after = edge.mark if edge is not None and text == edge.value else ""
            found += self._of_term(part, text, after, limit - len(found))
            if len(found) >= limit:
                break
        return found

    def _few_by_term(self, part: str, terms: list[str], edge: Edge[str] | None, limit: int) -> list[Edge[str]]:
        """Read them all, rather than ask for each text that there ever was."""
        texts = {code_of(self.order.field, text): text for text in terms}
        rows = fetch(self.server, self._collection, part, ("id", self.order.field))
        held = [(texts.get(row[self.order.field]), row["id"]) for row in rows]
        found = sorted((Edge(text, id_) for text, id_ in held if text is not None), key=self._rank)
        return [one for one in found if edge is None or self._rank(one) > self._rank(edge)][:limit]

    def _of_term(self, part: str, text: str, after: str, limit: int) -> list[Edge[str]]:
        where = all_of([part, f"{self.order.field} == {code_of(self.order.field, text)}"])
        return [Edge(text, id_) for id_ in self._ids(where, after, limit)]

    def _by_id(self, part: str, edge: Edge[str] | None, limit: int) -> list[Edge[str]]:
        after = edge.mark if edge is not None else ""
        if self.order.falling:
            bound = all_of([part, f"id < {quoted(after)}"]) if edge is not None else part
            rows = fetch(self.server, self._collection, bound, ("id",))
            return [Edge(row["id"], row["id"]) for row in reversed(rows)][:limit]
        return [Edge(id_, id_) for id_ in self._ids(part, after, limit)]

    def _ids(self, where: str, after: str, limit: int) -> list[str]:
        """Give the first ids behind one of the records that pass; no more is read than they need."""
        streamed = stream(self.server, self._collection, where, ("id",), after)
        ids = (row["id"] for rows in streamed for row in rows if row["id"] > after)
        return list(islice(ids, max(limit, 0)))

    @property
    def _collection(self) -> str:
        return records_of(self.server.address.name)


def _written(value: Value) -> str:
    return quoted(value) if isinstance(value, str) else str(value)


class _turned(str):  # noqa: N801 - a value, not a kind of thing
    """A text that sorts the other way round."""

    __slots__ = ()

    def __lt__(self, other: str) -> bool:
        return str(self) > str(other)

    def __gt__(self, other: str) -> bool:
        return str(self) < str(other)
