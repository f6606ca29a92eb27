import numpy as np
import pytest

from lookalike.copies.features import Features, detect, inverted, mirrored


@pytest.fixture(scope="module")
def grey(draw_busy):
    return draw_busy(4)


def twins(before: Features, after: Features, x: np.ndarray, angle: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give rows of points that lie at the given places in the edited picture, and the rows found there."""
    away = np.hypot(x[:, None] - after.points[:, 0], before.points[:, 1][:, None] - after.points[:, 1])
    turned = np.abs((angle[:, None] - after.points[:, 3] + 180) % 360 - 180)
    return np.nonzero((away < 0.5) & (turned < 5))


def test_points_come_strongest_first_and_no_more_than_asked_for(grey):
    many, few = detect(grey, 200), detect(grey, 50)
    assert len(many) == 200
    assert len(few) == 50
    np.testing.assert_array_equal(many.points[:50, :3], few.points[:, :3])  # angles of one point may change places
    assert (many.width, many.height) == (320, 240)


def test_a_blank_picture_has_no_points():
    nothing = detect(np.full((60, 80), 128, np.uint8), 100)
    assert len(nothing) == 0
    assert nothing.descriptors.shape == (0, 128)


def test_distinct_points_have_one_angle_each(grey):
    places = detect(grey, 150).points[:, :3]
    assert len(np.unique(places, axis=0)) < 150
    distinct = detect(grey, 100, distinct=True)
    assert len(np.unique(distinct.points[:, :3], axis=0)) == len(distinct) == 100


def test_descriptors_are_square_roots_of_shares(grey):
    lengths = np.square(detect(grey, 100).descriptors / 255.0).sum(axis=1)
    np.testing.assert_allclose(lengths, 1, atol=0.03)


def test_descriptors_of_the_mirror_image_are_those_reordered(grey):
    before, after = detect(grey, 300), detect(np.ascontiguousarray(grey[:, ::-1]), 300)
    one, other = twins(before, after, 319 - before.points[:, 0], 180 - before.points[:, 3])
    assert len(one) > 80
    difference = mirrored(before.descriptors[one]).astype(int) - after.descriptors[other]
    assert np.median(np.abs(difference).max(axis=1)) <= 8  # filters are not quite symmetric


def test_descriptors_of_the_negative_are_those_reordered(grey):
    before, after = detect(grey, 300), detect(255 - grey, 300)
    one, other = twins(before, after, before.points[:, 0], before.points[:, 3] + 180)
    assert len(one) > 200
    difference = inverted(before.descriptors[one]).astype(int) - after.descriptors[other]
    assert np.median(np.abs(difference).max(axis=1)) <= 2


def test_mirrored_or_inverted_twice_is_as_before(grey):
    descriptors = detect(grey, 50).descriptors
    np.testing.assert_array_equal(mirrored(mirrored(descriptors)), descriptors)
    np.testing.assert_array_equal(inverted(inverted(descriptors)), descriptors)
