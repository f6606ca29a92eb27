"""What do the vectors of a large gallery look like, where real pictures would take days to encode?

Made up, but like those of real encoders: pictures come in clusters of very different sizes, clusters belong to themes,
and the variance falls off along the axes as a power law, so that 512 dimensions hold about as much as 16 independent
ones (the participation ratio of the covariance's eigenvalues). Peers draw the same, so nothing but NumPy is needed.
"""

from collections.abc import Iterator

import numpy as np

DIM = 512
BATCH = 1_000
_QUERIES = 7
"""The seed of queries: pictures that are not in the gallery."""


class Pictures:
    """Vectors like those of real encoders, the same for the same seed.

    A picture is the sum of its theme (one of 40), its cluster (one of 2,000, the r-th holding a share of about 1/r)
    and its own deviation, each with a spectrum that falls as i ** -0.6, turned by one random rotation.
    """

    def __init__(self) -> None:
        """Draw the themes, the clusters and the axes."""
        random = np.random.default_rng(1)
        spectrum = (np.arange(1, DIM + 1) ** -0.6).astype(np.float32)
        self._scale = spectrum / np.linalg.norm(spectrum)
        self._axes = np.linalg.qr(random.standard_normal((DIM, DIM)))[0].astype(np.float32)
        themes = random.standard_normal((40, DIM), dtype=np.float32)
        clusters = random.standard_normal((2_000, DIM), dtype=np.float32)
        self._centres = 0.5 + 0.6 * themes[random.integers(0, 40, 2_000)] + 0.6 * clusters
        shares = 1 / np.arange(10, 2_010)
        self._shares = shares / shares.sum()

    def draw(self, count: int, seed: int = _QUERIES) -> np.ndarray:
        """Draw unit vectors, float32."""
        random = np.random.default_rng(seed)
        own = random.standard_normal((count, DIM), dtype=np.float32)
        vectors = (self._centres[random.choice(2_000, count, p=self._shares)] + 0.8 * own) * self._scale @ self._axes
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def batches(rows: int) -> Iterator[tuple[int, np.ndarray]]:
    """Give the vectors of the gallery, with the number of the first."""
    pictures = Pictures()
    for start in range(0, rows, BATCH):
        yield start, pictures.draw(min(BATCH, rows - start), seed=1_000 + start)


def labels(start: int, count: int) -> np.ndarray:
    """Give each picture's label: `rare` for every hundredth, `common` for a tenth, in no order."""
    turn = np.random.default_rng(start).integers(0, 1_000, count)
    return np.select([turn < 10, turn < 110], ["rare", "common"], "other")
