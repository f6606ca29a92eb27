"""How can one test without a model? An encoder that sees only where which colours are."""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from lookalike.decode import Fit
from lookalike.types import Embeddings, Pixels, Space

_GRID = 8


class ColourEncoder:
    """Projects the mean colours of 8 × 8 fields at random to `dim` dimensions; the same in every process."""

    def __init__(self, dim: int = 64) -> None:
        """Draw the projection of this dimension."""
        self.name = f"colour:{dim}"
        self.fit = Fit(size=64, mode="squash")
        random = np.random.default_rng(dim)
        self._projection = random.standard_normal((_GRID * _GRID * 3 + 1, dim), dtype=np.float32)
        digest = hashlib.sha256(self._projection.tobytes()).hexdigest()
        space = Space(
            name=f"{self.name}@1/colour", dim=dim, encoder=self.name, digest=digest, calibration=(20.0, -17.0)
        )
        self.spaces: Mapping[str, Space] = {space.name: space}

    def encode(self, images: Sequence[Pixels]) -> dict[str, Embeddings]:
        """Encode pictures of any size into {space name: unit vectors}."""
        fields = np.array([_mean_colours(image) for image in images], np.float32)
        vectors = fields.reshape(len(images), self._projection.shape[0]) @ self._projection
        return {name: vectors / np.linalg.norm(vectors, axis=1, keepdims=True) for name in self.spaces}


def _mean_colours(image: Pixels) -> np.ndarray:
    """Give each field's colour around mid-grey, and a constant so that a plain grey picture has a direction too."""
    small = Image.fromarray(image).resize((_GRID, _GRID), Image.Resampling.BOX)
    return np.append(np.asarray(small, np.float32).ravel() / 127.5 - 1, np.float32(0.5))
