"""Which records come next in a sort order? Pages of keys behind a cursor, which is a value and a key."""

# ruff: noqa: S608 - names of tables and columns are our own; values are bound
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lookalike.errors import BadInput
from lookalike.gallery.order import NUMBERS, PLACES, TERMS, TEXTS, TIMES, Order
from lookalike.gallery.sqlite.pages import NO_TIME
from lookalike.gallery.sqlite.view import View

_LAST = np.iinfo(np.int64).max
_SORTED_IN_MEMORY = 20_000
"""Up to so many passing records their texts are fetched and sorted; beyond, an index is walked until enough pass."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Where a page ended: the sort value and the key of its last record; ties come in the order of their keys.

    A record keeps its key as long as it lives, so what comes and goes meanwhile neither repeats nor hides another.
    """

    value: int | str
    key: int

    def write(self, order: Order) -> str:
        """Give the cursor's text."""
        return urlsafe_b64encode(json.dumps([order.field, order.falling, self.value, self.key]).encode()).decode()

    @classmethod
    def read(cls, cursor: str, order: Order) -> "Edge | None":
        """Read a cursor; None for the empty one.

        Raises:
            BadInput: it does not come from this order.
        """
        if not cursor:
            return None
        kind = str if order.field in (*TEXTS, *TERMS) else int
        try:
            field, falling, value, key = json.loads(urlsafe_b64decode(cursor.encode()))
            valid = (field, falling) == (order.field, order.falling) and type(value) is kind and type(key) is int
            if valid and all(abs(number) <= _LAST for number in (value, key) if isinstance(number, int)):
                return cls(value, key)
        except (ValueError, TypeError, RecursionError):
            pass
        raise BadInput("This cursor does not belong to this order.", "Begin again without one.")


def list_keys(view: View, passing: np.ndarray, order: Order, edge: Edge | None, limit: int) -> list[Edge]:
    """Give the next records that pass, at most `limit` of them, in order, each with its sort value."""
    if order.field in NUMBERS:
        return _by_number(view, np.flatnonzero(passing), order, edge, limit)
    if order.field in TERMS:
        return _by_term(view, np.flatnonzero(passing), order, edge, limit)
    if order.field in PLACES and np.count_nonzero(passing) > _SORTED_IN_MEMORY:
        return list(_along_index(view, passing, order, edge, limit))
    return _by_text(view, np.flatnonzero(passing), order, edge, limit)


def _by_number(view: View, keys: np.ndarray, order: Order, edge: Edge | None, limit: int) -> list[Edge]:
    values = view.columns.values(order.field, keys).astype(np.int64)
    missing = values == NO_TIME if order.field in TIMES else np.zeros(len(values), np.bool_)
    values[missing] = _LAST if not order.falling else -_LAST
    return _first(values, keys, order, edge, limit)


def _by_term(view: View, keys: np.ndarray, order: Order, edge: Edge | None, limit: int) -> list[Edge]:
    terms = view.terms(order.field)
    by_value = sorted(range(len(terms)), key=terms.__getitem__)
    ranks = np.empty(len(terms), np.int64)
    ranks[by_value] = np.arange(len(terms))
    values = 2 * ranks[view.columns.values(order.field, keys)]
    if edge is not None:
        edge = Edge(_rank(sorted(terms), str(edge.value)), edge.key)
    found = _first(values, keys, order, edge, limit)
    return [Edge(terms[by_value[int(one.value) // 2]], one.key) for one in found]


def _rank(values: list[str], value: str) -> int:
    """Give where a value stands among sorted ones: even where it is one of them, odd where it lies between."""
    place = bisect_left(values, value)
    return 2 * place if place < len(values) and values[place] == value else 2 * place - 1


def _first(values: np.ndarray, keys: np.ndarray, order: Order, edge: Edge | None, limit: int) -> list[Edge]:
    """Take the first values behind the edge; falling is rising with all signs turned."""
    sign = -1 if order.falling else 1
    values, ties = sign * values, sign * keys
    if edge is not None:
        value, key = sign * int(edge.value), sign * edge.key
        behind = (values > value) | ((values == value) & (ties > key))
        values, ties = values[behind], ties[behind]
    if len(values) > limit:
        last = np.partition(values, limit - 1)[limit - 1]
        before, equal = np.flatnonzero(values < last), np.flatnonzero(values == last)
        missing = limit - len(before)
        near = np.concatenate([before, equal[np.argpartition(ties[equal], missing - 1)[:missing]]])
        values, ties = values[near], ties[near]
    chosen = np.lexsort((ties, values))
    return [Edge(sign * int(values[i]), sign * int(ties[i])) for i in chosen]


def _by_text(view: View, keys: np.ndarray, order: Order, edge: Edge | None, limit: int) -> list[Edge]:
    columns = f"image.{order.field}, image.key"
    query = f"SELECT {columns} FROM json_each(?) AS wanted CROSS JOIN image ON image.key = wanted.value"
    found = sorted(view.connection.execute(query, (str(keys.tolist()),)), reverse=order.falling)
    if edge is not None:
        last = (edge.value, edge.key)
        found = [one for one in found if (one < last if order.falling else one > last)]
    return [Edge(*one) for one in found[:limit]]


def _along_index(view: View, passing: np.ndarray, order: Order, edge: Edge | None, limit: int) -> Iterator[Edge]:
    direction, beyond = ("DESC", "<") if order.falling else ("ASC", ">")
    behind = f"WHERE ({order.field}, key) {beyond} (?, ?)" if edge else ""
    query = f"SELECT {order.field}, key FROM image {behind} ORDER BY {order.field} {direction}, key {direction}"
    for value, key in view.connection.execute(query, (edge.value, edge.key) if edge else ()):
        if passing[key]:
            yield Edge(value, key)
            limit -= 1
            if not limit:
                return
