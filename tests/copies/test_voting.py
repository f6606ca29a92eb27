import numpy as np
import pytest

from lookalike.copies.voting import Matches, vote


def scatter(seed: int, count: int) -> np.ndarray:
    """Give points anywhere in a picture of 320 pixels."""
    random = np.random.default_rng(seed)
    return random.uniform([0, 0, 2, 0], [320, 320, 8, 360], (count, 4)).astype(np.float32)


def moved(points: np.ndarray, scale: float, degrees: float, shift: tuple[float, float]) -> np.ndarray:
    """Turn, scale and shift points, their sizes and angles with them."""
    turn = np.deg2rad(degrees)
    matrix = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    placed = points[:, :2] @ matrix.T + shift
    return np.column_stack([placed, points[:, 2] * scale, (points[:, 3] + degrees) % 360]).astype(np.float32)


def matches(image: int, queried: np.ndarray, found: np.ndarray, weight: float = 1.0) -> Matches:
    return Matches(np.full(len(queried), image), np.full(len(queried), weight, np.float32), queried, found)


def together(*parts: Matches) -> Matches:
    columns = ("images", "weights", "queried", "found")
    return Matches(*(np.concatenate([getattr(part, column) for part in parts]) for column in columns))


@pytest.mark.parametrize(("scale", "degrees"), [(1, 0), (0.3, 20), (2.5, 180), (1, 359)])
def test_matches_that_agree_on_a_similarity_all_count(scale, degrees):
    queried = scatter(1, 20)
    votes = vote(matches(7, queried, moved(queried, scale, degrees, (30, -12))))
    assert votes.images.tolist() == [7]
    assert votes.agreeing.tolist() == [20]
    np.testing.assert_allclose(votes.scores, [20])


def test_chance_matches_count_little_though_they_are_heavier():
    queried = scatter(2, 12)
    votes = vote(
        together(
            matches(9, scatter(3, 30), scatter(4, 30), 1.5),
            matches(4, queried, moved(queried, 0.7, 40, (5, 5))),
        )
    )
    assert votes.images.tolist() == [4, 9]
    assert votes.scores[0] == pytest.approx(12)
    assert votes.scores[1] < 6


def test_points_in_place_but_turned_otherwise_do_not_agree():
    queried = scatter(5, 10)
    found = queried.copy()
    found[:, 3] = (found[:, 3] + np.arange(10) * 60) % 360
    assert vote(matches(1, queried, found)).agreeing[0] < 5


def test_a_part_of_the_matches_is_found_among_noise():
    queried = scatter(6, 10)
    votes = vote(
        together(matches(1, queried, moved(queried, 1.5, 90, (0, 300))), matches(1, scatter(7, 40), scatter(8, 40)))
    )
    assert 10 <= votes.agreeing[0] <= 14


def test_the_order_of_matches_does_not_matter():
    queried = scatter(9, 15)
    one = together(matches(3, queried, moved(queried, 1, 10, (9, 9))), matches(2, scatter(1, 5), scatter(2, 5)))
    votes, shuffled = vote(one), vote(one.take(np.random.default_rng(1).permutation(20)))
    np.testing.assert_array_equal(votes.images, shuffled.images)
    np.testing.assert_allclose(votes.scores, shuffled.scores, atol=1e-5)


def test_a_picture_with_very_many_matches_is_judged_by_the_heaviest():
    queried = scatter(10, 40)
    true = matches(1, queried, moved(queried, 1, 0, (3, 3)), 2.0)
    assert vote(together(matches(1, scatter(11, 500), scatter(12, 500)), true)).agreeing[0] >= 40


def test_no_matches_have_no_votes():
    nothing = np.zeros((0, 4), np.float32)
    assert len(vote(Matches(np.zeros(0, np.int64), np.zeros(0, np.float32), nothing, nothing)).images) == 0
