"""In which way does the query lie on the image, what is it worth, and is it another way than those found before?"""

from dataclasses import dataclass

import numpy as np

from lookalike.copies.correlation import Closeness
from lookalike.copies.plane import Corners, Homography, clockwise, cut, project, signed_area
from lookalike.copies.verdict import Verdict
from lookalike.types import Grey, MatchedRegion, Polygon


@dataclass(frozen=True, slots=True)
class Found:
    """One way in which the query lies on the image, and what it is worth."""

    homography: Homography
    mirrored: bool
    inverted: bool
    support: int
    closeness: Closeness
    verdict: Verdict


def stretch(homography: Homography, region: Corners) -> float:
    """Say how many times more one direction is enlarged than another, in the middle of a region of the image."""
    back = np.linalg.inv(homography)
    middle = np.mean(region, axis=0)
    here, right, below = project(back, middle + np.array([[0, 0], [1, 0], [0, 1]]))
    most, least = np.linalg.svd(np.stack([right - here, below - here]), compute_uv=False)
    return float(most / max(least, 1e-9))


def rank_first(found: list[Found]) -> tuple[float, float]:
    """Give the sort key of the best, the first of a list; nothing comes last."""
    return rank(found[0]) if found else (0.0, 0.0)


def rank(found: Found) -> tuple[float, float]:
    """Give the sort key: what proves most comes first."""
    return -found.verdict.same, -found.verdict.shared


def overlap(one: Found, other: Found) -> float:
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


def to_region(found: Found, query: Grey, image: Grey) -> MatchedRegion:
    """Say in fractions of both pictures what was found in pixels."""
    homography, region = found.homography, found.closeness.outline
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
    # Half a pixel may stand over; nobody's outline leaves the picture.
    return tuple((float(x), float(y)) for x, y in corners.clip(0, 1))
