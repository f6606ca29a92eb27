"""What is told of each run? Its figures and judged queries; the same as JSON."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lookalike.evaluation.figures import PER_QUERY, Figures, Group, differences, figures_of
from lookalike.evaluation.intervals import Difference, Interval
from lookalike.evaluation.judged import Judged
from lookalike.evaluation.runs import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One run, done."""

    title: str
    says: str
    judged: tuple[Judged, ...]
    figures: Figures
    leading: str
    """The per-query measure by which queries are called good or bad."""
    total: int
    """How many queries there were to ask."""
    group_word: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether every query was asked: nobody stopped it, and all pictures could be read."""
        return len(self.judged) == self.total


@dataclass(frozen=True, slots=True, kw_only=True)
class Versus:
    """Two subjects on the queries that both could be asked."""

    title: str
    a: Section
    b: Section
    differences: Mapping[str, Difference]

    @property
    def says(self) -> str:
        """What both were asked; not in which space, which may differ."""
        asked = self.a.says.partition("; ")[0].rstrip(".")
        return f"{len(self.a.judged):,} queries that both were asked. {asked}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All runs on one subject, or on two that are compared."""

    about: Mapping[str, str]
    """What was measured with what: gallery, encoder, version, seed, date."""
    sections: tuple[Section, ...] = ()
    versus: tuple[Versus, ...] = field(default=())


def section_of(plan: Plan, judged: Sequence[Judged], seed: int = 0) -> Section:
    """Work out the figures of the queries of a plan that were asked."""
    return Section(
        title=plan.title,
        says=plan.says,
        judged=tuple(judged),
        figures=figures_of(judged, plan.asked, plan.group_of, seed),
        leading=plan.asked.per_query[0],
        total=plan.total,
        group_word=plan.group_word,
    )


def versus_of(plan: Plan, a: Sequence[Judged], b: Sequence[Judged], seed: int = 0) -> Versus:
    """Compare what two subjects made of the same plan, on the queries that both were asked.

    What only one of them holds an answer to is left out.
    """
    others = {query.key: query for query in b}
    both = [(query, others[query.key]) for query in a if query.key in others]
    fair = [(one, other) for one, other in both if bool(one.relevant) == bool(other.relevant)]
    shared, same = [one for one, _ in fair], [other for _, other in fair]
    plan = replace(plan, total=plan.total - (len(both) - len(fair)))
    return Versus(
        title=plan.title,
        a=section_of(plan, shared, seed),
        b=section_of(plan, same, seed),
        differences=differences(shared, same, plan.asked, seed),
    )


def score_of(section: Section, query: Judged) -> float:
    """Say how good the answer to one query is, by the section's leading measure."""
    return PER_QUERY[section.leading](query)


def section_json(section: Section) -> dict[str, Any]:
    """Give a section as JSON: shares between 0 and 1, seconds."""
    figures = section.figures
    return {
        "title": section.title,
        "says": section.says,
        "queries": figures.queries,
        "distractors": figures.distractors,
        "false_accepts": figures.false_accepts,
        "excusing": figures.excusing,
        "whole": section.is_whole,
        "measures": {name: interval_json(one) for name, one in figures.overall.items()},
        "groups": [_group_json(group) for group in figures.groups],
        "seconds": dict(figures.seconds),
    }


def versus_json(versus: Versus) -> dict[str, Any]:
    """Give a comparison as JSON."""
    return {
        "title": versus.title,
        "a": section_json(versus.a),
        "b": section_json(versus.b),
        "differences": {
            name: {**interval_json(one), "b_above_a": one.above, "clear": one.is_clear}
            for name, one in versus.differences.items()
        },
    }


def interval_json(interval: Interval) -> dict[str, float | None]:
    """Give a figure with its interval; null where there is none."""
    return {name: _number(getattr(interval, name)) for name in ("value", "low", "high")}


def _group_json(group: Group) -> dict[str, Any]:
    return {
        "name": group.name,
        "queries": group.queries,
        "measures": {name: interval_json(one) for name, one in group.figures.items()},
        "first_hits_from": dict(group.mistaken_for),
    }


def _number(value: float) -> float | None:
    return round(value, 6) if math.isfinite(value) else None
