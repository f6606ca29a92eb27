"""How is a person shown where a filter went wrong? The line they wrote, with a caret under the place."""

import unicodedata

from lookalike.errors import BadFilter, BadInput, BadWords

_KINDS = {"filter": BadFilter, "words": BadWords}
_BEFORE, _AFTER = 50, 20
"""How much of a long filter is shown around the place: with the rest it fits a terminal 80 columns wide."""


def complaint(text: str, start: int, end: int, problem: str, fix: str, what: str = "filter") -> BadInput:
    """Make the error that points at text[start:end] of a filter or of words, as `what` says; it may be empty."""
    shown_from = max(0, start - _BEFORE)
    shown_to = min(len(text), max(start + _AFTER, min(end, start + _BEFORE)))
    before = ("…" if shown_from else "") + _visible(text[shown_from:start])
    place = _visible(text[start : min(end, shown_to)])
    after = _visible(text[min(end, shown_to) : shown_to]) + ("…" if shown_to < len(text) else "")
    carets = "^" * max(1, _columns(place))
    return _KINDS[what](
        f"The {what} cannot be read:\n  {before}{place}{after}\n  {' ' * _columns(before)}{carets} {problem}.", fix
    )


def _visible(text: str) -> str:
    """Put � for what would move the caret or turn the line round: control, direction and surrogate characters."""
    return "".join(character if character.isprintable() or character == " " else "�" for character in text)


def _columns(text: str) -> int:
    """Count the columns that a terminal needs."""
    return sum(_width(character) for character in text)


def _width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
