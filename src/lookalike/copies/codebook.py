"""Which visual word stands for a descriptor, and how does it differ from others of that word? In 64 bits."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32, Int64, UInt32, UInt64

from lookalike.copies.features import Descriptors
from lookalike.threads import one_thread

VERSION = 1
"""Of the bundled codebook; words of another version mean something else."""

HALF_WORDS, HALF_BITS = 1_024, 32
"""How many words and signature bits each half of a descriptor has."""

WORDS = HALF_WORDS * HALF_WORDS

_HALF = 64
_NEAREST = 8
"""Half words that multiple assignment looks at."""

Halves = Float32[np.ndarray, "_n 64"]
"""Upper halves of descriptors, and lower halves turned over so that they are like upper ones; each 2 × 4 cells."""


@dataclass(frozen=True, slots=True)
class Words:
    """Words and signatures of some features, one row a feature, one column a word that it is near to."""

    words: UInt32[np.ndarray, "n near"]
    """1,024 × the upper half's word + the lower half's."""
    signatures: UInt64[np.ndarray, "n near"]
    """On which side of the word's median the feature lies in 64 directions; 32 low bits for the lower half."""

    @classmethod
    def joined(cls, first: "Words", second: "Words") -> "Words":
        """Put those of some features behind those of others."""
        words = np.concatenate([first.words, second.words])
        return cls(words, np.concatenate([first.signatures, second.signatures]))

    def mirrored(self) -> "Words":
        """Give the words of the mirror image's descriptors: the halves change places."""
        upper, lower = np.divmod(self.words, np.uint32(HALF_WORDS))
        swapped = (self.signatures << np.uint64(HALF_BITS)) | (self.signatures >> np.uint64(HALF_BITS))
        return Words(lower * np.uint32(HALF_WORDS) + upper, swapped)

    def inverted(self) -> "Words":
        """Give the words of the negative's descriptors: the halves change places and are read backwards.

        Words come in pairs of which one is the other read backwards, and of a half's directions the last 16 change
        sign when it is read so.
        """
        swapped = self.mirrored()
        pairs = np.uint32(HALF_WORDS + 1)  # exchanges the words of each pair, 2i and 2i + 1, in both halves
        return Words(swapped.words ^ pairs, swapped.signatures ^ _ODD_DIRECTIONS)


_ODD_DIRECTIONS = np.uint64(0xFFFF_0000_FFFF_0000)


class Codebook:
    """Product words over the halves of RootSIFT descriptors, and Hamming embedding.

    One list of half words serves the upper half and, turned over, the lower one; and it is closed under reading the
    cells backwards. So a picture's words tell those of its mirror image and of its negative.

    Source: product words: Babenko, Lempitsky: The inverted multi-index, CVPR 2012; signatures: Jégou, Douze, Schmid:
    Hamming embedding and weak geometric consistency for large scale image search, ECCV 2008, section 3.
    """

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        """Take `centroids` (512, 64), `directions` (64, 32) and `medians` (512, 32): one of each pair of words."""
        import faiss

        centroids, medians = (arrays[name].astype(np.float32) for name in ("centroids", "medians"))
        self._directions: np.ndarray = arrays["directions"].astype(np.float32)
        self.centroids: Halves = _interleave(centroids, backwards(centroids))
        """The half words; 2i + 1 is 2i read backwards."""
        self._medians = _interleave(medians, medians * _signs())
        self._nearest = faiss.IndexFlatL2(_HALF)
        self._nearest.add(self.centroids)

    def encode(self, descriptors: Descriptors, near: int = 1) -> Words:
        """Give each descriptor's `near` nearest words, nearest first, and its signature relative to each."""
        if not len(descriptors):
            return Words(np.zeros((0, near), np.uint32), np.zeros((0, near), np.uint64))
        halves = split(descriptors)
        with one_thread():
            distances, chosen = self._nearest.search(halves, min(near, _NEAREST))
        above = (halves @ self._directions)[:, None, :] > self._medians[chosen]
        bits = np.packbits(above, axis=2, bitorder="little").view(np.uint32)[..., 0]
        count = len(descriptors)
        first, second = _pairs(near)
        order = np.argsort(distances[:count, first] + distances[count:, second], axis=1)[:, :near]
        rows = np.arange(count)[:, None]
        first, second = first[order], second[order]
        words = chosen[:count][rows, first] * HALF_WORDS + chosen[count:][rows, second]
        upper, lower = (bits[part][rows, pick] for part, pick in ((slice(count), first), (slice(count, None), second)))
        return Words(words.astype(np.uint32), (upper.astype(np.uint64) << np.uint64(HALF_BITS)) | lower)


@lru_cache
def load_codebook() -> Codebook:
    """Give the codebook that is bundled with the package."""
    with np.load(Path(__file__).with_name("codebook.npz"), allow_pickle=False) as arrays:
        return Codebook(arrays)


def split(descriptors: Descriptors) -> Halves:
    """Give the upper halves, then the lower halves turned over: rows from the far side, orientations the other way."""
    cells = descriptors.reshape(-1, 4, 4, 8)
    lower = cells[:, :1:-1][..., -np.arange(8) % 8]
    return np.concatenate([cells[:, :2], lower]).reshape(-1, _HALF).astype(np.float32)


def backwards(halves: Halves) -> Halves:
    """Read halves from the other end: columns from right to left, orientations the other way. Twice is as before."""
    return halves.reshape(-1, 2, 4, 8)[:, :, ::-1][..., -np.arange(8) % 8].reshape(-1, _HALF)


def _signs() -> Float32[np.ndarray, " 32"]:
    """Say which directions change sign when a half is read backwards: the last 16."""
    return np.repeat(np.array([1, -1], np.float32), HALF_BITS // 2)


def _interleave(
    even: Float32[np.ndarray, "_n _dim"], odd: Float32[np.ndarray, "_n _dim"]
) -> Float32[np.ndarray, "_m _dim"]:
    return np.ascontiguousarray(np.stack([even, odd], axis=1).reshape(-1, even.shape[1]))


@lru_cache
def _pairs(near: int) -> tuple[Int64[np.ndarray, " _pairs"], Int64[np.ndarray, " _pairs"]]:
    """Name the pairs of ranks that can be among the `near` nearest: those with fewer pairs before them in both."""
    most = min(near, _NEAREST)
    ranks = [(one, two) for one in range(most) for two in range(most) if (one + 1) * (two + 1) <= near]
    first, second = np.array(ranks, np.int64).T
    return first, second
