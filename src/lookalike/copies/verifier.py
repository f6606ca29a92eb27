"""Are two pictures the same picture, and which parts agree? Points, then pixels, then the verdict."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import cv2
import numpy as np
from jaxtyping import Float32

from lookalike.copies.correlation import measure
from lookalike.copies.dense import lay_whole
from lookalike.copies.features import QUERY_POINTS, Features, detect
from lookalike.copies.fingerprint import shrink
from lookalike.copies.found import Found, overlap, rank, rank_first, stretch, to_region
from lookalike.copies.geometry import Alignment, View, align, match, unit, view
from lookalike.copies.jigsaw import fits_together
from lookalike.copies.mending import mend
from lookalike.copies.pages import words_differ
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
PIECES_MOST = 12
"""Pieces that a picture is looked for in, where somebody may have shuffled them."""
PIECES = Verdict(same=0.9, shared=1.0, relation=Relation.SAME)
"""What several pieces say together. Measured: it tells 3 × 3 tiles shuffled, and no other subjects before one wall."""
OTHER_WORDS = 0.5
"""At most so sure is anybody of a page on which a word differs: it may be a copy that was written on."""
_VIEWS = ((False, False), (True, False), (False, True), (True, True))
"""Mirrored, inverted."""


@dataclass(frozen=True)
class QueryPicture:
    """The query in grey, at most 448 px long, with what is worked out once for all candidates. Threads may share it."""

    grey: Grey
    points: int = QUERY_POINTS
    """How many to find, at most."""
    _views: dict[int, View] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def features(self) -> Features:
        """Its points and what surrounds them; the index may ask with them, too."""
        return detect(self.grey, self.points)

    @cached_property
    def closer(self) -> "QueryPicture":
        """The same picture with more points: busy surroundings leave few to a small picture set into them."""
        return QueryPicture(self.grey, _MORE_POINTS)

    def beside(self, regions: Sequence[Polygon]) -> Features:
        """Give the points of a closer look that lie in none of these regions."""
        height, width = self.grey.shape
        covered = np.zeros((height, width), np.uint8)
        for region in regions:
            cv2.fillConvexPoly(covered, np.rint(np.array(region) * (width, height)).astype(np.int32), 1)
        features = self.closer.features
        x, y = np.rint(features.points[:, :2]).astype(np.int64).T
        left = covered[y.clip(0, height - 1), x.clip(0, width - 1)] == 0
        return replace(features, points=features.points[left], descriptors=features.descriptors[left])

    @cached_property
    def mended(self) -> "QueryPicture | None":
        """The same picture without flat bars, stripes and specks; None where it has none."""
        mended = mend(self.grey)
        return None if mended is None else QueryPicture(mended, self.points)

    @property
    def views(self) -> Iterator[View]:
        """Its points as they are, mirrored, inverted, and both; mostly the first is enough."""
        for number, (mirror, invert) in enumerate(_VIEWS):
            seen = self._views.get(number)
            if seen is None:  # two threads at a time may make it twice
                seen = self._views.setdefault(number, view(self.features, mirror=mirror, invert=invert))
            yield seen


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two pictures are to each other."""

    relation: Relation
    confidence: float
    """Probability that it is the same picture."""
    regions: tuple[MatchedRegion, ...] = ()
    """Best first."""
    transform: str = ""
    """What was done to the gallery's picture to get the query, in words; of its scale `describe` knows, given sizes.

    Empty where it is not the same picture: nothing was done to one that merely shares a region.
    """


@dataclass(frozen=True)
class _Image:
    """The gallery's picture, with what is worked out once for all ways to look at the query."""

    grey: Grey

    @cached_property
    def features(self) -> Features:
        return detect(self.grey, IMAGE_POINTS)

    @cached_property
    def descriptors(self) -> Float32[np.ndarray, "n 128"]:
        return unit(self.features.descriptors)


class Verifier:
    """Compares a query with candidates, one by one. Holds nothing between calls; threads may share it."""

    def rules_out(self, query: QueryPicture, stored: Features) -> bool:
        """Say whether the features that a gallery stores in full agree with the query nowhere.

        Then a look at the picture itself is not worth its time.
        """
        descriptors = unit(stored.descriptors)
        views = ((seen, match(seen, stored.points, descriptors)) for seen in query.views)
        return all(next(align(seen, matches, 1), None) is None for seen, matches in views)

    def compare(self, query: QueryPicture, candidate_grey: Grey, *, thorough: bool = False) -> Comparison:
        """Say what the candidate is to the query.

        Where that does not prove it, `thorough` looks under paint and specks, then tries more points, then pieces that
        somebody shuffled, and at last lays the pictures over one another as a whole. Ask for it where something else
        says that they are alike.
        """
        image = _Image(shrink(candidate_grey))
        found = _find_regions(query, image, REGIONS)
        if thorough and not _is_same(found):
            found = _look_closer(query, image, found)
        if not found:
            return Comparison(Relation.UNRELATED, 0.0)
        regions = tuple(to_region(one, query.grey, image.grey) for one in found)
        verdict = found[0].verdict
        if verdict.relation is Relation.SHARES_REGION and fits_together(regions):
            verdict = PIECES
        done = ""
        if verdict.relation is Relation.SAME:
            done = describe(regions, _size(query.grey), _size(image.grey), with_scale=False)
        return Comparison(verdict.relation, verdict.same, regions, done)


def _is_same(found: list[Found]) -> bool:
    return bool(found) and found[0].verdict.relation is Relation.SAME


def _look_closer(query: QueryPicture, image: _Image, found: list[Found]) -> list[Found]:
    """Try what costs more, and give what proves most."""
    seen = query
    if query.mended is not None:
        mended = _find_regions(query.mended, image, REGIONS)
        if rank_first(mended) < rank_first(found):
            seen, found = query.mended, mended
    if not found:
        seen, found = query.closer, _find_regions(query.closer, image, REGIONS)
    if len(found) > 1 and not _is_same(found):
        return _find_regions(seen, image, PIECES_MOST)
    return found or _find_whole(query, image)


def _find_regions(query: QueryPicture, image: _Image, most: int) -> list[Found]:
    """Look at view after view, and keep the regions that the verdict believes, each once, best first."""
    kept: list[Found] = []
    for seen in query.views:
        matches = match(seen, image.features.points, image.descriptors)
        kept += [found for found in (_examine(query, image, one) for one in align(seen, matches, most)) if found]
        if any(one.verdict.same >= _SURE for one in kept):
            break
    apart: list[Found] = []
    for one in sorted(kept, key=rank):
        if all(overlap(one, other) < _ONCE for other in apart):
            apart.append(one)
    return apart[:most]


def _examine(query: QueryPicture, image: _Image, alignment: Alignment) -> Found | None:
    """Lay the pictures over one another as their points propose; None where that convinces nobody."""
    closeness = measure(query.grey, image.grey, alignment.homography, inverted=alignment.inverted)
    if closeness is None or stretch(alignment.homography, closeness.region) > _MOST_STRETCH:
        return None
    verdict = judge(read_traits(alignment, closeness, query.features, image.features))
    if verdict.relation is Relation.UNRELATED:
        return None
    if verdict.relation is Relation.SAME and words_differ(
        query.grey, image.grey, alignment.homography, inverted=alignment.inverted
    ):
        verdict = replace(verdict, same=min(verdict.same, OTHER_WORDS), relation=Relation.SHARES_REGION)
    return Found(
        homography=alignment.homography,
        mirrored=alignment.mirrored,
        inverted=alignment.inverted,
        support=alignment.support,
        closeness=closeness,
        verdict=verdict,
    )


def _find_whole(query: QueryPicture, image: _Image) -> list[Found]:
    """Lay the pictures over one another where one of them has hardly any points.

    Where both have many and they do not agree, the pictures differ, however alike their layout: forms, tables, pages.
    """
    if min(len(query.features), len(image.features)) >= _FEW_POINTS:
        return []
    laid = lay_whole(query.grey, image.grey)
    if laid is None or stretch(laid.homography, laid.closeness.region) > _MOST_STRETCH:
        return []
    verdict = judge_whole(laid.closeness)
    if verdict.relation is not Relation.SAME or words_differ(
        query.grey, image.grey, laid.homography, inverted=laid.inverted
    ):
        return []
    return [Found(laid.homography, laid.mirrored, laid.inverted, 0, laid.closeness, verdict)]


def _size(grey: Grey) -> tuple[int, int]:
    return grey.shape[1], grey.shape[0]
