"""What changes a picture's looks, and leaves its parts where they are? Colour, light, noise, codecs, overlays."""

import io
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path

import augly.image as augly
import cv2
import numpy as np
from augly.utils import EMOJI_DIR, FONTS_DIR
from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

from lookalike.types import Pixels

Random = np.random.Generator
Look = Callable[[Random, Pixels], Pixels]

WORDS = (
    *("when you see it", "MONDAY AGAIN", "best day ever", "wait for it", "no way", "share if you agree", "so true"),
    *("nobody:", "me at 3 am", "summer 2019", "breaking news", "follow for more", "tag a friend", "not my photo"),
    *("the one and only", "every single time", "SALE 50 % OFF", "good vibes only", "throwback", "it is what it is"),
)
_FONTS = (
    "Montserrat-Bold",
    "IBMPlexSans-Regular",
    "IBMPlexSerif-SemiBold",
    "KaushanScript-Regular",
    "LeagueSpartan-Bold",
)


def with_pillow(change: Callable[[Image.Image], Image.Image]) -> Look:
    """Make a look of what takes and gives a Pillow picture."""
    return lambda _, pixels: np.asarray(change(Image.fromarray(pixels)).convert("RGB"))


def with_augly(name: str, **options: object) -> Look:
    """Make a look of an AugLy function whose options are fixed."""

    def look(_: Random, pixels: Pixels) -> Pixels:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it calls what Pillow and NumPy will drop one day
            return np.asarray(getattr(augly, name)(Image.fromarray(pixels), **options).convert("RGB"))

    return look


def encoded(file_format: str, **options: object) -> Look:
    """Write a picture in a format, and read it again."""

    def look(_: Random, pixels: Pixels) -> Pixels:
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, file_format, **options)
        return np.asarray(Image.open(buffer).convert("RGB"))

    return look


def passed_on(_: Random, pixels: Pixels) -> Pixels:
    """Save a picture again and again, a little smaller or larger each time, as messengers do."""
    height, width = pixels.shape[:2]
    image = Image.fromarray(pixels)
    for quality, share in ((60, 0.83), (45, 0.91), (50, 0.77), (40, 1.0)):
        buffer = io.BytesIO()
        image.resize((round(width * share), round(height * share))).save(buffer, "JPEG", quality=quality)
        image = Image.open(buffer).convert("RGB")
    return np.asarray(image.resize((width, height)))


def palette(colours: int) -> Look:
    """Reduce to a few colours, as GIF does."""
    return with_pillow(lambda image: image.quantize(colours))


def levels(table: Callable[[np.ndarray], np.ndarray]) -> Look:
    """Map every value, in [0, 1], by a function."""
    values = np.clip(table(np.linspace(0, 1, 256)) * 255, 0, 255).round().astype(np.uint8)
    return lambda _, pixels: values[pixels]


def grey(_: Random, pixels: Pixels) -> Pixels:
    """Take the colours away."""
    return cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)


def negative(_: Random, pixels: Pixels) -> Pixels:
    """Exchange light and dark."""
    return 255 - pixels


def sepia(_: Random, pixels: Pixels) -> Pixels:
    """Age a photo."""
    matrix = np.array([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]])
    return np.clip(pixels @ matrix.T, 0, 255).astype(np.uint8)


def duotone(random: Random, pixels: Pixels) -> Pixels:
    """Print in two inks."""
    dark, light = random.uniform(0, 110, 3), random.uniform(150, 255, 3)
    share = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[..., None] / 255
    return (dark + (light - dark) * share).astype(np.uint8)


def hue_turned(degrees: int) -> Look:
    """Turn the wheel of colours."""

    def look(_: Random, pixels: Pixels) -> Pixels:
        hsv = cv2.cvtColor(pixels, cv2.COLOR_RGB2HSV)
        hsv[..., 0] = (hsv[..., 0].astype(int) + degrees // 2) % 180
        return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)

    return look


def filtered(random: Random, pixels: Pixels) -> Pixels:
    """Tint, fade and darken the rim, as photo apps do."""
    height, width = pixels.shape[:2]
    faded = 30 + pixels.astype(np.float32) * 0.8 * random.uniform(0.75, 1.25, 3).astype(np.float32)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    rim = 1 - 0.45 * np.clip((x**2 + y**2) / 2, 0, 1)[..., None]
    return np.clip(faded * rim, 0, 255).astype(np.uint8)


equalised = with_pillow(ImageOps.equalize)
saturated = with_pillow(lambda image: ImageEnhance.Color(image).enhance(3))


def noisy(deviation: float) -> Look:
    """Add Gaussian noise, `deviation` in grey levels."""

    def look(random: Random, pixels: Pixels) -> Pixels:
        return np.clip(pixels + random.normal(0, deviation, pixels.shape), 0, 255).astype(np.uint8)

    return look


def salted(random: Random, pixels: Pixels) -> Pixels:
    """Make a twelfth of all pixels black or white."""
    chance = random.random(pixels.shape[:2])
    made = pixels.copy()
    made[chance < 0.04], made[chance > 0.96] = 0, 255
    return made


def blurred(share: float) -> Look:
    """Blur with a Gaussian whose deviation is a share of the longer side."""
    return lambda _, pixels: cv2.GaussianBlur(pixels, (0, 0), share * max(pixels.shape[:2]))


def shaken(random: Random, pixels: Pixels) -> Pixels:
    """Blur along a line, as a moving camera does."""
    length = max(3, round(0.03 * max(pixels.shape[:2])))
    kernel = np.zeros((length, length), np.float32)
    middle, angle = (length - 1) / 2, random.uniform(0, np.pi)
    for step in np.linspace(-middle, middle, 4 * length):
        kernel[round(middle + step * np.sin(angle)), round(middle + step * np.cos(angle))] = 1
    return cv2.filter2D(pixels, -1, kernel / kernel.sum())


def pixelated(cells: int) -> Look:
    """Show no more than so many cells along the longer side."""

    def look(_: Random, pixels: Pixels) -> Pixels:
        height, width = pixels.shape[:2]
        share = cells / max(height, width)
        small = cv2.resize(pixels, (round(width * share), round(height * share)), interpolation=cv2.INTER_AREA)
        return cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST)

    return look


def stripes(width: float, density: float) -> Look:
    """Lay coloured stripes over the picture (AugLy)."""

    def look(random: Random, pixels: Pixels) -> Pixels:
        colour = tuple(int(one) for one in random.integers(0, 256, 3))
        options = {"line_width": width, "line_density": density, "line_angle": float(random.uniform(0, 180))}
        return with_augly("overlay_stripes", line_color=colour, line_opacity=0.95, **options)(random, pixels)

    return look


def blinds(_: Random, pixels: Pixels) -> Pixels:
    """Black out every second of twenty strips."""
    made = pixels.copy()
    step = max(2, pixels.shape[1] // 20)
    for left in range(0, pixels.shape[1], 2 * step):
        made[:, left : left + step] = 0
    return made


def rippled(random: Random, pixels: Pixels) -> Pixels:
    """Bend the picture in waves."""
    height, width = pixels.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    phase, swing, length = random.uniform(0, 6.28), 0.012 * max(pixels.shape), 0.3 * max(pixels.shape)
    shift = (swing * np.sin(y / length * 6.28 + phase)).astype(np.float32)
    return cv2.remap(pixels, x + shift, y + shift[::-1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def tiles_shuffled(across: int) -> Look:
    """Cut into across × across tiles, and lay them in another order."""

    def look(random: Random, pixels: Pixels) -> Pixels:
        height, width = pixels.shape[0] // across, pixels.shape[1] // across
        corners = [(row * height, column * width) for row in range(across) for column in range(across)]
        made = pixels.copy()
        for (top, left), source in zip(corners, np.roll(random.permutation(len(corners)), 1), strict=True):
            y, x = corners[source]
            made[top : top + height, left : left + width] = pixels[y : y + height, x : x + width]
        return made

    return look


def lettered(size: float, lines: int, opacity: float = 1.0) -> Look:
    """Write lines of text somewhere, letters as high as a share of the picture."""

    def look(random: Random, pixels: Pixels) -> Pixels:
        height = pixels.shape[0]
        layer = Image.new("RGBA", (pixels.shape[1], height))
        draw = ImageDraw.Draw(layer)
        colour = (*(int(one) for one in random.choice((0, 255), 3)), round(255 * opacity))
        font = font_of(str(random.choice(_FONTS)), max(8, round(size * height)))
        top = random.uniform(0, max(0.01, 1 - 1.3 * size * lines)) * height
        for line in range(lines):
            draw.text(
                (0.03 * pixels.shape[1], top + 1.3 * line * size * height), words(random), colour, font, stroke_width=1
            )
        return np.asarray(Image.alpha_composite(Image.fromarray(pixels).convert("RGBA"), layer).convert("RGB"))

    return look


def glyphs(random: Random, pixels: Pixels) -> Pixels:
    """Write random letters of a random script (AugLy)."""
    text = [int(one) for one in random.integers(0, 60, 12)]
    place = {"x_pos": float(random.uniform(0, 0.3)), "y_pos": float(random.uniform(0, 0.7))}
    colour = tuple(int(one) for one in random.integers(0, 256, 3))
    return with_augly("overlay_text", text=text, font_size=0.18, color=colour, **place)(random, pixels)


def watermarked(random: Random, pixels: Pixels) -> Pixels:
    """Repeat a pale word all over, slanted."""
    height, width = pixels.shape[:2]
    side = 2 * max(height, width)
    layer = Image.new("RGBA", (side, side))
    draw, font, word = ImageDraw.Draw(layer), font_of(_FONTS[0], max(10, height // 12)), words(random)
    step = int(font.getlength(word) * 1.4) + 1
    for row, top in enumerate(range(0, side, height // 4 or 1)):
        for left in range(-(row % 2) * step // 2, side, step):
            draw.text((left, top), word, (255, 255, 255, 110), font)
    turned = layer.rotate(30).crop(
        ((side - width) // 2, (side - height) // 2, (side + width) // 2, (side + height) // 2)
    )
    base = Image.fromarray(pixels).convert("RGBA")
    return np.asarray(Image.alpha_composite(base, turned.resize(base.size)).convert("RGB"))


def emojis(count: int, size: float) -> Look:
    """Lay emojis on the picture (AugLy's pictures and function)."""

    def look(random: Random, pixels: Pixels) -> Pixels:
        for _ in range(count):
            path = str(_emoji_files()[int(random.integers(len(_emoji_files())))])
            place = {"x_pos": float(random.uniform(0, 1 - size)), "y_pos": float(random.uniform(0, 1 - size))}
            pixels = with_augly("overlay_emoji", emoji_path=path, emoji_size=size, **place)(random, pixels)
        return pixels

    return look


def censored(random: Random, pixels: Pixels) -> Pixels:
    """Lay black and blurred boxes on the picture."""
    made = pixels.copy()
    height, width = pixels.shape[:2]
    for number in range(4):
        w, h = (int(random.uniform(0.12, 0.3) * side) for side in (width, height))
        left, top = int(random.integers(width - w)), int(random.integers(height - h))
        box = made[top : top + h, left : left + w]
        box[:] = cv2.blur(box, (31, 31)) if number % 2 else 0
    return made


def words(random: Random) -> str:
    """Pick something people write on pictures."""
    return str(random.choice(WORDS))


@cache
def font_of(name: str, size: int) -> ImageFont.FreeTypeFont:
    """Open one of AugLy's fonts."""
    return ImageFont.truetype(str(Path(FONTS_DIR) / f"{name}.ttf"), size)


@cache
def _emoji_files() -> list[Path]:
    return sorted(Path(EMOJI_DIR).rglob("*.png"))
