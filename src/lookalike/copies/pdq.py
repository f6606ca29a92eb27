"""What hash does a whole picture have that re-encoding and resizing hardly change? PDQ, 256 bits."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

from lookalike.types import Grey

BYTES = 32
"""Of a hash: 16 × 16 frequencies, one bit each."""
MATCH_BITS = 31
"""Hashes that differ in no more of their 256 bits belong to the same picture nearly always, if they are good enough.

Source: https://github.com/facebook/ThreatExchange/blob/main/pdq/README.md, "Matching".
"""
LEAST_QUALITY = 50
"""Of a hash that is good enough, of 100: below it two pictures may have like hashes because neither shows much.

Source: the same, "Quality metric".
"""

_SIDE, _FREQUENCIES = 64, 16
_SMALLEST = 5
"""Pixels a side; what is smaller has the empty hash and quality 0."""

HashBits = UInt8[np.ndarray, " 32"]
"""One hash; the first bit of the first byte is that of the highest frequency, as PDQ is written."""

HashRows = UInt8[np.ndarray, "_n 32"]
"""Hashes, one a row."""

_Small = Float32[np.ndarray, "64 64"]
_Frequencies = Float32[np.ndarray, "16 16"]


@dataclass(frozen=True, slots=True)
class PdqHash:
    """A hash, and how much there was in the picture for it to hold on to."""

    bits: HashBits
    quality: int
    """0 to 100."""


@dataclass(frozen=True, slots=True)
class DihedralHashes:
    """The hashes of a picture, turned and mirrored in every way, and the quality that they share."""

    bits: HashRows
    quality: int

    @property
    def of_negatives(self) -> HashRows:
        """The hashes of the negatives of all forms: every frequency changes its sign."""
        return ~self.bits


def hash_picture(grey: Grey) -> PdqHash:
    """Hash a picture as PDQ does.

    The arithmetic follows the reference step by step in single precision, so that hashes agree bit for bit with
    those that others exchange.

    Source: Meta: The TMK+PDQF video-hashing algorithm and the PDQ image-hashing algorithm, 2019, section 3.
    """
    if min(grey.shape) < _SMALLEST:
        return PdqHash(np.zeros(BYTES, np.uint8), 0)
    small = _shrink(grey)
    return PdqHash(_bits(_transform(small)), _quality(small))


def dihedral(grey: Grey) -> DihedralHashes:
    """Give the hashes of a picture's eight turned and mirrored forms, the picture as it is first.

    The others are turned by 90°, 180° and 270°, mirrored top to bottom, left to right, and along either diagonal.
    A flip of the picture changes the sign of every other frequency, so the pixels are filtered only once.
    """
    if min(grey.shape) < _SMALLEST:
        return DihedralHashes(np.zeros((8, BYTES), np.uint8), 0)
    small = _shrink(grey)
    same = _transform(small)
    odd = np.where(np.arange(_FREQUENCIES) % 2, np.float32(1), np.float32(-1))
    upended, mirrored = same * odd[:, None], same * odd
    both = upended * odd
    forms = (same, mirrored.T, both, upended.T, upended, mirrored, same.T, both.T)
    return DihedralHashes(np.stack([_bits(np.ascontiguousarray(form)) for form in forms]), _quality(small))


def _shrink(grey: Grey) -> _Small:
    """Blur by two box filters each way, and take 64 × 64 samples."""
    height, width = grey.shape
    if height == width == _SIDE:
        return grey.astype(np.float32)
    rows, columns = (((np.arange(_SIDE) + 0.5) * size / _SIDE).astype(np.int64) for size in (height, width))
    once = _blur(_blur_whole(grey))
    sampled = _blur(once.T)[columns]  # what the last filter leaves untouched need not pass it
    small: _Small = _blur(sampled.T)[rows]
    return small


_Lines = Float32[np.ndarray, "_length _count"]


def _blur_whole(grey: Grey) -> _Lines:
    """Average along each row over a window of a 128th of its length, narrower at the ends: whole numbers, any order."""
    window, ahead = _window(grey.shape[1])
    anchor = (window - 1 - ahead, 0)
    sums = cv2.boxFilter(grey, cv2.CV_32F, (window, 1), anchor=anchor, normalize=False, borderType=cv2.BORDER_CONSTANT)
    averages: np.ndarray = sums / _widths(grey.shape[1])
    return averages


def _blur(lines: _Lines) -> _Lines:
    """Average down each column likewise.

    A running sum, to which each step adds the entering value and then subtracts the leaving one: in single precision
    the order of these decides the last digits. Zeros around the lines change nothing.
    """
    length, count = lines.shape
    window, ahead = _window(length)
    padded = np.zeros((length + ahead + window, count), np.float32)
    padded[window : window + length] = lines
    sums = np.zeros((length + ahead + 1, count), np.float32)
    for before, after, entering, leaving in zip(sums, sums[1:], padded[window:], padded, strict=False):
        np.add(before, entering, out=after)
        np.subtract(after, leaving, out=after)
    averages = sums[1 + ahead :]
    averages /= _widths(length)[:, None]
    return averages


def _window(length: int) -> tuple[int, int]:
    """Say how many values one average takes, and how many of them lie ahead."""
    window = -(-length // (2 * _SIDE))
    return window, window // 2


def _widths(length: int) -> Float32[np.ndarray, " _length"]:
    """Count the values in each window that lie on the line."""
    window, ahead = _window(length)
    last = np.arange(length) + ahead
    return (np.minimum(last, length - 1) - np.maximum(last - window, -1)).astype(np.float32)


def _transform(small: _Small) -> _Frequencies:
    """Give the lowest 16 × 16 frequencies of the cosine transform, without the constant ones; sums run in order."""
    cosines = _cosines()
    half = np.add.accumulate(cosines.T[:, :, None] * small[:, None, :], axis=0)[-1]
    full: np.ndarray = np.add.accumulate(half.T[:, :, None] * cosines.T[:, None, :], axis=0)[-1]
    return full


@lru_cache
def _cosines() -> Float32[np.ndarray, "16 64"]:
    frequency, place = np.arange(1, _FREQUENCIES + 1)[:, None], np.arange(_SIDE)
    waves = np.cos(np.pi / 2 / _SIDE * frequency * (2 * place + 1))
    cosines: np.ndarray = (np.float64(np.float32(np.sqrt(2 / _SIDE))) * waves).astype(np.float32)
    return cosines


def _bits(frequencies: _Frequencies) -> HashBits:
    """Set the bits of the frequencies above the lower median."""
    values = frequencies.ravel()
    bits: HashBits = np.packbits((values > np.partition(values, 127)[127])[::-1])
    return bits


def _quality(small: _Small) -> int:
    """Sum the steps between neighbours, each rounded down to a percentage of full contrast."""
    steps = (np.diff(small, axis=0), np.diff(small, axis=1))
    total = sum(int(np.abs((step * np.float32(100) / np.float32(255)).astype(np.int32)).sum()) for step in steps)
    return min(100, total // 90)
