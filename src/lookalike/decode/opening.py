"""How is a file of a known format opened and loaded, at the scale needed and with no more code than it takes?"""

from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from io import BytesIO

from PIL import Image

from lookalike.decode.exif import read_exif, upright_size
from lookalike.decode.fit import Cut, Cuts, Fit, plan_cuts
from lookalike.decode.limits import Limits
from lookalike.types import Region

_READERS = {
    "jpeg": ("PIL.JpegImagePlugin", "JpegImageFile"),
    "png": ("PIL.PngImagePlugin", "PngImageFile"),
    "webp": ("PIL.WebPImagePlugin", "WebPImageFile"),
    "gif": ("PIL.GifImagePlugin", "GifImageFile"),
    "bmp": ("PIL.BmpImagePlugin", "BmpImageFile"),
    "tiff": ("PIL.TiffImagePlugin", "TiffImageFile"),
    "avif": ("PIL.AvifImagePlugin", "AvifImageFile"),
    "heic": ("pi_heif.as_plugin", "HeifImageFile"),
}
"""Format → module and class that read it.

They are called directly, not through `Image.open`: that would apply Pillow's own process-wide limit on pixels in
place of ours.
"""

_DECLARES_FRAMES = {"png", "webp", "avif", "heic"}
"""Formats whose header counts the frames; in a GIF or TIFF one would have to walk through all of them to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A picture of which only the header is read."""

    image: Image.Image
    orientation: int | None = None
    """Where the container knows better than the picture's own EXIF; likewise the next two."""
    size: tuple[int, int] | None = None
    taken_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A picture in memory, as it is stored: perhaps reduced, perhaps lying on its side."""

    image: Image.Image
    orientation: int
    """1 to 8, as in EXIF."""
    reduced: int
    """One pixel of `image` stands for this many of the file in each direction."""
    cuts: Cuts
    """What to draw, in pixels of the whole upright picture."""
    width: int
    """Of the whole upright picture at full size; likewise height."""
    height: int
    taken_at: datetime | None


def load_readers() -> None:
    """Import every reader now rather than with the first picture of its format."""
    for module, _ in _READERS.values():
        import_module(module)


def open_image(data: bytes, format_: str, limits: Limits) -> Opened:
    """Read the header of a picture.

    Raises:
        TooLarge: it declares more frames or pixels than allowed.
        Exception: whatever a broken file makes the reader raise; likewise from `load`.
    """
    if format_ == "webp":
        limits.check_size(_webp_size(data))
    module, reader = _READERS[format_]
    image: Image.Image = getattr(import_module(module), reader)(BytesIO(data))
    limits.check_size(image.size)
    if format_ in _DECLARES_FRAMES:
        limits.check_frames(getattr(image, "n_frames", 1))
    return Opened(image=image)


def load(opened: Opened, fit: Fit, region: Region | None, limits: Limits) -> Loaded:
    """Decode a picture: a JPEG at the smallest scale that serves `fit`, unless `fit.whole`; all others whole.

    Raises:
        TooLarge: it turns out to have more pixels than its header says, and more than allowed.
    """
    image, full, reduced = opened.image, opened.image.size, 1
    if image.format == "JPEG" and not fit.whole:
        turn = opened.orientation or read_exif(image).orientation or 1
        reduced = _draft(image, plan_cuts(*upright_size(full, turn), fit, region).finest)
    image.load()
    if reduced == 1 and image.size != full:
        full = image.size
        limits.check_size(full)
    # Only now, because a PNG may carry EXIF behind its pixels, and because Pillow turns a TIFF upright itself.
    exif = read_exif(image)
    orientation = opened.orientation or exif.orientation or 1
    width, height = upright_size(full, orientation)
    return Loaded(
        image=image,
        orientation=orientation,
        reduced=reduced,
        cuts=plan_cuts(width, height, fit, region),
        width=opened.size[0] if opened.size else width,
        height=opened.size[1] if opened.size else height,
        taken_at=exif.taken_at or opened.taken_at,
    )


def _webp_size(data: bytes) -> tuple[int, int]:
    """Read the declared size, because the reader makes room for two such pictures before it tells.

    Source: https://developers.google.com/speed/webp/docs/riff_container, RFC 6386 section 9.1.
    """
    chunk, body = data[12:16], data[20:30].ljust(10, b"\0")
    if chunk == b"VP8X":
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if chunk == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF


def _draft(image: Image.Image, cut: Cut) -> int:
    """Have a JPEG decoded at 1/8, 1/4 or 1/2 of its size where that is enough; returns 8, 4, 2 or 1."""
    enough = cut.shrink if cut.filter == "fast" else cut.shrink / 2  # so that the filter asked for has the last word
    reduced = next(step for step in (8, 4, 2, 1) if step <= max(enough, 1.0))
    image.draft(None, (max(1, image.width // reduced), max(1, image.height // reduced)))
    return reduced
