"""What does the captioner learn from? Pictures as the encoder sees them, several views each, and their captions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float16
from PIL import Image

from captioning.words import tokenise
from lookalike.encoders import Recogniser, load_encoder
from lookalike.types import Maps, Pixels
from wording.pictures import FLICKR_DEV, FLICKR_TRAIN, OPENSTAX, Captioned, read_captioned

See = Callable[[Sequence[Pixels]], Maps]

StoredMaps = Float16[np.ndarray, "views n cells channels"]

VIEWS = 4
"""Views of a picture to learn from: whole, mirrored, and a cut of each."""

_LARGEST, _SMALLEST, _STRETCHED = 0.95, 0.7, 1.1
"""Share of the area that a cut keeps, and how far it may change the shape."""

_BATCH = 8

WATCHED = 20
"""One picture in so many, the last by name, is kept from training: to watch it by, and to fit the confidence on."""


@dataclass(frozen=True)
class Material:
    """Maps of pictures, and what people said of them."""

    maps: StoredMaps
    captions: list[list[list[str]]]
    """Several a picture, as tokens."""

    def __len__(self) -> int:
        """Count the pictures."""
        return len(self.captions)

    def part(self, where: slice) -> "Material":
        """Give some of the pictures; their maps are not copied."""
        return Material(self.maps[:, where], self.captions[where])

    def view(self, pictures: Sequence[int] | np.ndarray, views: np.ndarray | int = 0) -> Maps:
        """Give the maps of some pictures, each in one of its views."""
        return self.maps[views, pictures].astype(np.float32)


@dataclass(frozen=True)
class Sets:
    """Pictures to learn from and to measure on; those of the last three are never learnt from."""

    learnt: Material
    watched: Material
    """Of the same kind; for the confidence."""
    strange: Material
    """Of other kinds; for the confidence."""
    known: Material
    """Of the same kind; for measuring."""
    unknown: Material
    """Of other kinds; for measuring."""


def look_at_all(data: Path, work: Path, limit: int | None) -> tuple[str, Sets]:
    """Look at all pictures through the encoder, or read what it saw; gives its name and version, too."""
    encoder = load_encoder("mini")
    if not isinstance(encoder, Recogniser):
        raise SystemExit("The encoder mini gives no maps; make it first, by training/mini.py.")
    version = next(iter(encoder.spaces)).partition("/")[0]

    def read(name: str, views: int = 1, *, held_out: bool | None = None) -> Material:
        part = name if held_out is None else f"{name}-{'held-out' if held_out else 'learnt'}"
        return read_material(
            data / f"{name}.tar",
            lambda images: encoder.see(images).maps,
            work / f"{version.replace('@', '-')}-{part}.npy",
            views=views,
            limit=limit,
            held_out=held_out,
        )

    flickr = read(FLICKR_TRAIN, VIEWS)
    learnt = len(flickr) - len(flickr) // WATCHED
    return version, Sets(
        learnt=flickr.part(slice(0, learnt)),
        watched=flickr.part(slice(learnt, None)),
        strange=read(OPENSTAX, held_out=False),
        known=read(FLICKR_DEV),
        unknown=read(OPENSTAX, held_out=True),
    )


def read_material(
    tar: Path, see: See, cache: Path, *, views: int = 1, limit: int | None = None, held_out: bool | None = None
) -> Material:
    """Read the captioned pictures of a tar and look at them, unless `cache` holds what an earlier run saw.

    With `held_out`, take only those that are, or are not, kept from learning.
    """
    pictures = [one for one in read_captioned(tar, limit) if held_out is None or one.held_out == held_out]
    if not cache.exists():
        seen = np.stack([_look(see, pictures, view) for view in range(views)])
        cache.parent.mkdir(parents=True, exist_ok=True)
        unfinished = cache.with_suffix(".part.npy")
        np.save(unfinished, seen)
        unfinished.replace(cache)
    maps = np.load(cache, mmap_mode="r")
    if maps.shape[:2] != (views, len(pictures)):
        there = f"{maps.shape[0]} views of {maps.shape[1]} pictures"
        raise SystemExit(f"{cache} holds {there}, not {views} of {len(pictures)}: give another --work.")
    return Material(
        maps,
        [[tokenise(text) for text in one.captions.get("en", [])] for one in pictures],
    )


def _look(see: See, pictures: Sequence[Captioned], view: int) -> Float16[np.ndarray, "n cells channels"]:
    batches = [
        see([_view(one.pixels, view, (view, start + i)) for i, one in enumerate(pictures[start : start + _BATCH])])
        for start in range(0, len(pictures), _BATCH)
    ]
    return np.concatenate(batches).astype(np.float16)


def _view(pixels: Pixels, view: int, seed: tuple[int, int]) -> Pixels:
    """Give the whole picture or a random part of it, squashed to the same size, mirrored where the view is odd."""
    shown = pixels if view < 2 else _cut(pixels, np.random.default_rng(seed))
    return np.ascontiguousarray(shown[:, ::-1] if view % 2 else shown)


def _cut(pixels: Pixels, random: np.random.Generator) -> Pixels:
    height, width = pixels.shape[:2]
    side, stretch = random.uniform(_SMALLEST, _LARGEST) ** 0.5, random.uniform(1 / _STRETCHED, _STRETCHED) ** 0.5
    tall, wide = min(height, round(height * side * stretch)), min(width, round(width * side / stretch))
    top, left = random.integers(0, height - tall + 1), random.integers(0, width - wide + 1)
    part = Image.fromarray(pixels[top : top + tall, left : left + wide])
    return np.asarray(part.resize((width, height), Image.Resampling.BILINEAR))
