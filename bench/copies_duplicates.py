"""Which of the real photos are there twice? Public sets repeat pictures, also cropped and saved anew by others.

Candidates come from two sides: PDQ hashes near one another in any of eight positions, and embeddings near one another.
Each is looked at: as a whole, or with one picture laid over the other where their points say it belongs. Nothing of the
copy engine that is measured has a part in it.

    python bench/copies_duplicates.py > bench/edited_copies/repeated.txt

The list is kept, since vectors differ in their last digits from processor to processor, and what is measured must not.
"""

import sys
from collections.abc import Iterator, Sequence

import cv2
import faiss
import numpy as np
import pdqhash

from edited_copies.photos import everything, photo_folder
from lookalike.encoders import load_encoder
from lookalike.types import Pixels

_BITS = 70
"""Of 256 bits of PDQ: pictures further apart than this, in all eight positions, are no candidates. Its authors call
31 a match; what lies between is looked at."""
_COSINE, _NEAREST = 0.75, 6
_CORRELATION = 0.85
_INLIERS = 15
_EDGE = 64
_BATCH = 64


def main() -> None:
    """Print the names of those that repeat an earlier one."""
    first, second = everything(photo_folder(), sys.maxsize)
    pictures = [*first, *second]
    for number in sorted(duplicates([one.pixels for one in pictures])):
        print(pictures[number].name)


def duplicates(pictures: Sequence[Pixels]) -> set[int]:
    """Find the pictures that repeat an earlier one, whole or in part."""
    thumbs = np.array([_thumb(one) for one in pictures])
    repeated: set[int] = set()
    for number, other in _near_by_hash(pictures):
        if number not in repeated and _alike(thumbs[number], thumbs[other]):
            repeated.add(number)
    for number, other in _near_by_embedding(pictures):
        if not {number, other} & repeated and _covers(pictures[number], pictures[other]):
            repeated.add(number)
    return repeated


def _near_by_hash(pictures: Sequence[Pixels]) -> Iterator[tuple[int, int]]:
    hashes = [pdqhash.compute_dihedral(np.ascontiguousarray(one))[0] for one in pictures]
    bits = np.packbits(np.array(hashes, np.uint8).reshape(len(pictures), 8, 256), axis=2)
    index = faiss.IndexBinaryFlat(256)
    index.add(np.ascontiguousarray(bits[:, 0]))
    for position in range(8):
        limits, _, found = index.range_search(np.ascontiguousarray(bits[:, position]), _BITS)
        for number in range(len(pictures)):
            for other in found[limits[number] : limits[number + 1]].tolist():
                if other < number:
                    yield number, other


def _near_by_embedding(pictures: Sequence[Pixels]) -> Iterator[tuple[int, int]]:
    encoder = load_encoder("mini")
    size = (encoder.fit.size, encoder.fit.size)
    space = next(iter(encoder.spaces))
    made = []
    for start in range(0, len(pictures), _BATCH):
        batch = [cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in pictures[start : start + _BATCH]]
        made.append(encoder.encode(batch)[space])
    vectors = np.concatenate(made)
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    scores, found = index.search(vectors, _NEAREST)
    for number in range(len(pictures)):
        for score, other in zip(scores[number], found[number].tolist(), strict=True):
            if score >= _COSINE and other != number:
                yield max(number, other), min(number, other)


def _thumb(pixels: Pixels) -> np.ndarray:
    small = cv2.resize(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), (_EDGE, _EDGE), interpolation=cv2.INTER_AREA)
    centred = small.astype(np.float32) - small.mean()
    return centred / max(float(np.linalg.norm(centred)), 1e-6)


def _alike(first: np.ndarray, second: np.ndarray) -> bool:
    """Compare in all eight positions, which need not be the one the hashes agree in."""
    turned = [np.rot90(one, turns) for one in (first, first[:, ::-1]) for turns in range(4)]
    return max(float((one * second).sum()) for one in turned) >= _CORRELATION


def _covers(first: Pixels, second: Pixels) -> bool:
    """Say whether one picture, laid over the other where their points say it belongs, is the same there."""
    greys = [cv2.cvtColor(one, cv2.COLOR_RGB2GRAY) for one in (first, second)]
    sift = cv2.SIFT_create(500)
    (points, described), (others, other_described) = (sift.detectAndCompute(grey, None) for grey in greys)
    if min(len(points), len(others)) < _INLIERS:
        return False
    pairs = cv2.BFMatcher().knnMatch(described, other_described, k=2)
    good = [one for one, next_ in pairs if one.distance < 0.75 * next_.distance]
    if len(good) < _INLIERS:
        return False
    here = np.array([points[one.queryIdx].pt for one in good], np.float32)
    there = np.array([others[one.trainIdx].pt for one in good], np.float32)
    matrix, inliers = cv2.findHomography(here, there, cv2.RANSAC, 3.0)
    if matrix is None or inliers.sum() < _INLIERS:
        return False
    size = greys[1].shape[::-1]
    laid = cv2.warpPerspective(cv2.GaussianBlur(greys[0], (0, 0), 1), matrix, size).astype(np.float32)
    seen = cv2.warpPerspective(np.full_like(greys[0], 255), matrix, size) > 250
    if seen.mean() < 0.1:
        return False
    below = cv2.GaussianBlur(greys[1], (0, 0), 1).astype(np.float32)
    return float(np.corrcoef(laid[seen], below[seen])[0, 1]) >= _CORRELATION


if __name__ == "__main__":
    main()
