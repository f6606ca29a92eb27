"""What do people do to pictures before they pass them on? A short list of edits, each with its strength named.

Only Pillow and NumPy are needed, and no file: letters are in the font that Pillow carries.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

Change = Callable[[np.random.Generator, Image.Image, Image.Image], Image.Image]
"""Changes a picture, by chance and with another picture at hand."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One kind of edit in one strength."""

    kind: str
    strength: str
    change: Change
    uses_other: bool = False
    """Whether the other picture is part of what comes out."""

    @property
    def name(self) -> str:
        """Both: `crop to 25 %`."""
        return f"{self.kind} {self.strength}".strip()

    def apply(self, random: np.random.Generator, picture: Image.Image, other: Image.Image) -> Image.Image:
        """Edit an RGB picture; some edits lay it on the other one. The same generator state gives the same."""
        return self.change(random, picture, other).convert("RGB")


def _alone(change: Callable[[Image.Image], Image.Image]) -> Change:
    return lambda _random, picture, _other: change(picture)


def _saved(form: str, **options: int) -> Change:
    def change(picture: Image.Image) -> Image.Image:
        buffer = BytesIO()
        picture.save(buffer, form, **options)
        return Image.open(buffer).convert("RGB")

    return _alone(change)


def _scaled(factor: float) -> Change:
    return _alone(lambda picture: picture.resize(_times(picture, factor, factor), Image.Resampling.LANCZOS))


def _times(picture: Image.Image, x: float, y: float) -> tuple[int, int]:
    return max(1, round(picture.width * x)), max(1, round(picture.height * y))


def _cropped(share: float) -> Change:
    """Keep a share of the area, of the same shape, anywhere."""

    def change(random: np.random.Generator, picture: Image.Image, _: Image.Image) -> Image.Image:
        width, height = _times(picture, share**0.5, share**0.5)
        left, top = int(random.integers(picture.width - width + 1)), int(random.integers(picture.height - height + 1))
        return picture.crop((left, top, left + width, top + height))

    return change


def _turned(degrees: float) -> Change:
    """Turn either way; corners are filled with white."""

    def change(random: np.random.Generator, picture: Image.Image, _: Image.Image) -> Image.Image:
        angle = degrees * float(random.choice((-1, 1)))
        return picture.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor="white")

    return change


def _leaning(share: float) -> Change:
    """Move each corner inwards by up to a share of the sides, as if seen from aside."""

    def change(random: np.random.Generator, picture: Image.Image, _: Image.Image) -> Image.Image:
        width, height = picture.size
        x, y = random.uniform(0, share, (2, 4)) * [[width], [height]]
        corners = (x[0], y[0], x[1], height - y[1], width - x[2], height - y[2], width - x[3], y[3])
        return picture.transform(picture.size, Image.Transform.QUAD, [float(one) for one in corners])

    return change


def _noisy(deviation: float) -> Change:
    def change(random: np.random.Generator, picture: Image.Image, _: Image.Image) -> Image.Image:
        grain = random.normal(0, deviation, (picture.height, picture.width, 3))
        return Image.fromarray(np.clip(np.asarray(picture, np.float32) + grain, 0, 255).astype(np.uint8))

    return change


def _blurred(share: float) -> Change:
    """Blur by a radius that is a share of the longer side."""
    return _alone(lambda picture: picture.filter(ImageFilter.GaussianBlur(share * max(picture.size))))


def _mosaic(cells: int) -> Change:
    def change(picture: Image.Image) -> Image.Image:
        factor = min(1.0, cells / max(picture.size))
        small = picture.resize(_times(picture, factor, factor), Image.Resampling.BOX)
        return small.resize(picture.size, Image.Resampling.NEAREST)

    return _alone(change)


def _tinted(picture: Image.Image) -> Image.Image:
    return ImageOps.colorize(ImageOps.grayscale(picture), "#2b1a0e", "#ffedc8", mid="#a67c52")


def _lettered(share: float, lines: int) -> Change:
    """Write over the picture; a line is a share of its height."""

    def change(picture: Image.Image) -> Image.Image:
        lettered = picture.copy()
        pen, size = ImageDraw.Draw(lettered), max(8.0, share * picture.height)
        for line in range(lines):
            place = picture.width / 2, picture.height * (line + 1) / (lines + 1)
            font = ImageFont.load_default(size)
            pen.text(place, "wish you were here", "white", font, "mm", stroke_width=2, stroke_fill="black")
        return lettered

    return _alone(change)


def _stuck_over(share: float) -> Change:
    """Stick a face over a share of the area, anywhere."""

    def change(random: np.random.Generator, picture: Image.Image, _: Image.Image) -> Image.Image:
        stuck = picture.copy()
        side = min((share * picture.width * picture.height) ** 0.5, *picture.size)
        left, top = (float(random.uniform(0, whole - side)) for whole in picture.size)
        pen = ImageDraw.Draw(stuck)
        pen.ellipse((left, top, left + side, top + side), "#ffcc33", "#a67c00", max(1, round(side / 40)))
        for x in (0.33, 0.67):
            eye = (left + side * x, top + side * 0.36)
            pen.circle(eye, max(1.0, side / 14), "#442200")
        mouth = (left + side * 0.25, top + side * 0.3, left + side * 0.75, top + side * 0.8)
        pen.arc(mouth, 20, 160, "#442200", max(1, round(side / 20)))
        return stuck

    return change


def _bordered(share: float, colour: str) -> Change:
    return _alone(lambda picture: ImageOps.expand(picture, max(1, round(share * max(picture.size))), colour))


def _barred(picture: Image.Image) -> Image.Image:
    return ImageOps.pad(picture, (max(picture.size),) * 2, color="black")


def _meme(picture: Image.Image) -> Image.Image:
    """Put a white bar with words above, a third as high as the picture."""
    bar = max(8, picture.height // 3)
    meme = Image.new("RGB", (picture.width, picture.height + bar), "white")
    meme.paste(picture, (0, bar))
    font = ImageFont.load_default(max(8.0, bar / 3))
    ImageDraw.Draw(meme).text((picture.width / 2, bar / 2), "when you see it", "black", font, "mm")
    return meme


def _contained(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Scale a picture to fit into that size, as `ImageOps.contain` does, which leaves nothing of a very thin one."""
    width, height = size
    if picture.width * height > width * picture.height:
        height = max(1, round(picture.height / picture.width * width))
    else:
        width = max(1, round(picture.width / picture.height * height))
    return picture.resize((width, height), Image.Resampling.BICUBIC)


def _screenshot(picture: Image.Image) -> Image.Image:
    """Show the picture in an app on a phone, with bars above and below."""
    screen = Image.new("RGB", (540, 1000), "#f4f4f6")
    shown = _contained(picture, (540, 780))
    pen = ImageDraw.Draw(screen)
    pen.rectangle((0, 0, 540, 76), "#2b5278")
    pen.text((24, 24), "Pictures", "white", ImageFont.load_default(24))
    screen.paste(shown, ((540 - shown.width) // 2, 90))
    pen.text((24, 104 + shown.height), "42 likes · 7 comments", "#222222", ImageFont.load_default(20))
    pen.rectangle((0, 940, 540, 1000), "#ffffff")
    return screen


def _laid_on_other(share: float) -> Change:
    """Lay the picture on another one, with sides of that share."""

    def change(random: np.random.Generator, picture: Image.Image, other: Image.Image) -> Image.Image:
        ground = other.copy()
        small = _contained(picture, _times(ground, share, share))
        left, top = (int(random.integers(ground.size[axis] - small.size[axis] + 1)) for axis in (0, 1))
        ground.paste(small, (left, top))
        return ground

    return change


def _beside_other(_random: np.random.Generator, picture: Image.Image, other: Image.Image) -> Image.Image:
    """Put both side by side, of one height."""
    collage = Image.new("RGB", (2 * picture.width + 12, picture.height), "white")
    collage.paste(picture, (0, 0))
    collage.paste(ImageOps.fit(other, picture.size), (picture.width + 12, 0))
    return collage


def _in_turn(*changes: Change) -> Change:
    def change(random: np.random.Generator, picture: Image.Image, other: Image.Image) -> Image.Image:
        for one in changes:
            picture = one(random, picture, other).convert("RGB")
        return picture

    return change


def _strengths(kind: str, changes: dict[str, Change], *, uses_other: bool = False) -> Iterator[Edit]:
    return (Edit(kind, strength, change, uses_other) for strength, change in changes.items())


def _all() -> Iterator[Edit]:
    yield from _strengths("JPEG", {f"quality {q}": _saved("JPEG", quality=q) for q in (50, 20, 5)})
    yield from _strengths("WebP", {"quality 10": _saved("WEBP", quality=10)})
    yield from _strengths("size", {"½": _scaled(0.5), "¼": _scaled(0.25), "× 2": _scaled(2)})
    yield from _strengths("crop", {f"to {round(100 * s)} %": _cropped(s) for s in (0.8, 0.5, 0.25)})
    yield from _strengths("turned", {f"by {d}°": _turned(d) for d in (5, 15, 45, 90)})
    yield Edit("mirrored", "", _alone(ImageOps.mirror))
    yield Edit("upside down", "", _alone(ImageOps.flip))
    stretched = _alone(lambda picture: picture.resize(_times(picture, 1.35, 1)))
    yield Edit("stretched", "by a third", stretched)
    yield from _strengths("perspective", {"mild": _leaning(0.1), "strong": _leaning(0.22)})
    light = ImageEnhance.Brightness
    yield Edit("darker", "by half", _alone(lambda picture: light(picture).enhance(0.5)))
    yield Edit("lighter", "by half", _alone(lambda picture: light(picture).enhance(1.5)))
    yield Edit("contrast", "halved", _alone(lambda picture: ImageEnhance.Contrast(picture).enhance(0.5)))
    yield Edit("grey", "", _alone(lambda picture: ImageOps.grayscale(picture).convert("RGB")))
    yield Edit("sepia", "", _alone(_tinted))
    yield Edit("negative", "", _alone(ImageOps.invert))
    yield Edit("colours", "doubled", _alone(lambda picture: ImageEnhance.Color(picture).enhance(2)))
    yield from _strengths("blur", {"light": _blurred(0.004), "strong": _blurred(0.012)})
    yield from _strengths("noise", {"light": _noisy(15), "strong": _noisy(40)})
    yield Edit("mosaic", "80 cells wide", _mosaic(80))
    yield from _strengths("text", {"one line": _lettered(0.1, 1), "four large lines": _lettered(0.15, 4)})
    yield from _strengths("sticker", {"on 5 %": _stuck_over(0.05), "on 20 %": _stuck_over(0.2)})
    yield from _strengths("border", {"white, 10 %": _bordered(0.1, "white"), "black bars": _alone(_barred)})
    yield Edit("meme", "bar above", _alone(_meme))
    yield Edit("screenshot", "phone", _alone(_screenshot))
    on_other = {"at 60 %": _laid_on_other(0.6), "at 35 %": _laid_on_other(0.35)}
    yield from _strengths("on another picture", on_other, uses_other=True)
    yield Edit("collage", "side by side", _beside_other, uses_other=True)
    passed_on = _in_turn(_cropped(0.6), _alone(ImageOps.mirror), _saved("JPEG", quality=25))
    yield Edit("three edits", "crop, mirror, JPEG", passed_on)
    posted = _in_turn(_turned(5), _lettered(0.1, 1), _alone(_screenshot))
    yield Edit("three edits", "turn, text, screenshot", posted)


EDITS: tuple[Edit, ...] = tuple(_all())
"""All of them, by kind, the milder strength first."""
