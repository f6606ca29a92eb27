"""Which pictures are indexed and asked with, at which sizes? Real photos, where there are some, scaled; else drawn."""

import io
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image

from lookalike.testing import draw_picture
from real_photos import read_photos, tar_of

SIZES = {"500-px JPEG": 500 * 375, "12-MP JPEG": 4000 * 3000}
QUERIED = 20
"""Photos that are left for queries: the first, which no gallery may hold."""
_BASES = 120
_PHOTOS = "openstax-photos"


def write_pictures(folder: Path, count: int, megapixels: Sequence[float]) -> list[Path]:
    """Write `count` JPEGs whose sizes are spread evenly on a logarithmic scale.

    Each base picture is written several times with a comment segment of its own: other bytes, so that nothing is
    recognised and skipped, and the same work.
    """
    folder.mkdir()
    bases = min(_BASES, count)
    sizes = np.geomspace(*megapixels, bases) * 1e6
    paths: list[Path] = []
    for number, (photo, pixels) in enumerate(zip(photos(bases), sizes, strict=True)):
        data = enlarged(photo, int(pixels))
        for copy in range(number, count, bases):
            paths.append(folder / f"{copy:06}.jpg")
            paths[-1].write_bytes(with_comment(data, str(copy)))
    return sorted(paths)


def photos(count: int) -> Iterator[Image.Image]:
    """Give `count` pictures, or all that there are."""
    if not tar_of(_PHOTOS):
        yield from (Image.fromarray(draw_picture(seed, (640, 480))) for seed in range(count))
        return
    for photo in islice(read_photos(_PHOTOS), count):
        yield Image.open(io.BytesIO(photo.data)).convert("RGB")


def enlarged(photo: Image.Image, pixels: int) -> bytes:
    """Scale a photo to a number of pixels, and give it the noise of a camera so that it does not decode too easily."""
    scale = (pixels / (photo.width * photo.height)) ** 0.5
    large = photo.resize(
        (max(1, round(photo.width * scale)), max(1, round(photo.height * scale))), Image.Resampling.BICUBIC
    )
    noise = np.random.default_rng(pixels).normal(0, 4, (large.height, large.width, 1))
    noisy = Image.fromarray(np.clip(np.asarray(large) + noise, 0, 255).astype(np.uint8))
    buffer = io.BytesIO()
    noisy.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def with_comment(jpeg: bytes, text: str) -> bytes:
    """Put a comment segment behind the start marker of a JPEG."""
    body = text.encode()
    return jpeg[:2] + b"\xff\xfe" + (len(body) + 2).to_bytes(2, "big") + body + jpeg[2:]


def same_sized(count: int, pixels: int) -> Iterator[bytes]:
    """Give JPEGs of one size to ask with, of the photos that are left for that, each of other bytes."""
    base = [enlarged(photo, pixels) for photo in photos(min(count, QUERIED))]
    for n in range(count):
        yield base[n % len(base)] + n.to_bytes(4)
