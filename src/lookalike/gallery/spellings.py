"""How else may a word be spelled? `Strasse` for `Straße`, `coeur` for `cœur`, `Muenchen` for `München`.

File names avoid such letters, and whoever writes in Switzerland or on a foreign keyboard does without them. Letters
that stand for two are compared as two. An umlaut is compared without its dots, like every accent, so what it stands for
is written behind a text once more: `München`, `Munchen` and `Muenchen` are each found by each of the three.
"""

import re
import unicodedata

_TWO_LETTERS = str.maketrans(
    {"ß": "ss", "ẞ": "SS", "œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "þ": "th", "Þ": "Th", "ø": "o", "Ø": "O"}
    | {"ð": "d", "Ð": "D", "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
)
"""Letters that no accent tells from others, by those that are written where they are lacking."""
_DOTTED = {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"}
_WRITTEN_OUT = str.maketrans(_DOTTED | {letter.upper(): two.capitalize() for letter, two in _DOTTED.items()})
"""Source: DIN 5007-2; ICAO Doc 9303, part 3, section 6 A (how passports spell Danish, Norwegian and Swedish names)."""

_WITH_DOTS = re.compile(f"[{''.join(_DOTTED)}]", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_CONSONANT = r"[^\W\d_aeiouAEIOU]"
_PERHAPS_WRITTEN_OUT = re.compile(
    rf"([aouAOU])(?<![aeiouyqAEIOUYQ].)[eE](?={_CONSONANT}|(?<=[aA].)[uU])(?![sdSD](?:[\W_]|$))"
)
"""Where two vowels may stand for an umlaut: in `Baeume` and `Koeln`, not in `blue`, `queen`, `toes` or `coeur`."""

_AS_THEY_ARE = {"poet", "poets", "joey", "joeys", "aerial", "aerials"}
"""Words in which they stand for themselves, and which would become others: `pot`, `joy`."""


def two_letters(text: str) -> str:
    """Write letters that stand for two as two, so that texts with and without them compare alike."""
    return text if text.isascii() else text.translate(_TWO_LETTERS)


def with_other_spellings(text: str) -> str:
    """Give a text by which a picture is found, and behind it those of its words that may be spelled otherwise."""
    others: list[str] = []
    if not text.isascii():
        normal = unicodedata.normalize("NFC", text)
        if _WITH_DOTS.search(normal):
            others = [word.translate(_WRITTEN_OUT) for word in _WORD.findall(normal) if _WITH_DOTS.search(word)]
        text = two_letters(text)
    if _PERHAPS_WRITTEN_OUT.search(text):
        words = [word for word in _WORD.findall(text) if word.lower() not in _AS_THEY_ARE]
        others += [other for word in words if (other := _PERHAPS_WRITTEN_OUT.sub(r"\1", word)) != word]
    return " ".join([text, *map(two_letters, dict.fromkeys(others))]) if others else text
