"""Do several small regions make up both pictures together? Then somebody shuffled the pieces of one."""

from collections.abc import Sequence

import cv2
import numpy as np
from jaxtyping import Bool

from lookalike.types import MatchedRegion, Polygon

_GRID = 64
_PIECE = 0.4
"""A region larger than this share of either picture is no piece: it is one scene with another subject in it."""
_AGREES = 0.75
"""Share of a piece's blocks that must agree."""
_FEWEST, _TOGETHER = 4, 0.5
"""How many pieces, and the share of both pictures that they must make up. Measured: two are often a subject that moved
before its wall; of 3 × 3 tiles, five to nine are found."""


def fits_together(regions: Sequence[MatchedRegion]) -> bool:
    """Say whether four or more pieces, each in its own place, make up most of both pictures."""
    pieces = [one for one in regions if one.agreement >= _AGREES]
    if len(pieces) < _FEWEST:
        return False
    for sides in ([one.query for one in pieces], [one.image for one in pieces]):
        masks = [_mask(one) for one in sides]
        if max(float(one.mean()) for one in masks) > _PIECE or np.any(masks, axis=0).mean() < _TOGETHER:
            return False
    return True


def _mask(polygon: Polygon) -> Bool[np.ndarray, "_grid _grid"]:
    drawn = np.zeros((_GRID, _GRID), np.uint8)
    cv2.fillConvexPoly(drawn, np.rint(np.array(polygon) * (_GRID - 1)).astype(np.int32), 1)
    return drawn.astype(bool)
