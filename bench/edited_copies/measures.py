"""How good are answers? Each measure by the name it has in the literature, over queries whose truth is known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from edited_copies.canvas import overlap
from edited_copies.material import Asked, Part
from edited_copies.peers import Found


@dataclass(frozen=True)
class Marks:
    """How one engine did."""

    success: float
    """success@1 over all edited queries."""
    macro: float
    """The mean over the groups of edits."""
    kept: float
    """Share of edited queries for which a true picture was accepted as the same."""
    worst: tuple[str, float]
    """The group with the lowest success@1."""
    groups: dict[str, float]
    false_accepts: int
    """Unknown pictures for which something was accepted."""
    unknown: int
    micro_ap: float
    scenes: float
    """Share of the pairs of one scene with another subject that were called the same; likewise the next."""
    chrome: float
    scene_copies: float
    """Share of the edited copies of those scenes that were accepted as the right picture."""


def mark(asked: Sequence[Asked], answers: Sequence[Sequence[Found]]) -> Marks:
    """Judge the answers of one engine, the best of each first; what is to be ignored counts as if it were not there."""
    both = [
        (one, [hit for hit in found if hit.file not in one.ignored]) for one, found in zip(asked, answers, strict=True)
    ]
    edits = [(one, found) for one, found in both if one.sort == "edit"]
    unknown = [found for one, found in both if is_unknown(one)]
    groups = {
        group: _share(is_success(one, found) for one, found in edits if one.group == group)
        for group in dict.fromkeys(one.group for one, _ in edits)
    }
    return Marks(
        success=_share(is_success(one, found) for one, found in edits),
        macro=float(np.mean(list(groups.values()))),
        kept=_share(is_kept(one, found) for one, found in edits),
        worst=min(groups.items(), key=lambda pair: pair[1]),
        groups=groups,
        false_accepts=sum(any(one.accepted for one in found) for found in unknown),
        unknown=len(unknown),
        micro_ap=micro_average_precision(pair for pair in both if pair[0].sort == "edit" or is_unknown(pair[0])),
        scenes=_share(called_same(one, found) for one, found in both if one.sort == "scene"),
        chrome=_share(called_same(one, found) for one, found in both if one.sort == "chrome"),
        scene_copies=_share(is_kept(one, found) for one, found in both if one.sort == "scene copy"),
    )


def is_unknown(asked: Asked) -> bool:
    """Say whether nothing in the gallery shows this picture, as far as anybody saw."""
    return asked.sort == "unknown" and not asked.ignored


def is_success(asked: Asked, found: Sequence[Found]) -> bool:
    """Say whether the first answer is right."""
    return bool(found) and found[0].file in asked.truth


def is_kept(asked: Asked, found: Sequence[Found]) -> bool:
    """Say whether a right answer was accepted."""
    return any(one.accepted and one.file in asked.truth for one in found)


def called_same(asked: Asked, found: Sequence[Found]) -> bool:
    """Say whether the picture that only shares something was accepted."""
    return any(one.accepted and one.file == asked.shared for one in found)


def micro_average_precision(answers: Iterable[tuple[Asked, Sequence[Found]]]) -> float:
    """Rank all pairs of all queries in one list, and average the precision at each true pair.

    Among pairs of one score the false ones come first, so that who gives few different scores gains nothing by it;
    `lookalike.evaluation.measures` takes them as one step. Pairs that were not returned are never found.
    Source: Douze et al., The 2021 Image Similarity Dataset and Challenge, section 4 (µAP).
    """
    pairs, wanted = [], 0
    for asked, found in answers:
        wanted += len(asked.truth)
        pairs += [(one.score, one.file in asked.truth) for one in found]
    ranked = np.array([right for _, right in sorted(pairs, key=lambda pair: (-pair[0], pair[1]))], np.float64)
    precision = np.cumsum(ranked) / np.arange(1, len(ranked) + 1)
    return float((precision * ranked).sum() / wanted) if wanted else 0.0


def region_overlap(true: Part, matched: Part | None) -> float:
    """Give intersection over union, the mean of both pictures'; an answer without a region means the whole picture."""
    whole = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    found = matched or Part(whole, whole)
    return (overlap(true.query, found.query) + overlap(true.image, found.image)) / 2


def _share(values: Iterable[bool]) -> float:
    counted = list(values)
    return sum(counted) / len(counted) if counted else float("nan")
