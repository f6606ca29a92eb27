r"""What do the words mean that a person types? Words, "phrases", what to leave out, what counts more, and filters.

    words    = { [ "-" ] ( word | phrase ) [ ":" weight ] | [ "-" ] filter | sign } ;
    phrase   = '"' { any character but a quote } '"' ;   (a quote right behind a word is a sign)
    word     = any characters but space, quotes and ( ) : , < > = \ , without punctuation at its ends ;
    weight   = a number above 0 and up to 100 ;
    filter   = a term of the filter language that begins with one of its fields ;
    sign     = any other character, which means nothing ;

Printing what was understood, and reading it again, gives the same.
"""

import re
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches

from lookalike.errors import BadWords
from lookalike.gallery.filters import FIELDS, And, Filter, Matches, Not, format_filter, literal
from lookalike.gallery.filters.complaint import complaint
from lookalike.gallery.filters.scanner import Scanner
from lookalike.gallery.filters.terms import is_field, read_term
from lookalike.gallery.suiting import Term

MAX_CHARACTERS = 4_000
"""Longer than any caption; what is pasted by mistake is longer."""
MAX_WEIGHT = 100.0
_QUOTES = '"“”„«»'
_OPENING = frozenset(_QUOTES)
_SIGNS = frozenset("():,<>=\\")
_PHRASE = re.compile(f"[^{_QUOTES}]*")
_WORD = re.compile(rf"[^\s{_QUOTES}():,<>=\\]+")
_PUNCTUATION = re.compile(r"[:<>=]+(?=\s|$)")
"""Signs of the filter language that only end a word, as in `Star Wars: a new hope`."""
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_LONGEST_NUMBER, _DECIMALS = 12, 3
_LONGEST_HINT = 40
_FILTER = "filter:"


@dataclass(frozen=True, slots=True)
class Part:
    """A word or a phrase, and how much it counts."""

    text: str
    weight: float = 1.0
    is_phrase: bool = False

    def __str__(self) -> str:
        """Write it as it is read."""
        text = f'"{self.text}"' if self.is_phrase else self.text
        return text if self.weight == 1 else f"{text}:{self.weight:g}"


@dataclass(frozen=True, slots=True)
class Words:
    """What was understood."""

    wanted: tuple[Part, ...] = ()
    excluded: tuple[Part, ...] = ()
    filters: tuple[Filter, ...] = ()
    """All of them must hold."""

    def __str__(self) -> str:
        """Write it so that `parse_words` reads the same again."""
        parts = [*map(str, self.wanted), *(f"-{part}" for part in self.excluded), *map(format_filter, self.filters)]
        return " ".join(parts)

    @property
    def is_plain(self) -> bool:
        """Whether it is nothing but words that count alike."""
        odd = any(part.is_phrase or part.weight != 1 for part in self.wanted)
        return not (odd or self.excluded or self.filters)

    @property
    def where(self) -> And:
        """What must hold for an answer: the filters, and that its texts hold nothing that was excluded."""
        without = (Not(Matches("text", literal(part.text))) for part in self.excluded)
        return And((*self.filters, *without))

    def narrowing(self, where: Filter) -> Filter:
        """Give what must hold besides a filter of their own."""
        if where == And(()):
            return self.where
        return And((where, *self.where.parts)) if self.where.parts else where

    @property
    def terms(self) -> list[Term]:
        """What to look for in texts; the last word may be unfinished."""
        last = len(self.wanted) - 1
        return [
            Term(part.text, part.weight, unfinished=place == last and not part.is_phrase)
            for place, part in enumerate(self.wanted)
        ]


def plain_words(text: str) -> Words:
    """Take a text for its words, whatever signs stand in it."""
    found = (_cleaned(word) for word in _WORD.findall(_printable(text)[:MAX_CHARACTERS]))
    return Words(tuple(Part(word) for word in found if word))


def parse_words(text: str) -> Words:
    """Understand what a person typed.

    Raises:
        BadWords: with a caret under the place that cannot be understood, and what could stand there; or there is
            nothing to look for, or too much.
    """
    if len(text) > MAX_CHARACTERS:
        raise BadWords(
            f"The words are {len(text):,} characters long; {MAX_CHARACTERS:,} is the most that is read.",
            "Leave out what says little.",
        )
    alien = re.search("[\ud800-\udfff]", text)
    if alien:
        raise complaint(text, *alien.span(), "this is no character", "Leave it out.", "words")
    words = _Reader(_printable(text)).read()
    if not (words.wanted or words.excluded or words.filters):
        raise BadWords("There is no word to look for.", "Write some, like: playing dogs")
    return words


class _Reader:
    """Reads one text from its beginning to its end."""

    def __init__(self, text: str) -> None:
        self._scanner = Scanner(text, "words")
        self._wanted: list[Part] = []
        self._excluded: list[Part] = []
        self._filters: list[Filter] = []
        self._open: list[int] = []
        """Where parentheses began that are not closed yet."""
        self._before: tuple[str, str] = ("", "")
        """The last two things read: a word as it is, or `filter:`."""

    def read(self) -> Words:
        scanner = self._scanner
        scanner.skip_space()
        while not scanner.sees(""):
            self._read_one()
            scanner.skip_space()
        return Words(tuple(self._wanted), tuple(self._excluded), tuple(self._filters))

    def _read_one(self) -> None:
        scanner, start = self._scanner, self._scanner.at
        following = scanner.text[start + 1 : start + 2]
        minus = scanner.sees("-") and bool(following.strip("-"))
        scanner.at += minus
        kept = self._excluded if minus else self._wanted
        if scanner.text[scanner.at : scanner.at + 1] in _OPENING:
            if self._is_behind_a_word():
                scanner.at += 1  # an inch, or the end of a quotation that was cut
            else:
                self._keep(self._phrase(), kept)
        elif is_field(scanner):
            self._filter(start, negated=minus)
        elif minus and scanner.sees("("):
            raise scanner.wrong(
                "only one word or phrase can be left out", 'Write -word or -"a phrase".', start, start + 2
            )
        elif scanner.text[scanner.at : scanner.at + 1] in _SIGNS:
            self._sign()
        else:
            self._keep(self._word(), kept)

    def _is_behind_a_word(self) -> bool:
        before = self._scanner.text[: self._scanner.at][-1:]
        return bool(before) and not before.isspace() and before not in {"-", *_SIGNS, *_OPENING}

    def _keep(self, part: Part | None, kept: list[Part]) -> None:
        if part is not None:
            kept.append(part)
            self._before = self._before[1], part.text

    def _phrase(self) -> Part | None:
        scanner, opening = self._scanner, self._scanner.at
        text = scanner.take_run(_PHRASE, opening + 1)
        if scanner.sees(""):
            raise scanner.wrong("this quote is never closed", 'Write a " where the phrase ends.', opening)
        scanner.at += 1
        text, weight = _cleaned(" ".join(text.split())), self._weight(opening)
        return Part(text, weight, is_phrase=True) if text else None

    def _word(self) -> Part | None:
        start = self._scanner.at
        text = self._scanner.take_run(_WORD, start)
        weight = self._weight(start)
        text = _cleaned(text)
        reads_as_filter = weight != 1 and is_field(Scanner(f"{text}:", "words"))  # `#label:2`, once it is cleaned
        return Part(text, weight, is_phrase=reads_as_filter) if text else None

    def _weight(self, start: int) -> float:
        """Read a weight behind a word or phrase that began at `start`, and refuse what looks like a field."""
        scanner, end = self._scanner, self._scanner.at
        if _PUNCTUATION.match(scanner.text, end):
            return 1.0
        if not scanner.take_operator():
            return 1.0
        number = scanner.take_run(_NUMBER, end + 1)
        if scanner.text[end] != ":" or not number or not (scanner.sees("") or scanner.sees_space()):
            fix = f"Put it in quotes to look for its words; the fields are {', '.join(FIELDS)} and meta.NAME."
            raise scanner.wrong("there is no such field", _near_field(scanner.text[start:end]) or fix, start, end)
        weight = round(float(number[:_LONGEST_NUMBER]), _DECIMALS)
        if not 0 < weight <= MAX_WEIGHT:
            problem = f"a weight lies above 0 and is at most {MAX_WEIGHT:g}"
            raise scanner.wrong(problem, "Write one like 2 or 0.5.", end + 1, scanner.at)
        return weight

    def _filter(self, start: int, *, negated: bool) -> None:
        scanner = self._scanner
        if self._open or self._before == (_FILTER, "OR"):
            raise scanner.wrong(
                "among words, filters can be neither grouped nor chosen from",
                "Give such a filter apart from the words: with --where, or as `where`.",
                start,
            )
        term = read_term(scanner)
        self._filters.append(Not(term) if negated else term)
        self._before = self._before[1], _FILTER

    def _sign(self) -> None:
        scanner = self._scanner
        if scanner.sees("("):
            self._open.append(scanner.at)
        elif scanner.sees(")") and self._open:
            self._open.pop()
        scanner.at += 1


def _near_field(name: str) -> str:
    close = get_close_matches(name.lower()[:_LONGEST_HINT], FIELDS, n=1, cutoff=0.7)
    return f"Did you mean {close[0]}? In quotes it is looked for as words." if close else ""


def _printable(text: str) -> str:
    """Put spaces for control characters."""
    return "".join(" " if unicodedata.category(one) == "Cc" else one for one in text)


def _cleaned(text: str) -> str:
    """Take away what is no part of a word at its ends: punctuation, marks of direction, mathematical signs."""
    start, end = 0, len(text)
    while start < end and _is_edge(text[start]):
        start += 1
    while start < end and _is_edge(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_edge(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "PZC" or category in {"Sm", "Sk"}
