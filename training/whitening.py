"""How do 1280 pooled features become a space of fewer dimensions? Half whitening."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from measures import Vectors, unit

DIM = 512

HALF = 0.25
"""Exponent of the variances: 0.5 whitens fully, 0 only rotates; the page of `mini` shows all three measured."""

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
