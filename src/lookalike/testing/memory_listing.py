"""Which page of records comes next, and how many have which value? All are looked at anew for every answer."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from lookalike.errors import BadInput
from lookalike.gallery import Page
from lookalike.gallery.filters import epoch_seconds
from lookalike.gallery.order import TIMES, Order
from lookalike.types import ImageRecord

_Key = tuple[bool, Any, str]
"""What puts records without a value last, the value, and the id."""


def page_of(records: Iterable[ImageRecord], order: str, after: str, limit: int) -> Page:
    """Give the records that come after a cursor, in order, ties by id.

    Raises:
        BadInput: it is no order, or no cursor of that order.
    """
    by = Order.parse(order)
    ranked = sorted(
        ((_sort_key(record, by), record) for record in records),
        key=lambda pair: pair[0],
        reverse=by.falling,
    )
    if after:
        edge = _read_cursor(after, order)
        ranked = [pair for pair in ranked if (pair[0] < edge if by.falling else pair[0] > edge)]
    more = _write_cursor(order, ranked[limit - 1][0]) if len(ranked) > limit else ""
    return Page(records=tuple(record for _, record in ranked[:limit]), after=more)


def count_values(records: Iterable[ImageRecord], field: str) -> Mapping[str, int]:
    """Count records by the values of a field.

    Raises:
        BadInput: records cannot be counted by this field.
    """
    return Counter(value for record in records for value in _facet_values(record, field) if value)


def _facet_values(record: ImageRecord, field: str) -> tuple[str, ...]:
    match field:
        case "tag":
            return record.all_tags
        case "folder":
            return (record.path.rpartition("/")[0],)
        case "year":
            return (str(record.taken_at.year) if record.taken_at else "",)
        case "label" | "owner" | "format":
            return (getattr(record, field),)
        case _:
            raise BadInput(f"Records cannot be counted by {field!r}.", "Use label, tag, owner, format, folder or year.")


def _sort_key(record: ImageRecord, by: Order) -> _Key:
    if by.field in TIMES:
        moment = record.added_at if by.field == "added" else record.taken_at
        return (moment is None) != by.falling, epoch_seconds(moment) if moment else 0, record.id
    return by.falling, getattr(record, by.field), record.id


def _write_cursor(order: str, key: _Key) -> str:
    return urlsafe_b64encode(json.dumps([order, *key]).encode()).decode()


def _read_cursor(text: str, order: str) -> _Key:
    try:
        written_for, present, value, id_ = json.loads(urlsafe_b64decode(text.encode()))
    except (ValueError, TypeError) as error:
        raise BadInput("This is no cursor.", "Begin again without one.") from error
    if written_for != order:
        raise BadInput(f"The cursor belongs to the order {written_for!r}.", "Begin again without one.")
    return present, value, id_
