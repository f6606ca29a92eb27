"""Does a query point where its words and its picture say?"""

import numpy as np
import pytest

from lookalike.search.fusion import Calibration, weights
from lookalike.search.meaning import direction_of, together
from lookalike.search.words import Words, parse_words
from lookalike.testing import ColourEncoder
from lookalike.types import Embedding

OF_PICTURES, OF_WORDS = Calibration(20.0, -17.0), Calibration(30.0, -15.0)
ENCODER = ColourEncoder()


def of(text: str) -> Embedding:
    return ENCODER.encode_text([text])[0]


def direction(text: str) -> Embedding:
    found = direction_of(parse_words(text), ENCODER)
    assert found is not None
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-5)
    return found


def test_plain_words_point_where_the_encoder_says() -> None:
    np.testing.assert_allclose(direction("red blue"), of("red blue"), atol=1e-5)
    assert direction_of(parse_words("-red"), ENCODER) is None


@pytest.mark.parametrize("weight", [0.25, 3, 100])
def test_a_part_draws_towards_itself_by_as_much_as_it_weighs_more_or_less_than_one(weight: float) -> None:
    expected = of("red blue") + (weight - 1) * of("red")
    np.testing.assert_allclose(direction(f"red:{weight} blue"), expected / np.linalg.norm(expected), atol=1e-5)


@pytest.mark.parametrize("weight", [1, 2])
def test_what_is_left_out_is_taken_away_by_its_weight(weight: float) -> None:
    expected = of("red blue") - weights().excluded * weight * of("green")
    np.testing.assert_allclose(direction(f"red blue -green:{weight}"), expected / np.linalg.norm(expected), atol=1e-5)


def test_words_that_cancel_each_other_point_nowhere() -> None:
    nothing = parse_words(f"red -rouge:{1 / weights().excluded:g}")
    assert direction_of(nothing, ENCODER) is None


@pytest.mark.parametrize("other", ["red", "blue", "green", "white", "grey"])
def test_a_picture_and_words_are_as_sure_as_both_are_in_the_mean(other: str) -> None:
    meant = together(of("red"), OF_PICTURES, parse_words("blue"), OF_WORDS, ENCODER)
    by_picture = OF_PICTURES.slope * of("red") @ of(other) + OF_PICTURES.offset
    by_words = OF_WORDS.slope * of("blue") @ of(other) + OF_WORDS.offset
    odds = meant.calibration.slope * meant.vector @ of(other) + meant.calibration.offset
    assert odds == pytest.approx((by_picture + by_words) / 2, abs=1e-3)
    assert meant.calibration.text == weights().text_beside_picture


def test_what_is_left_out_is_taken_away_from_a_picture() -> None:
    picture = of("red blue")
    meant = together(picture, OF_PICTURES, parse_words("-blue"), OF_WORDS, ENCODER)
    less = OF_WORDS.slope * weights().excluded_from_picture * weights().excluded * of("blue")
    expected = OF_PICTURES.slope * picture - less
    np.testing.assert_allclose(meant.vector, expected / np.linalg.norm(expected), atol=1e-5)
    assert meant.vector @ of("blue") < picture @ of("blue")


def test_a_picture_stands_alone_where_nothing_is_said_or_the_words_take_all_of_it_away() -> None:
    picture = of("red")
    for words, of_words in ((Words(), OF_WORDS), (parse_words("-red"), Calibration(20.0, 0.0))):
        meant = together(picture, OF_PICTURES, words, of_words, ENCODER)
        np.testing.assert_allclose(meant.vector, picture, atol=1e-5)
        assert meant.calibration.slope == pytest.approx(OF_PICTURES.slope, abs=1e-3)
        assert meant.calibration.offset == OF_PICTURES.offset
