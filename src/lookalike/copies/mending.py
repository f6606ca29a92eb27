"""What lies under the flat bars, stripes and specks that somebody laid over a picture? A guess that is good enough."""

import cv2
import numpy as np
from jaxtyping import Bool, Float32

from lookalike.types import Grey

_EVEN_PX, _EVEN_SHADES = 5, 12
"""A window of so many pixels whose shades differ by no more is even: flat paint, after JPEG."""
_SAME_SHADE = 6
_LEAST, _MOST = 0.12, 0.8
"""Shares of the picture: less paint hides little, more leaves nothing to go by. Measured: twenty blinds paint .62 with
their edges, AugLy's stripes .32."""
_SPECK_SHADES, _SPECKS = 60, 0.015
"""Pixels so far from the median around them are specks; from such a share on they are taken away."""

Mask = Bool[np.ndarray, "_height _width"]
Map = Float32[np.ndarray, "_height _width"]


def mend(grey: Grey) -> Grey | None:
    """Take specks away and fill flat paint of the commonest shade from what is around it; None where there is none."""
    smooth: Grey = cv2.medianBlur(grey, 3)
    speckled = float((cv2.absdiff(grey, smooth) > _SPECK_SHADES).mean()) > _SPECKS
    clean = smooth if speckled else grey
    painted = _painted(clean)
    if _LEAST <= painted.mean() <= _MOST:
        return _fill(clean, painted)
    return clean if speckled else None


def _painted(grey: Grey) -> Mask:
    """Find the even areas of the shade that most of them have, with the edge that compression smears."""
    window = np.ones((_EVEN_PX, _EVEN_PX), np.uint8)
    even = cv2.subtract(cv2.dilate(grey, window), cv2.erode(grey, window)) <= _EVEN_SHADES
    shades = np.convolve(np.bincount(grey[even], minlength=256), np.ones(9), "same")
    flat = even & (np.abs(grey.astype(np.int16) - int(shades.argmax())) <= _SAME_SHADE)
    grown: Mask = cv2.dilate(flat.astype(np.uint8), np.ones((7, 7), np.uint8)).astype(bool)
    return grown


def _fill(grey: Grey, painted: Mask) -> Grey:
    """Average what is left on ever coarser levels, and give each hole what the finest level that reaches it says.

    Source: pull-push: Gortler et al.: The lumigraph, SIGGRAPH 1996, section 3.4.
    """
    values: list[Map] = [np.where(painted, 0, grey).astype(np.float32)]
    weights: list[Map] = [(~painted).astype(np.float32)]
    while min(values[-1].shape) > 2:
        values.append(cv2.pyrDown(values[-1]))
        weights.append(cv2.pyrDown(weights[-1]))
    filled = values[-1] / np.maximum(weights[-1], 1e-3)
    for value, weight in zip(values[-2::-1], weights[-2::-1], strict=True):
        coarser = cv2.pyrUp(filled, dstsize=(value.shape[1], value.shape[0]))
        known = np.minimum(2 * weight, 1)
        filled = known * value / np.maximum(weight, 1e-3) + (1 - known) * coarser
    mended: Grey = np.where(painted, filled, grey).clip(0, 255).astype(np.uint8)
    return mended
