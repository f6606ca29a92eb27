"""How sure is a figure? Intervals by drawing the queries again, and what two systems differ by on the same queries."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

ROUNDS = 1_000
"""Drawings. Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), section 14.4."""
_NUMBERS_AT_ONCE = 200_000

Values = Float64[np.ndarray, " n"]
"""One number a query."""

Drawn = Int64[np.ndarray, " queries"]
"""How often each query was drawn; on the whole, as often as there are queries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A figure, and where it lies in 95 of 100 drawings of as many queries."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference(Interval):
    """By how much B is above A."""

    above: float
    """Share of the drawings in which B is above A; equal ones count half."""

    @property
    def is_clear(self) -> bool:
        """Whether 0 lies outside of the interval."""
        return self.low > 0 or self.high < 0


def mean_interval(values: Values, seed: int = 0) -> Interval:
    """Give the mean over queries; not a number where there are none.

    Source: Efron, Bootstrap Methods (1979); percentile interval.
    """
    if not len(values):
        return Interval(value=float("nan"), low=float("nan"), high=float("nan"))
    return _interval(float(values.mean()), _means(values, seed))


def pooled_interval(statistic: Callable[[Drawn], float], queries: int, seed: int = 0) -> Interval:
    """Give a statistic that needs all queries at once, and is told how often each was drawn."""
    if not queries:
        return Interval(value=float("nan"), low=float("nan"), high=float("nan"))
    return _interval(statistic(np.ones(queries, np.int64)), _statistics(statistic, queries, seed))


def paired_difference(a: Values, b: Values, seed: int = 0) -> Difference:
    """Compare two systems by what each made of the same queries, in the same order.

    Drawing queries, not answers, leaves out how hard they are, which both share.
    Source: Koehn, Statistical Significance Tests for Machine Translation Evaluation (2004), section 4.
    """
    gains = b - a
    if not len(gains):
        return Difference(value=float("nan"), low=float("nan"), high=float("nan"), above=0.5)
    return _difference(float(gains.mean()), _means(gains, seed))


def pooled_difference(
    a: Callable[[Drawn], float], b: Callable[[Drawn], float], queries: int, seed: int = 0
) -> Difference:
    """Compare two systems by a statistic that needs all queries at once, of the same ones drawn."""
    if not queries:
        return paired_difference(np.zeros(0), np.zeros(0))

    def gain(times: Drawn) -> float:
        return b(times) - a(times)

    return _difference(gain(np.ones(queries, np.int64)), _statistics(gain, queries, seed))


def _statistics(statistic: Callable[[Drawn], float], queries: int, seed: int) -> Float64[np.ndarray, " rounds"]:
    random = np.random.default_rng(seed)
    drawn = (np.bincount(random.integers(queries, size=queries), minlength=queries) for _ in range(ROUNDS))
    return np.array([statistic(times) for times in drawn], np.float64)


def _means(values: Values, seed: int) -> Float64[np.ndarray, " rounds"]:
    if (values == values[0]).all():
        return np.full(ROUNDS, values[0])
    drawn, at_once = np.random.default_rng(seed), max(1, _NUMBERS_AT_ONCE // len(values))
    blocks = [(min(at_once, ROUNDS - done), len(values)) for done in range(0, ROUNDS, at_once)]
    means: Float64[np.ndarray, " rounds"] = np.concatenate(
        [values[drawn.integers(len(values), size=block)].mean(axis=1) for block in blocks]
    )
    return means


def _difference(value: float, drawn: Values) -> Difference:
    found = _interval(value, drawn)
    above = float((drawn > 0).mean() + (drawn == 0).mean() / 2) if np.isfinite(value) else 0.5
    return Difference(value=found.value, low=found.low, high=found.high, above=above)


def _interval(value: float, drawn: Values) -> Interval:
    low, high = np.percentile(drawn, (2.5, 97.5)).tolist()
    return Interval(value=value, low=low, high=high)
