"""How do a picture's features become the few bytes that a gallery stores, and back?"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

import numpy as np
from jaxtyping import UInt16, UInt32, UInt64

from lookalike.copies import codebook
from lookalike.copies.features import Descriptors, Features, Points
from lookalike.errors import GalleryError

_VERSION = 1
_HEADER = struct.Struct("<BBBHHH")
"""Version, codebook's version, level, width, height, number of features."""

_WORD_BITS = 20
_STEPS_AN_OCTAVE, _SIZES = 8, 64
_ANGLES = 64
"""5.6°, well within what geometric agreement allows."""

_REPACK = "Index the picture again."

Sizes = UInt16[np.ndarray, " _n"]
Places = UInt32[np.ndarray, " _n"]
"""Where points lie, from the lowest bit: 8 bits x, 8 bits y, 6 bits size, 6 bits angle; x and y of the picture's."""


class Level(IntEnum):
    """How much of the features is stored."""

    FAST = 1
    """Words, signatures and places: 14 bytes a feature, enough to find candidates."""
    FULL = 2
    """The descriptors, too: 142 bytes a feature, so that chance candidates fall away without a look at their pixels."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Features as they come back: places are rounded, descriptors there or not."""

    words: UInt32[np.ndarray, " n"]
    signatures: UInt64[np.ndarray, " n"]
    places: Places
    width: int
    """Of the picture that the points lie in; likewise height."""
    height: int
    descriptors: Descriptors | None = None

    @property
    def points(self) -> Points:
        """Where the points lie, in pixels."""
        return place_points(self.places, self.width, self.height)

    @property
    def features(self) -> Features | None:
        """The features themselves; None where only words and places were stored."""
        if self.descriptors is None:
            return None
        return Features(self.points, self.descriptors, self.width, self.height)


def pack(features: Features, words: codebook.Words, level: Level = Level.FAST) -> bytes:
    """Pack features and the nearest word of each."""
    places = _places(features)
    columns = [
        words.words[:, 0].astype("<u4") | ((places >> 16 & 0xFFF) << _WORD_BITS).astype("<u4"),
        (places & 0xFFFF).astype("<u2"),
        words.signatures[:, 0].astype("<u8"),
    ]
    if level is Level.FULL:
        columns.append(features.descriptors)
    header = _HEADER.pack(_VERSION, codebook.VERSION, level, features.width, features.height, len(features))
    return header + b"".join(column.tobytes() for column in columns)


def holds(blob: bytes, level: Level) -> bool:
    """Say whether features are stored so, or with more, as this version reads them."""
    return blob[:2] == bytes([_VERSION, codebook.VERSION]) and blob[2:3] >= bytes([level])


def unpack(blob: bytes) -> Stored:
    """Give back what was packed.

    Raises:
        GalleryError: the bytes are broken, or written by another version.
    """
    if len(blob) < _HEADER.size:
        raise GalleryError("Stored features are cut short.", _REPACK)
    version, words_version, level, width, height, count = _HEADER.unpack_from(blob)
    if (version, words_version) != (_VERSION, codebook.VERSION):
        raise GalleryError(
            f"Stored features are of version {version}.{words_version}, this program reads "
            f"{_VERSION}.{codebook.VERSION}.",
            _REPACK,
        )
    sizes = [4 * count, 2 * count, 8 * count, 128 * count if level == Level.FULL else 0]
    if level not in set(Level) or not (width and height) or len(blob) != _HEADER.size + sum(sizes):
        raise GalleryError("Stored features are broken.", _REPACK)
    ends = np.cumsum([_HEADER.size, *sizes])
    parts = [blob[start:end] for start, end in pairwise(ends)]
    heads = np.frombuffer(parts[0], "<u4").astype(np.uint32)
    places = np.frombuffer(parts[1], "<u2").astype(np.uint32) | (heads >> np.uint32(_WORD_BITS)) << np.uint32(16)
    signatures = np.frombuffer(parts[2], "<u8").astype(np.uint64)
    descriptors = np.frombuffer(parts[3], np.uint8).reshape(-1, 128) if level == Level.FULL else None
    return Stored(heads & np.uint32((1 << _WORD_BITS) - 1), signatures, places, width, height, descriptors)


def place_points(places: Places, width: Sizes | int, height: Sizes | int) -> Points:
    """Turn places into x, y and size in pixels and angle in degrees; width and height are one for all, or one each."""
    x, y, size, angle = (
        (places >> np.uint32(shift) & np.uint32(mask)).astype(np.float32)
        for shift, mask in ((0, 255), (8, 255), (16, _SIZES - 1), (22, _ANGLES - 1))
    )
    columns = (
        (x + 0.5) * (np.asarray(width, np.float32) / 256),
        (y + 0.5) * (np.asarray(height, np.float32) / 256),
        np.exp2(size / _STEPS_AN_OCTAVE),
        angle * (360 / _ANGLES),
    )
    return np.stack(columns, axis=1).astype(np.float32)


def _places(features: Features) -> Places:
    x, y, size, angle = features.points.T.astype(np.float64)
    steps = (
        np.clip(np.floor(x * 256 / features.width), 0, 255),
        np.clip(np.floor(y * 256 / features.height), 0, 255),
        np.clip(np.rint(np.log2(np.maximum(size, 1)) * _STEPS_AN_OCTAVE), 0, _SIZES - 1),
        np.rint(angle * _ANGLES / 360) % _ANGLES,
    )
    columns = [column.astype(np.uint32) for column in steps]
    placed: np.ndarray = columns[0] | columns[1] << 8 | columns[2] << 16 | columns[3] << 22
    return placed
