"""Do positions move as a homography says, and are polygons cut right?"""

import numpy as np
import pytest

from lookalike.copies.plane import clockwise, cut, facing, project, signed_area

SQUARE = np.array([[0, 0], [10, 0], [10, 10], [0, 10]], np.float64)


def test_a_homography_moves_positions():
    tilted = np.array([[2.0, 0, 1], [0, 2, 0], [0.1, 0, 1]])
    assert project(tilted, np.array([[0, 0], [10, 4.0]])) == pytest.approx(np.array([[1, 0], [10.5, 4]]))


def test_a_polygon_is_turned_to_go_clockwise():
    assert signed_area(SQUARE) == 100
    assert signed_area(SQUARE[::-1]) == -100
    assert signed_area(clockwise(SQUARE[::-1])) == 100


def test_what_lies_behind_the_horizon_has_no_position():
    tilted = np.array([[1.0, 0, 0], [0, 1, 0], [-0.01, 0, 1]])
    assert np.isnan(project(tilted, np.array([[200.0, 0]]))).all()


def test_a_homography_is_scaled_where_it_is_used_though_the_corner_lies_beyond_the_horizon():
    back = np.linalg.inv(np.array([[-0.1, 0, 0.6], [-0.25, 0.25, 0.375], [-0.5, 0, 1]]))
    seen = np.array([[0.6, 0.375], [1, 0.25], [1, 0.75], [0.6, 0.625]])
    assert np.isnan(project(back / back[2, 2], seen)).all()
    assert project(facing(back, seen), seen) == pytest.approx(np.array([[0, 0], [1, 0], [1, 1], [0, 1]]), abs=1e-9)


def test_a_polygon_is_cut_off_at_the_window_even_where_edges_coincide():
    assert signed_area(cut(SQUARE, SQUARE)) == 100
    assert signed_area(cut(SQUARE + np.array([5.0, 0]), SQUARE)) == 50
    assert signed_area(cut(np.array([[0, -5], [15, 10], [0, 10.0]]), SQUARE)) == pytest.approx(87.5)
    assert len(cut(SQUARE + 20, SQUARE)) == 0
