"""How well do a record's texts suit some words? One measure for all galleries, so that its scores can be compared.

It is BM25 in two parts: the share of what the words tell that the record holds at all counts most, and how prominently
it holds them decides among those that hold as much. A score lies between 0 and 1 whatever the gallery, and does not
change with what else was asked.

Source: Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009, sections 3.2 and 3.6 (BM25F).
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Protocol, TypeVar

from lookalike.gallery.function_words import function_words
from lookalike.gallery.spellings import two_letters
from lookalike.gallery.texts import PLACES
from lookalike.gallery.tokens import Tokens, occurrences, spelled, tokens_of

_K1, _B = 1.2, 0.75
BOOST = dict(zip(PLACES, (4.0, 2.0, 3.0, 3.0, 1.0, 0.7), strict=True))
"""How much an occurrence counts by where it is."""
_LENGTH = dict(zip(PLACES, (4.0, 12.0, 5.0, 5.0, 12.0, 5.0), strict=True))
"""Words that are usual there."""
_TRUST = dict(zip(PLACES, (1.0, 1.0, 1.0, 1.0, 0.9, 0.7), strict=True))
"""How surely a word says there what the picture is; what was recognised may be mistaken."""
_UNFINISHED = 0.6
"""What a word counts that only begins like the one asked for."""
_FUNCTION_WORD = 0.1
"""What a word counts that only holds others together; in small galleries such words are not as common as elsewhere."""
_PROMINENCE = 0.15
"""Share of the score that prominence decides."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or several next to one another, to look for in the records' texts."""

    text: str
    weight: float = 1.0
    unfinished: bool = False
    """Whether a word that begins like the last one will do, too."""


@dataclass(frozen=True, slots=True)
class Sought:
    """A term as it is compared, and how much it tells."""

    tokens: Tokens
    spelling: str
    weight: float
    unfinished: bool
    rarity: float = 0.0
    """Inverse document frequency."""


def as_terms(text: str | Sequence[Term]) -> Sequence[Term]:
    """Give the words of a text as terms, the last of them unfinished; terms stay as they are."""
    if not isinstance(text, str):
        return text
    words = [word for word, _ in spelled(text)]
    return [Term(word, unfinished=place == len(words)) for place, word in enumerate(words, start=1)]


def sought(terms: Iterable[Term]) -> list[Sought]:
    """Bring terms to the form in which they are compared; each once, with the weights of its repetitions added up."""
    found: dict[Tokens, Sought] = {}
    for term in terms:
        pairs = spelled(term.text)
        tokens = tuple(token for _, token in pairs)
        if not tokens:
            continue
        known = found.get(tokens)
        weight = term.weight + (known.weight if known else 0.0)
        unfinished = term.unfinished or bool(known and known.unfinished)
        spelling = two_letters(" ".join(word for word, _ in pairs))
        found[tokens] = Sought(tokens, spelling, weight, unfinished)
    return list(found.values())


def with_rarity(one: Sought, holders: float, records: int) -> Sought:
    """Say how much a term tells that so many of the records hold; of a phrase, as many as hold its rarest word.

    Source: Robertson and Zaragoza 2009, equation 3.3, with the idf that stays positive (Lucene's).
    """
    idf = math.log(1 + (max(records - holders, 0) + 0.5) / (holders + 0.5))
    share = _FUNCTION_WORD if len(one.tokens) == 1 and one.tokens[0] in function_words() else 1.0
    return replace(one, rarity=share * idf * math.sqrt(len(one.tokens)))


class _Held(Protocol):
    @property
    def holders(self) -> float: ...


Held = TypeVar("Held", bound=_Held)


def telling_most(rare: Sequence[Held]) -> list[tuple[Held, ...]]:
    """Give all smaller groups of some terms, those first that the fewest records would hold by chance."""
    groups = [group for n in range(len(rare) - 1, 0, -1) for group in combinations(rare, n)]
    likeliest = max(one.holders for one in rare) * 2
    return sorted(groups, key=lambda group: math.prod(one.holders / likeliest for one in group))


class Measure:
    """Scores records' texts by how well they suit what is wanted."""

    def __init__(self, wanted: Iterable[Sought]) -> None:
        weighed = [(one, one.weight * one.rarity) for one in wanted]
        self._total = sum(weight for _, weight in weighed)
        self._words = {one.tokens[0]: weight for one, weight in weighed if _is_plain(one)}
        self._others = [(one, weight) for one, weight in weighed if not _is_plain(one)]

    def score(self, texts: Sequence[str]) -> float:
        """Score a record's texts, in the order of PLACES, from 0 to 1; 0 where they hold nothing of what is wanted."""
        placed = [(place, tokens_of(text)) for place, text in zip(PLACES, texts, strict=True) if text]
        held = prominent = 0.0
        for weight, trust, frequency in (*self._found_words(placed), *self._found_others(placed)):
            held += weight * trust
            prominent += weight * trust * frequency / (frequency + _K1)
        if not held:
            return 0.0
        return held / self._total * (1 - _PROMINENCE + _PROMINENCE * prominent / held)

    def _found_words(self, placed: Iterable[tuple[str, Tokens]]) -> Iterator[tuple[float, float, float]]:
        """Give weight, trust and frequency of each plain word that is there; in one walk, as there are many."""
        trusts: dict[str, float] = {}
        frequencies: dict[str, float] = {}
        for place, tokens in placed:
            once = _once(place, tokens)
            for token in tokens:
                if token in self._words:
                    trusts[token] = max(trusts.get(token, 0.0), _TRUST[place])
                    frequencies[token] = frequencies.get(token, 0.0) + once
        return ((self._words[token], trusts[token], frequency) for token, frequency in frequencies.items())

    def _found_others(self, placed: Sequence[tuple[str, Tokens]]) -> Iterator[tuple[float, float, float]]:
        """Give weight, trust and frequency of each phrase and unfinished word that is there."""
        everything = " ".join(["", *(" ".join(tokens) for _, tokens in placed)])
        for one, weight in self._others:
            if f" {one.tokens[0]}" not in everything:
                continue
            trust = frequency = 0.0
            for place, tokens in placed:
                count, share = occurrences(tokens, one.tokens), 1.0
                if not count and one.unfinished:
                    count, share = occurrences(tokens, one.tokens, unfinished=True), _UNFINISHED
                if count:
                    trust = max(trust, _TRUST[place] * share)
                    frequency += share * count * _once(place, tokens)
            if trust:
                yield weight, trust, frequency


def _is_plain(one: Sought) -> bool:
    return len(one.tokens) == 1 and not one.unfinished


def _once(place: str, tokens: Tokens) -> float:
    """Say what one occurrence counts, by where it is and how many words are there."""
    return BOOST[place] / (1 - _B + _B * len(tokens) / _LENGTH[place])


class HeldWords:
    """Finds those of some terms that a record's texts hold.

    Words that only hold others together are passed over, unless nothing else was asked for.
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        asked = [(term, tokens) for term in terms if (tokens := tokens_of(term.text))]
        telling = [(term, tokens) for term, tokens in asked if len(tokens) > 1 or tokens[0] not in function_words()]
        self._asked = telling or asked

    def within(self, texts: Sequence[str]) -> tuple[str, ...]:
        """Give the terms, as they were asked for, each once."""
        placed = [tokens_of(text) for text in texts if text]

        def is_held(term: Term, wanted: Tokens) -> bool:
            return any(occurrences(tokens, wanted, unfinished=term.unfinished) for tokens in placed)

        return tuple(dict.fromkeys(term.text for term, wanted in self._asked if is_held(term, wanted)))
