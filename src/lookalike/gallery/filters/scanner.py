"""Which words, operators and values stand in a filter's text, one after the other?"""

import re
from dataclasses import dataclass

from lookalike.errors import BadInput
from lookalike.gallery.filters.complaint import complaint

_SPACE = re.compile(r"\s*")
WORD = re.compile(r"""[^\s()":,<>=\\]+""")
"""A field's name, or what stands after `meta.` without quotes."""
_OPERATOR = re.compile(r">=|<=|[:=<>]")
_BARE = re.compile(r"""[^\s()",\\]+""")
_ENDS = ("", "(", ")", ",")
_QUOTED = re.compile(r"""[^"\\]+""")


@dataclass(frozen=True, slots=True)
class Value:
    """A value as a pattern: quotes undone, backslashes left only before `*`, `?` and backslash."""

    pattern: str
    start: int
    end: int


class Scanner:
    """A place in a text, moved on by each `take`."""

    def __init__(self, text: str, what: str = "filter") -> None:
        """Begin at the beginning; errors call the text `what` it is."""
        self.text = text
        self._what = what
        self.at = 0

    def skip_space(self) -> None:
        """Move on to what is no space."""
        self.at = _skip(_SPACE, self.text, self.at)

    def sees(self, character: str) -> bool:
        """Whether this character, or for the empty one the end, comes next."""
        return self.text[self.at : self.at + 1] == character

    def sees_space(self) -> bool:
        """Whether a space comes next."""
        return _skip(_SPACE, self.text, self.at) > self.at

    def take(self, character: str) -> bool:
        """Move past this character if it comes next."""
        found = self.sees(character)
        self.at += found
        return found

    def sees_word(self, word: str) -> bool:
        """Whether just this word comes next, and is no field's name."""
        end = _skip(WORD, self.text, self.at)
        return self.text[self.at : end] == word and not _OPERATOR.match(self.text, end)

    def take_word(self) -> str:
        """Take what may be a field's name; empty where none comes next."""
        start, self.at = self.at, _skip(WORD, self.text, self.at)
        return self.text[start : self.at]

    def take_operator(self) -> str:
        """Take `:`, `=`, `<`, `<=`, `>` or `>=`; empty where none comes next."""
        start, self.at = self.at, _skip(_OPERATOR, self.text, self.at)
        return self.text[start : self.at]

    def take_run(self, pattern: re.Pattern[str], start: int) -> str:
        """Take what matches a pattern from a place on; empty where nothing does."""
        self.at = _skip(pattern, self.text, start)
        return self.text[start : self.at]

    def take_value(self) -> Value:
        """Take bare and quoted pieces up to a space, comma or parenthesis; an empty value where there are none."""
        start = self.at
        pieces: list[str] = []
        while not (self.sees_space() or self.text[self.at : self.at + 1] in _ENDS):
            if self.sees('"'):
                pieces.append(self.take_quoted())
            elif self.sees("\\"):
                pieces.append(self._escape())
            else:
                pieces.append(self._run(_BARE))
        return Value("".join(pieces), start, self.at)

    def take_quoted(self) -> str:
        """Take what stands between two quotes, as a pattern."""
        opening = self.at
        self.at += 1
        pieces: list[str] = []
        while not self.take('"'):
            if self.sees(""):
                raise self.wrong("this quote is never closed", 'Write a " where the value ends.', opening)
            pieces.append(self._escape() if self.sees("\\") else self._run(_QUOTED))
        return "".join(pieces)

    def wrong(self, problem: str, fix: str, start: int | None = None, end: int | None = None) -> BadInput:
        """Make the error that points here, or at a place that was read before."""
        start = self.at if start is None else start
        return complaint(self.text, start, start + 1 if end is None else end, problem, fix, self._what)

    def _escape(self) -> str:
        following = self.text[self.at + 1 : self.at + 2]
        if not following or following.isalnum():
            raise self.wrong(
                "a backslash only goes before a sign that has a meaning here",
                r"Write / between folders, or \\ for a backslash.",
            )
        self.at += 2
        return "\\" + following if following in "*?\\" else following

    def _run(self, pattern: re.Pattern[str]) -> str:
        return self.take_run(pattern, self.at)


def _skip(pattern: re.Pattern[str], text: str, start: int) -> int:
    found = pattern.match(text, start)
    return found.end() if found else start
