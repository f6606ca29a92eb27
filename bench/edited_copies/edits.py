"""What may be done to a picture? Edits as values: parts of it, turns, looks, other pictures laid over or beside it.

Each is a pure function of a random generator, a picture and some other pictures, and knows where each part went.
"""

from collections.abc import Callable, Sequence

import numpy as np

from edited_copies.canvas import Canvas, canvas_of, cropped, recoloured, resized, rotated, warped
from edited_copies.looks import Look, Random
from edited_copies.scenes import grid, inset
from lookalike.types import Pixels

Edit = Callable[[Random, Canvas, Sequence[Pixels]], Canvas]


def part(share: float, stretch: float = 1.0) -> Edit:
    """Keep a share of the area, anywhere; `stretch` makes the part wider than the picture's shape."""

    def edit(random: Random, canvas: Canvas, _: Sequence[Pixels]) -> Canvas:
        width = min(canvas.size[0], round(canvas.size[0] * (share * stretch) ** 0.5))
        height = min(canvas.size[1], round(canvas.size[1] * (share / stretch) ** 0.5))
        left, top = (
            int(random.integers(whole - kept + 1)) for whole, kept in zip(canvas.size, (width, height), strict=True)
        )
        return cropped(canvas, left, top, width, height)

    return edit


def corner(share: float) -> Edit:
    """Keep a share of the area in a corner."""

    def edit(random: Random, canvas: Canvas, _: Sequence[Pixels]) -> Canvas:
        width, height = round(canvas.size[0] * share**0.5), round(canvas.size[1] * share**0.5)
        left, top = random.choice((0, canvas.size[0] - width)), random.choice((0, canvas.size[1] - height))
        return cropped(canvas, int(left), int(top), width, height)

    return edit


def looked(look: Look) -> Edit:
    """Make an edit of a look."""
    return lambda random, canvas, _: recoloured(canvas, look(random, canvas.pixels))


def placed(change: Callable[[Canvas], Canvas]) -> Edit:
    """Make an edit of a change without chance."""
    return lambda _random, canvas, _others: change(canvas)


def drawn(change: Callable[[Random, Canvas], Canvas]) -> Edit:
    """Make an edit of a change with chance."""
    return lambda random, canvas, _: change(random, canvas)


def chain(*edits: Edit) -> Edit:
    """Do one edit after the other."""

    def edit(random: Random, canvas: Canvas, others: Sequence[Pixels]) -> Canvas:
        for one in edits:
            canvas = one(random, canvas, others)
        return canvas

    return edit


def turned(low: float, high: float) -> Edit:
    """Turn by an angle between the two, either way; corners are filled with black."""
    return drawn(lambda random, canvas: rotated(canvas, float(random.choice((-1, 1)) * random.uniform(low, high))))


def turned_and_cut(degrees: float) -> Edit:
    """Turn, and keep the middle so that no corner is empty."""

    def change(canvas: Canvas) -> Canvas:
        turned_ = rotated(canvas, degrees)
        width, height = (round(0.66 * side) for side in canvas.size)
        return cropped(turned_, (turned_.size[0] - width) // 2, (turned_.size[1] - height) // 2, width, height)

    return placed(change)


def stretched(x: float, y: float) -> Edit:
    """Scale width and height differently."""
    return placed(lambda canvas: resized(canvas, (round(canvas.size[0] * x), round(canvas.size[1] * y))))


def sheared(canvas: Canvas) -> Canvas:
    """Slant to the right by a quarter of the height."""
    width, height = canvas.size
    return warped(
        canvas, np.array([[1, -0.25, 0.25 * height], [0, 1, 0], [0, 0, 1]]), (round(width + 0.25 * height), height)
    )


def halves_swapped(_: Random, pixels: Pixels) -> Pixels:
    """Exchange the left and the right half."""
    return np.roll(pixels, pixels.shape[1] // 2, axis=1)


def on_stranger(share: float) -> Edit:
    """Lay the picture, small, on another one."""
    return lambda random, canvas, others: inset(random, canvas, canvas_of(others[0], 1), share)


def under_stranger(share: float, count: int = 1) -> Edit:
    """Lay other pictures, small, on the picture."""

    def edit(random: Random, canvas: Canvas, others: Sequence[Pixels]) -> Canvas:
        for number, other in enumerate(others[:count], start=1):
            canvas = inset(random, canvas_of(other, number), canvas, share)
        return canvas

    return edit


def tiled(across: int, down: int, gap: int = 0) -> Edit:
    """Lay the picture first in a grid."""
    return lambda _, canvas, others: grid(canvas, others, across, down, gap)
