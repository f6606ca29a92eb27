"""Are whole pictures without points laid over one another the right way?"""

import cv2
import numpy as np
import pytest

from lookalike.copies.dense import lay_whole
from lookalike.copies.plane import project
from lookalike.types import Grey


def soft(seed: int, size: tuple[int, int] = (320, 240)) -> Grey:
    """Draw something like clouds: nothing in it is a point."""
    clouds = cv2.GaussianBlur(np.random.default_rng(seed).normal(size=size[::-1]), (0, 0), 20)
    return cv2.normalize(clouds, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)


@pytest.mark.slow
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("quarters", range(4))
def test_a_picture_turned_by_quarters_or_mirrored_lies_right(mirrored, quarters):
    image = soft(1)
    query = np.ascontiguousarray(np.rot90(image[:, ::-1] if mirrored else image, quarters))
    laid = lay_whole(query, image)
    marked = np.zeros_like(image)
    marked[60, 80] = 1
    (y,), (x,) = np.nonzero(np.rot90(marked[:, ::-1] if mirrored else marked, quarters))
    assert project(laid.homography, np.array([[x, y]], np.float64))[0] == pytest.approx([80, 60], abs=1.5)
    assert laid.mirrored == mirrored
    assert laid.closeness.fine.median > 0.95


def test_a_small_shift_is_made_good():
    laid = lay_whole(soft(2)[12:, 16:].copy(), soft(2))
    assert project(laid.homography, np.array([[100.0, 100]]))[0] == pytest.approx([116, 112], abs=2)


def test_a_negative_is_recognised():
    assert lay_whole(255 - soft(3), soft(3)).inverted


@pytest.mark.parametrize("seed", [20, 23])
def test_pictures_that_share_no_more_than_a_corner_are_not_laid(seed):
    one, other = soft(1), soft(seed)
    other[:120, :160] = one[:120, :160]
    assert lay_whole(other, one) is None


@pytest.mark.slow
def test_other_pictures_agree_poorly_or_not_at_all():
    laid = [lay_whole(soft(seed), soft(seed + 50)) for seed in range(10, 30)]
    assert max((one.closeness.fine.agreeing for one in laid if one), default=0) < 0.75


def test_blank_pictures_are_not_laid():
    blank = np.full((240, 320), 200, np.uint8)
    assert lay_whole(blank, blank) is None
    assert lay_whole(blank, soft(1)) is None
