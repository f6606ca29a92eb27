"""Is the right part of a picture chosen, at the right size, whatever its shape?"""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.decode import Fit
from lookalike.decode.fit import plan_cut
from lookalike.errors import BadInput
from lookalike.types import Region


def test_squash_takes_the_whole_picture_into_the_square() -> None:
    cut = plan_cut(400, 300, Fit(size=224, mode="squash"), None)
    assert (cut.left, cut.top, cut.right, cut.bottom, cut.width, cut.height) == (0, 0, 400, 300, 224, 224)


def test_crop_keeps_the_margins_share_of_the_shorter_side_around_the_centre() -> None:
    cut = plan_cut(400, 300, Fit(size=224, mode="crop", margin=0.5), None)
    assert (cut.left, cut.top, cut.right, cut.bottom, cut.width, cut.height) == (125, 75, 275, 225, 224, 224)


def test_inside_keeps_the_shape_and_never_enlarges() -> None:
    small = plan_cut(40, 30, Fit(size=224), None)
    large = plan_cut(4_000, 3_000, Fit(size=224), None)
    assert (small.width, small.height) == (40, 30)
    assert (large.width, large.height) == (224, 168)


def test_a_region_is_cut_before_the_fit() -> None:
    cut = plan_cut(400, 300, Fit(size=50, mode="squash"), Region(x=0.5, y=0.5, width=0.25, height=0.5))
    assert (cut.left, cut.top, cut.right, cut.bottom) == (200, 150, 300, 300)
    assert cut.shrink == 2.0


def test_a_region_that_sticks_out_is_cut_at_the_edge() -> None:
    cut = plan_cut(400, 300, Fit(size=50), Region(x=-0.5, y=0.9, width=1.0, height=0.5))
    assert (cut.left, cut.top, cut.right, cut.bottom) == (0, 270, 200, 300)


@pytest.mark.parametrize(
    "region",
    [
        Region(x=1.0, y=0.0, width=0.5, height=0.5),
        Region(x=0.1, y=0.1, width=0.0, height=0.5),
        Region(x=0.1, y=0.1, width=0.5, height=-0.5),
        Region(x=math.nan, y=0.1, width=0.5, height=0.5),
        Region(x=0.1, y=0.1, width=0.5, height=math.nan),
        Region(x=-math.inf, y=0.1, width=math.inf, height=0.5),
    ],
)
def test_a_region_without_a_part_in_the_picture_is_refused(region: Region) -> None:
    with pytest.raises(BadInput, match="no part of the picture"):
        plan_cut(400, 300, Fit(size=50), region)


@pytest.mark.parametrize("wrong", [{"size": 0}, {"size": 100_000}, {"margin": 0.0}, {"margin": 1.5}])
def test_a_fit_that_cannot_be_drawn_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(BadInput):
        Fit(**{"size": 224, "mode": "crop", **wrong})


SIDES = st.one_of(st.integers(1, 70_000), st.sampled_from([1, 2, 60_000]))
FRACTIONS = st.floats(-0.5, 1.5)


@given(
    SIDES,
    SIDES,
    st.sampled_from(["squash", "crop", "inside"]),
    st.integers(1, 500),
    st.floats(0.01, 1.0),
    st.none() | st.builds(Region, x=FRACTIONS, y=FRACTIONS, width=FRACTIONS, height=FRACTIONS),
)
def test_every_cut_lies_within_the_picture_and_has_pixels(
    width: int, height: int, mode: str, size: int, margin: float, region: Region | None
) -> None:
    try:
        cut = plan_cut(width, height, Fit(size=size, mode=mode, margin=margin), region)
    except BadInput:
        assert region is not None
        return
    assert 0 <= cut.left < cut.right <= width
    assert 0 <= cut.top < cut.bottom <= height
    assert 1 <= cut.width <= size
    assert 1 <= cut.height <= size
    assert cut.shrink > 0


@pytest.mark.parametrize(
    ("rounding", "left"),
    [("down", 6 * 47 / 45), ("even", 6 * 47 / 45), ("none", 7.0)],
)
def test_a_crop_may_lie_at_whole_pixels_of_the_scaled_picture(rounding, left) -> None:
    cut = plan_cut(47, 33, Fit(size=32, mode="crop", rounding=rounding), None)  # scaled to 45 × 32, 13 too many
    assert (cut.left, cut.top) == (pytest.approx(left), 0)


def test_halves_go_down_or_to_even() -> None:
    down, even = (
        plan_cut(35, 32, Fit(size=32, mode="crop", rounding=rounding), None).left for rounding in ("down", "even")
    )
    assert (down, even) == (1, 2)  # of the 3 that are too many
