"""Which span of numbers or seconds does a value like `2M`, `2019-05` or `2019..2021` mean, and the way back."""

import re
from calendar import monthrange
from datetime import datetime, timedelta

from lookalike.gallery.filters.matching import epoch_seconds
from lookalike.gallery.filters.tree import Kind

Span = tuple[int, int]
"""First and last whole number or second."""

_NUMBER = re.compile(r"(-?)([0-9]{1,19})(?:\.([0-9]{1,18}))?([kmg]?)(b?)", re.IGNORECASE)
_BYTES = (("GB", 9), ("MB", 6), ("kB", 3))
_PLAIN = (("G", 9), ("M", 6))
_POWER = {"": 0, "k": 3, "m": 6, "g": 9}
_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?)?)?)?")
_FIRST = "0001-01-01T00:00:00"
_LAST = "9999-12-ddT23:59:59"
"""What a date lacks at its end when it means its first or its last second."""

_LENGTHS = (4, 7, 10, 16, 19)
"""Of a year, month, day, minute and second in ISO 8601."""

LIMITS: dict[Kind, Span] = {
    Kind.NUMBER: (-(2**63), 2**63 - 1),
    Kind.DATE: (-62_135_596_800, 253_402_300_799),
}
"""What a bound may be: 64 bits, as every gallery stores them, and the years 1 to 9999."""


def read_span(kind: Kind, text: str, *, in_bytes: bool = False) -> Span | None:
    """Read one number or date; None where it is none. `in_bytes` allows kB, MB and GB."""
    span = _read_number(text, in_bytes=in_bytes) if kind is Kind.NUMBER else _read_date(text)
    if span is None or not LIMITS[kind][0] <= span[0] <= span[1] <= LIMITS[kind][1]:
        return None
    return span


def _read_number(text: str, *, in_bytes: bool) -> Span | None:
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    sign, whole, fraction, unit, byte = found.groups()
    power = _POWER[unit.lower()] - len(fraction or "")
    if (byte and not (in_bytes and unit)) or power < 0:
        return None
    value = int(sign + whole + (fraction or "")) * 10**power
    return value, value


def _read_date(text: str) -> Span | None:
    if not _DATE.fullmatch(text):
        return None
    try:
        first = datetime.fromisoformat(text + _FIRST[len(text) :])
    except ValueError:
        return None
    days = monthrange(first.year, first.month)[1]
    last = datetime.fromisoformat(text + _LAST[len(text) :].replace("-dd", f"-{days}"))
    return epoch_seconds(first), epoch_seconds(last)


def write_number(value: int, *, in_bytes: bool = False) -> str:
    """Write a number the short way: `2M`; `2MB` or `500kB` for bytes."""
    for unit, power in _BYTES if in_bytes else _PLAIN:
        if value and value % 10**power == 0:
            return f"{value // 10**power}{unit}"
    return str(value)


def write_date(second: int, *, end: bool) -> str:
    """Write the shortest date whose span starts, or ends, with this second of the years 1 to 9999."""
    full = _iso(second)
    fitting = (full[:length] for length in _LENGTHS if (span := _read_date(full[:length])) and span[end] == second)
    return next(fitting)


def write_dates(first: int, last: int) -> str:
    """Write the one date whose span is just this; empty where there is none."""
    full = _iso(first)
    return next((full[:length] for length in _LENGTHS if _read_date(full[:length]) == (first, last)), "")


def _iso(second: int) -> str:
    return (datetime(1970, 1, 1) + timedelta(seconds=second)).isoformat()  # noqa: DTZ001 - as if UTC
