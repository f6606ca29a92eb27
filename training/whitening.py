"""How do 1280 pooled features become a space of fewer dimensions? Half whitening."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int

from measures import Vectors, unit

DIM = 512

HALF = 0.25
"""Exponent of the variances: 0.5 whitens fully, 0 only rotates; the page of `mini` shows all three measured."""

SHRINKAGE = 0.05
"""Of the mean variance, added to every axis of the changes, so that none seems to be left alone by chance."""

Indices = Int[np.ndarray, "n"]
Mean = Float32[np.ndarray, "features"]
Projection = Float32[np.ndarray, "features dim"]


@dataclass(frozen=True)
class Whitening:
    """An affine map to fewer dimensions: (features − mean) @ projection."""

    mean: Mean
    projection: Projection

    @property
    def offset(self) -> Mean:
        """What is added to features @ projection."""
        return -(self.mean @ self.projection)

    def __call__(self, features: Vectors) -> Vectors:
        """Give unit vectors."""
        return unit((features - self.mean) @ self.projection)


def fit_whitening(features: Vectors, dim: int, power: float = HALF) -> Whitening:
    """Fit principal axes to features, each scaled by its variance to the minus `power`."""
    mean = features.mean(axis=0)
    variances, axes = np.linalg.eigh(np.cov((features - mean).T.astype(np.float64)))
    kept = slice(-1, -dim - 1, -1)
    # A floor far below any used variance: with fewer pictures than dimensions the rest would be divided by noise.
    scales = np.maximum(variances[kept], 1e-6 * variances[-1]) ** -power
    return Whitening(mean.astype(np.float32), (axes[:, kept] * scales).astype(np.float32))


def fit_learned_whitening(
    originals: Vectors, copies: list[tuple[Indices, Vectors]], dim: int, power: float = HALF
) -> Whitening:
    """Fit axes that tell pictures apart and that edits leave alone; `copies` are of the originals with these indices.

    Features are whitened by how edits change them, then turned to the principal axes of the originals and whitened
    as `fit_whitening` does, which spreads the vectors over the sphere.
    Source: Mikolajczyk & Matas, Improving Descriptors for Fast Tree Matching by Optimal Linear Projection (ICCV 2007).
    """
    mean, scale = originals.mean(axis=0), originals.std(axis=0) + 1e-6
    standard = (originals - mean) / scale
    change = np.zeros((len(mean), len(mean)))
    for indices, features in copies:
        changes = (features - mean) / scale - standard[indices]
        change += changes.T @ changes
    change /= sum(len(indices) for indices, _ in copies)
    change += SHRINKAGE * np.trace(change) / len(change) * np.eye(len(change))
    variances, axes = np.linalg.eigh(change)
    steady = axes * variances**-0.5
    inner = fit_whitening((standard @ steady).astype(np.float32), dim, power)
    projection = (steady @ inner.projection) / scale[:, None]
    return Whitening(mean.astype(np.float32), projection.astype(np.float32))
