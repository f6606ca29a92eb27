"""What tree does a text in the filter language mean? A recursive descent, bounded in length and depth."""

import re
from collections.abc import Callable, Iterator

from lookalike.errors import BadFilter
from lookalike.gallery.filters.complaint import complaint
from lookalike.gallery.filters.patterns import plain
from lookalike.gallery.filters.scanner import Scanner
from lookalike.gallery.filters.terms import read_term
from lookalike.gallery.filters.tree import And, Filter, Matches, Not, Or

MAX_CHARACTERS = 10_000
MAX_DEPTH = 50
"""Of parentheses and negations within one another."""
MAX_READ = 100
"""Patterns for each of which a gallery may have to read a text of every record, or every label, tag or folder."""


def parse_filter(text: str) -> Filter:
    """Parse the filter language; the empty text means every record.

    Raises:
        BadFilter: with a caret under the place that cannot be understood, and what could stand there.
    """
    if len(text) > MAX_CHARACTERS:
        raise BadFilter(
            f"The filter is {len(text):,} characters long; {MAX_CHARACTERS:,} is the most that is read.",
            "Ask in several parts.",
        )
    alien = re.search("[\ud800-\udfff]", text)
    if alien:
        raise complaint(text, *alien.span(), "this is no character", "Leave it out.")
    tree = _Parser(Scanner(text)).parse()
    if sum(map(_must_be_read, _leaves(tree))) > MAX_READ:
        raise BadFilter(
            f"The filter has more than {MAX_READ} patterns of texts, paths or metadata, or with * or ?, and each is "
            "looked for among all pictures.",
            "Ask in several parts, or name folders: path:holiday/*",
        )
    return tree


def _leaves(tree: Filter) -> Iterator[Filter]:
    match tree:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _leaves(part)
        case Not(part):
            yield from _leaves(part)
        case _:
            yield tree


def _must_be_read(leaf: Filter) -> bool:
    match leaf:
        case Matches("text", _):
            return True
        case Matches("path", pattern):
            return not pattern.endswith("/*") or plain(pattern.removesuffix("/*")) is None
        case Matches(field, pattern):
            return field.startswith("meta.") or plain(pattern) is None
    return False


class _Parser:
    """Descends through one text; each rule begins and ends where no space comes next."""

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._depth = 0

    def parse(self) -> Filter:
        self._scanner.skip_space()
        tree = self._either()
        if not self._scanner.sees(""):
            raise self._scanner.wrong("no parenthesis was opened before this one", "Take it away, or open one.")
        return tree

    def _either(self) -> Filter:
        if self._ends():
            return And(())
        parts = [self._all()]
        while self._keyword("OR"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all(self) -> Filter:
        parts: list[Filter] = []
        while not self._ends() and not self._scanner.sees_word("OR"):
            parts.append(self._term())
        if not parts:
            raise self._scanner.wrong("a term was expected on either side of OR", "Write one like label:dog.")
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _term(self) -> Filter:
        start = self._scanner.at
        minus = self._scanner.take("-")
        if minus or self._keyword("NOT"):
            if self._ends() or (minus and self._scanner.sees_space()):
                raise self._scanner.wrong("a term was expected right after the negation", "Write one like -label:dog.")
            return Not(self._deeper(self._term, start))
        if self._scanner.take("("):
            self._scanner.skip_space()
            tree = self._deeper(self._either, start)
            if not self._scanner.take(")"):
                raise self._scanner.wrong("this parenthesis is never closed", "Write a ) after it.", start)
        else:
            tree = read_term(self._scanner)
        self._scanner.skip_space()
        return tree

    def _deeper(self, rule: Callable[[], Filter], start: int) -> Filter:
        if self._depth == MAX_DEPTH:
            raise self._scanner.wrong(
                f"there are more than {MAX_DEPTH} parentheses and negations around this",
                "Write it more simply.",
                start,
            )
        self._depth += 1
        tree = rule()
        self._depth -= 1
        return tree

    def _ends(self) -> bool:
        return self._scanner.sees("") or self._scanner.sees(")")

    def _keyword(self, word: str) -> bool:
        found = self._scanner.sees_word(word)
        if found:
            self._scanner.take_word()
            self._scanner.skip_space()
        return found
