"""What puts a picture into something else? Frames, captions, screenshots, prints, other pictures and collages."""

import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from augly.utils import SCREENSHOT_TEMPLATES_DIR
from PIL import Image, ImageDraw

from edited_copies.canvas import (
    Canvas,
    Colour,
    beside,
    canvas_of,
    cropped,
    pasted,
    placed_on,
    recoloured,
    resized,
    rotated,
    scaled,
    tilted,
)
from edited_copies.looks import Random, blurred, font_of, noisy, words
from lookalike.types import Pixels

_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)


def padded(canvas: Canvas, sides: tuple[float, float, float, float], colour: Colour) -> Canvas:
    """Add a border: left, top, right and bottom as shares of the width or height."""
    width, height = canvas.size
    left, top, right, bottom = (round(share * side) for share, side in zip(sides, (width, height) * 2, strict=True))
    sheet = np.full((height + top + bottom, width + left + right, 3), colour, np.uint8)
    return pasted(canvas, sheet, left, top)


def letterboxed(canvas: Canvas, aspect: float, colour: Colour = _BLACK) -> Canvas:
    """Fill up with bars to an aspect of width to height."""
    width, height = canvas.size
    across, down = max(width, round(height * aspect)), max(height, round(width / aspect))
    return pasted(canvas, np.full((down, across, 3), colour, np.uint8), (across - width) // 2, (down - height) // 2)


def on_its_own_blur(canvas: Canvas) -> Canvas:
    """Fill up to an upright frame with the picture itself, enlarged and blurred, as story apps do."""
    width, height = canvas.size
    down = max(height, round(width * 16 / 9)) if width < 1.6 * height else 2 * height
    behind = cv2.GaussianBlur(cv2.resize(canvas.pixels, (width, down)), (0, 0), width / 20)
    return pasted(canvas, behind, 0, (down - height) // 2)


def polaroid(random: Random, canvas: Canvas) -> Canvas:
    """Print with a white rim, broad below, lying a little turned on a coloured ground."""
    width, height = canvas.size
    framed = padded(canvas, (0.06, 0.06, 0.06, 0.24), (245, 243, 238))
    written = Image.fromarray(framed.pixels)
    font = font_of("KaushanScript-Regular", max(10, height // 12))
    ImageDraw.Draw(written).text((0.1 * width, 1.12 * height), words(random), (40, 40, 60), font)
    ground = tuple(int(one) for one in random.integers(40, 220, 3))
    return rotated(recoloured(framed, np.asarray(written)), float(random.uniform(-9, 9)), ground)


def rounded_and_lined(random: Random, canvas: Canvas) -> Canvas:
    """Round the corners, and draw a coloured line around."""
    width, height = canvas.size
    mask = Image.new("L", canvas.size)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, width - 1, height - 1), min(width, height) // 5, fill=255)
    colour = tuple(int(one) for one in random.integers(0, 256, 3))
    image = Image.composite(Image.fromarray(canvas.pixels), Image.new("RGB", canvas.size, colour), mask)
    return padded(recoloured(canvas, np.asarray(image)), (0.05,) * 4, colour)


def with_bar(random: Random, canvas: Canvas, share: float, *, above: bool, paper: Colour = _WHITE) -> Canvas:
    """Add a bar with two lines of text above or below."""
    width, height = canvas.size
    bar = max(8, round(share * height))
    sides = (0.0, bar / height, 0.0, 0.0) if above else (0.0, 0.0, 0.0, bar / height)
    framed = padded(canvas, sides, paper)
    image = Image.fromarray(framed.pixels)
    draw, font = ImageDraw.Draw(image), font_of("Montserrat-Bold", max(9, round(bar * 0.28)))
    top = 0 if above else height
    ink = _BLACK if sum(paper) > 380 else _WHITE
    for line in range(2):
        draw.text((0.04 * width, top + bar * (0.12 + 0.42 * line)), words(random), ink, font)
    return recoloured(framed, np.asarray(image))


def impact(random: Random, canvas: Canvas) -> Canvas:
    """Write large white letters with a black rim at the top and at the bottom, as memes have them."""
    width, height = canvas.size
    image = Image.fromarray(canvas.pixels)
    draw, font = ImageDraw.Draw(image), font_of("LeagueSpartan-Bold", max(10, round(height * 0.15)))
    for place, anchor in ((0.02, "ma"), (0.98, "md")):
        text = words(random).upper()
        draw.text((width / 2, height * place), text, _WHITE, font, anchor=anchor, stroke_width=2, stroke_fill=_BLACK)
    return recoloured(canvas, np.asarray(image))


def quote_card(random: Random, canvas: Canvas) -> Canvas:
    """Set the picture small beside lines of text on a coloured card."""
    width, height = canvas.size
    colour = tuple(int(one) for one in random.integers(0, 256, 3))
    image = Image.new("RGB", (round(2.1 * width), round(1.3 * height)), colour)
    draw, font = ImageDraw.Draw(image), font_of("IBMPlexSerif-SemiBold", max(10, height // 9))
    ink = _BLACK if sum(colour) > 380 else _WHITE
    for line in range(5):
        draw.text((1.15 * width, height * (0.15 + 0.2 * line)), words(random), ink, font)
    return pasted(canvas, np.asarray(image), round(0.08 * width), round(0.15 * height))


def augly_screenshot(canvas: Canvas, template: str) -> Canvas:
    """Lay the picture into AugLy's screenshot of a web page or of a phone, as its function does."""
    folder = Path(SCREENSHOT_TEMPLATES_DIR)
    left, top, right, bottom = json.loads((folder / "bboxes.json").read_text())[template]
    page = np.asarray(Image.open(folder / template).convert("RGB")).copy()
    page[top:bottom, left:right] = 0
    factor = min((right - left) / canvas.size[0], (bottom - top) / canvas.size[1])
    shown = scaled(canvas, factor * 0.999)
    free = right - left - shown.size[0], bottom - top - shown.size[1]
    return pasted(shown, page, left + free[0] // 2, top + free[1] // 2)


def phone_screenshot(random: Random, canvas: Canvas, *, dark: bool, share: float = 1.0) -> Canvas:
    """Show the picture in a feed on a phone, with a status bar, a name, buttons and comments."""
    width = 400
    shown = resized(canvas, (width, max(40, round(width * canvas.size[1] / canvas.size[0]))))
    if share < 1:
        kept = round(shown.size[1] * share)
        shown = cropped(shown, 0, (shown.size[1] - kept) // 2, width, kept)
    height = max(860, shown.size[1] + 300)
    image = phone_chrome(random, (width, height), shown.size[1], dark=dark)
    return pasted(shown, image, 0, 120)


def phone_chrome(random: Random, size: tuple[int, int], picture_height: int, *, dark: bool) -> Pixels:
    """Draw a feed's page with room for a picture from 120 px down."""
    width, height = size
    paper, ink = ((18, 18, 18), (235, 235, 235)) if dark else ((255, 255, 255), (20, 20, 20))
    image = Image.new("RGB", size, paper)
    draw = ImageDraw.Draw(image)
    draw.text(
        (16, 8), f"{random.integers(0, 24):02}:{random.integers(0, 60):02}", ink, font_of("IBMPlexSans-Regular", 18)
    )
    for bar in range(4):
        draw.rectangle((300 + 8 * bar, 24 - 4 * bar, 305 + 8 * bar, 26), fill=ink)
    draw.rounded_rectangle((350, 12, 386, 26), 4, outline=ink)
    draw.rectangle((352, 14, 352 + int(random.integers(5, 32)), 24), fill=ink)
    draw.ellipse((14, 60, 58, 104), fill=tuple(int(one) for one in random.integers(0, 256, 3)))
    draw.text((70, 70), words(random), ink, font_of("Montserrat-Bold", 17))
    below = 130 + picture_height
    draw.polygon([(16, below + 8), (27, below - 2), (38, below + 8), (27, below + 24)], outline=ink)
    draw.ellipse((56, below, 80, below + 22), outline=ink, width=2)
    draw.polygon([(100, below), (124, below + 10), (100, below + 22)], outline=ink)
    for line in range(max(0, min(8, (height - below - 120) // 34))):
        draw.text((16, below + 40 + 34 * line), words(random), ink, font_of("IBMPlexSans-Regular", 17))
    draw.line((0, height - 60, width, height - 60), fill=ink)
    for column in range(5):
        left = 30 + column * 78
        draw.rounded_rectangle((left, height - 44, left + 24, height - 20), 6, outline=ink, width=2)
    return np.asarray(image).copy()


def browser_screenshot(random: Random, canvas: Canvas) -> Canvas:
    """Show the picture among text in a window with tabs and an address."""
    size = (1000, 700)
    image = Image.new("RGB", size, (250, 250, 250))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, size[0], 78), fill=(222, 225, 230))
    draw.rounded_rectangle((90, 42, 900, 70), 14, fill=(255, 255, 255))
    draw.text(
        (110, 46),
        f"https://{words(random).replace(' ', '-')}.example",
        (60, 60, 60),
        font_of("IBMPlexSans-Regular", 16),
    )
    for button, colour in enumerate(((255, 95, 86), (255, 189, 46), (39, 201, 63))):
        draw.ellipse((14 + 22 * button, 12, 26 + 22 * button, 24), fill=colour)
    draw.text((40, 100), words(random), (20, 20, 20), font_of("IBMPlexSerif-SemiBold", 34))
    for line in range(18):
        draw.text(
            (620, 160 + 28 * line),
            f"{words(random)} {words(random)}",
            (60, 60, 60),
            font_of("IBMPlexSerif-Regular", 15),
        )
    factor = min(550 / canvas.size[0], 500 / canvas.size[1])
    return pasted(scaled(canvas, factor), np.asarray(image), 40, 160)


def printed(random: Random, canvas: Canvas, slant: float) -> Canvas:
    """Photograph a print that lies on a table: at an angle, unevenly lit, a little blurred and noisy."""
    bordered = padded(canvas, (0.04,) * 4, (250, 250, 246))
    width, height = bordered.size
    side = round(1.5 * max(width, height))
    corners = _slanted(random, bordered.size, slant) + (side - np.array([width, height])) / 2
    ground = _table(random, (side, side))
    laid = tilted(bordered, corners, (side, side))
    mask = np.zeros((side, side), np.uint8)
    cv2.fillConvexPoly(mask, np.rint(corners).astype(np.int32), 255, cv2.LINE_AA)
    shadow = cv2.GaussianBlur(np.roll(mask, (side // 60, side // 60), (0, 1)), (0, 0), side / 60)[..., None] / 255
    alpha = mask[..., None] / 255
    seen = laid.pixels * alpha + ground * (1 - 0.6 * shadow) * (1 - alpha)
    y, x = np.mgrid[0 : 1 : side * 1j, 0 : 1 : side * 1j]
    angle = random.uniform(0, 2 * np.pi)
    light = 0.95 + 0.35 * (np.cos(angle) * (x - 0.5) + np.sin(angle) * (y - 0.5))
    glare = 60 * np.exp(-((x - random.uniform(0.2, 0.8)) ** 2 + (y - random.uniform(0.2, 0.8)) ** 2) / 0.02)
    lit = np.clip(seen * light[..., None] + glare[..., None], 0, 255).astype(np.uint8)
    return recoloured(laid, noisy(5)(random, blurred(0.0018)(random, lit)))


def screened(random: Random, canvas: Canvas) -> Canvas:
    """Photograph a screen: its lines beat with the camera's, the frame is dark."""
    bordered = padded(scaled(canvas, 1.4), (0.05,) * 4, (12, 12, 14))
    width, height = bordered.size
    y, x = np.mgrid[0:height, 0:width]
    beat = 1 + 0.13 * np.sin(x * random.uniform(0.5, 1.0) + y * random.uniform(-0.3, 0.3)) + 0.08 * np.sin(y * 2.1)
    lines = np.clip(bordered.pixels * beat[..., None] * (0.92, 1.0, 1.08), 0, 255).astype(np.uint8)
    corners = _slanted(random, bordered.size, 0.08)
    low = corners.min(axis=0)
    size = tuple(int(one) for one in np.ceil(corners.max(axis=0) - low))
    shot = tilted(recoloured(bordered, lines), corners - low, size)
    return recoloured(shot, noisy(4)(random, shot.pixels))


def leaning(random: Random, canvas: Canvas, slant: float) -> Canvas:
    """Look at the picture from the side."""
    corners = _slanted(random, canvas.size, slant)
    low = corners.min(axis=0)
    size = tuple(int(one) for one in np.ceil(corners.max(axis=0) - low))
    return tilted(canvas, corners - low, size)


def turned_in_space(canvas: Canvas, degrees: float, axis: int) -> Canvas:
    """Turn the picture about its upright (0) or level (1) axis, seen from 1.5 widths away."""
    width, height = canvas.size
    distance, angle = 1.5 * max(width, height), np.radians(degrees)
    corners = []
    for x, y in ((-width, -height), (width, -height), (width, height), (-width, height)):
        flat, across = (x / 2, y / 2) if axis == 0 else (y / 2, x / 2)
        near = distance / (distance + flat * np.sin(angle))
        place = (flat * np.cos(angle) * near, across * near)
        corners.append(place if axis == 0 else place[::-1])
    points = np.array(corners)
    points -= points.min(axis=0)
    size = tuple(int(one) for one in np.ceil(points.max(axis=0)))
    return tilted(canvas, points, size)


def inset(random: Random, canvas: Canvas, under: Canvas, share: float) -> Canvas:
    """Lay the picture on another one, its longer side a share of the other's shorter one."""
    room = min(under.size)
    small = scaled(canvas, share * room / max(canvas.size))
    left, top = (int(random.integers(whole - part + 1)) for whole, part in zip(under.size, small.size, strict=True))
    return placed_on(small, under, left, top)


def grid(canvas: Canvas, others: Sequence[Pixels], across: int, down: int, gap: int = 0) -> Canvas:
    """Lay pictures in rows of equal cells; each is cut to its cell's shape."""
    cell = 224 if across * down <= 4 else 160
    parts = [_filling(part, (cell, cell)) for part in (canvas, *map(canvas_of, others, range(1, len(others) + 1)))]
    parts = parts[: across * down]
    corners = [(gap + (n % across) * (cell + gap), gap + (n // across) * (cell + gap)) for n in range(len(parts))]
    return beside(parts, corners, (across * (cell + gap) + gap, down * (cell + gap) + gap), _WHITE)


def pinboard(random: Random, canvas: Canvas, others: Sequence[Pixels]) -> Canvas:
    """Lay four pictures, turned a little, on a coloured sheet; the first two do not overlap."""
    ground = tuple(int(one) for one in random.integers(60, 230, 3))
    sheet = Canvas(np.full((620, 620, 3), ground, np.uint8), ())
    parts = [canvas, *map(canvas_of, others[:3], range(1, 4))]
    for part, corner in zip(parts, ((10, 10), (310, 20), (20, 310), (320, 320)), strict=True):
        turned = rotated(scaled(part, 230 / max(part.size)), float(random.uniform(-12, 12)), ground)
        sheet = placed_on(turned, sheet, *corner)
    return sheet


def one_large_three_small(canvas: Canvas, others: Sequence[Pixels]) -> Canvas:
    """Lay three small pictures beside the large one."""
    parts = [_filling(canvas, (390, 390))]
    parts += [_filling(canvas_of(one, n), (126, 126)) for n, one in enumerate(others[:3], start=1)]
    return beside(parts, [(6, 6), (402, 6), (402, 138), (402, 270)], (534, 402), _BLACK)


def _filling(canvas: Canvas, size: tuple[int, int]) -> Canvas:
    large = scaled(canvas, max(size[0] / canvas.size[0], size[1] / canvas.size[1]) + 1e-3)
    return cropped(large, (large.size[0] - size[0]) // 2, (large.size[1] - size[1]) // 2, *size)


def _slanted(random: Random, size: tuple[int, int], slant: float) -> np.ndarray:
    """Move each corner by up to a share of the side, and turn all of them a little."""
    width, height = size
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
    moved = corners + random.uniform(-slant, slant, (4, 2)) * size
    angle = random.uniform(-1.2, 1.2) * slant
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.array(size) / 2
    return (moved - middle) @ turn.T + middle


def _table(random: Random, size: tuple[int, int]) -> Pixels:
    """Draw a wooden ground."""
    grain = random.normal(0, 1, (size[1], max(8, size[0] // 40)))
    streaks = cv2.GaussianBlur(cv2.resize(grain, size, interpolation=cv2.INTER_CUBIC), (0, 0), 3, sigmaY=0.8)
    colour = random.uniform((90, 55, 30), (200, 150, 110))
    return np.clip(colour + 18 * streaks[..., None], 0, 255).astype(np.uint8)
