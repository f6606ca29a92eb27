"""How well do a record's texts suit some words? One measure for all galleries, so that its scores can be compared.

It is BM25 in two parts: the share of what the words tell that the record holds at all counts most, and how prominently
it holds them decides among those that hold as much. A score lies between 0 and 1 whatever the gallery, and does not
change with what else was asked.

Source: Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009, sections 3.2 and 3.6 (BM25F).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from lookalike.gallery.function_words import function_words
from lookalike.gallery.texts import PLACES
from lookalike.gallery.tokens import Tokens, occurrences, spelled, tokens_of

_K1, _B = 1.2, 0.75
_BOOST = dict(zip(PLACES, (4.0, 2.0, 3.0, 3.0, 1.0, 0.7), strict=True))
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
        found[tokens] = Sought(tokens, " ".join(word for word, _ in pairs), weight, unfinished)
    return list(found.values())


def with_rarity(one: Sought, holders: float, records: int) -> Sought:
    """Say how much a term tells that so many of the records hold; of a phrase, as many as hold its rarest word.

    Source: Robertson and Zaragoza 2009, equation 3.3, with the idf that stays positive (Lucene's).
    """
    idf = math.log(1 + (max(records - holders, 0) + 0.5) / (holders + 0.5))
    share = _FUNCTION_WORD if len(one.tokens) == 1 and one.tokens[0] in function_words() else 1.0
    return replace(one, rarity=share * idf * math.sqrt(len(one.tokens)))


def suit(wanted: Sequence[Sought], texts: Sequence[str]) -> float:
    """Score a record's texts, in the order of PLACES, from 0 to 1; 0 where they hold nothing of what is wanted."""
    placed = [(place, tokens_of(text)) for place, text in zip(PLACES, texts, strict=True) if text]
    words = {token for _, tokens in placed for token in tokens}
    total = held = prominent = 0.0
    for one in wanted:
        weight = one.weight * one.rarity
        total += weight
        if one.unfinished or one.tokens[-1] in words:
            trust, prominence = _found(one, placed)
            held += weight * trust
            prominent += weight * trust * prominence
    if not held:
        return 0.0
    return held / total * (1 - _PROMINENCE + _PROMINENCE * prominent / held)


def held_words(terms: Iterable[Term], texts: Sequence[str]) -> tuple[str, ...]:
    """Give those of the terms that a record's texts hold, as they were asked for, each once.

    Words that only hold others together are passed over, unless nothing else was asked for.
    """
    asked = {term: tokens for term in terms if (tokens := tokens_of(term.text))}
    telling = [term for term, (first, *more) in asked.items() if more or first not in function_words()]
    placed = [tokens_of(text) for text in texts if text]

    def is_held(term: Term) -> bool:
        return any(occurrences(tokens, asked[term], unfinished=term.unfinished) for tokens in placed)

    return tuple(dict.fromkeys(term.text for term in telling or asked if is_held(term)))


def _found(one: Sought, placed: Iterable[tuple[str, Tokens]]) -> tuple[float, float]:
    """Say how surely a term is there, and how prominently; both from 0 to 1."""
    trust = frequency = 0.0
    single = one.tokens[0] if len(one.tokens) == 1 else ""
    for place, tokens in placed:
        count, share = tokens.count(single) if single else occurrences(tokens, one.tokens), 1.0
        if not count and one.unfinished:
            count, share = occurrences(tokens, one.tokens, unfinished=True), _UNFINISHED
        if count:
            trust = max(trust, _TRUST[place] * share)
            frequency += share * _BOOST[place] * count / (1 - _B + _B * len(tokens) / _LENGTH[place])
    return trust, frequency / (frequency + _K1)
