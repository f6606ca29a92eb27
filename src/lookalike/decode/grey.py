"""How does grey of more than 8 bits become 8 bits? Scaled, never clipped."""

from dataclasses import dataclass

import numpy as np
from PIL import Image


@dataclass(frozen=True, slots=True)
class GreyRange:
    """What the values of a deep grey picture mean."""

    black: float
    white: float
    is_negative: bool
    """Whether the lowest value is white."""
    clear: int | None
    """The value that stands for "transparent"."""


def measure_grey(image: Image.Image) -> GreyRange:
    """Find the range of a picture's values: from 0 to the first customary maximum that holds them all.

    Scanners, cameras and microscopes store 8, 10 or 12 bits as 16, which would be next to black; floating point is
    from 0 to 1 unless it exceeds it. Values that no such range holds are stretched from the lowest to the highest.
    """
    low, high = _extremes(image)
    tops = [top for top in (1.0, 255.0, 1_023.0, 4_095.0, 65_535.0) if top > 1.0 or image.mode == "F"]
    white = next((top for top in tops if low >= 0.0 and high <= top), None)
    clear = image.info.get("transparency")
    return GreyRange(
        black=low if white is None else 0.0,
        white=high if white is None else white,
        is_negative=getattr(image, "tag_v2", {}).get(262) == 0,  # TIFF 6.0, PhotometricInterpretation: WhiteIsZero
        clear=clear if isinstance(clear, int) else None,
    )


def flatten_grey(grey: GreyRange, strip: Image.Image) -> Image.Image:
    """Make a strip of the picture RGB; what is no number is black."""
    values = np.nan_to_num(np.asarray(strip, np.float64), nan=grey.black, posinf=grey.white, neginf=grey.black)
    share = np.clip((values - grey.black) / (grey.white - grey.black or 1.0), 0.0, 1.0)
    levels = np.rint((1.0 - share if grey.is_negative else share) * 255.0).astype(np.uint8)
    if grey.clear is not None:
        levels[values == grey.clear] = 255
    return Image.fromarray(levels).convert("RGB")


def _extremes(image: Image.Image) -> tuple[float, float]:
    """Find the lowest and highest number, in strips, so that a large picture is not copied whole."""
    rows = max(1, 1_000_000 // image.width)
    low, high = np.inf, -np.inf
    for top in range(0, image.height, rows):
        strip = np.asarray(image.crop((0, top, image.width, min(top + rows, image.height))))
        values = strip[np.isfinite(strip)]
        if values.size:
            low, high = min(low, float(values.min())), max(high, float(values.max()))
    return (low, high) if low <= high else (0.0, 1.0)
