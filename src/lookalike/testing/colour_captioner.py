"""How can one test captions without a model? A captioner that sees nothing but colours."""

from collections.abc import Sequence

import numpy as np

from lookalike.testing.colour_encoder import ColourEncoder
from lookalike.types import Caption, Maps, Pixels

_LEAST_SHARE = 0.25
"""Of the picture; where no colour has as much, it says nothing."""


class ColourCaptioner:
    """Says `a picture in red` of a picture with more red than anything else. Looks through the encoder of its name."""

    def __init__(self, dim: int = 64) -> None:
        """Look through `ColourEncoder(dim)` where no maps are given."""
        self._eyes = ColourEncoder(dim)
        self.name = self._eyes.name
        self.fit = self._eyes.fit

    def caption(self, images: Sequence[Pixels], maps: Maps | None = None) -> list[Caption]:
        """Caption pictures of any size."""
        seen = self._eyes.see(images).maps if maps is None else maps
        return [self._say(fields) for fields in seen]

    def _say(self, fields: np.ndarray) -> Caption:
        as_picture = np.rint((fields.reshape(8, 8, 3) + 1) * 127.5).clip(0, 255).astype(np.uint8)
        shares = self._eyes.see([as_picture]).classes[0]
        best = int(shares.argmax())
        if shares[best] < _LEAST_SHARE:
            return Caption(text="", confidence=0.0)
        return Caption(text=f"a picture in {self._eyes.class_names[best]}", confidence=float(shares[best]))
