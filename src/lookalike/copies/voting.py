"""Which candidates' points agree on one similarity transform? Chance matches point anywhere."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Int64

from lookalike.copies.features import Points

_MOST = 64
"""Matches of one picture that are weighed against one another; the heaviest."""
_SLACK, _SLACK_PER_PIXEL = 6.0, 0.24
"""Pixels by which a point may lie beside where another match puts it: rounding, and perspective or stretching."""
_OCTAVES, _DEGREES = 1.0, 25.0
"""By how much two matches may differ in scale and angle."""


@dataclass(frozen=True, slots=True)
class Matches:
    """Points of the query and points of pictures that may be the same, one match a row."""

    images: Int64[np.ndarray, " n"]
    """The number of the picture."""
    weights: Float32[np.ndarray, " n"]
    queried: Points
    found: Points

    def __len__(self) -> int:
        """Count the matches."""
        return len(self.images)

    def take(self, rows: Int64[np.ndarray, " _some"] | Bool[np.ndarray, " n"]) -> "Matches":
        """Give some of the matches."""
        return Matches(self.images[rows], self.weights[rows], self.queried[rows], self.found[rows])


@dataclass(frozen=True, slots=True)
class Votes:
    """What each picture got."""

    images: Int64[np.ndarray, " n"]
    """In ascending order."""
    scores: Float32[np.ndarray, " n"]
    """The weight of the matches that agree on one similarity transform."""
    agreeing: Int64[np.ndarray, " n"]
    """How many do."""


def vote(matches: Matches) -> Votes:
    """Sum, for each picture, the weights of the matches that the best of them explains.

    Two matched points with size and angle make a similarity transform, so each match is a hypothesis, which the
    picture's other matches are held against.

    Source: hypotheses from single correspondences: Philbin et al.: Object retrieval with large vocabularies and fast
    spatial matching, CVPR 2007, section 4.
    """
    matches = _heaviest(matches)
    starts = run_starts(matches.images)
    images, counts = matches.images[starts], np.diff(starts, append=len(matches))
    if not len(images):
        return Votes(images, np.zeros(0, np.float32), np.zeros(0, np.int64))
    hypothesis, other = _pairs(starts, counts)
    agree = _agree(matches, hypothesis, other)
    totals = np.bincount(hypothesis, matches.weights[other] * agree, minlength=len(matches))
    sizes = np.bincount(hypothesis, agree, minlength=len(matches)).astype(np.int64)
    best = np.lexsort((-totals, matches.images))[starts]
    return Votes(images, totals[best].astype(np.float32), sizes[best])


def run_starts(ordered: Int64[np.ndarray, " n"]) -> Int64[np.ndarray, " _runs"]:
    """Give where runs of equal values, none below 0, begin; `np.unique` would sort once more what is in order."""
    return np.flatnonzero(np.diff(ordered, prepend=-1))


def _heaviest(matches: Matches) -> Matches:
    """Sort by picture, heaviest matches first, and leave out what goes beyond the limit of a picture."""
    matches = matches.take(np.lexsort((-matches.weights, matches.images)))
    starts = run_starts(matches.images)
    rank = np.arange(len(matches)) - np.repeat(starts, np.diff(starts, append=len(matches)))
    return matches.take(rank < _MOST)


def _pairs(
    starts: Int64[np.ndarray, " _images"], counts: Int64[np.ndarray, " _images"]
) -> tuple[Int64[np.ndarray, " _pairs"], Int64[np.ndarray, " _pairs"]]:
    """Pair each match with every match of the same picture, itself too."""
    first, size = np.repeat(starts, counts), np.repeat(counts, counts)
    hypothesis = np.repeat(np.arange(len(size)), size)
    place = np.arange(len(hypothesis)) - np.repeat(np.cumsum(size) - size, size)
    return hypothesis, np.repeat(first, size) + place


def _agree(
    matches: Matches, hypothesis: Int64[np.ndarray, " pairs"], other: Int64[np.ndarray, " pairs"]
) -> Bool[np.ndarray, " pairs"]:
    """Say whether the transform that one match makes takes another's query point to where it was found."""
    octaves = np.log2(matches.found[:, 2] / np.maximum(matches.queried[:, 2], 1e-3))
    turn = np.deg2rad(matches.found[:, 3] - matches.queried[:, 3])
    scale = np.exp2(octaves)
    queried, found = matches.queried[:, :2], matches.found[:, :2]
    step = queried[other] - queried[hypothesis]
    cos, sin = (scale * np.cos(turn))[hypothesis], (scale * np.sin(turn))[hypothesis]
    offset = found[other] - found[hypothesis]
    beside = (cos * step[:, 0] - sin * step[:, 1] - offset[:, 0]) ** 2
    beside += (sin * step[:, 0] + cos * step[:, 1] - offset[:, 1]) ** 2
    slack = _SLACK + _SLACK_PER_PIXEL * np.hypot(step[:, 0], step[:, 1]) * scale[hypothesis]
    turned = np.abs((turn[other] - turn[hypothesis] + np.pi) % (2 * np.pi) - np.pi)
    near = np.abs(octaves[other] - octaves[hypothesis]) < _OCTAVES
    agree: np.ndarray = (beside < slack**2) & near & (turned < np.deg2rad(_DEGREES))
    return agree
