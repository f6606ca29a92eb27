"""Do the signals come together to one confidence as they should?"""

import math
from itertools import pairwise

import pytest

from lookalike.search.fusion import Calibration, either, logistic, text_odds, weights

SHARES = [0.0, 0.25, 0.5, 0.75, 1.0]
SPACE = Calibration(20.0, -10.0)


def test_a_space_that_was_calibrated_is_taken_at_its_word() -> None:
    calibration = Calibration.of_pictures((20.0, -10.0))
    assert calibration.confidence(0.5) == pytest.approx(0.5, abs=1e-5)
    assert calibration.confidence(0.6) == pytest.approx(1 / (1 + math.exp(-2)), abs=1e-5)


def test_one_that_never_was_keeps_the_order_and_is_sure_of_nothing() -> None:
    never = Calibration.of_pictures((0.0, 0.0))
    confidences = [never.confidence(cosine) for cosine in (-1.0, 0.0, 0.3, 0.6, 1.0)]
    assert all(less < more for less, more in pairwise(confidences))
    assert confidences[-1] < 0.99


@pytest.mark.parametrize("text", SHARES)
def test_a_picture_that_shows_more_of_what_is_meant_is_never_less_likely(text: float) -> None:
    confidences = [SPACE.confidence(cosine, text) for cosine in (-1.0, 0.0, 0.2, 0.4, 0.6, 1.0)]
    assert all(less <= more for less, more in pairwise(confidences))


@pytest.mark.parametrize("cosine", [-1.0, 0.0, 0.4, 0.9, math.nan])
def test_the_more_of_the_words_stand_in_its_texts_the_likelier_a_picture_is(cosine: float) -> None:
    confidences = [SPACE.confidence(cosine, text) for text in SHARES]
    assert all(less < more for less, more in pairwise(confidences))


def test_texts_that_hold_all_the_words_are_worth_what_the_weights_say_whatever_the_picture_shows() -> None:
    assert (text_odds(0.0), text_odds(1.0)) == (0.0, weights().text)
    assert SPACE.confidence(-1.0, 1.0) == pytest.approx(logistic(weights().unseen + weights().text), abs=1e-5)


def test_beside_a_picture_what_it_shows_is_not_forgotten_for_its_texts() -> None:
    beside = Calibration(20.0, -10.0, text=0.5)
    assert beside.confidence(-1.0, 1.0) == pytest.approx(logistic(-30 + weights().text / 2), abs=1e-5)


@pytest.mark.parametrize("picture", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("description", [0.0, 0.3, 1.0])
def test_looks_and_description_together_are_a_chance_no_smaller_than_either(picture: float, description: float) -> None:
    trusted = weights().description_trust * description
    assert max(picture, trusted) - 1e-9 <= either(picture, description) <= min(1.0, picture + trusted) + 1e-9
