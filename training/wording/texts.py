"""Which texts does the text tower learn from? Parallel captions, alt texts, and words that captions lack.

Words come from two free sources: names of emoji in all four languages (Unicode CLDR, Unicode licence) and the nouns for
things in WordNet (Princeton's licence). On Debian: `unicode-cldr-core` and `wordnet-base`.
"""

import csv
import gzip
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

LANGUAGES = ("en", "de", "fr", "cs")

THINGS = {"05", "06", "08", "13", "15", "17", "18", "19", "20", "27"}
"""Of WordNet's files of nouns those one can photograph: animals, artefacts, body, food, places, objects, people,
phenomena, plants, substances. Source: https://wordnet.princeton.edu/documentation/lexnames5wn"""

_SENTENCE = re.compile(r"(?<=[.!?;])\s+")
_LEAD = re.compile(
    r"^(this|the|a|an)?\s*(photo(graph)?|image|picture|figure|painting|drawing|illustration|graphic)s?\s+"
    r"(is\s+|that\s+)?(shows?|showing|of|depicts?|displays?|features?|contains?)\s+",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"[a-z]+(_[a-z]+)?")


@dataclass(frozen=True)
class Text:
    """A text, and the English text that means the same, which the teacher reads."""

    text: str
    english: str
    language: str


def sentences(alt_text: str, most: int = 3) -> list[str]:
    """Shorten an alt text to its first sentences, each without its opening `This photo shows`."""
    found = []
    for sentence in _SENTENCE.split(alt_text)[:most]:
        bare = _LEAD.sub("", sentence.strip())
        if len(bare.split()) >= 3:
            found.append(" ".join(bare.split()[:30]))
    return found


def read_parallel(path: Path, without: Iterable[str]) -> Iterator[Text]:
    """Read captions in four languages, leaving out rows that hold a caption of `without`, the measuring pictures."""
    unwanted = {bare(text) for text in without}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if not unwanted & {bare(row[language]) for language in LANGUAGES}:
                for language in LANGUAGES:
                    yield Text(row[language], row["en"], language)


def bare(text: str) -> str:
    """Give the letters of a text only, for telling whether two are the same."""
    return "".join(letter for letter in text.lower() if letter.isalnum())


def read_emoji_names(annotations: Path) -> Iterator[Text]:
    """Read the names of emoji in four languages from CLDR's `common/annotations`."""
    names = {language: _emoji_names(annotations / f"{language}.xml") for language in LANGUAGES}
    for sign, english in names["en"].items():
        for language in LANGUAGES:
            if sign in names[language]:
                yield Text(_plain_name(names[language][sign]), _plain_name(english), language)


def _emoji_names(path: Path) -> dict[str, str]:
    found = ElementTree.parse(path).iter("annotation")  # noqa: S314 - a file of one's own machine
    return {
        sign: one.text or ""
        for one in found
        if one.get("type") == "tts" and (sign := one.get("cp", "")) and ord(sign[0]) >= 0x2600
    }


def _plain_name(name: str) -> str:
    return name.split(":", maxsplit=1)[0].replace("“", "").replace("”", "")


def read_nouns(path: Path) -> Iterator[Text]:
    """Read WordNet's nouns for things from its `data.noun`."""
    seen = set()
    for line in path.read_text("utf-8").splitlines():
        parts = line.split()
        if line.startswith(" ") or parts[1] not in THINGS:
            continue
        for lemma in parts[4 : 4 + 2 * int(parts[3], 16) : 2]:
            if _PLAIN.fullmatch(lemma) and lemma not in seen:
                seen.add(lemma)
                noun = lemma.replace("_", " ")
                yield Text(noun, noun, "en")
