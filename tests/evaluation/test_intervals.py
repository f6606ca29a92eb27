"""How sure is a figure, and is a difference one?"""

import numpy as np
import pytest

from lookalike.evaluation.intervals import ROUNDS, mean_interval, paired_difference, pooled_difference, pooled_interval


def test_an_interval_holds_its_figure_and_narrows_with_more_queries():
    random = np.random.default_rng(0)
    few, many = (mean_interval((random.random(n) < 0.3).astype(float)) for n in (50, 5_000))
    assert few.low < few.value < few.high
    assert many.high - many.low < (few.high - few.low) / 4
    assert many.value == pytest.approx(0.3, abs=0.02)


def test_the_interval_is_as_wide_as_theory_has_it():
    values = (np.arange(1_000) % 2).astype(float)
    interval = mean_interval(values)
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * 0.5 / 1_000**0.5, rel=0.1)


def test_the_same_seed_gives_the_same_interval():
    values = np.random.default_rng(1).random(40)
    assert mean_interval(values, seed=3) == mean_interval(values, seed=3)
    assert mean_interval(values, seed=3) != mean_interval(values, seed=4)


def test_many_queries_are_drawn_some_at_a_time_and_give_the_same(monkeypatch):
    values = np.random.default_rng(1).random(40)
    whole = mean_interval(values)
    monkeypatch.setattr("lookalike.evaluation.intervals._NUMBERS_AT_ONCE", 130)
    assert mean_interval(values) == whole


def test_nothing_asked_is_no_figure():
    assert np.isnan(mean_interval(np.zeros(0)).value)
    assert np.isnan(pooled_interval(lambda _: 1.0, 0).value)
    assert paired_difference(np.zeros(0), np.zeros(0)).is_clear is False


def test_a_pooled_figure_is_drawn_by_query():
    values = np.array([0.0, 1.0] * 50)
    interval = pooled_interval(lambda times: float(np.average(values, weights=times)), 100)
    assert interval.value == 0.5
    assert 0.3 < interval.low < 0.5 < interval.high < 0.7


def test_a_pooled_figure_is_drawn_as_often_as_a_mean_and_so_as_steady():
    values = (np.arange(400) % 2).astype(float)
    drawings = []
    pooled_interval(lambda times: drawings.append(times.sum()) or float(values @ times), 400)
    assert len(drawings) == ROUNDS + 1
    assert {*drawings} == {400}


def test_a_small_difference_that_every_query_shows_is_clear():
    a = np.random.default_rng(0).random(100)
    difference = paired_difference(a, a + 0.01)
    assert difference.value == pytest.approx(0.01)
    assert difference.is_clear
    assert difference.above == 1.0


def test_noise_is_no_difference():
    random = np.random.default_rng(0)
    a, b = random.random(200), random.random(200)
    assert not paired_difference(a, b).is_clear
    same = paired_difference(a, a)
    assert (same.value, same.low, same.high, same.above, same.is_clear) == (0, 0, 0, 0.5, False)


def test_two_systems_are_drawn_together_by_a_pooled_figure_too():
    values = np.random.default_rng(0).random(100)
    found = pooled_difference(lambda times: float(values @ times), lambda times: float(values @ times) + 1, 100)
    assert (found.value, found.low, found.high, found.above) == pytest.approx((1, 1, 1, 1))
    nothing = pooled_difference(lambda _: float("nan"), lambda _: 1.0, 100)
    assert not nothing.is_clear
    assert nothing.above == pooled_difference(sum, sum, 0).above == 0.5
