"""Which direction in the space where words and pictures meet does a query mean? Vectors added and subtracted."""

from dataclasses import dataclass

import numpy as np

from lookalike.encoders import TextEncoder
from lookalike.search.fusion import Calibration, weights
from lookalike.search.words import Words
from lookalike.types import Embedding


@dataclass(frozen=True, slots=True)
class Meant:
    """A direction, and how sure a cosine with it is."""

    vector: Embedding
    calibration: Calibration


_LEAST = 1e-6
"""A sum shorter than this points nowhere."""


def direction_of(words: Words, encoder: TextEncoder) -> Embedding | None:
    """Add up what the words mean, with their weights, and take away what is excluded; None where nothing is wanted.

    What is wanted is read as one text, in its order; a part that weighs more or less than 1 is added once more on its
    own by as much.
    """
    if not words.wanted:
        return None
    odd = [part for part in words.wanted if part.weight != 1]
    texts = [" ".join(part.text for part in words.wanted), *(part.text for part in odd)]
    factors = np.array([1.0, *(part.weight - 1 for part in odd)], np.float32)
    return _unit(factors @ encoder.encode_text(texts) - _excluded(words, encoder))


def together(
    picture: Embedding, of_pictures: Calibration, words: Words, of_words: Calibration, encoder: TextEncoder
) -> Meant:
    """Add a picture and words, each by how much a cosine with it tells, so that neither drowns the other.

    The log-odds of the two are averaged: as both are linear in a cosine, so is their mean, in that with their sum.
    Words that only leave out are taken away from the picture.
    """
    direction = direction_of(words, encoder)
    if direction is None:
        less = of_words.slope * weights().excluded_from_picture * _excluded(words, encoder)
        total = of_pictures.slope * picture - less
        offset = of_pictures.offset
    else:
        total = (of_pictures.slope * picture + of_words.slope * direction) / 2
        offset = (of_pictures.offset + of_words.offset) / 2
    unit = _unit(total)
    if unit is None:
        return Meant(picture, of_pictures)
    return Meant(unit, Calibration(float(np.linalg.norm(total)), offset, weights().text_beside_picture))


def _excluded(words: Words, encoder: TextEncoder) -> np.ndarray:
    """Add up what is to be taken away; a zero where nothing is."""
    if not words.excluded:
        return np.zeros(1, np.float32)
    weighed = np.array([weights().excluded * part.weight for part in words.excluded], np.float32)
    sum_: np.ndarray = weighed @ encoder.encode_text([part.text for part in words.excluded])
    return sum_


def _unit(vector: np.ndarray) -> Embedding | None:
    length = float(np.linalg.norm(vector))
    unit: Embedding = (vector / max(length, _LEAST)).astype(np.float32)
    return unit if length >= _LEAST else None
