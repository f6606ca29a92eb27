"""Where does a first gallery come from? Photos that scikit-image carries, and edited copies made on the spot."""

import itertools
import os
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps
from platformdirs import user_data_path

from lookalike.config import Settings
from lookalike.encoders import Encoder
from lookalike.errors import GalleryError, MissingExtra
from lookalike.library import Lookalike
from lookalike.search.spaces import check_space

_PHOTOS = {
    "astronaut": "astronaut.png",
    "brick": "brick.png",
    "cameraman": "camera.png",
    "cat": "chelsea.png",
    "cells": "cell.png",
    "coffee": "coffee.png",
    "coins": "coins.png",
    "galaxies": "hubble_deep_field.jpg",
    "grass": "grass.png",
    "gravel": "gravel.png",
    "moon": "moon.png",
    "motorcycle-left": "motorcycle_left.png",
    "motorcycle-right": "motorcycle_right.png",
    "page": "page.png",
    "retina": "retina.jpg",
    "rocket": "rocket.jpg",
    "tissue": "ihc.png",
    "text": "text.png",
}
"""Our name → scikit-image's."""
_EDITED = ("astronaut", "cameraman", "cat", "coffee", "coins", "galaxies", "motorcycle-left", "rocket", "tissue")
_COLLAGES = (("astronaut", "cat", "coffee", "rocket"), ("coins", "moon", "retina", "motorcycle-right"))
_QUALITY = 88


def demo_folder() -> Path:
    """Say where the demo lives: in the user-data folder, beside the default gallery."""
    return user_data_path("lookalike", appauthor=False) / "demo"


def demo_gallery() -> Path:
    """Say where the demo's gallery lies."""
    return demo_folder() / "demo.gallery"


def put_outdated_aside(gallery: Path, encoder: str | Encoder = "", settings: Settings | None = None) -> Path | None:
    """Make way for a new gallery where this Lookalike cannot search an older demo's; gives where that one now lies.

    It is made anew in seconds, and what somebody put into it besides is not lost. None where nothing was in the way.
    `encoder` and `settings` are those of `Lookalike`.
    """
    if not gallery.exists():
        return None
    try:
        with Lookalike(gallery, encoder, settings=settings, create=False) as library:
            check_space(library.gallery, library.encoder)
    except GalleryError:
        return _renamed(gallery)
    return None


def _renamed(gallery: Path) -> Path:
    """Rename a gallery and all that belongs to it."""
    numbers = (f"demo-{number}" for number in itertools.count(1))
    aside = next(name for name in numbers if not list(gallery.parent.glob(f"{name}.gallery*")))
    for path in sorted(gallery.parent.glob(f"{gallery.name}*")):
        path.rename(path.with_name(path.name.replace(gallery.stem, aside, 1)))
    return gallery.with_stem(aside)


def make_demo_pictures(folder: Path) -> Path:
    """Put the demo pictures that are not there yet into a folder, and give it.

    Raises:
        MissingExtra: scikit-image is not installed.
    """
    packed = _photo_folder()
    folder.mkdir(parents=True, exist_ok=True)
    originals = {name: packed / file for name, file in _PHOTOS.items()}
    for name, original in originals.items():
        _once(folder / f"{name}{original.suffix}", partial(shutil.copyfile, original))
    for name in _EDITED:
        for suffix, edit in _EDITS.items():
            _once(folder / f"{name}-{suffix}.jpg", partial(_save_edited, edit, originals[name]))
    for names in _COLLAGES:
        _once(folder / f"collage-{'-'.join(names)}.jpg", partial(_save_collage, [originals[name] for name in names]))
    return folder


def _photo_folder() -> Path:
    """Find the pictures inside the installed package; importing it would take a second."""
    package = find_spec("skimage")
    if package is None or package.origin is None:
        raise MissingExtra(
            "The demo's photos come with scikit-image, which is not installed.",
            "Run `pip install 'lookalike[demo]'`, or index pictures of your own.",
        )
    return Path(package.origin).parent / "data"


def _once(target: Path, write: Callable[[Path], object]) -> None:
    """Write a file that is not there yet, whole or not at all."""
    if target.exists():
        return
    unfinished = target.with_name(f".{os.getpid()}-{target.name}")
    try:
        write(unfinished)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _save_edited(edit: Callable[[Image.Image], Image.Image], original: Path, target: Path) -> None:
    edit(_photo(original)).save(target, "JPEG", quality=_QUALITY)


def _save_collage(originals: Sequence[Path], target: Path) -> None:
    page = Image.new("RGB", (808, 608), "white")
    for place, original in enumerate(originals):
        page.paste(ImageOps.fit(_photo(original), (396, 296)), (4 + place % 2 * 404, 4 + place // 2 * 304))
    page.save(target, "JPEG", quality=_QUALITY)


def _photo(original: Path) -> Image.Image:
    with Image.open(original) as opened:
        return opened.convert("RGB")


def _cropped(photo: Image.Image) -> Image.Image:
    width, height = photo.size
    return photo.crop((width // 5, height // 6, width * 9 // 10, height * 5 // 6))


def _rotated(photo: Image.Image) -> Image.Image:
    return photo.rotate(8, Image.Resampling.BICUBIC, expand=True, fillcolor="white")


def _with_text(photo: Image.Image) -> Image.Image:
    captioned = photo.copy()
    font = ImageFont.load_default(max(photo.height // 9, 12))
    place = (photo.width // 2, photo.height * 11 // 12)
    ImageDraw.Draw(captioned).text(
        place, "wish you were here", "white", font, anchor="ms", stroke_width=2, stroke_fill="black"
    )
    return captioned


def _small(photo: Image.Image) -> Image.Image:
    small = photo.copy()
    small.thumbnail((140, 140))
    return small


def _screenshot(photo: Image.Image) -> Image.Image:
    """Put the picture into the window of a phone-like screen, with bars above and below."""
    width = 540
    shown = ImageOps.contain(photo, (width, 800))
    screen = Image.new("RGB", (width, 960), "#f4f4f6")
    draw = ImageDraw.Draw(screen)
    draw.rectangle((0, 0, width, 70), fill="#2b5278")
    draw.text((24, 22), "Pictures", "white", ImageFont.load_default(24))
    screen.paste(shown, ((width - shown.width) // 2, 80))
    draw.text((24, 90 + shown.height), "42 likes", "#222222", ImageFont.load_default(20))
    return screen


def _worn(photo: Image.Image) -> Image.Image:
    buffer = BytesIO()
    photo.save(buffer, "JPEG", quality=20)
    return Image.open(buffer)


_EDITS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "cropped": _cropped,
    "mirrored": ImageOps.mirror,
    "rotated": _rotated,
    "grey": lambda photo: ImageOps.grayscale(photo).convert("RGB"),
    "darker": lambda photo: ImageEnhance.Brightness(photo).enhance(0.55),
    "brighter": lambda photo: ImageEnhance.Brightness(photo).enhance(1.5),
    "text": _with_text,
    "framed": lambda photo: ImageOps.expand(photo, border=max(photo.size) // 12, fill="#5b3a29"),
    "small": _small,
    "screenshot": _screenshot,
    "quality-20": _worn,
}
"""What people do to pictures before they pass them on."""
