"""How does a picture appear in a terminal? Two pixels a character: ▀ with one colour above and one below."""

from io import BytesIO

from PIL import Image
from rich.color import Color
from rich.style import Style
from rich.text import Text


def draw(jpeg: bytes, columns: int, rows: int) -> Text:
    """Draw a picture as large as fits into this many characters."""
    with Image.open(BytesIO(jpeg)) as opened:
        picture = opened.convert("RGB")
    picture.thumbnail((columns, rows * 2), Image.Resampling.LANCZOS)
    lines = [_line(picture, row) for row in range(0, picture.height, 2)]
    return Text("\n").join(lines)


def _line(picture: Image.Image, row: int) -> Text:
    line = Text()
    for column in range(picture.width):
        below = _colour(picture, column, row + 1) if row + 1 < picture.height else None
        line.append("▀", Style(color=_colour(picture, column, row), bgcolor=below))
    return line


def _colour(picture: Image.Image, column: int, row: int) -> Color:
    red, green, blue = picture.getpixel((column, row))  # type: ignore[misc] # the picture is RGB
    return Color.from_rgb(red, green, blue)
