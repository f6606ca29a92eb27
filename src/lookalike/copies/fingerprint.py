"""What does the gallery keep of a picture, so that its copies are recognised?"""

from typing import Literal

import cv2

from lookalike.copies.codebook import load_codebook
from lookalike.copies.features import detect
from lookalike.copies.packing import Level, holds, pack
from lookalike.copies.pdq import hash_picture
from lookalike.types import Fingerprint, Grey

Kept = Literal["none", "fast", "full"]
"""How much is kept of local features: nothing, what finds candidates, or what verifies them, too."""

_LEVELS: dict[Kept, Level | None] = {"none": None, "fast": Level.FAST, "full": Level.FULL}
_POINTS = 68
"""Of a picture, together less than a kilobyte. Measured: 90 find no more where each point counts once."""
_SIDE = 320
"""Pixels of the longer side."""


class Fingerprinter:
    """Takes the fingerprints of pictures; may be shared by threads."""

    def __init__(self, features: Kept = "fast") -> None:
        self._level = _LEVELS[features]

    def fingerprint(self, grey: Grey, pixels: str) -> Fingerprint:
        """Take the fingerprint of a picture that is at most 448 pixels a side; `pixels` is the hash of all of them."""
        whole = hash_picture(grey)
        return Fingerprint(
            pixels=pixels, perceptual=whole.bits.tobytes().hex(), quality=whole.quality, features=self._pack(grey)
        )

    def suffices(self, fingerprint: Fingerprint) -> bool:
        """Say whether a fingerprint that was taken before has all that one taken now would have."""
        return bool(fingerprint.perceptual) and (self._level is None or holds(fingerprint.features, self._level))

    def _pack(self, grey: Grey) -> bytes:
        if self._level is None:
            return b""
        features = detect(shrink(grey), _POINTS, distinct=True)
        words = load_codebook().encode(features.descriptors)
        return pack(features, words, self._level)


def shrink(grey: Grey) -> Grey:
    """Shrink a picture to 320 pixels on its longer side, unless it is small already."""
    height, width = grey.shape
    factor = _SIDE / max(height, width)
    if factor >= 1:
        return grey
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    shrunk: Grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return shrunk
