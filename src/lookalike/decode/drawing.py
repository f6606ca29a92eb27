"""How does a loaded picture become what an encoder takes? Upright, flat, hashed, cut to size, and at last in sRGB."""

from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from PIL import Image
from PIL.Image import Resampling
from xxhash import xxh3_128

from lookalike.decode.colour import Flatten, find_transform, flattener, to_srgb, transparency
from lookalike.decode.exif import UPRIGHT
from lookalike.decode.fit import Cut, Cuts
from lookalike.decode.opening import Loaded
from lookalike.types import Grey, Pixels

_STRIP_PIXELS = 1 << 20
"""Large pictures pass in strips of this many pixels, so that no second copy of the whole is made."""

_OVERSAMPLING = 2.0
"""How far averaging whole blocks may go before the slower filter takes over.

Source: https://pillow.readthedocs.io/en/stable/reference/Image.html, Image.resize, reducing_gap: "2.0 fair, 3.0 close".
"""

_REACH = {"nearest": 0, "box": 0.5, "bilinear": 1, "hamming": 1, "bicubic": 2, "lanczos": 3}
"""How many drawn pixels away a filter looks. Source: Pillow, src/libImaging/Resample.c, `support`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A picture cut to size."""

    pixels: Pixels
    grey: Grey | None
    pixel_hash: str
    """Of the whole picture before the cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """How a picture in memory is drawn: blocks of pixels are averaged, and a window of them is kept to be resampled."""

    block: int
    """Pixels in memory that are averaged into one, in each direction."""
    scale: int
    """Pixels of the file that one averaged pixel stands for, in each direction."""
    window: tuple[int, int, int, int]
    """Left, top, right and bottom of the averaged pixels that the cuts touch."""


def draw(loaded: Loaded) -> Drawn:
    """Draw a picture as its cuts say."""
    image, flatten = loaded.image, flattener(loaded.image)  # what was turned knows no format any more
    if loaded.orientation in UPRIGHT:
        image = image.transpose(UPRIGHT[loaded.orientation])
    plan = _plan(loaded.cuts, image.size, loaded.reduced)
    digest = xxh3_128(b"%dx%d" % image.size)
    flat = _flatten(image, flatten, plan, digest)
    transform = find_transform(flat, image.info.get("icc_profile"))
    if transform is not None and flat.mode != "LAB":
        digest.update(image.info["icc_profile"])
    pixels = np.array(to_srgb(_resample(flat, loaded.cuts.colour, plan), transform))
    grey = None
    if loaded.cuts.grey is not None:
        grey = np.array(to_srgb(_resample(flat, loaded.cuts.grey, plan), transform).convert("L"))
    return Drawn(pixels=pixels, grey=grey, pixel_hash=digest.hexdigest())


def cut_pixels(pixels: Pixels, cut: Cut) -> Pixels:
    """Draw the cut from pixels that are upright and in sRGB already, as `draw` does."""
    image = Image.fromarray(pixels)
    plan = _plan(Cuts(colour=cut, grey=None), image.size, 1)
    return np.array(_resample(_averaged(image, plan.block).crop(plan.window), cut, plan))


def _plan(cuts: Cuts, size: tuple[int, int], reduced: int) -> _Plan:
    """Plan for a picture of that size in memory, of which one pixel stands for reduced × reduced of the file."""
    cut, block = cuts.widest, max(1, int(cuts.finest.shrink / reduced / _OVERSAMPLING))
    scale = reduced * block
    left, top, right, bottom = _looked_at(cut)
    window = (
        floor(left / scale),
        floor(top / scale),
        min(ceil(right / scale), ceil(size[0] / block)),
        min(ceil(bottom / scale), ceil(size[1] / block)),
    )
    return _Plan(block=block, scale=scale, window=window)


def _looked_at(cut: Cut) -> tuple[float, float, float, float]:
    """Give the cut with as much around it as its filter looks at, as if the whole had been scaled before it was cut."""
    reach = _REACH.get(cut.filter, 0)
    x = reach * max(1.0, (cut.right - cut.left) / cut.width)
    y = reach * max(1.0, (cut.bottom - cut.top) / cut.height)
    left, top, right, bottom = cut.bounds
    return (
        max(cut.left - x, left),
        max(cut.top - y, top),
        min(cut.right + x, right),
        min(cut.bottom + y, bottom),
    )


def _flatten(image: Image.Image, flatten: Flatten, plan: _Plan, digest: xxh3_128) -> Image.Image:
    """Make a picture flat, strip by strip, and add its pixels to the digest; give the averaged pixels of the window."""
    rows = max(1, _STRIP_PIXELS // (image.width * plan.block)) * plan.block
    if rows >= image.height:
        flat = flatten(image)
        digest.update(flat.tobytes())
        digest.update(transparency(image))  # over white, two pictures may look alike
        return _averaged(flat, plan.block).crop(plan.window)
    left, top, right, bottom = plan.window
    kept = Image.new(image.mode if image.mode in {"CMYK", "LAB"} else "RGB", (right - left, bottom - top))
    for y in range(0, image.height, rows):
        strip = image.crop((0, y, image.width, min(y + rows, image.height)))
        flat = flatten(strip)
        digest.update(flat.tobytes())
        digest.update(transparency(strip))
        kept.paste(_averaged(flat, plan.block), (-left, y // plan.block - top))
    return kept


def _averaged(flat: Image.Image, block: int) -> Image.Image:
    return flat.reduce(block) if block > 1 else flat


def _resample(kept: Image.Image, cut: Cut, plan: _Plan) -> Image.Image:
    """Draw the cut from the window; what lies outside of it plays no part."""
    scale, (x, y, _, _) = plan.scale, plan.window
    box = (
        cut.left / scale - x,
        cut.top / scale - y,
        min(cut.right / scale - x, kept.width),
        min(cut.bottom / scale - y, kept.height),
    )
    # Hamming is as good as bicubic for making smaller, at half the time, but no good for making larger.
    # Source: https://pillow.readthedocs.io/en/stable/handbook/concepts.html#filters-comparison-table
    best = Resampling.HAMMING if cut.shrink >= scale else Resampling.BICUBIC
    if cut.filter == "fast":
        return kept.resize((cut.width, cut.height), best, box=box)
    # Pillow begins with the axis that spares it most, which cutting changes; other libraries scale first, and then cut.
    filter_, whole = Resampling[cut.filter.upper()], (0, 0, kept.width, kept.height)
    if box == whole:
        return kept.resize((cut.width, cut.height), filter_)
    across = kept.resize((cut.width, kept.height), filter_, box=(box[0], 0, box[2], kept.height))
    return across.resize((cut.width, cut.height), filter_, box=(0, box[1], cut.width, box[3]))
