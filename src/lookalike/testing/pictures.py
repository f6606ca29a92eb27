"""Where do tests get pictures from? Drawn in code: sky, ground, shapes and grain, another scene for every seed."""

import io
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from lookalike.types import Pixels

_OCTAVES = (4, 8, 16, 32, 64)
"""Cells of noise along a side; coarse ones weigh more, as in photographs, whose spectrum falls with frequency."""


def draw_picture(seed: int, size: tuple[int, int] = (320, 240)) -> Pixels:
    """Draw the picture of a seed, `size` = (width, height) in pixels."""
    random = np.random.default_rng(seed)
    scene = Image.fromarray(_gradient(random, size))
    for _ in range(int(random.integers(4, 9))):
        scene = Image.composite(Image.fromarray(_gradient(random, size)), scene, _shape(random, size))
    grain = _noise(random, size)[..., None] * random.uniform(20, 60)
    pixels: Pixels = np.clip(np.asarray(scene, np.float32) + grain, 0, 255).astype(np.uint8)
    return pixels


def picture_bytes(seed: int, size: tuple[int, int] = (320, 240), file_format: str = "jpeg", **options: Any) -> bytes:
    """Give the file of a seed's picture; `options` go to Pillow's `save`."""
    buffer = io.BytesIO()
    Image.fromarray(draw_picture(seed, size)).save(buffer, file_format, **options)
    return buffer.getvalue()


def _gradient(random: np.random.Generator, size: tuple[int, int]) -> Pixels:
    """Blend two colours across the picture in a random direction."""
    width, height = size
    angle = random.uniform(0, 2 * np.pi)
    x, y = np.meshgrid(np.linspace(-0.5, 0.5, width), np.linspace(-0.5, 0.5, height))
    share = np.clip(x * np.cos(angle) + y * np.sin(angle) + 0.5, 0, 1)[..., None]
    first, last = random.uniform(0, 255, (2, 3))
    blend: Pixels = (first + (last - first) * share).astype(np.uint8)
    return blend


def _shape(random: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    """Draw the mask of an ellipse or polygon, its rim a little soft as a lens makes it."""
    mask = Image.new("L", size)
    draw = ImageDraw.Draw(mask)
    centre = random.uniform(0, 1, 2) * size
    radius = random.uniform(0.08, 0.35, 2) * min(size)
    if random.random() < 0.5:
        (left, top), (right, bottom) = centre - radius, centre + radius
        draw.ellipse((left, top, right, bottom), fill=255)
    else:
        angles = np.sort(random.uniform(0, 2 * np.pi, int(random.integers(3, 7))))
        rim = centre + np.stack([np.cos(angles), np.sin(angles)], axis=1) * radius * 1.5
        draw.polygon([(float(x), float(y)) for x, y in rim], fill=255)
    return mask.filter(ImageFilter.GaussianBlur(min(size) / 200))


def _noise(random: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """Sum smooth noise of several scales, about −1…1."""
    total = np.zeros(size[::-1], np.float32)
    for cells in _OCTAVES:
        coarse = Image.fromarray(random.normal(0, 1, (cells, cells)).astype(np.float32))
        total += np.asarray(coarse.resize(size, Image.Resampling.BICUBIC)) / cells
    return total * 2
