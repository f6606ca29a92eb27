"""How sure may the captioner be? By how often its captions name what people named, in known and in strange pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Float32

from captioning.material import Material
from captioning.network import Captioner

Rows = Float32[np.ndarray, "n width"]

SMALL = frozenset(
    (
        *("a", "an", "the", "this", "that", "these", "those", "its", "his", "her", "their", "another", "some", "other"),
        *("in", "on", "at", "of", "to", "for", "with", "by", "from", "into", "onto", "near", "over", "under", "up"),
        *("down", "through", "across", "behind", "around", "along", "out", "off", "next", "and", "or", "but", "while"),
        *("as", "is", "are", "be", "being", "has", "have", "who", "which", "'s", "it", "he", "she", "they", "them"),
        *("him", "there", "each"),
    )
)
"""Words by which nothing is named."""

_RIGHT = 0.5
"""Share of a caption's names that people must have used, too, for it to count as right."""

_RIDGE = 1e-2


def agreement(caption: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    """Give the share of a caption's words, small ones aside, that any reference has, in the plural or not."""
    said = {_stem(word) for word in caption if word not in SMALL}
    known = {_stem(word) for reference in references for word in reference}
    return len(said & known) / len(said) if said else 0.0


def is_right(caption: Sequence[str], references: Sequence[Sequence[str]]) -> bool:
    """Tell whether a caption names mostly what people named: a stand-in for asking them."""
    return agreement(caption, references) >= _RIGHT


def _stem(word: str) -> str:
    irregular = {"men": "man", "women": "woman", "children": "child", "people": "person"}
    return irregular.get(word) or (word[:-1] if len(word) > 3 and word.endswith("s") else word)


def fit_familiarity(network: Captioner, known: Material, strange: Material) -> None:
    """Let the network tell pictures of the kind it learnt from, from all others."""
    rows = np.concatenate([_glances(network, known), _glances(network, strange)])
    right = np.r_[np.ones(len(known)), np.zeros(len(strange))]
    mean, deviation = rows.mean(0), rows.std(0) + 1e-6
    weights = fit_logistic((rows - mean) / deviation, right, ridge=1.0)
    with torch.no_grad():
        network.familiarity.weight.copy_(torch.from_numpy(weights[1:] / deviation)[None])
        network.familiarity.bias.fill_(float(weights[0] - (weights[1:] / deviation * mean).sum()))


@torch.no_grad()
def _glances(network: Captioner, material: Material) -> Rows:
    device = next(network.parameters()).device
    return np.concatenate(
        [
            network.see(torch.from_numpy(material.view(range(start, min(start + 64, len(material))))).to(device))
            .values.mean(1)
            .cpu()
            .numpy()
            for start in range(0, len(material), 64)
        ]
    )


def fit_logistic(rows: np.ndarray, right: np.ndarray, ridge: float = _RIDGE) -> np.ndarray:
    """Give offset and weights of the likeliest logistic, both answers weighing as they come; Newton's method."""
    x = np.column_stack([np.ones(len(rows)), rows]).astype(float)
    weights = np.zeros(x.shape[1])
    penalty = np.r_[0.0, np.full(x.shape[1] - 1, ridge)]
    for _ in range(30):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        slope = x.T @ (p - right) + penalty * weights
        curve = (x * (p * (1 - p))[:, None]).T @ x + np.diag(penalty + 1e-9)
        weights -= np.linalg.solve(curve, slope)
    return weights


@dataclass(frozen=True)
class Bin:
    """Captions of about the same confidence."""

    low: float
    high: float
    count: int
    confidence: float
    right: float


def reliability(confidences: np.ndarray, right: np.ndarray, edges: Sequence[float]) -> list[Bin]:
    """Compare what was promised with what came true."""
    bins = []
    for low, high in pairwise(edges):
        chosen = (confidences >= low) & (confidences < high)
        if chosen.any():
            means = float(confidences[chosen].mean()), float(right[chosen].mean())
            bins.append(Bin(low, high, int(chosen.sum()), *means))
    return bins
