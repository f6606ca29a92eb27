"""How sure may one be of a score in this very gallery? A logistic, fitted on pairs of its pictures.

A confidence is the probability that two pictures look or mean the same (or that words suit a picture) where half of all
pairs do, as in the card of an encoder. Each kind of pair counts the same; half of the pictures teach, half judge.
Words suit few of many pictures, so that a search by words is less sure, by a constant that is not learned here: errors
are judged without it, where half of all pairs suit; cut-offs are those of the search.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64

from lookalike.evaluation.measures import calibration_error
from lookalike.evaluation.pairing import Pairs
from lookalike.search.fusion import Calibration

Slope = tuple[float, float]
"""Slope and offset a, b of 1 / (1 + exp(−(a·score + b)))."""

_EACH = 2_000
"""What each kind of pair is brought to, so that it counts as much as any other."""
_LEAST = 20
"""Pairs of either sort without which nothing can be learned."""
_BETTER = 0.005
"""By how much both calibration error and log loss must fall to be worth a change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """What was learned about the scores in one space."""

    space: str
    of: str
    """`pictures` or `words`: what is compared with a picture."""
    pairs: dict[str, int]
    """Kind → how many there were."""
    before: Slope
    after: Slope
    error_before: float
    """Calibration error on the half that judges; likewise after."""
    error_after: float
    helps: bool
    """Whether the half that judges is better told by it."""


def learn(space: str, of: str, pairs: Sequence[Pairs], before: Slope, own_slope: float = 0.0) -> Calibrated | None:
    """Fit a calibration and judge it; None where there are too few pairs to learn from.

    `own_slope` above 0 is kept, and only the offset learned: copies and strangers alone say where scores lie in this
    gallery, but nothing about pictures between the two.
    """
    scores, alike = _balanced(pairs, 0)
    judged_scores, judged_alike = _balanced(pairs, 1)
    sorts = [(scores, alike), (judged_scores, judged_alike)]
    if any(min(_real(pairs, half, alike=True), _real(pairs, half, alike=False)) < _LEAST for half in (0, 1)):
        return None
    after = fit_offset(*sorts[0], own_slope) if own_slope > 0 else fit_logistic(*sorts[0])
    used = [Calibration.of_pictures(one) for one in (before, after)]
    told = [_confidences(judged_scores, (one.slope, one.offset)) for one in used]
    losses = [_log_loss(one, judged_alike) for one in told]
    errors = [calibration_error(one, judged_alike) for one in told]
    return Calibrated(
        space=space,
        of=of,
        pairs={one.kind: len(one.scores) for one in pairs},
        before=before,
        after=after,
        error_before=errors[0],
        error_after=errors[1],
        helps=after[0] > 0 and losses[1] < losses[0] - _BETTER and errors[1] < errors[0] - _BETTER,
    )


def fit_logistic(scores: Float64[np.ndarray, " n"], alike: Bool[np.ndarray, " n"]) -> Slope:
    """Fit slope and offset by maximum likelihood, the targets drawn in a little so that both stay finite.

    Source: Platt, Probabilistic Outputs for Support Vector Machines (1999), section 2.2; solved by Newton's method
    with the steps halved where they overshoot, as Lin, Lin, Weng (2007) advise.
    """
    targets = _targets(alike)
    terms = np.stack([scores, np.ones_like(scores)], axis=1)
    solution = np.zeros(2)
    loss = _loss(terms @ solution, targets)
    for _ in range(100):
        likely = _logistic(terms @ solution)
        slope = terms.T @ (likely - targets)
        curvature = (terms * (likely * (1 - likely))[:, None]).T @ terms + 1e-9 * np.eye(2)
        step = np.linalg.solve(curvature, slope)
        while (new := _loss(terms @ (solution - step), targets)) > loss and np.abs(step).max() > 1e-9:
            step = step / 2
        solution, gained, loss = solution - step, loss - new, new
        if gained < 1e-10 * len(scores):
            break
    return float(solution[0]), float(solution[1])


def fit_offset(scores: Float64[np.ndarray, " n"], alike: Bool[np.ndarray, " n"], slope: float) -> Slope:
    """Fit the offset for a given slope: where the mean confidence is the share that is alike. Solved by halving."""
    share, low, high = float(_targets(alike).mean()), -1_000.0, 1_000.0
    for _ in range(100):
        middle = (low + high) / 2
        if float(_logistic(slope * scores + middle).mean()) < share:
            low = middle
        else:
            high = middle
    return slope, (low + high) / 2


def cutoff(calibration: Slope, of: str = "pictures", confidence: float = 0.5) -> float:
    """Give the score from which on a search by `pictures` or `words` is that sure."""
    used = Calibration.of_words(calibration) if of == "words" else Calibration.of_pictures(calibration)
    return (float(np.log(confidence / (1 - confidence))) - used.offset) / used.slope


def _balanced(pairs: Sequence[Pairs], half: int) -> tuple[Float64[np.ndarray, " n"], Bool[np.ndarray, " n"]]:
    """Repeat or cut each kind's pairs of one half, so that both sorts weigh the same, and kinds within a sort, too."""
    scores, alike = [], []
    for sort in (True, False):
        kinds = [one.scores[one.half == half] for one in pairs if one.alike == sort]
        kinds = [one for one in kinds if len(one)]
        scores += [np.resize(one, _EACH // len(kinds)) for one in kinds]
        alike += [np.full(_EACH // len(kinds), sort) for _ in kinds]
    empty = np.zeros(0)
    return np.concatenate([empty, *scores]), np.concatenate([empty.astype(np.bool_), *alike])


def _real(pairs: Sequence[Pairs], half: int, *, alike: bool) -> int:
    return sum(int((one.half == half).sum()) for one in pairs if one.alike == alike)


def _targets(alike: Bool[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
    right = int(alike.sum())
    wrong = len(alike) - right
    targets: Float64[np.ndarray, " n"] = np.where(alike, (right + 1) / (right + 2), 1 / (wrong + 2))
    return targets


def _confidences(scores: Float64[np.ndarray, " n"], calibration: Slope) -> Float64[np.ndarray, " n"]:
    return _logistic(calibration[0] * scores + calibration[1])


def _logistic(odds: Float64[np.ndarray, " n"]) -> Float64[np.ndarray, " n"]:
    likely: Float64[np.ndarray, " n"] = (1 + np.tanh(odds / 2)) / 2
    return likely


def _loss(odds: Float64[np.ndarray, " n"], targets: Float64[np.ndarray, " n"]) -> float:
    return float((np.logaddexp(0, odds) - targets * odds).sum())


def _log_loss(confidences: Float64[np.ndarray, " n"], alike: Bool[np.ndarray, " n"]) -> float:
    told = np.clip(np.where(alike, confidences, 1 - confidences), 1e-12, 1)
    return float(-np.log(told).mean())
