"""How does one see that two pictures agree? Side by side with the region outlined, and one laid over the other."""

from collections.abc import Iterable

import cv2
import numpy as np
from jaxtyping import Float64

from lookalike.types import Evidence, MatchedRegion, Pixels, Polygon

_HEIGHT_PX, _WIDEST_PX, _GAP_PX, _LONGEST_PX = 480, 960, 16, 960
_PAPER = 250
_DIMMED = 0.45
"""How much is left of what lies outside all regions."""
_COLOURS = ((0, 158, 115), (230, 159, 0), (86, 180, 233), (204, 121, 167), (213, 94, 0), (240, 228, 66))
"""One for each region, for all kinds of colour vision.

Source: Okabe, Ito: Color universal design, 2008, https://jfly.uni-koeln.de/color/.
"""


def side_by_side(query: Pixels, image: Pixels, evidence: Evidence) -> Pixels:
    """Draw the query left and the gallery's picture right, of one height; matched regions bright and outlined.

    A region has the same colour on both sides, and the same corner is marked by a dot, so that turning shows.
    """
    sides = [
        _outline(_fit(picture), [getattr(region, side) for region in evidence.regions])
        for picture, side in ((query, "query"), (image, "image"))
    ]
    gap = np.full((_HEIGHT_PX, _GAP_PX, 3), _PAPER, np.uint8)
    return np.concatenate([sides[0], gap, sides[1]], axis=1)


def overlay(query: Pixels, image: Pixels, region: MatchedRegion) -> Pixels:
    """Lay the query over the gallery's picture where they match, half transparent; the rest is dimmed."""
    scale = min(1.0, _LONGEST_PX / max(image.shape[:2]))
    sheet = _resize(image, max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    height, width = sheet.shape[:2]
    shrunk = _fit_for(query, region, width, height)
    moved = _centred(
        np.diag([width, height, 1.0])
        @ np.array(region.homography).reshape(3, 3)
        @ np.diag([1 / shrunk.shape[1], 1 / shrunk.shape[0], 1.0])
    )
    laid = cv2.warpPerspective(shrunk, moved, (width, height), flags=cv2.INTER_LINEAR)
    if region.inverted:
        laid = 255 - laid
    inside = _mask(sheet, [region.image])
    blended = np.where(inside, 0.5 * laid + 0.5 * sheet, _DIMMED * sheet)
    drawn = np.rint(blended).astype(np.uint8)
    _line(drawn, region.image, _COLOURS[0])
    return drawn


def _fit(picture: Pixels) -> Pixels:
    """Scale to the common height; what would grow too wide is scaled to the width, and stands on paper."""
    height, width = picture.shape[:2]
    scale = min(_HEIGHT_PX / height, _WIDEST_PX / width)
    return _resize(picture, max(1, round(width * scale)), max(1, min(_HEIGHT_PX, round(height * scale))))


def _fit_for(query: Pixels, region: MatchedRegion, width: int, height: int) -> Pixels:
    """Shrink the query to about the size at which it will lie on the sheet, so that nothing flickers."""
    own = _area(region.query) * query.shape[0] * query.shape[1]
    scale = min(1.0, (_area(region.image) * width * height / max(own, 1.0)) ** 0.5)
    return _resize(query, max(1, round(query.shape[1] * scale)), max(1, round(query.shape[0] * scale)))


def _area(polygon: Polygon) -> float:
    return float(cv2.contourArea(np.array(polygon, np.float32)))


def _resize(picture: Pixels, width: int, height: int) -> Pixels:
    way = cv2.INTER_AREA if width < picture.shape[1] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (width, height), interpolation=way), np.uint8)


def _outline(picture: Pixels, polygons: Iterable[Polygon]) -> Pixels:
    polygons = list(polygons)
    drawn = picture
    if polygons:
        drawn = np.where(_mask(picture, polygons), picture, _DIMMED * picture).astype(np.uint8)
    for number, polygon in enumerate(polygons):
        colour = _COLOURS[number % len(_COLOURS)]
        _line(drawn, polygon, colour)
        x, y = _spots(drawn, polygon)[0]
        cv2.circle(drawn, (int(x), int(y)), 7, colour, -1, cv2.LINE_AA)
    above = (_HEIGHT_PX - drawn.shape[0]) // 2
    below = _HEIGHT_PX - drawn.shape[0] - above
    framed = cv2.copyMakeBorder(drawn, above, below, 0, 0, cv2.BORDER_CONSTANT, value=(_PAPER,) * 3)
    return np.asarray(framed, np.uint8)


def _mask(picture: Pixels, polygons: Iterable[Polygon]) -> np.ndarray:
    mask = np.zeros(picture.shape[:2], np.uint8)
    for polygon in polygons:
        cv2.fillPoly(mask, [_spots(picture, polygon)], 1)
    covered: np.ndarray = mask.astype(bool)[..., None]
    return covered


def _line(picture: Pixels, polygon: Polygon, colour: tuple[int, int, int]) -> None:
    """Outline in colour between white, so that it is seen on anything."""
    spots = _spots(picture, polygon)
    cv2.polylines(picture, [spots], True, (255, 255, 255), 5, cv2.LINE_AA)
    cv2.polylines(picture, [spots], True, colour, 3, cv2.LINE_AA)


def _spots(picture: Pixels, polygon: Polygon) -> np.ndarray:
    height, width = picture.shape[:2]
    spots = np.array(polygon) * (width, height) - 0.5
    # Two pixels within the border, where half of the line would be lost.
    inside = spots.clip(1, (max(width - 2, 1), max(height - 2, 1)))
    return np.asarray(np.rint(inside), np.int32)


def _centred(homography: Float64[np.ndarray, "3 3"]) -> Float64[np.ndarray, "3 3"]:
    """Turn a map of positions counted from the edges into one counted from the centres of pixels."""
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])
    return np.asarray(np.linalg.inv(half) @ homography @ half, np.float64)
