"""How good are captions? BLEU-1 to BLEU-4 and CIDEr-D, over words, against several references a picture."""

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

Tokens = Sequence[Hashable]
Gram = tuple[Hashable, ...]

_ORDERS = (1, 2, 3, 4)

_SIGMA = 6.0
"""Width of CIDEr-D's penalty for another length. Source: Vedantam, Zitnick & Parikh, CVPR 2015, section 7."""


def grams(tokens: Tokens, order: int) -> Counter[Gram]:
    """Count the n-grams of one order."""
    return Counter(tuple(tokens[i : i + order]) for i in range(len(tokens) - order + 1))


@dataclass(frozen=True)
class BleuCounts:
    """What corpus BLEU needs of one caption; counts of several add up."""

    counts: np.ndarray
    """Matched and guessed n-grams of four orders, then the caption's length and its closest reference's."""

    @property
    def scores(self) -> list[float]:
        """Give BLEU-1 to BLEU-4 in per cent.

        Source: Papineni et al., ACL 2002; references of closest length, and 1e-15 and 1e-9 against division by
        nothing, as in https://github.com/tylin/coco-caption.
        """
        matched, guessed = self.counts[:4], self.counts[4:8]
        length, reference = self.counts[8:]
        precision = np.cumprod((matched + 1e-15) / (guessed + 1e-9)) ** (1 / np.array(_ORDERS))
        ratio = (length + 1e-15) / (reference + 1e-9)
        brevity = math.exp(1 - 1 / ratio) if ratio < 1 else 1.0
        return [float(100 * brevity * score) for score in precision]


def count_bleu(candidate: Tokens, references: Sequence[Tokens]) -> BleuCounts:
    """Count what one caption adds to BLEU."""
    matched, guessed = [], []
    for order in _ORDERS:
        found = grams(candidate, order)
        most: Counter[Gram] = Counter()
        for reference in references:
            most |= grams(reference, order)
        matched.append((found & most).total())
        guessed.append(found.total())
    length = len(candidate)
    closest = min((abs(len(reference) - length), len(reference)) for reference in references)[1]
    return BleuCounts(np.array([*matched, *guessed, length, closest], float))


def add_bleu(parts: Sequence[BleuCounts]) -> BleuCounts:
    """Add up the counts of captions."""
    return BleuCounts(np.sum([part.counts for part in parts], axis=0))


@dataclass(frozen=True)
class _Weighted:
    """A caption as CIDEr sees it: its n-grams weighted by how rare they are, order by order."""

    weights: list[dict[Gram, float]]
    norms: list[float]
    bigrams: int


class Cider:
    """Scores captions by CIDEr-D; how rare an n-gram is, the references themselves say.

    Source: Vedantam, Zitnick & Parikh, CIDEr, CVPR 2015, section 7 (CIDEr-D); in per cent, that is ten times the
    paper's scale of 10, as everyone reports it.
    """

    def __init__(self, references: Sequence[Sequence[Tokens]]) -> None:
        self._pictures: Counter[Gram] = Counter()
        for several in references:
            self._pictures.update({gram for tokens in several for order in _ORDERS for gram in grams(tokens, order)})
        self._log_pictures = math.log(len(references))
        self._references = [[self._weigh(tokens) for tokens in several] for several in references]

    def score(self, picture: int, candidate: Tokens) -> float:
        """Score one caption of the picture of this number."""
        mine = self._weigh(candidate)
        several = self._references[picture]
        total = sum(_similarity(mine, reference, order) for reference in several for order in range(4))
        return 1000 * total / (4 * len(several))

    def _weigh(self, tokens: Tokens) -> _Weighted:
        weights, norms = [], []
        for order in _ORDERS:
            weighted = {
                gram: count * (self._log_pictures - math.log(max(1, self._pictures[gram])))
                for gram, count in grams(tokens, order).items()
            }
            weights.append(weighted)
            norms.append(math.sqrt(sum(weight * weight for weight in weighted.values())))
        return _Weighted(weights, norms, max(0, len(tokens) - 1))


def _similarity(mine: _Weighted, reference: _Weighted, order: int) -> float:
    norms = mine.norms[order] * reference.norms[order]
    if not norms:
        return 0.0
    theirs = reference.weights[order]
    product = sum(
        min(weight, theirs[gram]) * theirs[gram] for gram, weight in mine.weights[order].items() if gram in theirs
    )
    apart = mine.bigrams - reference.bigrams
    return product / norms * math.exp(-(apart * apart) / (2 * _SIGMA * _SIGMA))
