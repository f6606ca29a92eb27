"""How are measures and figures put in words?"""

import math
from unicodedata import category

from lookalike.evaluation.figures import ACCEPTED, LESS_IS_BETTER, Figures
from lookalike.evaluation.intervals import Difference, Interval
from lookalike.evaluation.report.sections import Section

MEANS = {
    "mAP": "how high up everything relevant stands, on average",
    "mAP@100": "how high up everything relevant stands within the first hundred, or as many as are relevant",
    "mAP@10": "how high up everything relevant stands within the first ten",
    "MRR": "one divided by the rank of the first right hit",
    "nDCG@10": "how good the first ten are, those further up counting more",
    "success@1": "how often the first hit is right",
    "success@5": "how often one of the first five is right",
    "success@10": "how often one of the first ten is right",
    "recognised": "how often something right was called the same picture, not merely similar",
    "precision@10": "how many of the first ten are right",
    "recall@10": "how much of what is relevant is among the first ten",
    "micro AP": "one ranking of all hits of all queries: how far right ones stand before wrong ones",
    "recall at precision 90 %": "how much is found where nine of ten accepted hits are right",
    "calibration error": "by how much confidences are off; 0 is best",
    "calibration error of copies": "by how much confidences of copies are off; 0 is best",
    ACCEPTED: "how often something was called the same picture where nothing is right; 0 is best",
}
"""Measure → what it tells, in plain words."""

OF_ONE = {"mAP": "AP", "mAP@100": "AP@100", "mAP@10": "AP@10", "MRR": "1 / rank"}
"""Measure → what it is called for one query, of which it is the mean."""


def asked_of(section: Section) -> str:
    """Say how many queries were asked where these are not all; else nothing."""
    said = f"Only {len(section.judged):,} of {section.total:,} queries were asked; what follows is of those."
    return "" if section.is_whole else said


def excused(figures: Figures) -> str:
    """Say what is to be known of figures that leave pictures out of account."""
    return (
        f"In {figures.excusing:,} of {figures.queries + figures.distractors:,} queries, pictures that the search takes "
        "for second copies of what is asked for, by its own word alone, count neither as right nor as wrong."
    )


def percent(value: float) -> str:
    """Write a share as a percentage with one decimal; a dash where there is none."""
    return f"{100 * value:.1f}" if math.isfinite(value) else "–"


def range_words(interval: Interval) -> str:
    """Write where a figure lies: `70.1–72.3`."""
    return f"{percent(interval.low)}–{percent(interval.high)}" if math.isfinite(interval.low) else "–"


def difference_words(one: Difference) -> str:
    """Write by how much B is above A, in percent: `+1.2`; a dash where nothing can be said."""
    return f"{100 * one.value:+.1f}" if math.isfinite(one.value) else "–"


def difference_range(one: Difference) -> str:
    """Write where a difference lies: `-0.1 to +2.5`."""
    return f"{100 * one.low:+.1f} to {100 * one.high:+.1f}" if math.isfinite(one.low) else "–"


def verdict(name: str, one: Difference) -> str:
    """Say which of two is better by a measure."""
    if not one.is_clear:
        return "no clear difference"
    return "B is better" if (one.value > 0) is not (name in LESS_IS_BETTER) else "A is better"


def readable(text: str) -> str:
    """Replace control characters and marks of direction: names may hold anything."""
    return "".join("�" if category(one) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else one for one in text)
