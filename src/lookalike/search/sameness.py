"""Do two files hold the very same pixels? By their hashes where those are of every pixel, else by a look at both whole.

Large JPEGs are hashed at the reduced scale that they were decoded at when they came in, which hides what is fine.
"""

from pathlib import Path

from lookalike.copies import GREY_PX
from lookalike.decode import Decoded, DecodePool, Fit

_WHOLE = Fit(size=16, mode="squash", whole=True)
"""Only the hash is looked at."""
_REDUCED_FROM_PX = 2 * GREY_PX
"""Longest side from which on a JPEG may be decoded at half its size or less."""
_LOSSLESS = {"png", "bmp", "tiff", "webp"}
"""What a JPEG is mostly converted to where nothing may be lost."""


def decode_whole(decoder: DecodePool, source: Path | bytes) -> Decoded:
    """Decode a picture for the hash of every pixel; raises as `DecodePool.decode` does."""
    return decoder.decode(source, _WHOLE)


def is_hashed_whole(format_: str, size: tuple[int, int]) -> bool:
    """Say whether the hash that is kept of such a picture is of every pixel."""
    return format_ not in {"jpeg", "raw"} or max(size) < _REDUCED_FROM_PX


def may_be_converted(format_: str, other: str, size: tuple[int, int]) -> bool:
    """Say whether two pictures of that size may be of the same pixels though their hashes differ."""
    lossless = {format_, other} - {"jpeg"}
    return "jpeg" in {format_, other} and len(lossless & _LOSSLESS) == 1 and not is_hashed_whole("jpeg", size)
