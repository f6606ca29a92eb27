"""Where do pictures turn up inside others? Collages, pictures in pictures, overlays, screenshots."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

from copying.edits import random_colour, random_edits, random_words

CANVAS = 448
"""Longest side of what is made, in pixels."""


@dataclass(frozen=True)
class View:
    """An edited picture, and the pictures that are still to be seen in it."""

    image: Image.Image
    sources: tuple[int, ...]


def random_view(pictures: Sequence[Image.Image], source: int, rng: np.random.Generator) -> View:
    """Make an edited copy of one of the pictures; the others may be drawn into it."""
    image = random_edits(pictures[source], rng, int(rng.choice([0, 1, 2], p=[0.3, 0.4, 0.3])))
    view = View(image, (source,))
    kind = rng.random()
    if kind < 0.16:
        view = _picture_in_picture(view, pictures, rng)
    elif kind < 0.30:
        view = _collage(view, pictures, rng)
    elif kind < 0.44:
        view = View(_screenshot(view.image, rng), view.sources)
    elif kind < 0.52:
        view = View(_overlay(view.image, pictures, rng), view.sources)
    edited = random_edits(view.image, rng, int(rng.choice([0, 1, 2], p=[0.4, 0.45, 0.15])))
    edited.thumbnail((CANVAS, CANVAS))
    return View(edited, view.sources)


def _other(pictures: Sequence[Image.Image], view: View, rng: np.random.Generator) -> int:
    return int(rng.choice(np.setdiff1d(rng.integers(0, len(pictures), 9), view.sources)))


def _picture_in_picture(view: View, pictures: Sequence[Image.Image], rng: np.random.Generator) -> View:
    """Set the picture, small, into another one or onto plain ground."""
    width, height = int(rng.integers(256, CANVAS + 1)), int(rng.integers(256, CANVAS + 1))
    if rng.random() < 0.15:
        ground, sources = Image.new("RGB", (width, height), random_colour(rng)), view.sources
    else:
        other = _other(pictures, view, rng)
        ground, sources = ImageOps.fit(pictures[other], (width, height)), (*view.sources, other)
    share = float(np.exp(rng.uniform(np.log(0.1), np.log(0.6))))
    scale = (share * width * height / (view.image.width * view.image.height)) ** 0.5
    small = view.image.resize(
        (min(width, max(16, int(view.image.width * scale))), min(height, max(16, int(view.image.height * scale))))
    )
    place = (int(rng.integers(width - small.width + 1)), int(rng.integers(height - small.height + 1)))
    ground.paste(small, place)
    return View(ground, sources if share < 0.4 else view.sources)


def _collage(view: View, pictures: Sequence[Image.Image], rng: np.random.Generator) -> View:
    """Set the picture beside one to five others on a grid."""
    columns, rows = ((2, 1), (1, 2), (2, 2), (2, 2), (3, 1), (3, 2))[int(rng.integers(6))]
    cell = (CANVAS // columns, int(CANVAS / rows * rng.uniform(0.6, 1)))
    gap = int(rng.choice([0, 0, 4, 12]))
    canvas = Image.new("RGB", (cell[0] * columns, cell[1] * rows), random_colour(rng))
    others = [_other(pictures, view, rng) for _ in range(columns * rows - 1)]
    images = [view.image, *(pictures[other] for other in others)]
    for place, index in enumerate(rng.permutation(len(images)).tolist()):
        inner = (cell[0] - gap, cell[1] - gap)
        small = ImageOps.fit(images[index], inner) if rng.random() < 0.7 else images[index].resize(inner)
        canvas.paste(small, (place % columns * cell[0] + gap // 2, place // columns * cell[1] + gap // 2))
    return View(canvas, (*view.sources, *others))


def _screenshot(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Show the picture in a window among bars, buttons and lines of text, as phones and browsers do."""
    phone = rng.random() < 0.5
    width, height = (int(rng.integers(200, 260)), CANVAS) if phone else (CANVAS, int(rng.integers(260, 400)))
    paper = (18, 18, 18) if rng.random() < 0.3 else (255, 255, 255)
    ink = tuple(abs(level - int(rng.integers(60, 255))) for level in paper)
    canvas = Image.new("RGB", (width, height), paper)
    draw = ImageDraw.Draw(canvas)
    draw.rectangle((0, 0, width, int(rng.integers(10, 50))), random_colour(rng))
    if rng.random() < 0.5:
        draw.rectangle((0, height - int(rng.integers(15, 50)), width, height), random_colour(rng))
    for _ in range(int(rng.integers(3, 14))):
        x, y = int(rng.integers(width)), int(rng.integers(height))
        if rng.random() < 0.6:
            draw.text(
                (min(x, width // 2), y), random_words(rng, 6), ink, ImageFont.load_default(int(rng.integers(7, 16)))
            )
        else:
            side = int(rng.integers(8, 40))
            draw.rounded_rectangle((x, y, x + side * int(rng.integers(1, 4)), y + side), side // 4, random_colour(rng))
    share = rng.uniform(0.4, 1.0)
    scale = min(width / image.width, height * 0.85 / image.height) * share
    small = image.resize((max(16, int(image.width * scale)), max(16, int(image.height * scale))))
    free = (max(1, width - small.width + 1), max(1, height - small.height + 1))
    canvas.paste(small, (int(rng.integers(free[0])), int(rng.integers(free[1]))))
    return canvas


def _overlay(image: Image.Image, pictures: Sequence[Image.Image], rng: np.random.Generator) -> Image.Image:
    """Lay a part of another picture over this one: opaque and small, or large and half transparent."""
    image, other = image.copy(), random_edits(pictures[int(rng.integers(len(pictures)))], rng, 1)
    if rng.random() < 0.3:
        return Image.blend(image, other.resize(image.size), rng.uniform(0.1, 0.45))
    across, down = rng.uniform(0.2, 0.65, 2)
    small = other.resize((max(8, int(image.width * across)), max(8, int(image.height * down))))
    place = (int(rng.uniform(-0.1, 0.8) * image.width), int(rng.uniform(-0.1, 0.8) * image.height))
    image.paste(small, place)
    return image
