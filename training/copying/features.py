"""How do maps become numbers that survive edits? Means and deviations, and how strongly small patterns occur.

Patterns are directions of a map's channels, found by k-means over the places of training pictures, and pooled over the
picture with most weight on where they are strong. Source: Coates & Ng, Learning Feature Representations with K-Means
(2012); generalised-mean pooling: Radenović et al., Fine-tuning CNN Image Retrieval with No Human Annotation (2018).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from lookalike.types import Pixels
from measures import Vectors
from taps import Look, Map

PATTERNS = 160
"""Looked for in each map; 256 find 1 % more and cost 2 % more time."""

THRESHOLD = 0.5
"""In standard deviations of a pattern's strength: below it a pattern counts as absent."""

_ROUNDS = 8
"""Of k-means; the patterns hardly move later."""

_BATCH = 16

Bias = Float32[np.ndarray, "n"]
Places = Float32[np.ndarray, "places channels"]


@dataclass(frozen=True)
class Patterns:
    """Directions in the channels of one map: strength = max(0, weight · place + bias)."""

    weight: Float32[np.ndarray, "n channels"]
    bias: Bias


def find_patterns(places: Places, rng: np.random.Generator) -> Patterns:
    """Find patterns by spherical k-means on whitened places."""
    mean = places.mean(axis=0)
    variances, axes = np.linalg.eigh(np.cov((places - mean).T.astype(np.float64)))
    whiten = (axes * np.maximum(variances, 1e-3 * variances[-1]) ** -0.5).astype(np.float32)
    turned = _unit((places - mean) @ whiten)
    centres = turned[rng.choice(len(turned), PATTERNS, replace=False)]
    for _ in range(_ROUNDS):
        nearest = (turned @ centres.T).argmax(axis=1)
        sums = np.stack([turned[nearest == index].sum(axis=0) for index in range(PATTERNS)])
        centres = np.where(np.any(sums != 0, axis=1, keepdims=True), _unit(sums), centres)
    weight = centres @ whiten.T
    deviation = (places @ weight.T).std(axis=0)
    return Patterns(weight / deviation[:, None], -(weight @ mean) / deviation - np.float32(THRESHOLD))


def _unit(rows: Places) -> Places:
    scaled: Places = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return scaled


def sample_places(look: Look, pictures: Sequence[Pixels], rng: np.random.Generator) -> list[Places]:
    """Take a few places from each map of each picture."""
    taken: list[list[Places]] = []
    for maps in _in_batches(look, pictures):
        taken.append(
            [map_[:, :, rng.choice(map_.shape[2], 20)].transpose(0, 2, 1).reshape(-1, map_.shape[1]) for map_ in maps]
        )
    return [np.concatenate(parts) for parts in zip(*taken, strict=True)]


def strongest(patterns: Patterns, places: Places) -> float:
    """Give the greatest strength among places."""
    return float((places @ patterns.weight.T + patterns.bias).max())


def pool(maps: Sequence[Map], patterns: Sequence[Patterns]) -> Vectors:
    """Give the features of each picture: for each map the means, the deviations, the patterns."""
    parts = []
    for map_, found in zip(maps, patterns, strict=True):
        strengths = np.maximum(found.weight @ map_ + found.bias[:, None], 0)
        parts += [map_.mean(axis=2), map_.std(axis=2), np.sqrt((strengths * strengths).mean(axis=2))]
    return np.concatenate(parts, axis=1)


def copy_features(look: Look, patterns: Sequence[Patterns], pictures: Sequence[Pixels]) -> Vectors:
    """Give the features of pictures."""
    return np.concatenate([pool(maps, patterns) for maps in _in_batches(look, pictures)])


def _in_batches(look: Look, pictures: Sequence[Pixels]) -> Iterator[list[Map]]:
    for start in range(0, len(pictures), _BATCH):
        yield look(pictures[start : start + _BATCH])
