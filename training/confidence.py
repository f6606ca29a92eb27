"""When may one say that two pictures look or mean the same? A logistic of the score, fitted on pairs."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from material import FLOWERS, GROCERY, OPENSTAX, Material
from measures import Vectors
from whitening import Whitening

Scores = Float32[np.ndarray, "n"]


@dataclass(frozen=True)
class Pairs:
    """Scores of pairs of one kind, whether they are alike, and how much the kind weighs."""

    kind: str
    scores: Scores
    alike: bool
    weight: float


def fit_confidence(kinds: list[Pairs]) -> tuple[float, float]:
    """Fit a, b of 1 / (1 + exp(−(a·score + b))) by maximum likelihood, each kind counted by its weight.

    Source: Platt, Probabilistic outputs for support vector machines (1999); solved by Newton's method.
    """
    scores = np.concatenate([kind.scores for kind in kinds]).astype(np.float64)
    alike = np.concatenate([np.full(len(kind.scores), float(kind.alike)) for kind in kinds])
    weights = np.concatenate([np.full(len(kind.scores), kind.weight / len(kind.scores)) for kind in kinds])
    terms = np.stack([scores, np.ones_like(scores)], axis=1)
    solution = np.zeros(2)
    for _ in range(100):
        likely = 1 / (1 + np.exp(-terms @ solution))
        slope = terms.T @ (weights * (likely - alike))
        curvature = (terms * (weights * likely * (1 - likely))[:, None]).T @ terms
        solution -= np.linalg.solve(curvature + 1e-6 * np.eye(2), slope + 1e-6 * solution)
    return float(solution[0]), float(solution[1])


def calibrate(material: Material, features: dict[str, Vectors], whitening: Whitening) -> tuple[float, float]:
    """Fit the confidence: half the weight on pairs that are alike, half of each half on looks, half on meaning."""
    vectors = {name: whitening(found) for name, found in features.items()}
    originals = vectors[OPENSTAX][[copy.original for copy in material.copies]]
    copies = np.einsum("nd,nd->n", vectors["copies"], originals)
    kinds = [
        Pairs("edited copies", copies, alike=True, weight=0.25),
        Pairs("unrelated photos", pair_scores(vectors[OPENSTAX], None, same=False), alike=False, weight=0.25),
    ]
    for name in (FLOWERS, GROCERY):
        for same in (True, False):
            scores = pair_scores(vectors[name], material.labels(name), same=same)
            kinds.append(Pairs(f"{name}, same label: {same}", scores, alike=same, weight=0.125))
    return fit_confidence(kinds)


def pair_scores(vectors: Vectors, labels: list[str] | None, *, same: bool) -> Scores:
    """Score up to 20,000 random pairs that share a label, or do not; without labels no two share one."""
    rng = np.random.default_rng(0)
    one, other = np.triu_indices(len(vectors), 1)
    if labels is not None:
        names = np.array(labels)
        kept = (names[one] == names[other]) == same
        one, other = one[kept], other[kept]
    chosen = rng.permutation(len(one))[:20_000]
    return np.einsum("nd,nd->n", vectors[one[chosen]], vectors[other[chosen]])
