"""Does a drawing show both pictures, the region in each, and where they agree?"""

import numpy as np
import pytest

from lookalike.copies.drawing import overlay, side_by_side
from lookalike.testing import draw_picture
from lookalike.types import Evidence, MatchedRegion

WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
PART = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))


def cropped() -> MatchedRegion:
    """The query is the middle of the picture."""
    half = (0.5, 0.0, 0.25, 0.0, 0.5, 0.25, 0.0, 0.0, 1.0)
    return MatchedRegion(
        query=WHOLE, image=PART, homography=half, mirrored=False, inverted=False, inliers=40, agreement=1.0
    )


def test_both_pictures_stand_side_by_side_at_one_height():
    drawn = side_by_side(draw_picture(1, (160, 120)), draw_picture(2, (100, 300)), Evidence(signal="sha256"))
    assert drawn.shape[0] == 480
    assert drawn.shape[1] == 640 + 16 + 160


def test_a_very_wide_picture_does_not_make_the_drawing_endless():
    drawn = side_by_side(draw_picture(1, (2000, 50)), draw_picture(2, (100, 100)), Evidence(signal="sha256"))
    assert drawn.shape == (480, 960 + 16 + 480, 3)


def test_what_lies_outside_the_region_is_dimmed_and_what_lies_inside_is_not():
    grey = np.full((480, 480, 3), 200, np.uint8)
    drawn = side_by_side(grey, grey, Evidence(signal="regions", regions=(cropped(),)))
    query, image = drawn[:, :480], drawn[:, 496:]
    assert (query[240, 240] == 200).all()
    assert (image[240, 240] == 200).all()
    assert (image[60, 60] == 90).all()
    assert np.ptp(image[240, 118:122].astype(int), axis=1).max() > 100  # the coloured line


def test_the_overlay_lays_the_query_where_it_belongs():
    image = draw_picture(3, (400, 400))
    query = image[100:300, 100:300].copy()
    drawn = overlay(query, image, cropped())
    assert drawn.shape == image.shape
    assert np.abs(drawn[110:290, 110:290].astype(int) - image[110:290, 110:290]).mean() < 2
    assert drawn[:90].mean() == pytest.approx(0.45 * image[:90].mean(), rel=0.02)


def test_the_overlay_shows_a_negative_as_the_picture_it_was():
    image = draw_picture(3, (400, 400))
    whole = MatchedRegion(
        query=WHOLE, image=WHOLE, homography=tuple(np.eye(3).ravel().tolist()),
        mirrored=False, inverted=True, inliers=40, agreement=1.0,
    )  # fmt: skip
    drawn = overlay(255 - image, image, whole)
    assert np.abs(drawn[10:-10, 10:-10].astype(int) - image[10:-10, 10:-10]).mean() < 2


@pytest.mark.slow
def test_the_overlay_of_a_large_picture_is_small_enough_to_send():
    image = draw_picture(3, (2400, 1200))
    assert overlay(image, image, cropped()).shape == (480, 960, 3)
