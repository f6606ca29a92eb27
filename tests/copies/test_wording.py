"""Is what was done to a picture said in the right words?"""

import numpy as np
import pytest

from lookalike.copies.wording import describe
from lookalike.types import MatchedRegion

UNMOVED = np.eye(3)
WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def region(query=WHOLE, image=WHOLE, homography=UNMOVED, *, mirrored=False, inverted=False) -> MatchedRegion:
    return MatchedRegion(
        query=query,
        image=image,
        homography=tuple(np.asarray(homography, float).ravel().tolist()),
        mirrored=mirrored,
        inverted=inverted,
        inliers=50,
        agreement=1.0,
    )


def turned(degrees: float) -> np.ndarray:
    """Map a square query, turned clockwise in its frame, back to the image."""
    angle = np.deg2rad(-degrees)
    middle = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    return middle @ turn @ np.linalg.inv(middle)


MIRROR = np.array([[-1, 0, 1], [0, 1, 0], [0, 0, 1]])
UPSIDE_DOWN = np.array([[1, 0, 0], [0, -1, 1], [0, 0, 1]])
PART = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.7), (0.2, 0.7))
CROP = np.array([[0.6, 0, 0.2], [0, 0.5, 0.2], [0, 0, 1]])


@pytest.mark.parametrize(
    ("one", "query_size", "words"),
    [
        (region(), (400, 400), "same framing"),
        (region(image=PART, homography=CROP), (240, 200), "cropped to 30 %"),
        (region(query=PART, homography=np.linalg.inv(CROP)), (667, 800), "set into a larger picture, 30 % of it"),
        (region(homography=MIRROR, mirrored=True), (400, 400), "mirrored"),
        (region(homography=UPSIDE_DOWN, mirrored=True), (400, 400), "mirrored top to bottom"),
        (region(homography=turned(5)), (400, 400), "rotated 5° clockwise"),
        (region(homography=turned(-90)), (400, 400), "rotated 90° anticlockwise"),
        (region(homography=turned(180)), (400, 400), "rotated 180°"),
        (region(homography=turned(5) @ MIRROR, mirrored=True), (400, 400), "mirrored, rotated 5° anticlockwise"),
        (region(inverted=True), (400, 400), "colours inverted"),
        (region(), (600, 400), "stretched by 50 %"),
        (region(), (200, 200), "scaled to 50 %"),
        (region(homography=[[1, 0, 0], [0, 1, 0], [0.3, 0, 1]]), (400, 400), "seen at an angle"),
    ],
)
def test_one_region_is_described(one, query_size, words):
    assert words in describe([one], query_size, (400, 400))


def test_several_changes_are_listed_and_nothing_else():
    one = region(image=PART, homography=CROP @ MIRROR, mirrored=True, inverted=True)
    assert describe([one], (240, 200), (400, 400)) == "cropped to 30 %, mirrored, colours inverted"


def test_scaling_is_left_out_where_sizes_are_unknown():
    assert describe([region()], (200, 200), (400, 400), with_scale=False) == "same framing"


def test_regions_are_counted():
    assert describe([region(), region()], (400, 400), (400, 400)) == "same framing, 2 regions match"


def test_without_regions_nothing_is_said():
    assert describe([], (400, 400), (400, 400)) == ""
