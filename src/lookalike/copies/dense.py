"""Do two pictures with hardly any points agree when one is laid over the other as a whole?"""

from dataclasses import dataclass

import cv2
import numpy as np

from lookalike.copies.correlation import Closeness, Map, measure
from lookalike.copies.plane import Corners, Homography, project, signed_area
from lookalike.types import Grey

_SIDE_PX = 64
_LIKELY = 0.3
"""Correlation of the small pictures from which a closer look is worth its time."""
_STEPS = 30
_MOST = 0.4
"""Share of each picture that must be left where they agree: less is a part, and a small soft part agrees with many.

Measured: it is at least half of each of the 2,568 edited copies of `bench/copies.py`, seeds 1 and 2, that are so found.
"""
_TURNS = tuple((mirrored, quarters) for mirrored in (False, True) for quarters in range(4))


@dataclass(frozen=True, slots=True)
class Laid:
    """One way to lay the query over the image, and what it shows."""

    homography: Homography
    closeness: Closeness
    mirrored: bool
    inverted: bool


def lay_whole(query: Grey, image: Grey) -> Laid | None:
    """Stretch the query over the image, as it is, mirrored, and turned by quarters, and nudge it into place.

    Gives the way that agrees best; None where the pictures are too small, blank, or not alike but for a part.
    """
    best: Laid | None = None
    small_query, small_image = _shrink(query), _shrink(image)
    for mirrored, quarters in _TURNS:
        turned = np.rot90(small_query[:, ::-1] if mirrored else small_query, -quarters)
        likeness = float((_standardise(turned) * _standardise(small_image)).mean())
        if abs(likeness) < _LIKELY:
            continue
        nudge = _nudge(-turned if likeness < 0 else turned, small_image)
        homography = np.linalg.inv(_to_small(image)) @ nudge @ _turn(mirrored, quarters) @ _to_small(query)
        closeness = measure(query, image, homography, inverted=likeness < 0)
        if closeness is None or _covered(query, image, homography, closeness.region) < _MOST:
            continue
        if best is None or closeness.fine.median > best.closeness.fine.median:
            best = Laid(homography, closeness, mirrored, likeness < 0)
    return best


def _covered(query: Grey, image: Grey, homography: Homography, region: Corners) -> float:
    """Give the share of either picture that a region of the image takes up, whichever is smaller."""
    of_query = abs(signed_area(project(np.linalg.inv(homography), region)))
    return min(abs(signed_area(region)) / image.size, of_query / query.size)


def _shrink(picture: Grey) -> Map:
    return cv2.resize(picture, (_SIDE_PX, _SIDE_PX), interpolation=cv2.INTER_AREA).astype(np.float32)


def _standardise(small: Map) -> Map:
    # A blank picture is like nothing, however its noise lies.
    level: Map = (small - small.mean()) / max(float(small.std()), 2.0)
    return level


def _nudge(moving: Map, still: Map) -> Homography:
    """Find the small affine map that brings one small picture onto the other.

    Source: Evangelidis, Psarakis: Parametric image alignment using enhanced correlation coefficient maximization,
    PAMI 2008.
    """
    until = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, _STEPS, 1e-4)
    start, everywhere = np.eye(2, 3, dtype=np.float32), np.ones(still.shape, np.uint8)
    try:
        _, found = cv2.findTransformECC(
            still, np.ascontiguousarray(moving), start, cv2.MOTION_AFFINE, until, everywhere, 3
        )
    except cv2.error:  # it ran away: the pictures lie as well as they can
        return np.eye(3)
    moved = np.vstack([found, [0, 0, 1]]).astype(np.float64)
    # More than a nudge is a guess.
    return np.linalg.inv(moved) if 0.5 < np.linalg.det(moved) < 2 else np.eye(3)


def _turn(mirrored: bool, quarters: int) -> Homography:
    """Map positions of the small picture as `rot90` and flipping do."""
    last = _SIDE_PX - 1
    turn = np.array([[-1.0, 0, last], [0, 1, 0], [0, 0, 1]]) if mirrored else np.eye(3)
    for _ in range(quarters):
        turn = np.array([[0, -1.0, last], [1, 0, 0], [0, 0, 1]]) @ turn
    return turn


def _to_small(picture: Grey) -> Homography:
    """Map positions of a picture, whole at their pixels' centres, to those of the small one."""
    x, y = _SIDE_PX / picture.shape[1], _SIDE_PX / picture.shape[0]
    return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1]])
