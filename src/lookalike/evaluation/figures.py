"""Which figures come of judged queries? Each measure with its interval, over all queries and by group."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lookalike.evaluation import measures
from lookalike.evaluation.intervals import (
    Difference,
    Drawn,
    Interval,
    mean_interval,
    paired_difference,
    pooled_difference,
    pooled_interval,
)
from lookalike.evaluation.judged import SHOWN, Judged, Pooled, pooled

PerQuery = Callable[[Judged], float]
"""Judges one query."""


def success_at(k: int) -> PerQuery:
    """Make the measure `success@k`."""
    return lambda query: measures.success_at_k(query.found, k)


PER_QUERY: Mapping[str, PerQuery] = {
    "mAP": lambda query: measures.average_precision(query.found, query.relevant),
    "mAP@100": lambda query: measures.average_precision(query.found, query.relevant),
    "mAP@10": lambda query: measures.average_precision(query.found, query.relevant, 10),
    "MRR": lambda query: measures.reciprocal_rank(query.found),
    "nDCG@10": lambda query: measures.ndcg_at_k(query.found, query.relevant, 10),
    "success@1": success_at(1),
    "success@5": success_at(5),
    "success@10": success_at(10),
    "precision@10": lambda query: measures.precision_at_k(query.found, 10),
    "recognised": lambda query: float(query.is_recognised),
    "recall@10": lambda query: measures.recall_at_k(query.found, query.relevant, 10),
}
"""Name → what it makes of a query that something answers; the figure is the mean. `mAP` is of a ranking of everything,
`mAP@100` of what a search gave: 100 hits, or as many as are relevant where these are more."""

POOLED: Mapping[str, Callable[[Pooled], float]] = {
    "micro AP": lambda hits: measures.micro_average_precision(hits.scores, hits.right, hits.relevant, hits.times),
    "recall at precision 90 %": lambda hits: measures.recall_at_precision(
        hits.scores, hits.right, hits.relevant, times=hits.times
    ),
    "calibration error": lambda hits: measures.calibration_error(hits.confidences, hits.right, times=hits.times),
    "calibration error of copies": lambda hits: measures.calibration_error(
        hits.confidences, hits.right, times=hits.times
    ),
}
"""Name → what it makes of the hits of all queries together, distractors included; confidences, of first pages."""

ERRORS = frozenset({"calibration error", "calibration error of copies"})
"""Those that judge confidences."""

ACCEPTED = "distractors called the same"
"""What the share of distractors for which something was called the same picture is called."""

LESS_IS_BETTER = ERRORS | {ACCEPTED}

_OF_COPIES = frozenset({"calibration error of copies"})
"""Those that only look at hits that were called the same picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What came of the queries of one class or kind of edit."""

    name: str
    queries: int
    figures: Mapping[str, Interval]
    mistaken_for: Mapping[str, int]
    """Group → how many queries had their first hit from there, commonest first; itself included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What came of a run."""

    queries: int
    """Those that something answers."""
    distractors: int
    false_accepts: int
    """Distractors for which something was called the same picture."""
    excusing: int
    """Queries of which pictures were left out of account on the search's own word that they are second copies."""
    overall: Mapping[str, Interval]
    groups: tuple[Group, ...]
    """The worst first."""
    seconds: Mapping[str, float]
    """`p50`, `p95` and `p99` of how long an answer took; empty where that was not measured."""

    def value(self, name: str) -> float:
        """Give a figure of all queries by its name, that of accepted distractors included."""
        if name == ACCEPTED:
            return self.false_accepts / self.distractors if self.distractors else float("nan")
        return self.overall[name].value


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which figures a run is to give."""

    per_query: tuple[str, ...]
    pooled: tuple[str, ...] = ("calibration error",)
    by_group: tuple[str, ...] = ("success@1",)
    """Of `per_query`; groups are ordered by the first."""


def figures_of(
    judged: Sequence[Judged], asked: Asked, group_of: Mapping[str, str] | None = None, seed: int = 0
) -> Figures:
    """Work out the figures; `group_of` gives the group of a record's id, to tell what was mistaken for what."""
    answered = [query for query in judged if query.relevant]
    distractors = [query for query in judged if not query.relevant]
    overall = {name: _mean(answered, name, seed) for name in asked.per_query}
    for name in asked.pooled:
        overall[name] = _of_all(judged, name, seed)
    groups = [
        _group(name, queries, asked, group_of or {}, seed) for name, queries in _grouped(answered).items() if name
    ]
    return Figures(
        queries=len(answered),
        distractors=len(distractors),
        false_accepts=sum(query.accepts for query in distractors),
        excusing=sum(query.excused > 0 for query in judged),
        overall=overall,
        groups=tuple(sorted(groups, key=lambda one: (one.figures[asked.by_group[0]].value, one.name))),
        seconds=percentiles([query.seconds for query in judged]),
    )


def differences(a: Sequence[Judged], b: Sequence[Judged], asked: Asked, seed: int = 0) -> Mapping[str, Difference]:
    """Say by how much B is above A on the same queries, in the same order, which both or neither can answer."""
    answered_a, answered_b = ([query for query in side if query.relevant] for side in (a, b))
    found = {}
    for name in asked.per_query:
        found[name] = paired_difference(_values(answered_a, name), _values(answered_b, name), seed)
    for name in asked.pooled:
        found[name] = pooled_difference(_statistic(a, name), _statistic(b, name), len(a), seed)
    accepted_a, accepted_b = (np.array([float(one.accepts) for one in side if not one.relevant]) for side in (a, b))
    if len(accepted_a):
        found[ACCEPTED] = paired_difference(accepted_a, accepted_b, seed)
    return found


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """Give p50, p95 and p99 of what was measured; nothing where nothing was."""
    known = [one for one in seconds if np.isfinite(one)]
    if not known:
        return {}
    return dict(zip(("p50", "p95", "p99"), np.percentile(known, (50, 95, 99)).tolist(), strict=True))


def _values(queries: Sequence[Judged], name: str) -> np.ndarray:
    return np.array([PER_QUERY[name](query) for query in queries], np.float64)


def _mean(queries: Sequence[Judged], name: str, seed: int) -> Interval:
    return mean_interval(_values(queries, name), seed)


def _of_all(queries: Sequence[Judged], name: str, seed: int) -> Interval:
    return pooled_interval(_statistic(queries, name), len(queries), seed)


def _statistic(queries: Sequence[Judged], name: str) -> Callable[[Drawn], float]:
    """Give what makes a pooled measure of how often each query was drawn."""
    hits = pooled(queries, most=SHOWN if name in ERRORS else None, only_copies=name in _OF_COPIES)
    if name in ERRORS and not len(hits.confidences):  # nothing was said, so nothing was off
        return lambda _: float("nan")
    return lambda times: POOLED[name](hits.drawn(times))


def _grouped(queries: Sequence[Judged]) -> dict[str, list[Judged]]:
    groups: dict[str, list[Judged]] = {}
    for query in queries:
        groups.setdefault(query.group, []).append(query)
    return groups


def _group(name: str, queries: Sequence[Judged], asked: Asked, group_of: Mapping[str, str], seed: int) -> Group:
    counts = Counter(group_of[query.hits[0].id] for query in queries if query.hits and query.hits[0].id in group_of)
    return Group(
        name=name,
        queries=len(queries),
        figures={measure: _mean(queries, measure, seed) for measure in asked.by_group},
        mistaken_for=dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))),
    )
