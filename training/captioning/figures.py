"""How good are captions of some pictures, and how surely? Every measure, with 95 % intervals over the pictures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from captioning.confidence import SMALL
from captioning.measures import BleuCounts, Cider, count_bleu, grams
from captioning.words import tokenise
from intervals import Interval

_RESAMPLED = 1_000


@dataclass(frozen=True)
class Figures:
    """What captions of some pictures are worth."""

    bleu: list[Interval]
    """BLEU-1 to BLEU-4."""
    cider: Interval
    repeating: float
    """Per cent of the captions that say a phrase twice."""
    words: float
    """In a caption, on average."""
    different: int
    """Words used at all."""


def measure(captions: Sequence[str], references: Sequence[Sequence[Sequence[str]]]) -> Figures:
    """Measure captions against what people said of the same pictures."""
    candidates = [tokenise(text) for text in captions]
    cider = Cider(references)
    ciders = np.array([cider.score(picture, tokens) for picture, tokens in enumerate(candidates)])
    counts = [count_bleu(tokens, several) for tokens, several in zip(candidates, references, strict=True)]
    stacked = np.stack([count.counts for count in counts])
    return Figures(
        bleu=[
            _interval(len(captions), lambda rows, order=order: BleuCounts(stacked[rows].sum(0)).scores[order])
            for order in range(4)
        ],
        cider=_interval(len(captions), lambda rows: float(ciders[rows].mean())),
        repeating=100 * float(np.mean([repeats(tokens) for tokens in candidates])),
        words=float(np.mean([len(tokens) for tokens in candidates])),
        different=len({token for tokens in candidates for token in tokens}),
    )


def repeats(tokens: Sequence[str]) -> bool:
    """Tell whether a caption says a word twice in a row, or two words again of which one at least names something."""
    if any(one == other for one, other in pairwise(tokens)):
        return True
    return any(count > 1 and not set(gram) <= SMALL for gram, count in grams(tokens, 2).items())


def _interval(count: int, figure: Callable[[np.ndarray], float]) -> Interval:
    random = np.random.default_rng(0)
    found = [figure(random.integers(0, count, count)) for _ in range(_RESAMPLED)]
    low, high = np.percentile(found, [2.5, 97.5])
    return Interval(figure(np.arange(count)), float(low), float(high))
