"""Are homographies found where points agree, and none where they only seem to?"""

import cv2
import numpy as np
import pytest

from lookalike.copies.features import Features, detect
from lookalike.copies.geometry import Alignment, align, match, unit, view
from lookalike.copies.plane import project
from lookalike.testing import draw_picture
from lookalike.types import Grey

SQUARE = np.array([[0, 0], [10, 0], [10, 10], [0, 10]], np.float64)


def grey(seed: int, size: tuple[int, int] = (320, 240)) -> Grey:
    return cv2.cvtColor(draw_picture(seed, size), cv2.COLOR_RGB2GRAY)


def alignments(query: Grey, image: Grey, *, mirror: bool = False, invert: bool = False) -> list[Alignment]:
    seen = view(detect(query, 600), mirror=mirror, invert=invert)
    found = detect(image, 500)
    return list(align(seen, match(seen, found.points, unit(found.descriptors)), 4))


def error(found: Alignment, true: np.ndarray, corners: np.ndarray) -> float:
    return float(np.abs(project(found.homography, corners) - project(true, corners)).max())


@pytest.mark.slow
@pytest.mark.parametrize(
    "true",
    [
        np.array([[0.9, 0.0, 12], [0.0, 0.9, 9], [0, 0, 1]]),
        np.array([[0.8, 0.3, 20], [-0.3, 0.8, 60], [0, 0, 1]]),
        np.array([[1.1, 0.1, -20], [0.0, 0.8, 5], [0, 0, 1]]),
        np.array([[0.9, 0.1, 10], [0.05, 0.95, 5], [0.0006, 0.0003, 1]]),
    ],
    ids=["smaller", "turned", "sheared", "seen at an angle"],
)
def test_a_moved_picture_gives_its_homography_within_two_pixels(true):
    query = grey(1)
    image = cv2.warpPerspective(query, true, (320, 240))
    best = alignments(query, image)[0]
    assert error(best, true, np.array([[60, 60], [260, 60], [260, 180], [60, 180.0]])) < 2
    assert best.support >= 12
    assert best.residual_px < 1.5


@pytest.mark.slow
def test_a_mirrored_picture_is_found_by_the_mirrored_view_and_its_homography_speaks_of_the_picture_itself():
    query = grey(2)
    best = alignments(query[:, ::-1].copy(), query, mirror=True)[0]
    assert best.mirrored
    assert error(best, np.array([[-1.0, 0, 319], [0, 1, 0], [0, 0, 1]]), SQUARE * 20) < 1
    assert project(best.homography, best.inliers.query[:, :2]) == pytest.approx(best.inliers.image[:, :2], abs=3)


@pytest.mark.slow
def test_a_negative_is_found_by_the_inverted_view():
    query = grey(3)
    best = alignments(255 - query, query, invert=True)[0]
    assert best.inverted
    assert error(best, np.eye(3), SQUARE * 20) < 1


@pytest.mark.slow
def test_two_moved_parts_give_two_homographies():
    image = grey(4, (400, 240))
    query = np.concatenate([image[:, 200:], image[:, :200]], axis=1)
    found = alignments(query, image)
    shifts = sorted(project(one.homography, np.zeros((1, 2)))[0, 0] for one in found[:2])
    assert shifts == pytest.approx([-200, 200], abs=2)


@pytest.mark.slow
def test_unrelated_pictures_have_no_homography_with_much_support():
    strongest = [one.support for seed in range(10, 20) for one in alignments(grey(seed), grey(seed + 40))]
    assert max(strongest, default=0) < 9


@pytest.mark.slow
def test_pictures_without_points_have_no_matches():
    blank = Features(np.zeros((0, 4), np.float32), np.zeros((0, 128), np.uint8), 320, 240)
    seen = view(blank, mirror=True)
    assert len(match(seen, blank.points, unit(blank.descriptors))) == 0
    assert alignments(np.zeros((240, 320), np.uint8), grey(1)) == []
