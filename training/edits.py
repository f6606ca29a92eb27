"""What do people do to pictures before they are found again? Edits whose originals a gallery should return."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

from lookalike.types import Pixels
from pictures import Picture

Edit = Callable[[Image.Image, np.random.Generator], Image.Image]


@dataclass(frozen=True)
class EditedCopy:
    """A changed picture, and where its original stands in the list it was made from."""

    edit: str
    original: int
    pixels: Pixels


def _jpeg(image: Image.Image, _: np.random.Generator) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=20)
    return Image.open(buffer).convert("RGB")


def _half(image: Image.Image, _: np.random.Generator) -> Image.Image:
    return image.resize((max(1, image.width // 2), max(1, image.height // 2)), Image.Resampling.BICUBIC)


def _crop(share: float) -> Edit:
    """Keep a share of the area, of the same shape, anywhere."""

    def edit(image: Image.Image, rng: np.random.Generator) -> Image.Image:
        width, height = round(image.width * share**0.5), round(image.height * share**0.5)
        left, top = int(rng.integers(image.width - width + 1)), int(rng.integers(image.height - height + 1))
        return image.crop((left, top, left + width, top + height))

    return edit


def _one_half(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Keep one end of the longer side, so that the shape changes too."""
    width, height = image.size
    if width >= height:
        left = int(rng.choice((0, width // 2)))
        return image.crop((left, 0, left + width // 2, height))
    top = int(rng.choice((0, height // 2)))
    return image.crop((0, top, width, top + height // 2))


EDITS: dict[str, Edit] = {
    "JPEG quality 20": _jpeg,
    "half size": _half,
    "crop to 80 %": _crop(0.8),
    "crop to 50 %": _crop(0.5),
    "crop to 30 %": _crop(0.3),
    "one half": _one_half,
    "centre square": lambda image, _: ImageOps.fit(image, (min(image.size),) * 2),
    "stretched by a third": lambda image, _: image.resize((image.width * 4 // 3, image.height)),
    "white border": lambda image, _: ImageOps.expand(image, border=max(image.size) * 3 // 20, fill="white"),
    "black bars": lambda image, _: ImageOps.pad(image, (max(image.size),) * 2, color="black"),
    "half brightness": lambda image, _: ImageEnhance.Brightness(image).enhance(0.5),
    "grey": lambda image, _: image.convert("L").convert("RGB"),
    "mirrored": lambda image, _: ImageOps.mirror(image),
    "turned by 10°": lambda image, _: image.rotate(10),
}


def edited_copies(pictures: list[Picture], originals: int) -> Iterator[EditedCopy]:
    """Make every edit of a sample of the pictures; the same each time."""
    rng = np.random.default_rng(0)
    for index in rng.permutation(len(pictures))[:originals].tolist():
        image = Image.fromarray(pictures[index].pixels)
        for name, edit in EDITS.items():
            yield EditedCopy(edit=name, original=index, pixels=np.array(edit(image, rng)))
