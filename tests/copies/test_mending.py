"""Is flat paint over a picture filled from around it, and are specks taken away, and else is nothing done?"""

import cv2
import numpy as np
import pytest

from lookalike.copies.mending import mend
from lookalike.types import Grey


@pytest.fixture(scope="module")
def picture() -> Grey:
    """Draw broad shapes with texture, as photos have."""
    random = np.random.default_rng(5)
    shapes = cv2.GaussianBlur(random.normal(size=(300, 400)), (0, 0), 20) * 900
    texture = cv2.GaussianBlur(random.normal(size=(300, 400)), (0, 0), 2) * 200
    return np.clip(128 + shapes + texture, 0, 255).astype(np.uint8)


def missed(mended: Grey | None, picture: Grey) -> float:
    assert mended is not None
    return float(np.abs(mended.astype(np.int16) - picture).mean())


@pytest.mark.parametrize("shade", [0, 255])
def test_stripes_are_filled_from_beside_them(picture, shade):
    striped = picture.copy()
    for left in range(0, 400, 40):
        striped[:, left : left + 20] = shade
    before = float(np.abs(striped.astype(np.int16) - picture).mean())
    assert missed(mend(striped), picture) < before / 3


def test_what_is_not_painted_stays_as_it_is(picture):
    painted = picture.copy()
    painted[:, 100:200] = 0
    mended = mend(painted)
    assert np.array_equal(mended[:, :90], picture[:, :90])
    assert np.array_equal(mended[:, 210:], picture[:, 210:])


def test_specks_are_taken_away(picture):
    specked = picture.copy()
    random = np.random.default_rng(6)
    specked[random.random(picture.shape) < 0.04] = 255
    specked[random.random(picture.shape) < 0.04] = 0
    assert missed(mend(specked), picture) < 4


@pytest.mark.parametrize("grey", [np.full((50, 60), 7, np.uint8), np.zeros((3, 3), np.uint8)], ids=["blank", "tiny"])
def test_a_blank_picture_has_nothing_to_fill_from(grey):
    assert mend(grey) is None


def test_an_ordinary_picture_needs_no_mending(picture):
    assert mend(picture) is None
