"""What may happen to a picture on its way through the web? Strong random edits, to learn what survives them.

For training only: what is measured is edited elsewhere (`edits.py`, `bench/edited_copies/edits.py`).
"""

import io
import string
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

Colour = tuple[int, int, int]
Point = tuple[float, float]
RandomEdit = Callable[[Image.Image, np.random.Generator], Image.Image]

SMALLEST_CROP = 0.12
"""Share of the area; a little below the 15 % that is measured."""


def random_colour(rng: np.random.Generator) -> Colour:
    """Draw a colour, black or white in half of the cases."""
    if rng.random() < 0.5:
        return (0, 0, 0) if rng.random() < 0.5 else (255, 255, 255)
    red, green, blue = rng.integers(0, 256, 3).tolist()
    return red, green, blue


def random_words(rng: np.random.Generator, longest: int) -> str:
    """Draw up to `longest` words of up to eight letters."""
    letters = string.ascii_letters + "     "
    return " ".join(
        "".join(rng.choice(list(letters), rng.integers(2, 9))) for _ in range(int(rng.integers(1, longest + 1)))
    )


def crop(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Keep a part anywhere, of another shape within limits."""
    share = np.exp(rng.uniform(np.log(SMALLEST_CROP), np.log(0.95)))
    stretch = np.exp(rng.uniform(-0.35, 0.35))
    width = int(np.clip(image.width * (share * stretch) ** 0.5, 16, image.width))
    height = int(np.clip(image.height * (share / stretch) ** 0.5, 16, image.height))
    left, top = int(rng.integers(image.width - width + 1)), int(rng.integers(image.height - height + 1))
    return image.crop((left, top, left + width, top + height))


def stretch(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Change the shape, or make everything small."""
    across, down = np.exp(rng.uniform(-0.6, 0.3, 2))
    return image.resize((max(16, int(image.width * across)), max(16, int(image.height * down))))


def rotate(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Turn by any angle; a right one in two of five cases."""
    if rng.random() < 0.4:
        return image.transpose(Image.Transpose(int(rng.choice([2, 3, 4]))))
    angle = rng.uniform(-45, 45) if rng.random() < 0.8 else rng.uniform(0, 360)
    return image.rotate(angle, Image.Resampling.BILINEAR, expand=bool(rng.random() < 0.5), fillcolor=random_colour(rng))


def mirror(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Mirror left to right, now and then top to bottom."""
    return ImageOps.mirror(image) if rng.random() < 0.8 else ImageOps.flip(image)


def tilt(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Look at the picture from a side, as at a print on a table."""
    width, height = image.size
    shift = rng.uniform(-0.25, 0.25, (4, 2)) * (width, height)
    corners = np.array([(0, 0), (0, height), (width, height), (width, 0)]) + shift
    return image.transform(
        image.size,
        Image.Transform.QUAD,
        corners.ravel().tolist(),
        Image.Resampling.BILINEAR,
        fillcolor=random_colour(rng),
    )


def compress(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Save as a small JPEG or WebP."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG" if rng.random() < 0.8 else "WEBP", quality=int(rng.integers(3, 50)))
    return Image.open(buffer).convert("RGB")


def blur(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Lose detail: blur, large pixels, or noise."""
    kind = rng.integers(3)
    if kind == 0:
        return image.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 5)))
    if kind == 1:
        small = [max(12, int(side * rng.uniform(0.1, 0.5))) for side in image.size]
        return image.resize((small[0], small[1])).resize(image.size, Image.Resampling.NEAREST)
    noise = rng.normal(0, rng.uniform(5, 50), (image.height, image.width, 1 if rng.random() < 0.3 else 3))
    return Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))


def recolour(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Change brightness, contrast, saturation and gamma together, or the palette altogether."""
    kind = rng.integers(8)
    if kind == 0:
        return ImageOps.grayscale(image).convert("RGB")
    if kind == 1:
        return ImageOps.invert(image)
    if kind == 2:
        return Image.merge("RGB", [image.split()[i] for i in rng.permutation(3).tolist()])
    if kind == 3:
        grey = ImageOps.grayscale(image)
        return ImageOps.colorize(
            grey, tuple(rng.integers(0, 100, 3).tolist()), tuple(rng.integers(155, 256, 3).tolist())
        )
    if kind == 4:
        return ImageOps.posterize(image, int(rng.integers(1, 5)))
    for enhance in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        image = enhance(image).enhance(float(np.exp(rng.uniform(-1, 0.8))))
    gamma = float(np.exp(rng.uniform(-0.7, 0.7)))
    return image.point([round(255 * (level / 255) ** gamma) for level in range(256)] * 3)


def write(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Put words over the picture, once or all over it."""
    image = image.copy()
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.choice([1, 1, 2, 6]))):
        size = float(rng.uniform(0.05, 0.3) * image.height)
        place = (rng.uniform(-0.1, 0.8) * image.width, rng.uniform(-0.1, 0.9) * image.height)
        draw.text(place, random_words(rng, 4), random_colour(rng), ImageFont.load_default(max(8, size)))
    return image


def sticker(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Put faces, stars and other shapes over the picture."""
    image = image.copy()
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.choice([1, 1, 2, 4]))):
        radius = rng.uniform(0.06, 0.3) * min(image.size)
        centre = (rng.uniform(0, image.width), rng.uniform(0, image.height))
        draw_shape = (_face, _star, _square, _ring)[int(rng.integers(4))]
        draw_shape(draw, centre, radius, random_colour(rng))
    return image


def _box(centre: Point, radius: float) -> tuple[float, float, float, float]:
    return centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius


def _face(draw: ImageDraw.ImageDraw, centre: Point, radius: float, _: Colour) -> None:
    draw.ellipse(_box(centre, radius), (255, 205, 60))
    for side in (-0.4, 0.4):
        draw.ellipse(_box((centre[0] + side * radius, centre[1] - radius / 3), radius / 7), (60, 30, 0))
    draw.arc(_box((centre[0], centre[1] + radius / 8), radius / 2), 0, 180, (60, 30, 0), 3)


def _star(draw: ImageDraw.ImageDraw, centre: Point, radius: float, colour: Colour) -> None:
    angles = np.arange(10) * np.pi / 5
    reach = radius * np.where(np.arange(10) % 2, 0.45, 1)
    across, down = centre[0] + reach * np.sin(angles), centre[1] - reach * np.cos(angles)
    draw.polygon(list(zip(across.tolist(), down.tolist(), strict=True)), colour)


def _square(draw: ImageDraw.ImageDraw, centre: Point, radius: float, colour: Colour) -> None:
    draw.rectangle(_box(centre, radius), colour)


def _ring(draw: ImageDraw.ImageDraw, centre: Point, radius: float, colour: Colour) -> None:
    draw.ellipse(_box(centre, radius), outline=colour, width=max(2, int(radius / 5)))


def frame(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Add a border all round, bars on two sides, or bars with words above or below."""
    kind = rng.integers(3)
    if kind == 0:
        return ImageOps.expand(image, int(rng.uniform(0.02, 0.3) * max(image.size)), random_colour(rng))
    if kind == 1:
        bar = int(rng.uniform(0.05, 0.5) * max(image.size))
        return ImageOps.expand(image, (bar, 0) if rng.random() < 0.5 else (0, bar), random_colour(rng))
    top, bottom = (rng.uniform(0.1, 0.4) * image.height * (rng.random(2) < 0.6)).astype(int).tolist()
    paper = random_colour(rng)
    framed = ImageOps.expand(image, (0, top, 0, bottom), paper)
    ink = (255 - paper[0], 255 - paper[1], 255 - paper[2])
    for y, bar in ((0, top), (framed.height - bottom, bottom)):
        if bar > 12:
            font = ImageFont.load_default(bar / 2)
            ImageDraw.Draw(framed).text((8, y + bar / 5), random_words(rng, 5), ink, font)
    return framed


def shift_parts(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Roll the picture round, or exchange its halves."""
    return ImageChops.offset(image, int(rng.integers(image.width)), int(rng.integers(image.height)))


EDITS: dict[RandomEdit, float] = {
    crop: 4,
    stretch: 1.5,
    rotate: 2,
    mirror: 1.5,
    tilt: 1.5,
    compress: 1.5,
    blur: 1.5,
    recolour: 2.5,
    write: 1.2,
    sticker: 1.2,
    frame: 1.5,
    shift_parts: 0.3,
}
"""Edit → how often it comes, relative to the others."""


def random_edits(image: Image.Image, rng: np.random.Generator, count: int) -> Image.Image:
    """Do `count` edits that differ, in any order."""
    weights = np.array(list(EDITS.values()))
    for index in rng.choice(len(EDITS), count, replace=False, p=weights / weights.sum()).tolist():
        image = list(EDITS)[index](image, rng)
    return image
