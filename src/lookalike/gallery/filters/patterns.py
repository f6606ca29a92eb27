"""Does a text match a pattern with `*` and `?`? In time linear in text × pattern, whatever the pattern."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from lookalike.gallery.filters.tree import Kind
from lookalike.gallery.tokens import occurrences, spelled, tokens_of

WILD = "*?"
_TOKEN = re.compile(r"\\(.)|(.)", re.DOTALL)


def fold(text: str) -> str:
    """Give what WORD fields compare: without case, and é alike whether it is one character or two."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def literal(text: str) -> str:
    """Give the pattern that matches just this text."""
    return re.sub(r"([*?\\])", r"\\\1", text)


def plain(pattern: str) -> str | None:
    """Give the only text that a pattern matches; None where it holds a wildcard."""
    tokens = _TOKEN.findall(pattern)
    if any(bare in WILD for _, bare in tokens if bare):
        return None
    return "".join(escaped or bare for escaped, bare in tokens)


def words_of(pattern: str) -> tuple[list[str], bool]:
    """Give the words of a TEXT field's pattern as they are written, and whether the last is unfinished."""
    signs = _TOKEN.findall(pattern)
    text = "".join(escaped or bare for escaped, bare in signs)
    return [word for word, _ in spelled(text)], signs[-1:] == [("", "*")]


@lru_cache(maxsize=1024)
def matcher(kind: Kind, pattern: str) -> Callable[[str], bool]:
    """Compile a pattern into a test of one value; the empty value never passes."""
    if kind is Kind.WORD:
        compiled = _compile(fold(pattern), anywhere=False)
        return lambda value: bool(value) and compiled.match(fold(value)) is not None
    if kind is Kind.TEXT:
        words, unfinished = words_of(pattern)
        wanted = tokens_of(" ".join(words))
        return lambda value: bool(occurrences(tokens_of(value), wanted, unfinished=unfinished))
    if kind is Kind.PATH:
        normal = unicodedata.normalize("NFC", pattern)
        compiled = _compile(normal, anywhere=not normal.startswith("/"))
        return lambda value: bool(value) and compiled.match(unicodedata.normalize("NFC", value)) is not None
    compiled = _compile(pattern, anywhere=False)
    return lambda value: bool(value) and compiled.match(value) is not None


def _compile(pattern: str, *, anywhere: bool) -> re.Pattern[str]:
    """Translate to a regular expression; `anywhere` lets it begin after any slash.

    What stands between two stars may always be taken where it first occurs, so atomic groups keep a hostile
    pattern from being tried in exponentially many ways.
    """
    head, *rest = _pieces(pattern)
    if not rest:
        start = "(?:.*/)?" if anywhere else ""
        return re.compile(rf"{start}{head}\Z", re.DOTALL)
    start = f"(?>(?:|.*?/){head})" if anywhere else head
    middle = "".join(f"(?>.*?{piece})" for piece in rest[:-1] if piece)
    return re.compile(rf"{start}{middle}.*{rest[-1]}\Z", re.DOTALL)


def _pieces(pattern: str) -> list[str]:
    """Split at the stars, each piece as a regular expression."""
    pieces = [""]
    for escaped, bare in _TOKEN.findall(pattern):
        if bare == "*":
            pieces.append("")
        else:
            pieces[-1] += "." if bare == "?" else re.escape(escaped or bare)
    return pieces
