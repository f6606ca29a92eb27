"""Which records come next in a sort order? Pages of keys behind a cursor, which is a value and a key."""

# ruff: noqa: S608 - names of tables and columns are our own; values are bound
from bisect import bisect_left
from collections.abc import Iterator

import numpy as np

from lookalike.gallery.order import NUMBERS, PLACES, TERMS, TIMES, Edge, Order
from lookalike.gallery.sqlite.pages import NO_TIME
from lookalike.gallery.sqlite.view import View

_LAST = np.iinfo(np.int64).max
_SORTED_IN_MEMORY = 20_000
"""Up to so many passing records their texts are fetched and sorted; beyond, an index is walked until enough pass."""


def list_keys(view: View, passing: np.ndarray, order: Order, edge: Edge[int] | None, limit: int) -> list[Edge[int]]:
    """Give the next records that pass, at most `limit` of them, in order, each with its sort value."""
    if order.field in NUMBERS:
        return _by_number(view, np.flatnonzero(passing), order, edge, limit)
    if order.field in TERMS:
        return _by_term(view, np.flatnonzero(passing), order, edge, limit)
    if order.field in PLACES and np.count_nonzero(passing) > _SORTED_IN_MEMORY:
        return list(_along_index(view, passing, order, edge, limit))
    return _by_text(view, np.flatnonzero(passing), order, edge, limit)


def _by_number(view: View, keys: np.ndarray, order: Order, edge: Edge[int] | None, limit: int) -> list[Edge[int]]:
    values = view.columns.values(order.field, keys).astype(np.int64)
    missing = values == NO_TIME if order.field in TIMES else np.zeros(len(values), np.bool_)
    values[missing] = _LAST if not order.falling else -_LAST
    return _first(values, keys, order, edge, limit)


def _by_term(view: View, keys: np.ndarray, order: Order, edge: Edge[int] | None, limit: int) -> list[Edge[int]]:
    terms = view.terms(order.field)
    by_value = sorted(range(len(terms)), key=terms.__getitem__)
    ranks = np.empty(len(terms), np.int64)
    ranks[by_value] = np.arange(len(terms))
    values = 2 * ranks[view.columns.values(order.field, keys)]
    if edge is not None:
        edge = Edge(_rank(sorted(terms), str(edge.value)), edge.mark)
    found = _first(values, keys, order, edge, limit)
    return [Edge(terms[by_value[int(one.value) // 2]], one.mark) for one in found]


def _rank(values: list[str], value: str) -> int:
    """Give where a value stands among sorted ones: even where it is one of them, odd where it lies between."""
    place = bisect_left(values, value)
    return 2 * place if place < len(values) and values[place] == value else 2 * place - 1


def _first(values: np.ndarray, keys: np.ndarray, order: Order, edge: Edge[int] | None, limit: int) -> list[Edge[int]]:
    """Take the first values behind the edge; falling is rising with all signs turned."""
    sign = -1 if order.falling else 1
    values, ties = sign * values, sign * keys
    if edge is not None:
        value, key = sign * int(edge.value), sign * edge.mark
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


def _by_text(view: View, keys: np.ndarray, order: Order, edge: Edge[int] | None, limit: int) -> list[Edge[int]]:
    columns = f"image.{order.field}, image.key"
    query = f"SELECT {columns} FROM json_each(?) AS wanted CROSS JOIN image ON image.key = wanted.value"
    found = sorted(view.connection.execute(query, (str(keys.tolist()),)), reverse=order.falling)
    if edge is not None:
        last = (edge.value, edge.mark)
        found = [one for one in found if (one < last if order.falling else one > last)]
    return [Edge(*one) for one in found[:limit]]


def _along_index(
    view: View, passing: np.ndarray, order: Order, edge: Edge[int] | None, limit: int
) -> Iterator[Edge[int]]:
    direction, beyond = ("DESC", "<") if order.falling else ("ASC", ">")
    behind = f"WHERE ({order.field}, key) {beyond} (?, ?)" if edge else ""
    query = f"SELECT {order.field}, key FROM image {behind} ORDER BY {order.field} {direction}, key {direction}"
    for value, key in view.connection.execute(query, (edge.value, edge.mark) if edge else ()):
        if passing[key]:
            yield Edge(value, key)
            limit -= 1
            if not limit:
                return
