"""Do the pixels agree, too, once one picture is laid over the other, and where?"""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Bool, Float32, Float64

from lookalike.copies.plane import Corners, Homography, clockwise, cut, project, signed_area
from lookalike.types import Grey

_LONGEST_PX = 224
"""Of the frame in which pictures are compared; more costs time and shows no more."""
_BLOCK_PX = 15
_FEWEST_PX = 12
"""A frame smaller than this on a side holds no block to compare."""
_TEXTURE = 5.0
"""Standard deviation, in shades of 256, from which a block holds more than noise."""
_AGREES, _CONFLICTS = 0.6, 0.35
"""Zero-mean normalised cross-correlation of a block: from the first on it agrees, below the second it conflicts."""
_COVERED = 0.35
"""What conflict weighs where the outline is drawn: strips of which a quarter agrees are the picture with something on
it, such as the lines of a meme; where another picture begins, hardly anything agrees."""

Map = Float32[np.ndarray, "_height _width"]
Mask = Bool[np.ndarray, "_height _width"]


@dataclass(frozen=True, slots=True)
class Overlay:
    """Both pictures in one frame, which has the image's axes and the coarser picture's resolution."""

    query: Map
    image: Map
    covered: Mask
    """Where both have pixels."""
    to_image: Homography
    """Maps the frame's positions to the image's."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well blocks of pixels correlate; shares are of the blocks that hold texture in at least one picture."""

    blocks: float
    """Textured area, in blocks that do not overlap."""
    agreeing: float
    conflicting: float
    """Both pictures are textured, and differently: not a flat sticker over one of them."""
    low: float
    """Correlation of the worst tenth; likewise the others."""
    quarter: float
    median: float
    hole: float
    """The largest connected conflict as a share of the whole overlap."""


@dataclass(frozen=True, slots=True)
class Closeness:
    """What laying one picture over the other shows."""

    fine: Agreement
    coarse: Agreement
    """The same at half the resolution, which blur and compression leave alone."""
    inner: Agreement
    """Of the part that is left when strips that conflict are cut off at the sides."""
    overlap: Corners
    """Where the query's frame covers the image, in the image's pixels; likewise `region`, the part that is left."""
    region: Corners
    outline: Corners
    """What to show: the same, but with strips where something lies over the picture and lets a part of it be seen."""


def measure(query: Grey, image: Grey, homography: Homography, *, inverted: bool) -> Closeness | None:
    """Compare pixels where the homography lays the query over the image; None where there is too little overlap."""
    overlap = clip(homography, query.shape, image.shape)
    if overlap is None:
        return None
    laid = lay(query, image, homography, overlap)
    if laid is None:
        return None
    correlation, textured, both = correlate(laid, inverted=inverted)
    window = _best_window(correlation, textured)
    inner = np.zeros_like(textured)
    inner[window] = True
    smaller = correlate(_halve(laid), inverted=inverted)
    return Closeness(
        fine=_summarise(correlation, textured, both),
        coarse=_summarise(*smaller),
        inner=_summarise(correlation, textured & inner, both),
        overlap=overlap,
        region=_cut(overlap, window, textured.shape, laid.to_image),
        outline=_cut(overlap, _best_window(correlation, textured, _COVERED), textured.shape, laid.to_image),
    )


def clip(homography: Homography, query: tuple[int, ...], image: tuple[int, ...]) -> Corners | None:
    """Give the corners, in the image, of what both pictures show: the query's frame cut off at the image's."""
    landed = project(homography, _frame(query))
    if np.isnan(landed).any() or not cv2.isContourConvex(landed.astype(np.float32)):
        return None
    overlap = cut(clockwise(landed), _frame(image))
    return overlap if len(overlap) >= 3 and signed_area(overlap) >= _FEWEST_PX**2 else None


def lay(query: Grey, image: Grey, homography: Homography, overlap: Corners) -> Overlay | None:
    """Bring both pictures into one frame, each averaged before it shrinks so that nothing flickers."""
    left, top = np.floor(overlap.min(axis=0))
    width, height = np.ceil(overlap.max(axis=0)) - (left, top)
    grown = _growth(homography, overlap)
    scale = min(1.0, 1 / grown, _LONGEST_PX / max(width, height))
    size = (round(width * scale), round(height * scale))
    if min(size) < _FEWEST_PX:
        return None
    to_frame = _scaling(size[0] / width, size[1] / height) @ np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1.0]])
    covered = np.zeros((size[1], size[0]), np.uint8)
    cv2.fillConvexPoly(covered, np.rint(project(to_frame, overlap)).astype(np.int32), 1)
    # What borders on the overlap shines through a pixel or two.
    covered = cv2.erode(covered, np.ones((5, 5), np.uint8), borderValue=0)
    return Overlay(
        query=_warp(query, to_frame @ homography, scale * grown, size),
        image=_warp(image, to_frame, scale, size),
        covered=covered.astype(bool),
        to_image=np.linalg.inv(to_frame),
    )


def _growth(homography: Homography, overlap: Corners) -> float:
    """Say how many pixels of the image one pixel of the query becomes, along a side."""
    own = project(np.linalg.inv(homography), overlap)
    return float(np.sqrt(abs(signed_area(overlap)) / max(abs(signed_area(own)), 1e-6)))


def _warp(picture: Grey, homography: Homography, scale: float, size: tuple[int, int]) -> Map:
    if scale < 0.75:
        small = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
        homography = homography @ np.linalg.inv(_scaling(small[0] / picture.shape[1], small[1] / picture.shape[0]))
        picture = cv2.resize(picture, small, interpolation=cv2.INTER_AREA)
    warped = cv2.warpPerspective(
        picture, homography, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.float32)
    return cv2.GaussianBlur(warped, (0, 0), 1.0)


def _scaling(x: float, y: float) -> Homography:
    """Scale positions, whose whole numbers are the centres of pixels."""
    return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1]])


def _halve(laid: Overlay) -> Overlay:
    size = (max(1, laid.query.shape[1] // 2), max(1, laid.query.shape[0] // 2))
    query, image = (cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in (laid.query, laid.image))
    covered = cv2.resize(laid.covered.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST).astype(bool)
    return Overlay(query, image, covered, laid.to_image)


def correlate(laid: Overlay, *, inverted: bool, block_px: int = _BLOCK_PX) -> tuple[Map, Mask, Mask]:
    """Correlate the blocks around all pixels; say which hold texture in either picture, and which in both."""
    weight = _mean(laid.covered.astype(np.float32), block_px).clip(1e-3)
    query, image = np.where(laid.covered, laid.query, 0), np.where(laid.covered, laid.image, 0)
    query_mean, image_mean = _mean(query, block_px) / weight, _mean(image, block_px) / weight
    query_variance = (_mean(query * query, block_px) / weight - query_mean**2).clip(0)
    image_variance = (_mean(image * image, block_px) / weight - image_mean**2).clip(0)
    together = _mean(query * image, block_px) / weight - query_mean * image_mean
    # Constant added, so that noise in a flat block correlates with nothing.
    correlation = together / np.sqrt((query_variance + 2) * (image_variance + 2))
    seen = laid.covered & (weight > 0.5)
    stronger, weaker = np.maximum(query_variance, image_variance), np.minimum(query_variance, image_variance)
    return (
        -correlation if inverted else correlation,
        seen & (stronger > _TEXTURE**2),
        seen & (weaker > (0.5 * _TEXTURE) ** 2),
    )


def _mean(values: Map, block_px: int) -> Map:
    return cv2.boxFilter(values, -1, (block_px, block_px), borderType=cv2.BORDER_CONSTANT)


def _summarise(correlation: Map, textured: Mask, both: Mask) -> Agreement:
    area = int(textured.sum())
    if not area:
        return Agreement(blocks=0, agreeing=0, conflicting=0, low=0, quarter=0, median=0, hole=0)
    found = correlation[textured]
    conflict = textured & both & (correlation < _CONFLICTS)
    pieces, _, stats, _ = cv2.connectedComponentsWithStats(conflict.astype(np.uint8), connectivity=4)
    low, quarter, median = np.quantile(found[:: max(1, len(found) // 2000)], [0.1, 0.25, 0.5])
    return Agreement(
        blocks=area / _BLOCK_PX**2,
        agreeing=float((found > _AGREES).mean()),
        conflicting=float(conflict.sum() / area),
        low=float(low),
        quarter=float(quarter),
        median=float(median),
        hole=float(stats[1:, cv2.CC_STAT_AREA].max() / textured.size) if pieces > 1 else 0.0,
    )


def _best_window(correlation: Map, textured: Mask, weight: float = 1.0) -> tuple[slice, slice]:
    """Find the rows and columns where agreement outweighs conflict most: a source cropped to fit a collage's cell."""
    evidence = np.where(
        textured, np.select([correlation > _AGREES, correlation < _CONFLICTS], [1.0, -weight], 0.0), 0.0
    )
    rows, columns = slice(0, evidence.shape[0]), slice(0, evidence.shape[1])
    for _ in range(2):
        rows = _heaviest(evidence[:, columns].sum(axis=1))
        columns = _heaviest(evidence[rows].sum(axis=0))
    return rows, columns


def _heaviest(gains: Float64[np.ndarray, " n"]) -> slice:
    """Find the run of largest sum, as long as can be.

    Source: Kadane's algorithm, in Bentley: Programming pearls: algorithm design techniques, CACM 1984.
    """
    before = np.concatenate([[0.0], np.cumsum(gains)])
    lowest = np.minimum.accumulate(before[:-1])
    end = len(gains) - int((before[1:] - lowest)[::-1].argmax())
    return slice(int(before[:end].argmin()), end)


def _cut(overlap: Corners, window: tuple[slice, slice], shape: tuple[int, ...], to_image: Homography) -> Corners:
    """Cut the overlap down to the window, on sides where a strip worth speaking of falls away."""
    spare = max(4.0, 0.04 * max(shape))
    (top, bottom), (left, right) = (
        (part.start if part.start >= spare else -1, part.stop if length - part.stop >= spare else length + 1)
        for part, length in zip(window, shape, strict=True)
    )
    kept = project(to_image, np.array([[left, top], [right, top], [right, bottom], [left, bottom]]) - 0.5)
    part = cut(overlap, kept)
    return part if len(part) >= 3 else overlap


def _frame(shape: tuple[int, ...]) -> Corners:
    """Give the corners of a picture: the outer edges of its pixels, whose centres are whole numbers."""
    height, width = shape
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64) - 0.5
