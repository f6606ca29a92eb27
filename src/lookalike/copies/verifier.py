"""Are two pictures the same picture, and which parts agree? Points, then pixels, then the verdict."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lookalike.copies.correlation import Closeness, measure
from lookalike.copies.dense import lay_whole
from lookalike.copies.features import QUERY_POINTS, Features, detect
from lookalike.copies.fingerprint import shrink
from lookalike.copies.geometry import Alignment, View, align, match, unit, view
from lookalike.copies.plane import Corners, Homography, clockwise, cut, project, signed_area
from lookalike.copies.verdict import Verdict, judge, judge_whole, read_traits
from lookalike.copies.wording import describe
from lookalike.types import Grey, MatchedRegion, Polygon, Relation

IMAGE_POINTS = 500
_MORE_POINTS = 1_500
_FEW_POINTS = 60
_MOST_STRETCH = 6.0
"""Nobody stretches a picture further and takes it for the same; chance does."""
REGIONS = 4
_ONCE = 0.6
"""Regions with a larger share in common are one region."""
_SURE = 0.97
"""A probability from which no mirror image or negative needs to be tried."""
_VIEWS = ((False, False), (True, False), (False, True), (True, True))
"""Mirrored, inverted."""


@dataclass(frozen=True)
class QueryPicture:
    """The query in grey, at most 448 px long, with what is worked out once for all candidates."""

    grey: Grey
    points: int = QUERY_POINTS
    """How many to find, at most."""

    @cached_property
    def features(self) -> Features:
        """Its points and what surrounds them; the index may ask with them, too."""
        return detect(self.grey, self.points)

    @cached_property
    def closer(self) -> "QueryPicture":
        """The same picture with more points: busy surroundings leave few to a small picture set into them."""
        return QueryPicture(self.grey, _MORE_POINTS)

    @cached_property
    def views(self) -> tuple[View, ...]:
        """Its points as they are, mirrored, inverted, and both."""
        return tuple(view(self.features, mirror=mirror, invert=invert) for mirror, invert in _VIEWS)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two pictures are to each other."""

    relation: Relation
    confidence: float
    """Probability that it is the same picture."""
    regions: tuple[MatchedRegion, ...] = ()
    """Best first."""
    transform: str = ""
    """What was done to the gallery's picture to get the query, in words; of its scale `describe` knows, given sizes."""
    inliers: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """One way in which the query lies on the image, and what it is worth."""

    homography: Homography
    mirrored: bool
    inverted: bool
    support: int
    closeness: Closeness
    verdict: Verdict


class Verifier:
    """Compares a query with candidates, one by one. Holds nothing between calls; threads may share it."""

    def compare(self, query: QueryPicture, candidate_grey: Grey, *, thorough: bool = False) -> Comparison:
        """Say what the candidate is to the query.

        `thorough` looks at mirror image and negative even where the plain picture was found; where points find nothing,
        it tries more of them, and at last lays the pictures over one another as a whole. Ask for it where something
        else says that they are alike.
        """
        image = shrink(candidate_grey)
        found = _find_regions(query, image, thorough=thorough)
        if thorough and not found:
            found = _find_regions(query.closer, image, thorough=True) or _find_whole(query, image)
        if not found:
            return Comparison(Relation.UNRELATED, 0.0)
        regions = tuple(_region(one, query.grey, image) for one in found)
        verdict = found[0].verdict
        return Comparison(
            relation=verdict.relation,
            confidence=verdict.same,
            regions=regions,
            transform=describe(regions, _size(query.grey), _size(image), with_scale=False),
            inliers=found[0].support,
        )


def _find_regions(query: QueryPicture, image: Grey, *, thorough: bool) -> list[Found]:
    """Look at view after view, and keep the regions that the verdict believes, each once, best first."""
    features = detect(image, IMAGE_POINTS)
    descriptors = unit(features.descriptors)
    kept: list[Found] = []
    for seen in query.views:
        matches = match(seen, features.points, descriptors)
        alignments = align(seen, matches, REGIONS)
        kept += [found for found in (_examine(query, image, features, one) for one in alignments) if found]
        if not thorough and any(one.verdict.same >= _SURE for one in kept):
            break
    apart: list[Found] = []
    for one in sorted(kept, key=_rank):
        if all(_overlap(one, other) < _ONCE for other in apart):
            apart.append(one)
    return apart[:REGIONS]


def _examine(query: QueryPicture, image: Grey, features: Features, alignment: Alignment) -> Found | None:
    """Lay the pictures over one another as their points propose; None where that convinces nobody."""
    closeness = measure(query.grey, image, alignment.homography, inverted=alignment.inverted)
    if closeness is None or _stretch(alignment.homography, closeness.region) > _MOST_STRETCH:
        return None
    verdict = judge(read_traits(alignment, closeness, query.features, features))
    if verdict.relation is Relation.UNRELATED:
        return None
    return Found(
        homography=alignment.homography,
        mirrored=alignment.mirrored,
        inverted=alignment.inverted,
        support=alignment.support,
        closeness=closeness,
        verdict=verdict,
    )


def _find_whole(query: QueryPicture, image: Grey) -> list[Found]:
    """Lay the pictures over one another where one of them has hardly any points.

    Where both have many and they do not agree, the pictures differ, however alike their layout: forms, tables, pages.
    """
    if min(len(query.features), len(detect(image, IMAGE_POINTS))) >= _FEW_POINTS:
        return []
    laid = lay_whole(query.grey, image)
    if laid is None or _stretch(laid.homography, laid.closeness.region) > _MOST_STRETCH:
        return []
    verdict = judge_whole(laid.closeness)
    if verdict.relation is not Relation.SAME:
        return []
    return [Found(laid.homography, laid.mirrored, laid.inverted, 0, laid.closeness, verdict)]


def _stretch(homography: Homography, region: Corners) -> float:
    """Say how many times more one direction is enlarged than another, in the middle of a region of the image."""
    back = np.linalg.inv(homography)
    middle = np.mean(region, axis=0)
    here, right, below = project(back, middle + np.array([[0, 0], [1, 0], [0, 1]]))
    most, least = np.linalg.svd(np.stack([right - here, below - here]), compute_uv=False)
    return float(most / max(least, 1e-9))


def _rank(found: Found) -> tuple[float, float]:
    return -found.verdict.same, -found.verdict.shared


def _overlap(one: Found, other: Found) -> float:
    """Share of the smaller region that both have in common, in the image or in the query, whichever is less."""
    shares = []
    for back in (False, True):
        first, second = (
            clockwise(project(np.linalg.inv(found.homography), found.closeness.region))
            if back
            else found.closeness.region
            for found in (one, other)
        )
        common = cut(first, second)
        least = max(min(signed_area(first), signed_area(second)), 1e-6)
        shares.append(signed_area(common) / least if len(common) >= 3 else 0.0)
    return min(shares)


def _region(found: Found, query: Grey, image: Grey) -> MatchedRegion:
    homography, region = found.homography, found.closeness.region
    in_fractions = to_fractions(image) @ homography @ np.linalg.inv(to_fractions(query))
    return MatchedRegion(
        query=_polygon(project(to_fractions(query) @ np.linalg.inv(homography), region)),
        image=_polygon(project(to_fractions(image), region)),
        homography=tuple(float(one) for one in (in_fractions / in_fractions[2, 2]).ravel()),
        mirrored=found.mirrored,
        inverted=found.inverted,
        inliers=found.support,
        agreement=found.closeness.inner.agreeing,
    )


def to_fractions(grey: Grey) -> Homography:
    """Map positions in pixels, whole at their centres, to fractions of the picture."""
    height, width = grey.shape
    return np.array([[1 / width, 0, 0.5 / width], [0, 1 / height, 0.5 / height], [0, 0, 1]])


def _polygon(corners: Corners) -> Polygon:
    return tuple((float(x), float(y)) for x, y in corners)


def _size(grey: Grey) -> tuple[int, int]:
    return grey.shape[1], grey.shape[0]
