"""What is in a lesson? Batches of pictures with their captions, and of texts with what the teacher makes of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Int
from tokenizers import Tokenizer
from torch import Tensor

from measures import Vectors
from wording.pieces import Pieces, to_pieces
from wording.texts import LANGUAGES

LONGEST = 32
"""Pieces of a text that are read in training; longer ones are cut."""

FORGOTTEN = 0.1
"""Share of pieces that are hidden at random, so that no single word carries a caption."""

Indices = Int[np.ndarray, "n"]


@dataclass(frozen=True)
class CaptionLessons:
    """Captions as pieces, and which caption belongs to which picture and language."""

    pieces: Pieces
    by_language: dict[str, list[Indices]]
    """For each picture its captions in each language; where it has none, its English ones."""
    usable: Indices
    """Pictures that are drawn: those with an English caption that are not kept for the confidence."""

    def draw(self, pictures: Indices, rng: np.random.Generator) -> dict[str, Indices]:
        """Choose for each picture two English captions, and one in each other language, where it has any."""
        drawn = {
            language: np.array([rng.choice(found[picture]) for picture in pictures])
            for language, found in self.by_language.items()
        }
        return drawn | {"en again": np.array([rng.choice(self.by_language["en"][picture]) for picture in pictures])}


@dataclass(frozen=True)
class Part:
    """Texts of one kind."""

    texts: Sequence[str]
    rows: Indices
    """Which of the teacher's vectors each text should get."""
    taught: Vectors
    share: float
    """How much of all that is drawn comes from here."""


@dataclass(frozen=True)
class TextLessons:
    """Texts as pieces, which of the teacher's vectors each should get, and how often each is drawn."""

    pieces: Pieces
    meaning: Indices
    taught: Vectors
    chance: np.ndarray

    def draw(self, count: int, rng: np.random.Generator) -> Indices:
        """Choose texts."""
        return np.searchsorted(np.cumsum(self.chance), rng.random(count)).clip(max=len(self.chance) - 1)


def make_captions(
    tokenizer: Tokenizer, captions: Sequence[tuple[int, str, str]], held_out: np.ndarray
) -> CaptionLessons:
    """Arrange captions (picture, language, text) by picture; `held_out` tells which pictures are not drawn."""
    found: dict[str, list[list[int]]] = {language: [[] for _ in held_out] for language in LANGUAGES}
    for number, (picture, language, _) in enumerate(captions):
        found[language][picture].append(number)
    return CaptionLessons(
        pieces=_cut(to_pieces(tokenizer, [text for _, _, text in captions])),
        by_language={
            language: [np.array(own or english) for own, english in zip(of_pictures, found["en"], strict=True)]
            for language, of_pictures in found.items()
        },
        usable=np.flatnonzero(~held_out & np.array([bool(english) for english in found["en"]])),
    )


def make_texts(tokenizer: Tokenizer, parts: Sequence[Part]) -> TextLessons:
    """Join parts."""
    offsets = np.cumsum([0, *(len(part.taught) for part in parts)])
    chances = np.concatenate([np.full(len(part.texts), part.share / len(part.texts)) for part in parts])
    return TextLessons(
        pieces=_cut(to_pieces(tokenizer, [text for part in parts for text in part.texts])),
        meaning=np.concatenate([part.rows + offset for part, offset in zip(parts, offsets, strict=False)]),
        taught=np.concatenate([part.taught for part in parts]),
        chance=chances / chances.sum(),
    )


def _cut(pieces: Pieces) -> Pieces:
    return pieces[:, :LONGEST]


def batch_of(pieces: Pieces, chosen: Indices, rng: np.random.Generator | None = None) -> Tensor:
    """Take rows without needless padding; with `rng` some pieces are hidden, never all of a text."""
    rows = pieces[chosen]
    rows = rows[:, : max(1, int((rows != 0).sum(axis=1).max()))]
    if rng is not None:
        hidden = (rng.random(rows.shape) < FORGOTTEN) & ((rows != 0).sum(axis=1, keepdims=True) > 2)
        hidden[:, 0] = False
        rows = np.where(hidden, 1, rows)
    return torch.from_numpy(rows.astype(np.int64))
