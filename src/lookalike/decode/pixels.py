"""How does one picture's bytes become upright sRGB pixels, at the scale needed and within limits?"""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from lookalike.decode.fit import Fit, check_region, plan_cut
from lookalike.decode.formats import sniff
from lookalike.decode.limits import Limits
from lookalike.decode.refusal import refusal
from lookalike.errors import LookalikeError
from lookalike.types import Grey, Pixels, Region


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A picture ready for an encoder, and what its file said."""

    pixels: Pixels
    """Upright sRGB, cropped and fitted as asked."""
    grey: Grey | None = None
    """The same region, whole and in shades of grey, where it was asked for."""
    width: int
    """Of the whole upright picture at full size; likewise height."""
    height: int
    format: str
    sha256: str
    """Of the file's bytes, hexadecimal."""
    bytes: int
    pixel_hash: str
    """xxh3-128, hexadecimal, of the whole upright picture as decoded, its size and its colour profile (if not sRGB).

    Equal for lossless copies with other metadata or another container. A large JPEG is hashed at the reduced scale that
    it was decoded at, which hides what is fine: then equal hashes are a hint, and comparable only where `fit` was the
    same and there was no region. With `fit.whole` they are certain.
    """
    taken_at: datetime | None = field(default=None)


def decode(data: bytes, fit: Fit, *, limits: Limits | None = None, region: Region | None = None) -> Decoded:
    """Decode bytes in this process; `DecodePool` is the way for bytes from outside, and to limit time and memory.

    Raises:
        UnreadableImage: not an allowed format, or broken.
        TooLarge: past a limit.
        BadInput: no part of the region lies within a picture.
    """
    limits = limits or Limits()
    check_region(region)
    limits.check_bytes(len(data))
    format_ = sniff(data)
    try:
        return _decode(data, format_, fit, limits, region)
    except LookalikeError:
        raise
    except Exception as error:  # decoders raise anything at all on broken files
        raise refusal(error, format_, data) from error


def _decode(data: bytes, format_: str, fit: Fit, limits: Limits, region: Region | None) -> Decoded:
    from lookalike.decode.drawing import draw
    from lookalike.decode.opening import load, open_image

    if format_ == "raw":
        from lookalike.decode.raw import open_raw

        opened = open_raw(data, limits)
    else:
        opened = open_image(data, format_, limits)
    loaded = load(opened, fit, region, limits)
    drawn = draw(loaded)
    return Decoded(
        pixels=drawn.pixels,
        grey=drawn.grey,
        width=loaded.width,
        height=loaded.height,
        format=format_,
        sha256=sha256(data).hexdigest(),
        bytes=len(data),
        pixel_hash=drawn.pixel_hash,
        taken_at=loaded.taken_at,
    )


def fit_pixels(pixels: Pixels, fit: Fit) -> Pixels:
    """Cut decoded pixels to size, as `decode` does on the way; those that have the square's size are cut already."""
    from lookalike.decode.drawing import cut_pixels

    height, width = pixels.shape[:2]
    if fit.mode != "inside" and height == width == fit.size:
        return pixels
    return cut_pixels(pixels, plan_cut(width, height, fit, None))
