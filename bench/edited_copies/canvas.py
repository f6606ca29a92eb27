"""Where does a picture lie after an edit? Pixels together with the place of every source picture in them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from lookalike.types import Pixels, Polygon

Colour = tuple[int, int, int]
Size = tuple[int, int]
"""Width and height in pixels."""

_SMALLEST_AREA = 4.0
"""Pixels; less of a source than that is none of it."""


@dataclass(frozen=True)
class Place:
    """Where one source picture lies."""

    source: int
    """0 for the picture that is edited, n for the n-th of the others."""
    size: Size
    """Of the source."""
    homography: np.ndarray
    """3 × 3, pixels of the source → pixels of the edited picture."""
    outline: np.ndarray
    """What is visible of the source: a convex polygon in pixels of the edited picture."""


@dataclass(frozen=True)
class TrueRegion:
    """A part of a source picture and where the edited picture shows it, as polygons in fractions of each."""

    source: int
    edited: Polygon
    original: Polygon


@dataclass(frozen=True)
class Canvas:
    """An edited picture and the places of its sources."""

    pixels: Pixels
    places: tuple[Place, ...]

    @property
    def size(self) -> Size:
        """Width and height."""
        return self.pixels.shape[1], self.pixels.shape[0]

    def regions(self) -> tuple[TrueRegion, ...]:
        """Give the visible part of every source."""
        return tuple(_region(place, self.size) for place in self.places)


def canvas_of(pixels: Pixels, source: int = 0) -> Canvas:
    """Begin with a picture as it is."""
    height, width = pixels.shape[:2]
    outline = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    return Canvas(pixels, (Place(source, (width, height), np.eye(3), outline),))


def warped(canvas: Canvas, matrix: np.ndarray, size: Size, fill: Colour = (0, 0, 0)) -> Canvas:
    """Map a picture by a homography into a new frame; what falls outside is lost."""
    pixels = cv2.warpPerspective(
        canvas.pixels, matrix, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_CONSTANT, borderValue=fill
    )
    return Canvas(pixels, _moved(canvas.places, matrix, size))


def cropped(canvas: Canvas, left: int, top: int, width: int, height: int) -> Canvas:
    """Cut a rectangle out."""
    pixels = np.ascontiguousarray(canvas.pixels[top : top + height, left : left + width])
    shift = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1]], np.float64)
    return Canvas(pixels, _moved(canvas.places, shift, (width, height)))


def resized(canvas: Canvas, size: Size) -> Canvas:
    """Scale to a size, whatever becomes of the proportions."""
    width, height = canvas.size
    shrinking = size[0] * size[1] < width * height
    pixels = cv2.resize(canvas.pixels, size, interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC)
    scale = np.diag([size[0] / width, size[1] / height, 1.0])
    return Canvas(pixels, _moved(canvas.places, scale, size))


def scaled(canvas: Canvas, factor: float) -> Canvas:
    """Scale both sides by a factor."""
    return resized(canvas, (max(1, round(canvas.size[0] * factor)), max(1, round(canvas.size[1] * factor))))


def flipped(canvas: Canvas, code: int) -> Canvas:
    """Mirror: left to right with code 1, upside down with 0."""
    width, height = canvas.size
    matrix = np.array([[-1, 0, width], [0, 1, 0], [0, 0, 1]] if code else [[1, 0, 0], [0, -1, height], [0, 0, 1]])
    return Canvas(cv2.flip(canvas.pixels, code), _moved(canvas.places, matrix.astype(float), canvas.size))


def quarter_turned(canvas: Canvas, turns: int) -> Canvas:
    """Turn by quarters, clockwise."""
    for _ in range(turns):
        width, height = canvas.size
        matrix = np.array([[0, -1, height], [1, 0, 0], [0, 0, 1]], np.float64)
        pixels = cv2.rotate(canvas.pixels, cv2.ROTATE_90_CLOCKWISE)
        canvas = Canvas(pixels, _moved(canvas.places, matrix, (height, width)))
    return canvas


def rotated(canvas: Canvas, degrees: float, fill: Colour = (0, 0, 0)) -> Canvas:
    """Turn about the middle, in a frame that holds all of it."""
    width, height = canvas.size
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    cosine, sine = abs(turn[0, 0]), abs(turn[0, 1])
    size = round(width * cosine + height * sine), round(width * sine + height * cosine)
    turn[:, 2] += size[0] / 2 - width / 2, size[1] / 2 - height / 2
    return warped(canvas, np.vstack([turn, (0, 0, 1)]), size, fill)


def tilted(canvas: Canvas, corners: np.ndarray, size: Size, fill: Colour = (0, 0, 0)) -> Canvas:
    """Draw a picture into the quadrilateral whose corners are given, clockwise from the top left."""
    width, height = canvas.size
    own = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    return warped(canvas, cv2.getPerspectiveTransform(own, corners.astype(np.float32)), size, fill)


def pasted(canvas: Canvas, onto: Pixels, left: int, top: int) -> Canvas:
    """Lay a picture on a background, which is no source."""
    width, height = canvas.size
    background = onto.copy()
    background[top : top + height, left : left + width] = canvas.pixels[: background.shape[0] - top]
    shift = np.array([[1, 0, left], [0, 1, top], [0, 0, 1]], np.float64)
    return Canvas(background, _moved(canvas.places, shift, (onto.shape[1], onto.shape[0])))


def placed_on(canvas: Canvas, under: Canvas, left: int, top: int) -> Canvas:
    """Lay a picture on another one, of which the rest stays to be seen.

    The outline of the lower one stays whole: a region found in it reaches around what covers it.
    """
    above = pasted(canvas, under.pixels, left, top)
    return Canvas(above.pixels, above.places + under.places)


def beside(parts: Sequence[Canvas], corners: Sequence[tuple[int, int]], size: Size, paper: Colour) -> Canvas:
    """Lay pictures on a sheet, each with its top left corner at the place given."""
    sheet = Canvas(np.full((size[1], size[0], 3), paper, np.uint8), ())
    for part, (left, top) in zip(parts, corners, strict=True):
        sheet = placed_on(part, sheet, left, top)
    return sheet


def recoloured(canvas: Canvas, pixels: Pixels) -> Canvas:
    """Exchange the pixels and leave everything where it is."""
    if pixels.shape != canvas.pixels.shape:
        raise ValueError(f"an edit of colours made {pixels.shape} of {canvas.pixels.shape}")
    return replace(canvas, pixels=pixels)


def overlap(first: Polygon, second: Polygon, grid: int = 512) -> float:
    """Give intersection over union of two polygons, inside the picture's frame."""
    masks = [np.zeros((grid, grid), np.uint8) for _ in range(2)]
    for mask, polygon in zip(masks, (first, second), strict=True):
        points = np.rint(np.array(polygon) * grid * 16).astype(np.int64).clip(-(2**20), 2**20).astype(np.int32)
        cv2.fillPoly(mask, [points], 1, shift=4)
    union = int((masks[0] | masks[1]).sum())
    return int((masks[0] & masks[1]).sum()) / union if union else 0.0


def _moved(places: Sequence[Place], matrix: np.ndarray, size: Size) -> tuple[Place, ...]:
    width, height = size
    frame = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    moved = []
    for place in places:
        outline = cv2.perspectiveTransform(place.outline[None].astype(np.float64), matrix)[0].astype(np.float32)
        area, inside = cv2.intersectConvexConvex(outline, frame)
        if area > _SMALLEST_AREA and inside is not None:
            moved.append(replace(place, homography=matrix @ place.homography, outline=inside.reshape(-1, 2)))
    return tuple(moved)


def _region(place: Place, size: Size) -> TrueRegion:
    back = np.linalg.inv(place.homography)
    original = cv2.perspectiveTransform(place.outline[None].astype(np.float64), back)[0]
    return TrueRegion(place.source, _fractions(place.outline, size), _fractions(original, place.size))


def _fractions(points: np.ndarray, size: Size) -> Polygon:
    return tuple((float(x / size[0]), float(y / size[1])) for x, y in points)
