"""Which part of a picture goes to which size? Arithmetic on sizes, done before anything is decoded."""

from dataclasses import dataclass
from math import ceil, floor
from typing import Literal

from lookalike.errors import BadInput
from lookalike.types import Region

Filter = Literal["fast", "nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"]
"""How pixels are resampled; `fast` takes what is quickest without a loss to the eye, the others are Pillow's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How to cut a picture to size: `squash` ignores its shape, `crop` keeps the centre, `inside` keeps all of it.

    `crop` scales the shorter side to `size / margin` and cuts the centre; `inside` never enlarges.
    """

    size: int
    """Side of the square, or longest side for `inside`, in pixels."""
    mode: Literal["squash", "crop", "inside"] = "inside"
    margin: float = 1.0
    """Share of the shorter side that `crop` keeps: 224/256 = 0.875 for the usual classifier."""
    grey: int = 0
    """Longest side of a second picture, all of it in shades of grey and never enlarged; 0 for none."""
    filter: Filter = "fast"
    rounding: Literal["none", "down", "even"] = "none"
    """Where `crop` cuts: in the very middle, or at whole pixels of the scaled picture, halves going down or to even."""
    whole: bool = False
    """Whether a JPEG is decoded at full size, however small it is drawn, so that its hash is of every pixel."""

    def __post_init__(self) -> None:
        """Refuse what could not be drawn."""
        if not 1 <= self.size <= 32_767:
            raise BadInput(f"A picture cannot be fitted to {self.size} pixels.", "Choose 1 to 32767.")
        if not 0 <= self.grey <= 32_767:
            raise BadInput(f"A grey picture cannot be fitted to {self.grey} pixels.", "Choose 0 to 32767.")
        if not 0.0 < self.margin <= 1.0:
            raise BadInput(f"A margin of {self.margin} is no share of a side.", "Choose above 0, up to 1.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A part of a picture, and the size to draw it at."""

    left: float
    top: float
    right: float
    bottom: float
    width: int
    height: int
    filter: Filter = "fast"
    bounds: tuple[float, float, float, float]
    """Left, top, right and bottom of what a filter may look at, beyond the cut's own border."""

    @property
    def shrink(self) -> float:
        """How many pixels of the picture fall on one drawn pixel, along the axis where they are fewest."""
        return min((self.right - self.left) / self.width, (self.bottom - self.top) / self.height)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuts:
    """What to draw of one picture."""

    colour: Cut
    grey: Cut | None

    @property
    def finest(self) -> Cut:
        """The cut that needs the picture at the largest scale; it may cover less than the other."""
        return self.colour if self.grey is None else min(self.colour, self.grey, key=lambda cut: cut.shrink)

    @property
    def widest(self) -> Cut:
        """The cut that covers the other."""
        return self.grey or self.colour


def plan_cuts(width: int, height: int, fit: Fit, region: Region | None) -> Cuts:
    """Plan both cuts of an upright picture of that size; raises as `plan_cut` says."""
    grey = plan_cut(width, height, Fit(size=fit.grey, mode="inside"), region) if fit.grey else None
    return Cuts(colour=plan_cut(width, height, fit, region), grey=grey)


def plan_cut(width: int, height: int, fit: Fit, region: Region | None) -> Cut:
    """Plan how the region (all of it, if None) of an upright picture of that size is cut to fit.

    Raises:
        BadInput: no part of the region lies within the picture.
    """
    left, top, right, bottom = bounds = _whole_pixels(width, height, region)
    across, down = right - left, bottom - top
    if fit.mode == "inside":
        scale = min(1.0, fit.size / max(across, down))
        drawn = max(1, round(across * scale)), max(1, round(down * scale))
    else:
        drawn = fit.size, fit.size
    if fit.mode == "crop":
        x, wide, y, high = _centre(across, down, fit)
        left, top = left + x, top + y
        right, bottom = left + wide, top + high
    return Cut(
        left=left,
        top=top,
        right=right,
        bottom=bottom,
        width=drawn[0],
        height=drawn[1],
        filter=fit.filter,
        bounds=bounds,
    )


def _centre(across: float, down: float, fit: Fit) -> tuple[float, float, float, float]:
    """Give left and width, top and height of what `crop` keeps of a picture of that size.

    Source: torchvision.transforms.functional, `resize` and `center_crop` (whose round() goes to even);
    transformers.image_transforms, `center_crop` (which rounds down).
    """
    if fit.rounding == "none":
        side = min(across, down) * fit.margin
        return (across - side) / 2, side, (down - side) / 2, side
    shorter, found = round(fit.size / fit.margin), []
    for length in (across, down):
        scaled = int(shorter * length / min(across, down))
        spare = scaled - fit.size
        before = spare // 2 if fit.rounding == "down" else round(spare / 2)
        found += [before * length / scaled, fit.size * length / scaled]
    return found[0], found[1], found[2], found[3]


def check_region(region: Region | None) -> None:
    """Refuse a region that covers no part of any picture; what reaches beyond the edges is cut there.

    Raises:
        BadInput: it lies outside, has no size, or is not made of numbers.
    """
    if region is None:
        return
    x, y = max(region.x, 0.0), max(region.y, 0.0)
    right, bottom = min(region.x + region.width, 1.0), min(region.y + region.height, 1.0)
    if not (x < right and y < bottom):  # also where one of them is NaN
        raise BadInput(
            f"The region {region.x:g},{region.y:g},{region.width:g},{region.height:g} holds no part of the picture.",
            "Give x, y, width and height as fractions between 0 and 1.",
        )


def _whole_pixels(width: int, height: int, region: Region | None) -> tuple[float, float, float, float]:
    """Give left, top, right and bottom of all the pixels that the region touches."""
    if region is None:
        return 0.0, 0.0, float(width), float(height)
    check_region(region)
    left = min(floor(max(region.x, 0.0) * width), width - 1)
    top = min(floor(max(region.y, 0.0) * height), height - 1)
    right = ceil(min(region.x + region.width, 1.0) * width)
    bottom = ceil(min(region.y + region.height, 1.0) * height)
    return float(left), float(top), float(max(right, left + 1)), float(max(bottom, top + 1))
