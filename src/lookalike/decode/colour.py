"""How do a picture's own colours become sRGB? Flat 8-bit pixels first, the colour profile once it is small."""

from collections.abc import Callable
from functools import lru_cache, partial
from io import BytesIO

import numpy as np
from PIL import Image, ImageChops, ImageCms

from lookalike.decode.grey import flatten_grey, measure_grey

_MAX_PROFILE_BYTES = 8_000_000
"""The largest press profiles have 3 MB; beyond this it is no profile but a burden."""

_PROFILE_SPACES = {"RGB": "RGB ", "L": "GRAY", "CMYK": "CMYK"}
"""Pillow's mode → the colour space that a profile for it declares. Source: ICC.1:2022, table 19."""


Flatten = Callable[[Image.Image], Image.Image]
"""Makes a strip of a picture flat."""


def flattener(image: Image.Image) -> Flatten:
    """Give the function that makes strips of a picture flat, as it was loaded: `RGB`, or `CMYK` or `LAB` as they are.

    Alpha goes over white; grey of more than 8 bits is scaled by the range of values of the whole picture.
    """
    if image.mode in {"I", "F"} or image.mode.startswith("I;16"):
        return partial(flatten_grey, measure_grey(image))
    if image.mode == "CMYK" and image.format == "JPEG" and "adobe" not in image.info:
        return ImageChops.invert  # Pillow takes for granted that a JPEG's inks are inverted; only Adobe's are
    if image.mode in {"CMYK", "LAB"} or (image.mode == "RGB" and "transparency" not in image.info):
        return _as_it_is
    if image.mode in {"LA", "La", "PA", "RGBA", "RGBa"} or "transparency" in image.info:
        return _over_white
    return partial(Image.Image.convert, mode="RGB")


def to_srgb(image: Image.Image, transform: ImageCms.ImageCmsTransform | None) -> Image.Image:
    """Convert a flat picture to sRGB, by its profile's transform if it has one."""
    if transform is None:
        return image if image.mode == "RGB" else image.convert("RGB")
    return transform.apply(image if image.mode == transform.input_mode else image.getchannel("R"))


def find_transform(flat: Image.Image, profile: object) -> ImageCms.ImageCmsTransform | None:
    """Find the way from a flat picture and its embedded profile to sRGB.

    None where there is nothing to do, or nothing that can be done: no profile, that of sRGB itself, a broken one,
    or one for other colours.
    """
    if flat.mode == "LAB":
        return _lab_transform()
    if not isinstance(profile, bytes) or not 0 < len(profile) <= _MAX_PROFILE_BYTES:
        return None
    transform = _profile_transform(profile, flat.mode)
    is_for_grey = transform is not None and transform.input_mode != flat.mode
    return None if is_for_grey and _has_colours(flat) else transform


@lru_cache(maxsize=8)
def _profile_transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if mode == "RGB" and source.profile.xcolor_space == "GRAY":
            mode = "L"  # a grey picture was made RGB when it was flattened, or already when it was loaded
        if source.profile.xcolor_space != _PROFILE_SPACES[mode]:
            return None
        transform = ImageCms.buildTransform(source, _srgb(), mode, "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC)
        return None if mode == "RGB" and _changes_nothing(transform) else transform
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _has_colours(flat: Image.Image) -> bool:
    red, green, blue = flat.split()
    return any(ImageChops.difference(red, other).getbbox() for other in (green, blue))


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Tell sRGB under any of its many names: no colour moves by more than rounding."""
    levels = np.linspace(0, 255, 8).astype(np.uint8)
    cube = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(8, 64, 3)
    moved = np.asarray(transform.apply(Image.fromarray(cube))).astype(np.int16) - cube
    return bool(np.abs(moved).max() <= 3)


@lru_cache(maxsize=1)
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


@lru_cache(maxsize=1)
def _lab_transform() -> ImageCms.ImageCmsTransform:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    return ImageCms.buildTransform(lab, _srgb(), "LAB", "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC)


def _as_it_is(strip: Image.Image) -> Image.Image:
    return strip


def transparency(strip: Image.Image) -> bytes:
    """Give how opaque each pixel is, from 0 to 255; nothing where all are."""
    if not strip.has_transparency_data:
        return b""
    alpha = (
        (strip.convert(strip.mode.upper()) if strip.mode in {"La", "RGBa"} else strip).convert("RGBA").getchannel("A")
    )
    return b"" if alpha.getextrema() == (255, 255) else alpha.tobytes()


def _over_white(strip: Image.Image) -> Image.Image:
    if strip.mode in {"La", "RGBa"}:
        strip = strip.convert(strip.mode.upper())
    strip = strip.convert("RGBA")
    alpha = strip.getchannel("A")
    flat = strip.convert("RGB")
    if alpha.getextrema() == (255, 255):
        return flat
    white = Image.new("RGB", strip.size, "white")
    white.paste(flat, mask=alpha)
    return white
