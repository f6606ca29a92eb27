"""Do pieces of one picture, each in another place, make it the same picture, and a scene with a moved subject not?"""

from lookalike.copies.jigsaw import fits_together
from lookalike.types import MatchedRegion, Polygon

QUARTERS = [(x, y, x + 0.5, y + 0.5) for y in (0, 0.5) for x in (0, 0.5)]


def box(left: float, top: float, right: float, bottom: float) -> Polygon:
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def piece(query: tuple, image: tuple, agreement: float = 0.95) -> MatchedRegion:
    identity = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
    return MatchedRegion(
        query=box(*query),
        image=box(*image),
        homography=identity,
        mirrored=False,
        inverted=False,
        inliers=9,
        agreement=agreement,
    )


def test_quarters_in_another_order_make_up_the_picture():
    assert fits_together([piece(here, there) for here, there in zip(QUARTERS, QUARTERS[::-1], strict=True)])


def test_one_quarter_of_four_is_too_little():
    assert not fits_together([piece(QUARTERS[0], QUARTERS[1]), piece(QUARTERS[0], QUARTERS[2])])


def test_pieces_whose_pixels_disagree_do_not_count():
    assert not fits_together([piece(here, there, 0.5) for here, there in zip(QUARTERS, QUARTERS[::-1], strict=True)])


def test_a_subject_moved_before_a_wall_is_no_shuffle():
    wall = piece((0, 0, 1, 0.7), (0, 0, 1, 0.7))
    assert not fits_together([wall, piece((0.1, 0.6, 0.4, 1), (0.5, 0.6, 0.8, 1))])


def test_one_region_is_no_shuffle():
    assert not fits_together([piece(QUARTERS[0], QUARTERS[0])])
