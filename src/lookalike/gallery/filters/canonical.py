"""How is a filter written? One canonical text for each tree, which parses to that tree again."""

import re

from lookalike.gallery.filters.scanner import WORD
from lookalike.gallery.filters.tree import And, Between, Filter, Kind, Matches, Not, Or, kind_of
from lookalike.gallery.filters.values import LIMITS, write_date, write_dates, write_number

_NOTHING = "-()"
_TOKEN = re.compile(r"\\(.)|(.)", re.DOTALL)
_SEPARATES = re.compile(r"""[\s(),"]""")


def format_filter(where: Filter) -> str:
    """Write a filter so that `parse_filter` gives the same tree back.

    A tree that the language cannot say (an And or Or of one part, bounds the wrong way round, a pattern with idle
    backslashes) is written as a simpler one that passes the same records.
    """
    where = _unwrapped(where)
    match where:
        case And(()):
            return ""
        case And(parts) if len(parts) > 1:
            return " ".join(_tight(part) for part in parts)
        case Or(parts) if len(parts) > 1 and not _list(where):
            return " OR ".join(_beside_or(part) for part in parts)
        case _:
            return _tight(where)


def _unwrapped(where: Filter) -> Filter:
    while isinstance(where, And | Or) and len(where.parts) == 1:
        where = where.parts[0]
    return where


def _beside_or(where: Filter) -> str:
    where = _unwrapped(where)
    binds_tighter = isinstance(where, And) and len(where.parts) > 1
    return format_filter(where) if binds_tighter else _tight(where)


def _tight(where: Filter) -> str:
    """Write what stands beside another term or behind a minus."""
    where = _unwrapped(where)
    match where:
        case Or(()):
            return _NOTHING
        case And() | Or():
            return _list(where) or f"({format_filter(where)})"
        case Not(part):
            return f"-{_tight(part)}"
        case Matches() | Between():
            return _term(where)


def _term(term: Matches | Between) -> str:
    value = _value(term)
    if not value:
        return _NOTHING
    if value.endswith("..") and isinstance(term, Between):
        return f"{term.field}>={value.removesuffix('..')}"
    if value.startswith("..") and isinstance(term, Between):
        return f"{term.field}<={value.removeprefix('..')}"
    return f"{_name(term.field)}:{value}"


def _list(where: And | Or) -> str:
    """Write terms of one field as `field:a,b`; empty where they are not such."""
    terms = [part for part in map(_unwrapped, where.parts) if isinstance(part, Matches | Between)]
    if isinstance(where, And) or len(terms) < len(where.parts) or len({term.field for term in terms}) != 1:
        return ""
    values = [_value(term) for term in terms]
    return f"{_name(terms[0].field)}:{','.join(values)}" if all(values) else ""


def _name(field: str) -> str:
    prefix, dot, name = field.partition(".")
    if not dot or WORD.fullmatch(name):
        return field
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'{prefix}."{escaped}"'


def _value(term: Matches | Between) -> str:
    """Write the value; empty where nothing can pass."""
    if isinstance(term, Matches):
        return _pattern(term.pattern)
    if term.low is None and term.high is None:
        return "*"
    least, most = LIMITS[kind_of(term.field)]
    low = least if term.low is None else max(term.low, least)
    high = most if term.high is None else min(term.high, most)
    if low > high:
        return ""
    if kind_of(term.field) is Kind.DATE:
        whole = write_dates(low, high)
    else:
        whole = _bound(term.field, low, end=False) if low == high else ""
    if whole and term.low is not None and term.high is not None:
        return whole
    first = "" if term.low is None else _bound(term.field, low, end=False)
    last = "" if term.high is None else _bound(term.field, high, end=True)
    return f"{first}..{last}"


def _bound(field: str, bound: int, *, end: bool) -> str:
    if kind_of(field) is Kind.DATE:
        return write_date(bound, end=end)
    return write_number(bound, in_bytes=field == "bytes")


def _pattern(pattern: str) -> str:
    tokens = []
    for escaped, bare in _TOKEN.findall(pattern):
        character = escaped or bare
        special = character == "\\" or (escaped and character in "*?")
        tokens.append("\\" + character if special else character)
    text = "".join(tokens)
    if not _SEPARATES.search(text):
        return text
    return '"' + text.replace('"', '\\"') + '"'
