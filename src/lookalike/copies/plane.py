"""Where does a homography move positions, and what is left of a polygon that something covers in part?"""

import numpy as np
from jaxtyping import Float32, Float64

Homography = Float64[np.ndarray, "3 3"]
"""Maps positions in pixels; between two pictures the last number is mostly 1."""

Positions = Float32[np.ndarray, "n 2"]

Corners = Float64[np.ndarray, "_corners 2"]
"""Of a convex polygon."""


def project(homography: Homography, positions: Positions | Float64[np.ndarray, "n 2"]) -> Float64[np.ndarray, "n 2"]:
    """Move positions by a homography; what lies behind the horizon becomes NaN."""
    moved = np.column_stack([positions, np.ones(len(positions))]) @ homography.T
    depth = np.where(moved[:, 2:] > 1e-9, moved[:, 2:], np.nan)
    landed: Float64[np.ndarray, "n 2"] = moved[:, :2] / depth
    return landed


def facing(homography: Homography, polygon: Corners) -> Homography:
    """Scale a homography so that depth is 1 in the middle of a polygon; elsewhere may be the horizon."""
    x, y = polygon.mean(axis=0)
    scaled: Homography = homography / (homography[2] @ (x, y, 1.0))
    return scaled


def signed_area(corners: Corners) -> float:
    """Measure a polygon: positive where its corners go clockwise as one sees it, y pointing down."""
    after = np.roll(corners, -1, axis=0)
    return float((corners[:, 0] * after[:, 1] - corners[:, 1] * after[:, 0]).sum() / 2)


def clockwise(corners: Corners) -> Corners:
    """Give the corners so that they go clockwise as one sees them."""
    return corners if signed_area(corners) > 0 else corners[::-1].copy()


def cut(polygon: Corners, window: Corners) -> Corners:
    """Cut off what of a convex polygon lies outside a convex window whose corners go clockwise; maybe nothing is left.

    Source: Sutherland, Hodgman: Reentrant polygon clipping, CACM 1974. (OpenCV's intersectConvexConvex fails where
    edges coincide, and here they often do.)
    """
    for start, end in zip(window, np.roll(window, -1, axis=0), strict=True):
        edge = end - start
        height = edge[0] * (polygon[:, 1] - start[1]) - edge[1] * (polygon[:, 0] - start[0])
        corners = []
        for here, there, low, high in zip(
            polygon, np.roll(polygon, -1, axis=0), height, np.roll(height, -1), strict=True
        ):
            if low >= 0:
                corners.append(here)
            if low * high < 0:
                corners.append(here + (there - here) * (low / (low - high)))
        polygon = np.array(corners, np.float64).reshape(-1, 2)
    return polygon
