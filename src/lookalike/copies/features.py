"""Which points of a picture can be found again after an edit, and what do they look like?"""

from dataclasses import dataclass
from functools import lru_cache
from threading import local

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

from lookalike.types import Grey

QUERY_POINTS = 600
"""Points that a query should have, of a picture of 448 pixels a side."""

_CELLS, _ORIENTATIONS = 4, 8
"""A SIFT descriptor: 4 × 4 cells, row by row, of 8 orientations each."""
_CONTRAST = 0.02
"""Half of SIFT's usual threshold: flat pictures, too, need points; the strongest are kept anyway."""

Points = Float32[np.ndarray, "n 4"]
"""x, y and size in pixels, angle in degrees, one point a row."""

Descriptors = UInt8[np.ndarray, "n 128"]
"""RootSIFT: the square root of the L1-normalised SIFT descriptor, times 255. Its dot products are Hellinger kernels.

Source: Arandjelović, Zisserman: Three things everyone should know to improve object retrieval, CVPR 2012, section 3.
"""


@dataclass(frozen=True, slots=True)
class Features:
    """Points of one picture, the strongest first, and what surrounds each."""

    points: Points
    descriptors: Descriptors
    width: int
    """Of the picture that the points lie in; likewise height."""
    height: int

    def __len__(self) -> int:
        """Count the points."""
        return len(self.points)


_threads = local()


def detect(grey: Grey, count: int, *, distinct: bool = False) -> Features:
    """Find up to `count` SIFT points, the strongest first; fewer, or none, where there is little to see.

    Where gradients run two ways alike, SIFT gives a point once for each angle; `distinct` keeps but one of them.
    """
    height, width = grey.shape
    # About one point in four is such a twin, so that this many leave enough.
    keypoints, sift = _detector(count * 3 // 2 if distinct else count).detectAndCompute(grey, None)
    if sift is None or not keypoints:
        return Features(np.zeros((0, 4), np.float32), np.zeros((0, 128), np.uint8), width, height)
    points = np.array([(*one.pt, one.size, one.angle) for one in keypoints], np.float32)
    strongest = np.argsort([-one.response for one in keypoints], kind="stable")
    if distinct:
        _, first = np.unique(points[strongest, :3], axis=0, return_index=True)
        strongest = strongest[np.sort(first)]
    strongest = strongest[:count]
    return Features(points[strongest], _root(sift[strongest]), width, height)


def mirrored(descriptors: Descriptors) -> Descriptors:
    """Give the descriptors that the mirror image (left to right) would have.

    A point's angle a becomes 180° − a. Cells are read across the turned direction, and orientations turn round.
    """
    return descriptors[:, _mirror_order()]


def inverted(descriptors: Descriptors) -> Descriptors:
    """Give the descriptors that the negative of the picture would have.

    Every gradient, and with it the point's own angle, turns by 180°, so that the cells are read from the other end.
    """
    return descriptors[:, _invert_order()]


def _detector(count: int) -> cv2.SIFT:
    """Give this thread's detector of so many points; one must not be shared."""
    if getattr(_threads, "count", None) != count:
        _threads.sift = cv2.SIFT.create(nfeatures=count, contrastThreshold=_CONTRAST)
        _threads.count = count
    sift: cv2.SIFT = _threads.sift
    return sift


def _root(sift: Float32[np.ndarray, "n 128"]) -> Descriptors:
    share = sift / np.maximum(sift.sum(axis=1, keepdims=True), 1e-9)
    rooted: Descriptors = np.rint(np.sqrt(share) * 255).astype(np.uint8)
    return rooted


@lru_cache
def _mirror_order() -> np.ndarray:
    order = np.arange(128).reshape(_CELLS, _CELLS, _ORIENTATIONS)
    return order[::-1][:, :, -np.arange(_ORIENTATIONS) % _ORIENTATIONS].ravel()


@lru_cache
def _invert_order() -> np.ndarray:
    return np.arange(128).reshape(_CELLS, _CELLS, _ORIENTATIONS)[::-1, ::-1].ravel()
