"""What was done to the gallery's picture to get the query, in words?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lookalike.copies.plane import Homography, project, signed_area
from lookalike.types import MatchedRegion, Polygon

Size = tuple[int, int]
"""Width and height in pixels."""

_WHOLE = 0.97
"""A share of the area from which nothing was cut off: regions are found within a pixel or two."""
_TURNED_DEG, _STRETCHED, _SCALED, _TILTED = 1.0, 1.05, 1.25, 0.06


@dataclass(frozen=True, slots=True)
class Motion:
    """How the picture was moved, at the middle of the region, after mirroring it left to right if it was."""

    turned_deg: float
    """Clockwise."""
    scale: float
    stretch: float
    """How much more it grew one way than across; 1 or more."""
    tilt: float
    """How much more it grew at one end of the region than at the other; 0 where lines stay parallel."""


def describe(regions: Sequence[MatchedRegion], query_size: Size, image_size: Size, *, with_scale: bool = True) -> str:
    """Describe the best region: `cropped to 31 %, mirrored, rotated 5° clockwise`; empty without regions.

    Sizes are those of the pictures at full size, so that scaling is told as it is; where only their shapes are known,
    leave it out by `with_scale`.
    """
    if not regions:
        return ""
    best = regions[0]
    motion = measure_motion(best, query_size, image_size)
    said = [
        *_framing(best),
        *_turning(motion, mirrored=best.mirrored),
        *_shaping(motion),
        *([f"scaled to {_percent(motion.scale)}"] if with_scale and _is_scaled(motion) else []),
        *(["colours inverted"] if best.inverted else []),
    ]
    more = [f"{len(regions)} regions match"] if len(regions) > 1 else []
    return ", ".join([*(said or ["same framing"]), *more])


def measure_motion(region: MatchedRegion, query_size: Size, image_size: Size) -> Motion:
    """Take the map from the gallery's picture to the query apart."""
    forth = np.diag([*query_size, 1.0]) @ np.linalg.inv(np.array(region.homography).reshape(3, 3))
    forth = forth @ np.diag([1 / image_size[0], 1 / image_size[1], 1.0])
    corners = np.array(region.image) * image_size
    middle = _slope(forth, corners.mean(axis=0))
    if region.mirrored:
        middle = middle @ np.diag([-1.0, 1.0])
    most, least = np.linalg.svd(middle, compute_uv=False)
    grown = [np.sqrt(abs(np.linalg.det(_slope(forth, corner)))) for corner in corners]
    return Motion(
        turned_deg=float(np.rad2deg(np.arctan2(middle[1, 0] - middle[0, 1], middle[0, 0] + middle[1, 1]))),
        scale=float(np.sqrt(most * least)),
        stretch=float(most / max(least, 1e-9)),
        tilt=float(max(grown) / max(min(grown), 1e-9) - 1),
    )


def _slope(homography: Homography, at: np.ndarray) -> np.ndarray:
    """Give the derivative of the map at a place, in pixels."""
    around = project(homography, at + np.array([[0.5, 0], [-0.5, 0], [0, 0.5], [0, -0.5]]))
    return np.stack([around[0] - around[1], around[2] - around[3]], axis=1)


def _framing(region: MatchedRegion) -> list[str]:
    said = []
    kept, filled = _area(region.image), _area(region.query)
    if kept < _WHOLE:
        said.append(f"cropped to {_percent(kept)}")
    if filled < _WHOLE:
        said.append(f"set into a larger picture, {_percent(filled)} of it")
    return said


def _area(polygon: Polygon) -> float:
    return abs(signed_area(np.array(polygon, np.float64)))


def _turning(motion: Motion, *, mirrored: bool) -> list[str]:
    degrees = round(abs(motion.turned_deg))
    if mirrored and degrees >= 180 - _TURNED_DEG:
        return ["mirrored top to bottom"]
    said = ["mirrored"] if mirrored else []
    if degrees > 180 - _TURNED_DEG:
        said.append("rotated 180°")
    elif degrees >= _TURNED_DEG:
        said.append(f"rotated {degrees}° {'clockwise' if motion.turned_deg > 0 else 'anticlockwise'}")
    return said


def _shaping(motion: Motion) -> list[str]:
    if motion.tilt > _TILTED:
        return ["seen at an angle"]
    if motion.stretch > _STRETCHED:
        return [f"stretched by {_percent(motion.stretch - 1)}"]
    return []


def _is_scaled(motion: Motion) -> bool:
    return not 1 / _SCALED < motion.scale < _SCALED


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
