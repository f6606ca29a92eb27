"""Which points does a chart go through? Precision against recall, and how often what took how long."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lookalike.evaluation.judged import Judged, pooled
from lookalike.evaluation.measures import Found, precision_recall_curve, success_at_k

_LEVELS = 41
"""Points of recall from 0 to 1 at which precision is told."""


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a chart."""

    x: float
    y: float


def mean_precision(queries: Sequence[Judged]) -> list[Point]:
    """Give the mean over queries of the interpolated precision at each level of recall.

    Source: Manning, Raghavan, Schütze, Introduction to Information Retrieval (2008), section 8.4.
    """
    answered = [query for query in queries if query.relevant]
    if not answered:
        return []
    levels = np.linspace(0, 1, _LEVELS)
    means = np.mean([_interpolated(query.found, query.relevant, levels) for query in answered], axis=0)
    return [Point(x, y) for x, y in zip(levels.tolist(), means.tolist(), strict=True)]


def success_by_depth(queries: Sequence[Judged], deepest: int = 20) -> list[Point]:
    """Give success@k for each k, which stands at k / `deepest`."""
    answered = [query for query in queries if query.relevant]
    if not answered:
        return []
    shares = [float(np.mean([success_at_k(query.found, k) for query in answered])) for k in range(1, deepest + 1)]
    return [Point(k / deepest, share) for k, share in enumerate(shares, 1)]


def pooled_precision(queries: Sequence[Judged]) -> list[Point]:
    """Give precision against recall of all hits in one ranking, distractors included."""
    hits = pooled(queries)
    if not hits.relevant or not len(hits.scores):
        return []
    precisions, recalls = precision_recall_curve(hits.scores, hits.right, hits.relevant)
    kept = np.unique(np.linspace(0, len(recalls) - 1, min(len(recalls), 200)).astype(int))
    return [Point(float(recalls[place]), float(precisions[place])) for place in kept]


def spread(seconds: Sequence[float], bars: int = 24) -> list[tuple[Point, float]]:
    """Count how many answers took how long: the start of each bar in milliseconds and its count, and its width."""
    known = 1_000 * np.array([one for one in seconds if np.isfinite(one)], np.float64)
    if not len(known):
        return []
    counts, edges = np.histogram(known, bars, (0.0, float(np.percentile(known, 99.5)) or 1.0))
    width = float(edges[1] - edges[0])
    return [(Point(float(left), float(count)), width) for left, count in zip(edges[:-1], counts, strict=True)]


def _interpolated(found: Found, relevant: int, levels: np.ndarray) -> np.ndarray:
    ranks = np.flatnonzero(found) + 1
    precisions = np.arange(1, len(ranks) + 1) / ranks
    best = np.maximum.accumulate(precisions[::-1])[::-1]
    recalls = np.arange(1, len(ranks) + 1) / relevant
    places = np.searchsorted(recalls, levels - 1e-12)
    return np.append(best, 0.0)[places]
