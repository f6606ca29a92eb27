"""Which words does a text hold? Without case, accents and English endings, as every gallery compares them."""

from collections.abc import Sequence
from threading import local
from typing import Any

from lookalike.gallery.spellings import two_letters

TOKENIZER = ("porter", "unicode61", "remove_diacritics", "2")
"""Runs of letters and digits, folded; then English endings are taken off, which leaves other languages nearly alone.

Source: https://www.sqlite.org/fts5.html#tokenizers; M. F. Porter, An algorithm for suffix stripping, 1980.
"""
_AS_DOCUMENT = 0x0004
"""FTS5_TOKENIZE_DOCUMENT."""

Tokens = tuple[str, ...]
"""Words in their order, as they are compared."""

_own = local()


def tokens_of(text: str) -> Tokens:
    """Give the words of a text as they are compared, each as often as it occurs."""
    encoded = two_letters(text).encode("utf-8", "replace")
    return tuple(_tokenizer()(encoded, _AS_DOCUMENT, None, include_offsets=False, include_colocated=False))


def spelled(text: str) -> list[tuple[str, str]]:
    """Give each word of a text as it is written and as it is compared: `("Dogs", "dog")`."""
    encoded = text.encode("utf-8", "replace")
    found = _tokenizer()(encoded, _AS_DOCUMENT, None, include_offsets=True, include_colocated=False)
    words = [encoded[start:end].decode("utf-8", "replace") for start, end, _ in found]
    if two_letters(text) != text:
        return [(word, " ".join(tokens_of(word))) for word in words]
    return [(word, token) for word, (_, _, token) in zip(words, found, strict=True)]


def occurrences(tokens: Sequence[str], wanted: Sequence[str], *, unfinished: bool = False) -> int:
    """Count how often some words stand in a text just so, next to one another; no word at all stands nowhere.

    Of an unfinished text the last word may only begin so.
    """
    if len(wanted) == 1:
        word = wanted[0]
        return len([one for one in tokens if one.startswith(word)]) if unfinished else tokens.count(word)
    *before, last = wanted or ("",)
    n = len(before)
    return sum(
        one == last or (unfinished and one.startswith(last))
        for place, one in enumerate(tokens)
        if wanted and place >= n and list(tokens[place - n : place]) == before
    )


def _tokenizer() -> Any:
    """Give this thread's own tokenizer: SQLite's, so that nothing here can differ from what it indexes."""
    if not hasattr(_own, "tokenizer"):
        import apsw

        _own.connection = apsw.Connection(":memory:")
        name, *arguments = TOKENIZER
        _own.tokenizer = _own.connection.fts5_tokenizer(name, arguments)
    return _own.tokenizer
