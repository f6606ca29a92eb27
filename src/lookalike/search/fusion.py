"""How do what is written about a picture and what it shows come together to one confidence? All weights lie here.

Each signal is brought to log-odds and they are added up: what the text tower finds by its own calibration, what BM25
finds by the weights of `fusion.json`. `bench/words.py --fit` fits the first five of them, and keeps the others, which
were chosen by hand.
"""

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What each signal counts."""

    meaning: float
    """Factor of the log-odds that the text tower gives."""
    meaning_bias: float
    text: float
    """Log-odds that a record gains which holds all the words; `text_power` makes less of one that holds some."""
    text_power: float
    unseen: float
    """Log-odds from the text tower where a record has no vector to compare, and the least that count against its
    texts."""
    description_trust: float
    """How sure it is that words which describe the query picture are right."""
    excluded: float
    """How much of the meaning of what is left out is taken away."""
    excluded_from_picture: float
    """How much more of it is taken away from a picture than from words: a picture of a dog in the grass is mostly dog.
    Measured on photos of Flickr8k: of the ten nearest without it 26 % still show it, with half as much 51 %."""
    text_beside_picture: float
    """What the words in a record's texts count where the query holds a picture: its half of the sum, and half of that
    since the words then say how the picture should differ, seldom what it is called."""


_NEVER_CALIBRATED = 8.0, -4.0
"""Keeps the order, and says that nothing is sure."""


@cache
def weights() -> Weights:
    """Read the weights."""
    return Weights(**json.loads((files("lookalike.search") / "fusion.json").read_text("utf-8")))


@dataclass(frozen=True, slots=True)
class Calibration:
    """Turns a cosine, and how well a record's texts suit, into one confidence."""

    slope: float
    offset: float
    text: float = 1.0
    """What texts count; less than 1 where a picture was given, too, which texts must not make forget."""

    @classmethod
    def of_pictures(cls, calibration: tuple[float, float]) -> "Calibration":
        """Take a space's calibration of two pictures."""
        return cls(*(calibration if calibration[0] > 0 else _NEVER_CALIBRATED))

    @classmethod
    def of_words(cls, calibration: tuple[float, float]) -> "Calibration":
        """Take a text tower's calibration of words and a picture, as the fusion weighs it."""
        known = cls.of_pictures(calibration)
        return cls(weights().meaning * known.slope, weights().meaning * known.offset + weights().meaning_bias)

    def confidence(self, cosine: float, text: float = 0.0) -> float:
        """Give the probability that a record is meant; a cosine that is not a number was never compared.

        What a picture shows speaks the less against it, the more of the words stand in its texts.
        """
        odds = weights().unseen if math.isnan(cosine) else self.slope * cosine + self.offset
        least = max(odds, weights().unseen) if self.text == 1 else odds
        return logistic((1 - text) * odds + text * least + self.text * text_odds(text))


def text_odds(text: float) -> float:
    """Give the log-odds that a record gains by its texts, which suit the words so well: 0 to 1."""
    gained: float = weights().text * text ** weights().text_power
    return gained


def either(picture: float, description: float) -> float:
    """Fuse the confidence by looks with that by the words that describe the query picture: one of them suffices."""
    return 1 - (1 - picture) * (1 - weights().description_trust * description)


def logistic(odds: float) -> float:
    """Give the probability of log-odds."""
    return (1 + math.tanh(odds / 2)) / 2  # without an overflow
