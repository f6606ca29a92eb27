"""How surely is it the same picture, or at least something in common? A logistic of what one alignment shows."""

import json
from dataclasses import astuple, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from jaxtyping import Float64

from lookalike.copies.correlation import Closeness
from lookalike.copies.features import Features
from lookalike.copies.geometry import Alignment
from lookalike.copies.plane import Corners, project, signed_area
from lookalike.types import Relation

FITTED = Path(__file__).with_name("verdict.json")
"""Weights, and what is known of them; made by training/copies_verdict.py."""

_THIN_POINTS, _THIN_SHARE, _THIN_AGREEING = 8, 0.3, 0.95
"""Fewer points on a smaller part of either picture must agree better than that in their pixels.

Measured: of 500 queries for edited copies none that was found is thin; two photos of the Milky Way are.
"""

_MOSTLY_OVER, _MOSTLY_OTHER, _SMALL = 0.6, 0.5, 0.2
"""Where the pictures lie over one another mostly, and less than that agrees there, a small part that agrees is shared.

Measured: so it is with none of 1,235 edited copies that one region proves, and with two photos of the night sky.
"""

Values = Float64[np.ndarray, " _traits"]


@dataclass(frozen=True, slots=True)
class Traits:
    """What one alignment shows, made comparable from picture to picture; shares lie in [0, 1]."""

    support: float
    """Logarithm of the places that agree."""
    ratio: float
    """Share of the matched places that agree."""
    density: float
    """Share of the points in the overlap that were found again, in the picture that has fewer there."""
    spread: float
    """Share of the overlap that the agreeing points span."""
    residual: float
    blocks: float
    """Logarithm of the textured blocks."""
    agreeing: float
    conflicting: float
    low: float
    quarter: float
    median: float
    hole: float
    coarse_agreeing: float
    coarse_conflicting: float
    coarse_low: float
    coarse_median: float
    inner_agreeing: float
    inner_conflicting: float
    covered: float
    """Share of either picture, whichever is larger, that the agreeing part takes up; likewise of the smaller."""
    covered_least: float
    overlapping: float
    """Share of either picture, whichever is larger, that the whole overlap takes up."""

    def values(self) -> Values:
        """Give the numbers in order, and the products that a line cannot stand for."""
        plain = np.array(astuple(self), np.float64)
        products = [
            self.agreeing * self.support,
            self.coarse_agreeing * self.density,
            self.density * self.spread,
            self.inner_agreeing * self.covered,
            self.conflicting * self.density,
            self.agreeing**2,
            self.covered**2,
        ]
        return np.concatenate([plain, products])


@dataclass(frozen=True, slots=True)
class Verdict:
    """Two probabilities: the same picture, and at least something in common."""

    same: float
    shared: float
    relation: Relation
    """What the two pictures are to each other, by the cut-offs that allow few false answers."""


def judge(traits: Traits) -> Verdict:
    """Turn traits into probabilities."""
    values = traits.values()
    same, shared = _probability("same", values), _probability("shared", values)
    cut_off = _fitted()["same"]["cut_off"]
    if _is_thin(traits) or _is_mostly_other(traits):
        same = min(same, cut_off / 2)
    if same >= cut_off:
        return Verdict(same, shared, Relation.SAME)
    is_shared = shared >= _fitted()["shared"]["cut_off"]
    return Verdict(same, shared, Relation.SHARES_REGION if is_shared else Relation.UNRELATED)


def _is_thin(traits: Traits) -> bool:
    """Say whether little speaks for a small part of a picture: two skies with the same stars come so far."""
    few_points, small = traits.support < np.log(_THIN_POINTS), traits.covered_least < _THIN_SHARE
    return bool(few_points and small and traits.inner_agreeing < _THIN_AGREEING)


def _is_mostly_other(traits: Traits) -> bool:
    """Say whether most of what lies over one another differs, though a small part agrees."""
    return traits.overlapping > _MOSTLY_OVER and traits.agreeing < _MOSTLY_OTHER and traits.covered_least < _SMALL


def judge_whole(closeness: Closeness) -> Verdict:
    """Turn what whole pictures laid over one another show into a verdict; it never speaks of parts."""
    same = _probability("whole", whole_values(closeness))
    is_same = same >= _fitted()["whole"]["cut_off"]
    return Verdict(same, same, Relation.SAME if is_same else Relation.UNRELATED)


def whole_values(closeness: Closeness) -> Values:
    """Gather what tells two whole pictures apart where there are no points."""
    fine, coarse = closeness.fine, closeness.coarse
    return np.array(
        [fine.agreeing, fine.conflicting, fine.low, fine.median, np.log1p(fine.blocks), coarse.agreeing, coarse.low]
    )


def read_traits(alignment: Alignment, closeness: Closeness, query: Features, image: Features) -> Traits:
    """Gather what an alignment of two pictures shows."""
    back = np.linalg.inv(alignment.homography)
    overlap, region = closeness.overlap, closeness.region
    areas = [(signed_area(part), abs(signed_area(project(back, part)))) for part in (overlap, region)]
    (whole, whole_query), (part, part_query) = areas
    image_area, query_area = image.width * image.height, query.width * query.height
    points = min(_inside(image, overlap), _inside(query, project(back, overlap)))
    fine, coarse, inner = closeness.fine, closeness.coarse, closeness.inner
    return Traits(
        support=float(np.log(alignment.support)),
        ratio=min(1.0, alignment.support / alignment.matches),
        density=min(1.0, alignment.support / max(points, 1)),
        spread=min(1.0, _hull_area(alignment) / max(whole, 1.0)),
        residual=alignment.residual_px,
        blocks=float(np.log1p(fine.blocks)),
        agreeing=fine.agreeing,
        conflicting=fine.conflicting,
        low=fine.low,
        quarter=fine.quarter,
        median=fine.median,
        hole=fine.hole,
        coarse_agreeing=coarse.agreeing,
        coarse_conflicting=coarse.conflicting,
        coarse_low=coarse.low,
        coarse_median=coarse.median,
        inner_agreeing=inner.agreeing,
        inner_conflicting=inner.conflicting,
        covered=max(part / image_area, part_query / query_area),
        covered_least=min(part / image_area, part_query / query_area),
        overlapping=max(whole / image_area, whole_query / query_area),
    )


def _inside(features: Features, polygon: Corners) -> int:
    """Count the places with a point inside a convex polygon."""
    if not len(features):
        return 0
    after = np.roll(polygon, -1, axis=0)
    edges, reach = after - polygon, features.points[:, None, :2] - polygon
    sides = edges[:, 0] * reach[..., 1] - edges[:, 1] * reach[..., 0]
    found = features.points[(sides >= 0).all(axis=1) | (sides <= 0).all(axis=1)]
    return len(np.unique(np.rint(found[:, :2]), axis=0))


def _hull_area(alignment: Alignment) -> float:
    return float(cv2.contourArea(cv2.convexHull(np.ascontiguousarray(alignment.inliers.image[:, :2]))))


def _probability(name: str, values: Values) -> float:
    fitted = _fitted()[name]
    mean, scale, weights = (np.array(fitted[part]) for part in ("mean", "scale", "weights"))
    reach = float(((values - mean) / scale).clip(-4, 4) @ weights + fitted["offset"])
    return float(1 / (1 + np.exp(-np.clip(reach, -30, 30))))


@lru_cache
def _fitted() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(FITTED.read_text("utf-8"))
    return content
