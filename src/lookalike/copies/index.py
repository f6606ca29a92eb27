"""Which of all pictures may be copies of this one, or hold a part of it? Found by visual words and by hash."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Int64, UInt8

from lookalike.copies import storing
from lookalike.copies.codebook import Words, load_codebook
from lookalike.copies.features import Features, Points
from lookalike.copies.packing import unpack
from lookalike.copies.pdq import HashRows
from lookalike.copies.segment import MOST_PICTURES, Segment, build, merge
from lookalike.copies.voting import Matches, Votes, run_starts, vote
from lookalike.threads import one_thread, usable_cores

_NEAR, _NEAR_OF_MANY, _MANY = 16, 8, 100_000
"""Words that each point of the query is looked up under, and how many from so many pictures on.

With a million words a small gallery has few features under each; in a large one every further word costs time.
"""

_MOST_BITS, _SPREAD_BITS = 20, 16.0
"""Of 64: signatures further apart are taken for chance; a match of distance d weighs exp(−(d / 16)²).

Source: Jégou, Douze, Schmid: Improving bag-of-features for large scale image search, IJCV 2010, section 3.3.
"""
_VOTED = 200
"""Pictures whose points' geometry is looked at."""
_UNVOTED_SHARE = 1e-3
"""What the matches that do not agree count, too: it orders pictures of equal votes."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A picture that may be a copy."""

    key: int
    score: float
    """Higher is likelier; comparable within one query only."""
    agreeing: int
    """Points that agree on one similarity transform."""


@dataclass(frozen=True, slots=True)
class HashMatches:
    """Pictures whose hash is near one of the query's, nearest first."""

    keys: Int64[np.ndarray, " n"]
    distances: Int64[np.ndarray, " n"]
    """In bits of 256."""
    quality: UInt8[np.ndarray, " n"]
    """Of the picture's hash."""


class CopyIndex:
    """Features and hashes of all pictures, by key; derived from what the gallery stores, so it may always be made anew.

    Any number of threads may ask while one or more change it; each question sees one state.
    """

    def __init__(self, segments: Sequence[Segment] = (), of: Mapping[str, Any] = {}) -> None:
        self.of = of
        """What `save` was told of those that were loaded."""
        self._segments = tuple(segments)
        self._changing = Lock()
        self._beside = ThreadPoolExecutor(usable_cores(), "copy-index")

    def __len__(self) -> int:
        """Count the pictures."""
        return sum(int(one.alive.sum()) for one in self._segments)

    @property
    def is_whole(self) -> bool:
        """Whether all files that it reads from are as long as they were; if not, it must not be asked any more."""
        return all(one.is_whole for one in self._segments)

    @property
    def has_features(self) -> bool:
        """Whether any picture's features were kept."""
        return any(len(one.images) for one in self._segments)

    def keys(self) -> Int64[np.ndarray, " _n"]:
        """Give the keys of all pictures, in no order."""
        return np.concatenate([np.zeros(0, np.int64), *(one.keys[one.alive] for one in self._segments)])

    def add(
        self, keys: Int64[np.ndarray, " n"], blobs: Sequence[bytes], hashes: HashRows, quality: UInt8[np.ndarray, " n"]
    ) -> None:
        """Take pictures in, in place of those that have their keys; an empty blob has no features.

        Raises:
            GalleryError: a blob is broken, or of another version; nothing was taken in.
        """
        if not len(keys):
            return
        fresh = build(keys, [unpack(blob) if blob else None for blob in blobs], hashes, quality)
        with self._changing:
            self._segments = _tidy([*(one.without(keys) for one in self._segments), fresh])

    def remove(self, keys: Int64[np.ndarray, " n"]) -> None:
        """Forget pictures; keys that are not there are no matter."""
        with self._changing:
            self._segments = _tidy([one.without(keys) for one in self._segments])

    def candidates(self, features: Features, count: int, *, negatives: bool = True) -> list[Candidate]:
        """Give the likeliest pictures, best first, whether mirrored or, with `negatives`, inverted, or both.

        A picture without any feature in common is never among them.
        """
        segments = self._segments
        near = _NEAR if sum(map(len, segments)) < _MANY else _NEAR_OF_MANY
        keys = np.concatenate([np.zeros(0, np.int64), *(one.keys for one in segments)])
        forms = list(_forms(features, self._words(features, near), negatives=negatives))
        others = [self._beside.submit(_elected, segments, form, len(keys)) for form in forms[1:]]
        elected = [_elected(segments, forms[0], len(keys)), *(one.result() for one in others)]
        images, scores, agreeing = (
            np.concatenate([getattr(votes, column) for votes in elected]) for column in ("images", "scores", "agreeing")
        )
        order = np.lexsort((keys[images], -scores))
        _, first = np.unique(images[order], return_index=True)  # of a picture's forms, the one with the best score
        return [
            Candidate(int(keys[images[row]]), float(scores[row]), int(agreeing[row]))
            for row in order[np.sort(first)[:count]]
        ]

    def _words(self, features: Features, near: int) -> Words:
        """Find the words of half of the points here, and of the others beside: a lone query waits for them."""
        codebook, middle = load_codebook(), len(features) // 2
        beside = self._beside.submit(codebook.encode, features.descriptors[middle:], near)
        return Words.joined(codebook.encode(features.descriptors[:middle], near), beside.result())

    def hash_matches(self, hashes: HashRows, most_bits: int) -> HashMatches:
        """Find the pictures whose hash is at most some bits from one of these, say those of `pdq.dihedral`."""
        import faiss

        segments = [one for one in self._segments if len(one)]
        parts = [(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.uint8))]
        for one in segments:
            flat = faiss.IndexBinaryFlat(256)
            flat.add(np.ascontiguousarray(one.hashes))
            with one_thread():
                _, distances, rows = flat.range_search(np.ascontiguousarray(hashes), most_bits + 1)
            order = np.lexsort((distances, rows))
            rows, first = np.unique(rows[order], return_index=True)
            kept = one.alive[rows]
            rows, first = rows[kept], first[kept]
            parts.append((one.keys[rows], distances[order][first].astype(np.int64), one.quality[rows]))
        keys, distances, quality = (np.concatenate(column) for column in zip(*parts, strict=True))
        order = np.lexsort((keys, distances))
        return HashMatches(keys[order], distances[order], quality[order])

    def save(self, folder: Path, of: Mapping[str, Any] = {}) -> None:
        """Write what is not written yet, and what it was made `of`; from then on files are used in place of memory.

        Raises:
            GalleryError: there is no room, or no permission.
        """
        with self._changing:
            self._segments = storing.save(self._segments, folder, of)

    @classmethod
    def load(cls, folder: Path) -> "CopyIndex":
        """Open what was saved, and read all of it once to see whether it is whole.

        Raises:
            NotFound: nothing was saved there.
            GalleryError: it is broken, or written by another version. Delete the folder and add the pictures again.
        """
        saved = storing.load(folder)
        return cls(saved.segments, saved.of)


@dataclass(frozen=True, slots=True)
class _Form:
    """The query as it is, mirrored, or inverted."""

    points: Points
    words: Words


@dataclass(frozen=True, slots=True)
class _Found:
    """Similar features over all segments; `probes` are rows of the query's points."""

    probes: Int64[np.ndarray, " n"]
    images: Int64[np.ndarray, " n"]
    """Numbered through all segments."""
    features: Int64[np.ndarray, " n"]
    """Rows of the segment that the image is in."""
    weights: Float32[np.ndarray, " n"]

    def take(self, rows: Int64[np.ndarray, " _some"] | Bool[np.ndarray, " n"]) -> "_Found":
        return _Found(self.probes[rows], self.images[rows], self.features[rows], self.weights[rows])


def _forms(features: Features, words: Words, *, negatives: bool) -> Iterator[_Form]:
    points = features.points
    half_turn = np.array([0, 0, 0, 180], np.float32)
    flipped: Points = points * np.array([-1, 1, 1, -1], np.float32) + half_turn
    flipped[:, 0] += features.width - 1
    yield _Form(points, words)
    yield _Form(flipped, words.mirrored())
    if negatives:
        yield _Form(points + half_turn, words.inverted())
        yield _Form(flipped + half_turn, words.mirrored().inverted())


def _elected(segments: Sequence[Segment], form: _Form, count: int) -> Votes:
    """Let the points of the pictures with the heaviest matches vote."""
    found = _collect(segments, form, count)
    totals = np.bincount(found.images, found.weights, minlength=count)
    images = np.flatnonzero(totals)
    if len(images) > _VOTED:
        heavy = np.zeros(count, np.bool_)
        heavy[images[np.argpartition(-totals[images], _VOTED)[:_VOTED]]] = True
        found = found.take(heavy[found.images])
    points = _points(segments, found)
    votes = vote(Matches(found.images, found.weights, form.points[found.probes], points))
    scores = votes.scores + np.float32(_UNVOTED_SHARE) * totals[votes.images].astype(np.float32)
    return Votes(votes.images, scores, votes.agreeing)


def _collect(segments: Sequence[Segment], form: _Form, count: int) -> _Found:
    """Look the query's words up in all segments, and keep a point's best match in each picture."""
    near = form.words.words.shape[1]
    words, signatures = form.words.words.ravel(), form.words.signatures.ravel()
    order = np.argsort(words, kind="stable")
    words, signatures = words[order], signatures[order]
    nothing = np.zeros(0, np.int64)
    parts = [(nothing, nothing, nothing, np.zeros(0, np.uint8))]
    base = 0
    for one in segments:
        similar = one.similar(words, signatures, _MOST_BITS)
        images = one.images[similar.features]
        kept = one.alive[images]
        probes = order[similar.probes[kept]] // near
        parts.append((probes, images[kept] + np.int64(base), similar.features[kept], similar.distances[kept]))
        base += len(one)
    probes, images, features, distances = (np.concatenate(column) for column in zip(*parts, strict=True))
    pairs = probes * count + images
    order = np.argsort(pairs * (_MOST_BITS + 1) + distances, kind="stable")
    rows = order[run_starts(pairs[order])]
    return _Found(probes[rows], images[rows], features[rows], _weights(probes[rows], distances[rows]))


def _weights(probes: Int64[np.ndarray, " n"], distances: UInt8[np.ndarray, " n"]) -> Float32[np.ndarray, " n"]:
    """Weigh matches by their signatures, and divide a point's weight among the pictures that it is found in.

    Source: burstiness within and between images: Jégou, Douze, Schmid: On the burstiness of visual elements, CVPR
    2009, sections 4.1 and 4.3.
    """
    weights = np.exp(-((distances.astype(np.float32) / np.float32(_SPREAD_BITS)) ** 2))
    often = np.bincount(probes)[probes] if len(probes) else np.ones(0)
    divided: Float32[np.ndarray, " n"] = (weights / np.sqrt(often)).astype(np.float32)
    return divided


def _points(segments: Sequence[Segment], found: _Found) -> Points:
    """Give the places of what was found, in pixels."""
    points: Points = np.zeros((len(found.images), 4), np.float32)
    base = 0
    for one in segments:
        inside = (found.images >= base) & (found.images < base + len(one))
        points[inside] = one.points(found.features[inside])
        base += len(one)
    return points


def _tidy(segments: list[Segment]) -> tuple[Segment, ...]:
    """Merge the last segments while they are of like size, so that there are few; clear out those mostly gone."""
    segments = [one if one.alive.mean() > 0.5 else merge(one) for one in segments if one.alive.any()]
    while len(segments) > 1:
        before, last = segments[-2:]
        if len(before) >= 4 * len(last) or len(before) + len(last) > MOST_PICTURES:
            break
        segments[-2:] = [merge(before, last)]
    return tuple(segments)
