"""What do people do to a picture, and where does each of its pixels go? Changes with their true homography."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from lookalike.copies.plane import Homography, clockwise, cut, project
from lookalike.types import Pixels

WORDS = (
    "SALE 50 % OFF",
    "when you see it",
    "breaking news",
    "LOL",
    "subscribe now",
    "12:45",
    "happy birthday",
    "@someone",
)
FONTS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX)


@dataclass(frozen=True)
class Changed:
    """A picture on its way, where the original's pixels went, and which corner points of the original are left."""

    pixels: Pixels
    homography: Homography
    kept: np.ndarray
    """Corners of what is left, in the original's pixels."""


Change = Callable[[Changed, np.random.Generator, list[Pixels]], Changed]
"""Takes other pictures, too: what to paste it into, or onto it."""


def untouched(pixels: Pixels) -> Changed:
    """Start with a picture as it is."""
    height, width = pixels.shape[:2]
    return Changed(pixels, np.eye(3), np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64))


def _moved(one: Changed, pixels: Pixels, homography: Homography) -> Changed:
    """Take what has been drawn elsewhere, and forget what lies outside now."""
    whole = homography @ one.homography
    height, width = pixels.shape[:2]
    landed = project(whole, one.kept)
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    left = cut(clockwise(landed), frame)
    return Changed(pixels, whole, project(np.linalg.inv(whole), left))


def _painted(one: Changed, pixels: np.ndarray) -> Changed:
    return replace(one, pixels=np.clip(pixels, 0, 255).astype(np.uint8))


def crop(low: float, high: float) -> Change:
    """Keep a share of the area, of another shape, anywhere."""

    def change(one: Changed, rng: np.random.Generator, _: list[Pixels]) -> Changed:
        height, width = one.pixels.shape[:2]
        share, shape = rng.uniform(low, high), np.exp(rng.uniform(-0.3, 0.3))
        w, h = (round(side * min(1, share**0.5 * factor)) for side, factor in ((width, shape), (height, 1 / shape)))
        x, y = int(rng.integers(width - w + 1)), int(rng.integers(height - h + 1))
        move = np.array([[1, 0, -x], [0, 1, -y], [0, 0, 1.0]])
        return _moved(one, one.pixels[y : y + h, x : x + w].copy(), move)

    return change


def resize(low: float, high: float, stretch: float = 0.0) -> Change:
    """Change the size, and perhaps the shape."""

    def change(one: Changed, rng: np.random.Generator, _: list[Pixels]) -> Changed:
        scale, shape = rng.uniform(low, high), np.exp(rng.uniform(-stretch, stretch))
        height, width = one.pixels.shape[:2]
        size = (max(48, round(width * scale * shape)), max(48, round(height * scale / shape)))
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        move = np.diag([size[0] / width, size[1] / height, 1])
        return _moved(one, cv2.resize(one.pixels, size, interpolation=way), move)

    return change


def turn(most: float) -> Change:
    """Turn about the middle, on a larger sheet."""

    def change(one: Changed, rng: np.random.Generator, _: list[Pixels]) -> Changed:
        angle = rng.uniform(-most, most)
        height, width = one.pixels.shape[:2]
        c, s = abs(np.cos(np.deg2rad(angle))), abs(np.sin(np.deg2rad(angle)))
        size = (round(width * c + height * s), round(width * s + height * c))
        move = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1), [0, 0, 1]])
        move[:2, 2] += (size[0] - width) / 2, (size[1] - height) / 2
        return _moved(one, _warp(one.pixels, move, size), move)

    return change


def mirror(one: Changed, _: np.random.Generator, __: list[Pixels]) -> Changed:
    """Exchange left and right."""
    width = one.pixels.shape[1]
    return _moved(one, one.pixels[:, ::-1].copy(), np.array([[-1.0, 0, width], [0, 1, 0], [0, 0, 1]]))


def tilt(one: Changed, rng: np.random.Generator, others: list[Pixels]) -> Changed:
    """Photograph a print that lies on another picture: perspective, light from one side, a little blur."""
    height, width = one.pixels.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + rng.uniform(-0.22, 0.22, (4, 2)) * (width, height)
    moved = (moved - moved.min(axis=0) + rng.uniform(5, 40, 2)).astype(np.float32)
    size = tuple(int(v) for v in np.ceil(moved.max(axis=0) + rng.uniform(5, 40, 2)))
    move = cv2.getPerspectiveTransform(corners, moved)
    table = cv2.resize(others[0], size)
    inside = cv2.warpPerspective(np.ones((height, width), np.float32), move, size)[..., None]
    sheet = _warp(one.pixels, move, size) * inside + table * (1 - inside)
    light = np.linspace(rng.uniform(0.6, 1), rng.uniform(0.8, 1.2), size[0])[None, :, None]
    return _painted(_moved(one, sheet.astype(np.uint8), move), cv2.GaussianBlur(sheet * light, (0, 0), 0.7))


def inset(low: float, high: float) -> Change:
    """Put it into another picture."""

    def change(one: Changed, rng: np.random.Generator, others: list[Pixels]) -> Changed:
        host = cv2.resize(others[0], None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        height, width = one.pixels.shape[:2]
        scale = rng.uniform(low, high) * min(host.shape[0] / height, host.shape[1] / width)
        w, h = round(width * scale), round(height * scale)
        x, y = int(rng.integers(host.shape[1] - w + 1)), int(rng.integers(host.shape[0] - h + 1))
        host[y : y + h, x : x + w] = cv2.resize(one.pixels, (w, h), interpolation=cv2.INTER_AREA if scale < 1 else 2)
        return _moved(one, host, np.array([[w / width, 0, x], [0, h / height, y], [0, 0, 1]]))

    return change


def collage(one: Changed, rng: np.random.Generator, others: list[Pixels]) -> Changed:
    """Put it beside others, each cut to fill its cell."""
    rows, columns = [(1, 2), (2, 1), (2, 2), (1, 3), (2, 3)][int(rng.integers(5))]
    w, h, gap = int(rng.integers(140, 224)), int(rng.integers(140, 224)), int(rng.integers(0, 8))
    sheet = np.full((rows * (h + gap) - gap, columns * (w + gap) - gap, 3), rng.integers(256), np.uint8)
    place = int(rng.integers(rows * columns))
    for cell in range(rows * columns):
        picture = one.pixels if cell == place else others[cell % len(others)]
        scale = max(w / picture.shape[1], h / picture.shape[0])
        x, y = cell % columns * (w + gap), cell // columns * (h + gap)
        fit = np.array(
            [[scale, 0, (w - picture.shape[1] * scale) / 2], [0, scale, (h - picture.shape[0] * scale) / 2], [0, 0, 1]]
        )
        sheet[y : y + h, x : x + w] = _warp(picture, _centred(fit), (w, h))
        if cell == place:
            cut = _moved(one, sheet[y : y + h, x : x + w], fit)
            found = Changed(sheet, np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]]) @ cut.homography, cut.kept)
    return found


def screenshot(one: Changed, rng: np.random.Generator, _: list[Pixels]) -> Changed:
    """Show it in an app on a telephone."""
    chrome = phone(rng)
    height, width = one.pixels.shape[:2]
    w = chrome.shape[1] - 2 * int(rng.integers(0, 12))
    h = round(height * w / width)
    top = int(rng.integers(60, max(61, chrome.shape[0] - 60 - h)))
    x = (chrome.shape[1] - w) // 2
    h_seen = min(h, chrome.shape[0] - 40 - top)
    chrome[top : top + h_seen, x : x + w] = cv2.resize(
        one.pixels, (w, h), interpolation=cv2.INTER_AREA if w < width else 2
    )[:h_seen]
    move = np.array([[w / width, 0, x], [0, h / height, top], [0, 0, 1]])
    cut = _moved(one, chrome, move)
    below = cv2.perspectiveTransform(cut.kept[None].astype(np.float32), cut.homography)[0]
    below[:, 1] = np.minimum(below[:, 1], top + h_seen)
    kept = cv2.perspectiveTransform(below[None].astype(np.float64), np.linalg.inv(cut.homography))[0]
    return Changed(chrome, cut.homography, kept)


def phone(rng: np.random.Generator) -> Pixels:
    """Draw an app's page without a picture: status bar, title, buttons, lines of text."""
    width, height = 320, int(rng.integers(480, 680))
    dark = bool(rng.integers(2))
    page = np.full((height, width, 3), 24 if dark else 248, np.uint8)
    ink = (235, 235, 235) if dark else (30, 30, 30)
    cv2.putText(page, f"{rng.integers(24)}:{rng.integers(60):02}", (8, 16), FONTS[0], 0.4, ink, 1, cv2.LINE_AA)
    cv2.rectangle(page, (290, 7), (310, 16), ink, 1)
    cv2.putText(page, str(rng.choice(WORDS)), (40, 42), FONTS[1], 0.55, ink, 1, cv2.LINE_AA)
    cv2.circle(page, (20, 38), 11, tuple(int(v) for v in rng.integers(0, 255, 3)), -1, cv2.LINE_AA)
    for line in range(60, height - 40, 18):
        text = " ".join(str(word) for word in rng.choice(WORDS, 3))
        cv2.putText(page, text, (10, line + 12), FONTS[0], 0.38, ink, 1, cv2.LINE_AA)
    for button in range(5):
        cv2.circle(page, (32 + 64 * button, height - 18), 9, ink, 1 + button % 2, cv2.LINE_AA)
    return page


def border(one: Changed, rng: np.random.Generator, _: list[Pixels]) -> Changed:
    """Put a frame around it."""
    height, width = one.pixels.shape[:2]
    sides = [int(v) for v in rng.uniform(0, 0.25, 4) * (height, height, width, width)]
    colour = tuple(int(v) for v in rng.integers(0, 256, 3))
    framed = cv2.copyMakeBorder(one.pixels, *sides, cv2.BORDER_CONSTANT, value=colour)
    return _moved(one, framed, np.array([[1, 0, sides[2]], [0, 1, sides[0]], [0, 0, 1.0]]))


def caption(one: Changed, rng: np.random.Generator, _: list[Pixels]) -> Changed:
    """Write across it, over a bar or without."""
    height, width = one.pixels.shape[:2]
    drawn = one.pixels.copy()
    for _line in range(int(rng.integers(1, 4))):
        y, bar = int(rng.integers(20, height)), int(rng.integers(20, 46))
        if rng.random() < 0.5:
            cv2.rectangle(drawn, (0, y - bar + 8), (width, y + 8), tuple(int(v) for v in rng.integers(0, 256, 3)), -1)
        size = bar / 46
        white = (255, 255, 255) if rng.random() < 0.6 else (0, 0, 0)
        cv2.putText(
            drawn,
            str(rng.choice(WORDS)),
            (int(rng.integers(0, 40)), y),
            FONTS[rng.integers(3)],
            size,
            white,
            2,
            cv2.LINE_AA,
        )
    return replace(one, pixels=drawn)


def stickers(one: Changed, rng: np.random.Generator, _: list[Pixels]) -> Changed:
    """Put faces and discs onto it."""
    height, width = one.pixels.shape[:2]
    drawn = one.pixels.copy()
    for _one in range(int(rng.integers(1, 6))):
        x, y, r = int(rng.integers(width)), int(rng.integers(height)), int(rng.uniform(0.06, 0.22) * min(width, height))
        cv2.circle(drawn, (x, y), r, tuple(int(v) for v in rng.integers(60, 256, 3)), -1, cv2.LINE_AA)
        for eye in (-1, 1):
            cv2.circle(drawn, (x + eye * r // 3, y - r // 4), max(1, r // 7), (30, 20, 10), -1, cv2.LINE_AA)
        cv2.ellipse(drawn, (x, y + r // 6), (r // 2, r // 3), 0, 10, 170, (30, 20, 10), max(1, r // 10), cv2.LINE_AA)
    return replace(one, pixels=drawn)


def patch(one: Changed, rng: np.random.Generator, others: list[Pixels]) -> Changed:
    """Cover a small part with another picture."""
    height, width = one.pixels.shape[:2]
    w, h = (max(8, int(side * rng.uniform(0.15, 0.42))) for side in (width, height))
    x, y = int(rng.integers(width - w + 1)), int(rng.integers(height - h + 1))
    drawn = one.pixels.copy()
    drawn[y : y + h, x : x + w] = cv2.resize(others[0], (w, h), interpolation=cv2.INTER_AREA)
    return replace(one, pixels=drawn)


def compress(one: Changed, rng: np.random.Generator, _: list[Pixels]) -> Changed:
    """Save as a bad JPEG."""
    _, data = cv2.imencode(".jpg", one.pixels, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(8, 40))])
    return replace(one, pixels=cv2.imdecode(data, cv2.IMREAD_COLOR))


def blur(one: Changed, rng: np.random.Generator, _: list[Pixels]) -> Changed:
    """Take the sharpness away."""
    return replace(one, pixels=cv2.GaussianBlur(one.pixels, (0, 0), rng.uniform(0.8, 3.5)))


def noise(one: Changed, rng: np.random.Generator, _: list[Pixels]) -> Changed:
    """Add grain."""
    return _painted(one, one.pixels + rng.normal(0, rng.uniform(8, 32), one.pixels.shape))


def pixelate(one: Changed, _: np.random.Generator, __: list[Pixels]) -> Changed:
    """Make the pixels coarse."""
    height, width = one.pixels.shape[:2]
    small = cv2.resize(one.pixels, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA)
    return replace(one, pixels=cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST))


def tone(one: Changed, rng: np.random.Generator, _: list[Pixels]) -> Changed:
    """Change brightness, contrast, gamma and the balance of colours."""
    light = (one.pixels / 255.0) ** np.exp(rng.uniform(-0.9, 0.9))
    light = (light - 0.5) * rng.uniform(0.35, 2.2) + 0.5 + rng.uniform(-0.25, 0.25)
    return _painted(one, light * rng.uniform(0.6, 1.4, 3) * 255)


def shuffle_colours(one: Changed, rng: np.random.Generator, _: list[Pixels]) -> Changed:
    """Exchange red, green and blue."""
    return replace(one, pixels=np.ascontiguousarray(one.pixels[..., rng.permutation(3)]))


def negative(one: Changed, _: np.random.Generator, __: list[Pixels]) -> Changed:
    """Exchange light and dark."""
    return replace(one, pixels=255 - one.pixels)


def _centred(homography: Homography) -> Homography:
    """Turn a map of positions counted from the edges into one counted from the centres of pixels."""
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])
    return np.linalg.inv(half) @ homography @ half


def _warp(pixels: Pixels, homography: Homography, size: tuple[int, int]) -> Pixels:
    return cv2.warpPerspective(pixels, _centred(homography), size, flags=cv2.INTER_LINEAR)


CHANGES: dict[str, Change] = {
    "crop to 50–90 %": crop(0.5, 0.9),
    "crop to 15–50 %": crop(0.15, 0.5),
    "size": resize(0.35, 2.0),
    "stretched": resize(0.7, 1.3, 0.3),
    "turned a little": turn(20),
    "turned": turn(180),
    "mirrored": mirror,
    "photo of a print": tilt,
    "inset": inset(0.35, 0.8),
    "collage": collage,
    "screenshot": screenshot,
    "border": border,
    "caption": caption,
    "stickers": stickers,
    "patch": patch,
    "JPEG": compress,
    "blur": blur,
    "noise": noise,
    "pixelated": pixelate,
    "tone": tone,
    "colours": shuffle_colours,
    "negative": negative,
}
