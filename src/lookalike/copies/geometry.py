"""Which homographies bring points of one picture onto another? Several, where a picture holds several others."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from lookalike.copies.features import Features, Points, inverted, mirrored
from lookalike.copies.plane import Homography, Positions, project, signed_area

RATIO = 0.85
"""How much nearer the nearest descriptor must be than the second nearest.

Source: Lowe: Distinctive image features from scale-invariant keypoints, IJCV 2004, section 7.1; he takes 0.8.
"""
TOLERANCE_PX = 3.0
"""How far a point may land from its counterpart."""
_FEWEST = 5
"""Fewer points than this agree by chance in any two pictures."""
_MOST = 300
"""Pairs that are looked at; time grows with their square."""
_SCALE_STEP, _TURN_STEP = 0.6, 20.0
"""How far two points may differ in log scale and in degrees, and yet have been moved together: about what SIFT's own
measures scatter, and what perspective adds.

Source: Jégou, Douze, Schmid: Hamming embedding and weak geometric consistency, ECCV 2008, section 4.
"""


@dataclass(frozen=True, slots=True)
class Matches:
    """Pairs of points with similar surroundings; row i of one belongs to row i of the other."""

    query: Points
    image: Points

    def __len__(self) -> int:
        """Count the pairs."""
        return len(self.query)

    def only(self, kept: Bool[np.ndarray, " n"]) -> "Matches":
        """Keep some pairs."""
        return Matches(self.query[kept], self.image[kept])


@dataclass(frozen=True, slots=True)
class Alignment:
    """One homography from query to image, and what speaks for it."""

    homography: Homography
    inliers: Matches
    support: int
    """Places, not points: several points at one place count once."""
    matches: int
    """Pairs that had a chance to agree: all whose point in the query would land in the image, or the reverse."""
    residual_px: float
    """Median distance of the points from their counterparts, in the image."""
    mirrored: bool = False
    inverted: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """The query's features as they would be after mirroring or inverting the picture."""

    points: Points
    descriptors: Float32[np.ndarray, "n 128"]
    mirrored: bool
    inverted: bool
    width: int
    height: int

    def entrance(self) -> Homography:
        """Map the picture's own positions to those of this view."""
        return np.array([[-1.0, 0, self.width - 1], [0, 1, 0], [0, 0, 1]]) if self.mirrored else np.eye(3)


def view(features: Features, *, mirror: bool = False, invert: bool = False) -> View:
    """Give the features as the mirror image, the negative, or both would have them."""
    points, descriptors = features.points.copy(), features.descriptors
    if mirror:
        points[:, 0], points[:, 3] = features.width - 1 - points[:, 0], 180 - points[:, 3]
        descriptors = mirrored(descriptors)
    if invert:
        points[:, 3] += 180
        descriptors = inverted(descriptors)
    return View(points, unit(descriptors), mirror, invert, features.width, features.height)


def unit(descriptors: np.ndarray) -> Float32[np.ndarray, "n 128"]:
    """Scale descriptors to length 1."""
    wide = descriptors.astype(np.float32)
    scaled: Float32[np.ndarray, "n 128"] = wide / np.maximum(np.linalg.norm(wide, axis=1, keepdims=True), 1e-6)
    return scaled


def match(query: View, points: Points, descriptors: Float32[np.ndarray, "m 128"]) -> Matches:
    """Pair each point of the query with the nearest of the image, where that is clearly nearer than the second."""
    if not len(query.points) or len(points) < 2:
        return Matches(np.zeros((0, 4), np.float32), np.zeros((0, 4), np.float32))
    cosines = query.descriptors @ descriptors.T
    rows = np.arange(len(cosines))
    nearest = cosines.argmax(axis=1)
    best = cosines[rows, nearest]
    cosines[rows, nearest] = -1
    # For unit vectors the squared distance is 2 − 2·cosine.
    ratio = (1 - best) / np.maximum(1 - cosines.max(axis=1), 1e-6)
    clearest = np.argsort(ratio, kind="stable")[:_MOST]
    kept = clearest[ratio[clearest] < RATIO**2]
    return Matches(query.points[kept], points[nearest[kept]])


def align(query: View, matches: Matches, most: int) -> Iterator[Alignment]:
    """Find up to `most` homographies, the best supported first; each takes its pairs out of the game."""
    for _ in range(most):
        found = _strongest(matches)
        if found is None:
            return
        homography, inside = found
        inliers = matches.only(inside)
        yield Alignment(
            homography=homography @ query.entrance(),
            inliers=Matches(_back(inliers.query, query), inliers.image),
            support=places(inliers),
            matches=len(matches),
            residual_px=float(np.median(_errors(homography, inliers))),
            mirrored=query.mirrored,
            inverted=query.inverted,
        )
        matches = matches.only(~(inside | _beside(matches, inliers)))


def places(matches: Matches) -> int:
    """Count the different places that pairs join: SIFT finds up to four points at one, and text repeats itself."""
    if not len(matches):
        return 0
    return min(len(set(_place_keys(side).tolist())) for side in (matches.query, matches.image))


def _strongest(matches: Matches) -> tuple[Homography, Bool[np.ndarray, " n"]] | None:
    if len(matches) < _FEWEST:
        return None
    voters = _agreeing(matches)
    if places(matches.only(voters)) < _FEWEST:
        return None
    homography = _fit(matches.only(voters))
    for _ in range(3):
        inside = _inside(homography, matches) if homography is not None else voters
        if homography is None or places(matches.only(inside)) < _FEWEST:
            return None
        homography = _fit(matches.only(inside))
    if homography is None or not _is_sane(homography, matches.query):
        return None
    inside = _inside(homography, matches)
    return (homography, inside) if places(matches.only(inside)) >= _FEWEST else None


def _agreeing(matches: Matches) -> Bool[np.ndarray, " n"]:
    """Find the largest set of pairs that one pair's own similarity transform explains, loosely.

    Every pair proposes a transform: where its point went, how its size and angle changed. The transform is rough, so
    that others may miss by more the further they lie.
    """
    q, p = (side[:, 0] + 1j * side[:, 1] for side in (matches.query, matches.image))
    scale = np.log(matches.image[:, 2] / matches.query[:, 2])
    turn = matches.image[:, 3] - matches.query[:, 3]
    move = np.exp(scale + 1j * np.deg2rad(turn))
    away = p[None, :] - p[:, None]
    missed = np.abs(away - move[:, None] * (q[None, :] - q[:, None]))
    turned = np.abs((turn[None, :] - turn[:, None] + 180) % 360 - 180)
    agree = (missed < TOLERANCE_PX + 0.2 * np.abs(away)) & (turned < _TURN_STEP)
    agree &= np.abs(scale[None, :] - scale[:, None]) < _SCALE_STEP
    best: Bool[np.ndarray, " n"] = agree[agree.sum(axis=1).argmax()]
    return best


def _fit(matches: Matches) -> Homography | None:
    """Fit the simplest of similarity, affine map and homography that explains nearly as many pairs as the next."""
    query, image = (np.ascontiguousarray(side[:, :2]) for side in (matches.query, matches.image))
    best, most = None, 0
    for homography in (_similarity(query, image), _affine(query, image), _perspective(query, image)):
        if homography is None:
            continue
        inside = int((_errors(homography, matches) < TOLERANCE_PX).sum())
        if best is None or inside > max(most * 1.08, most + 2):
            best, most = homography, inside
    return best


def _similarity(query: Positions, image: Positions) -> Homography | None:
    found, _ = cv2.estimateAffinePartial2D(query, image, method=cv2.RANSAC, ransacReprojThreshold=TOLERANCE_PX)
    return None if found is None else np.vstack([found, [0, 0, 1]])


def _affine(query: Positions, image: Positions) -> Homography | None:
    if len(query) < 6:
        return None
    found, _ = cv2.estimateAffine2D(query, image, method=cv2.RANSAC, ransacReprojThreshold=TOLERANCE_PX)
    return None if found is None else np.vstack([found, [0, 0, 1]])


def _perspective(query: Positions, image: Positions) -> Homography | None:
    """Fit a homography.

    Source: Barath et al.: MAGSAC++, a fast, reliable and accurate robust estimator, CVPR 2020.
    """
    if len(query) < 8:
        return None
    found, _ = cv2.findHomography(query, image, cv2.USAC_MAGSAC, TOLERANCE_PX, maxIters=500)
    return None if found is None or abs(found[2, 2]) < 1e-9 else found / found[2, 2]


def _errors(homography: Homography, matches: Matches) -> Float64[np.ndarray, " n"]:
    missed = np.linalg.norm(project(homography, matches.query[:, :2]) - matches.image[:, :2], axis=1)
    return np.asarray(np.nan_to_num(missed, nan=np.inf), np.float64)


def _inside(homography: Homography, matches: Matches) -> Bool[np.ndarray, " n"]:
    """Find the pairs that land where they should, of about the size and angle that they should have."""
    reach = matches.query[:, :2] + matches.query[:, 2:3] * _heading(matches.query)
    arrow = project(homography, reach) - project(homography, matches.query[:, :2])
    with np.errstate(invalid="ignore", divide="ignore"):
        grown = np.abs(np.log(np.linalg.norm(arrow, axis=1) / matches.image[:, 2]))
        turned = np.rad2deg(np.arctan2(arrow[:, 1], arrow[:, 0])) - matches.image[:, 3]
    fits: Bool[np.ndarray, " n"] = (
        (_errors(homography, matches) < TOLERANCE_PX)
        & (grown < 2 * _SCALE_STEP)
        & (np.abs((turned + 180) % 360 - 180) < 1.5 * _TURN_STEP)
    )
    return fits


def _heading(points: Points) -> Float32[np.ndarray, "n 2"]:
    angle = np.deg2rad(points[:, 3])
    heading: Float32[np.ndarray, "n 2"] = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return heading


def _is_sane(homography: Homography, points: Points) -> bool:
    """Tell whether the map keeps the orientation and no part of where the points lie is stretched tenfold or more."""
    (left, top), (right, bottom) = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64)
    landed = project(homography, corners)
    if np.isnan(landed).any() or not cv2.isContourConvex(landed.astype(np.float32)):
        return False
    if signed_area(landed) <= 0:
        return False
    stretches = np.linalg.svd(homography[:2, :2] - np.outer(homography[:2, 2], homography[2, :2]), compute_uv=False)
    return bool(stretches[1] > 0.02 and stretches[0] < 50 and stretches[0] < 6 * stretches[1])


def _beside(matches: Matches, inliers: Matches) -> Bool[np.ndarray, " n"]:
    """Find the pairs that start where an inlier starts: a place of the query is explained once."""
    taken: Int64[np.ndarray, " k"] = np.unique(_place_keys(inliers.query))
    return np.isin(_place_keys(matches.query), taken)


def _place_keys(points: Points) -> Int64[np.ndarray, " n"]:
    places = np.rint(points[:, :2]).astype(np.int64)
    keys: Int64[np.ndarray, " n"] = places[:, 0] * 1_000_000 + places[:, 1]
    return keys


def _back(points: Points, seen: View) -> Points:
    own = points.copy()
    if seen.mirrored:
        own[:, 0], own[:, 3] = seen.width - 1 - own[:, 0], 180 - own[:, 3]
    if seen.inverted:
        own[:, 3] += 180
    return own
