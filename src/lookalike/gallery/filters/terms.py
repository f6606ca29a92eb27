"""What does one term `field:value` mean?"""

import re
from difflib import get_close_matches

from lookalike.errors import BadInput
from lookalike.gallery.filters.canonical import format_filter
from lookalike.gallery.filters.scanner import Scanner, Value
from lookalike.gallery.filters.tree import ALIASES, FIELDS, Between, Filter, Kind, Matches, Or, kind_of
from lookalike.gallery.filters.values import LIMITS, Span, read_span

_EXPECTED = {
    Kind.NUMBER: ("a number was expected here", "Write one like 1000 or 2M, or a range like 640..1000."),
    "bytes": ("a number was expected here", "Write one like 500kB or 2MB, or a range like 1MB..5MB."),
    Kind.DATE: (
        "a date was expected here",
        "Write one like 2019, 2019-05, 2019-05-17 or 2019-05-17T10:30, or a range like 2019..2021.",
    ),
}
_EQUALS = (":", "=")
_LONGEST_HINT = 40


def read_term(scanner: Scanner) -> Filter:
    """Read a field, an operator and its values.

    Raises:
        BadInput: one of them is wrong, with a caret under it.
    """
    start = scanner.at
    field = _read_field(scanner)
    named = scanner.at
    operator = scanner.take_operator() if field else ""
    if not operator:
        raise _no_field(scanner, start)
    _check_field(scanner, field, start)
    if operator not in _EQUALS and kind_of(field) not in _EXPECTED:
        raise scanner.wrong("this field has no order", f"Write {field}:value.", named, scanner.at)
    parts = [_read_value(scanner, field, operator)]
    while scanner.take(","):
        if operator not in _EQUALS:
            raise scanner.wrong("only one value can stand here", f"Write {field}: before several.", scanner.at - 1)
        parts.append(_read_value(scanner, field, operator))
    return parts[0] if len(parts) == 1 else Or(tuple(parts))


def _read_field(scanner: Scanner) -> str:
    """Read a name; that of a metadata entry may be quoted, where wildcards are plain characters."""
    word = scanner.take_word()
    word = ALIASES.get(word, word)
    if word == "meta." and scanner.sees('"'):
        return word + re.sub(r"\\([*?\\])", r"\1", scanner.take_quoted())
    return word


def is_field(scanner: Scanner) -> bool:
    """Say whether a term begins here, by one of the fields that there are and an operator; the place stays."""
    start = scanner.at
    word = scanner.take_word()
    found = bool(scanner.take_operator()) or (word == "meta." and scanner.sees('"'))
    scanner.at = start
    return found and (ALIASES.get(word, word) in FIELDS or word.startswith("meta."))


def _no_field(scanner: Scanner, start: int) -> BadInput:
    """Make the error for a value on its own, or for something that cannot begin a term."""
    scanner.at = start
    if scanner.take_operator():
        return scanner.wrong("a field was expected before this", "Write one like label or path.", start, scanner.at)
    value = scanner.take_value()
    if not value.pattern:
        return scanner.wrong("a term was expected here", "Write one like label:dog.", start)
    word = scanner.text[start : value.end]
    if word in ("AND", "and"):
        fix = "Leave it out: terms side by side must all hold."
    elif word in ("or", "not"):
        fix = f"Write {word.upper()} in capitals."
    elif len(value.pattern) > _LONGEST_HINT or not value.pattern.strip("*"):
        fix = "Write one before it, like label: or path:."
    else:
        anywhere = Matches("path", f"*{value.pattern.strip('*')}*")
        terms = [Matches("label", value.pattern), Matches("tag", value.pattern), anywhere]
        fix = "Did you mean {}, {} or {}?".format(*(format_filter(term) for term in terms))
    return scanner.wrong("a field was expected before this", fix, start, value.end)


def _check_field(scanner: Scanner, field: str, start: int) -> None:
    if field in FIELDS or (field.startswith("meta.") and field != "meta."):
        return
    if field in ("meta", "meta."):
        raise scanner.wrong("which metadata entry is missing here", "Write meta.NAME.", start, start + len(field))
    close = get_close_matches(field.lower()[:_LONGEST_HINT], FIELDS, n=2) or FIELDS
    fix = (
        f"Did you mean {' or '.join(close)}?"
        if len(close) <= 2
        else f"The fields are {', '.join(FIELDS)} and meta.NAME."
    )
    raise scanner.wrong("there is no such field", fix, start, start + len(field))


def _read_value(scanner: Scanner, field: str, operator: str) -> Matches | Between:
    value = scanner.take_value()
    if not value.pattern:
        has_one = Between(field, None, None) if kind_of(field) in _EXPECTED else Matches(field, "*")
        raise scanner.wrong(
            "a value was expected here",
            f"Write it without a space before it; -{format_filter(has_one)} finds what has none.",
            value.start,
            max(value.end, value.start + 1),
        )
    if kind_of(field) not in _EXPECTED:
        return Matches(field, value.pattern)
    if operator in _EQUALS:
        return _read_range(scanner, field, value)
    first, last = _read_span(scanner, field, value, value.pattern)
    low, high = {">": (last + 1, None), ">=": (first, None), "<": (None, first - 1), "<=": (None, last)}[operator]
    least, most = LIMITS[kind_of(field)]
    if (low or 0) > most or (high or 0) < least:
        raise scanner.wrong("nothing lies beyond this", "Leave the term out.", value.start, value.end)
    return Between(field, low, high)


def _read_range(scanner: Scanner, field: str, value: Value) -> Between:
    if value.pattern == "*":
        return Between(field, None, None)
    first, dots, last = value.pattern.partition("..")
    if not dots:
        return Between(field, *_read_span(scanner, field, value, first))
    low = _read_span(scanner, field, value, first)[0] if first else None
    high = _read_span(scanner, field, value, last)[1] if last or not first else None
    if low is not None and high is not None and low > high:
        raise scanner.wrong("this range runs backwards", f"Write {field}:{last}..{first}.", value.start, value.end)
    return Between(field, low, high)


def _read_span(scanner: Scanner, field: str, value: Value, text: str) -> Span:
    kind = kind_of(field)
    span = read_span(kind, text, in_bytes=field == "bytes")
    if span is None:
        problem, fix = _EXPECTED["bytes" if field == "bytes" else kind]
        raise scanner.wrong(problem, fix, value.start, value.end)
    return span
