"""What does a contact sheet look like as a picture?"""

from dataclasses import dataclass
from functools import cache
from io import BytesIO
from unicodedata import normalize

from PIL import Image, ImageDraw, ImageFont

from lookalike.cli.sheet import THUMBNAIL_SIZE, Entry, Sheet

_COLUMNS = 5
_MARGIN = 24
_TEXT_SIZE = 15
_LINE = 20
_STEP = THUMBNAIL_SIZE + _MARGIN
_PAPER, _INK, _PALE = "white", "black", "#777777"


@dataclass(frozen=True, slots=True)
class _Cell:
    picture: Image.Image
    lines: tuple[str, str]
    """What stands below the picture: in black, and in grey."""
    is_wide: bool = False
    """Whether it has a row of its own."""


def render(sheet: Sheet) -> bytes:
    """Draw the sheet as a PNG: the query on top, hits in rows below, and below those what proves them."""
    cells = [_Cell(_picture(entry.jpeg), (entry.heading, entry.name)) for entry in sheet.entries]
    columns = min(_COLUMNS, max(2, len(cells)))
    across = columns * _STEP - _MARGIN
    picture = Image.new("RGB", (1, 1), _PAPER) if sheet.query is None else _picture(sheet.query)
    rows = [[_Cell(picture, (f"Searched with {sheet.query_name}", sheet.remark), is_wide=True)]]
    rows += [cells[start : start + columns] for start in range(0, len(cells), columns)]
    rows += [[cell] for one in sheet.proved for cell in _proof(one, across)]
    heights = [max(cell.picture.height for cell in row) for row in rows]
    size = (columns * _STEP + _MARGIN, sum(heights) + len(rows) * (2 * _LINE + _MARGIN) + 2 * _MARGIN)
    page = Image.new("RGB", size, _PAPER)
    top = _MARGIN
    for row, height in zip(rows, heights, strict=True):
        for column, cell in enumerate(row):
            room = across if cell.is_wide else THUMBNAIL_SIZE
            _draw(page, cell, (_MARGIN + column * _STEP, top + height), room)
        top += height + 2 * _LINE + _MARGIN
    buffer = BytesIO()
    page.save(buffer, "PNG")
    return buffer.getvalue()


def _proof(entry: Entry, across: int) -> list[_Cell]:
    """Show query and hit side by side, and below, one laid over the other."""
    drawn = ((entry.proof, entry.heading), (entry.overlay, "Laid over one another where they match"))
    return [_Cell(_picture(jpeg, across), (says, entry.name), is_wide=True) for jpeg, says in drawn if jpeg]


def _picture(jpeg: bytes | None, longest: int = THUMBNAIL_SIZE) -> Image.Image:
    if jpeg is None:
        gone = Image.new("RGB", (THUMBNAIL_SIZE, THUMBNAIL_SIZE // 2), _PAPER)
        draw = ImageDraw.Draw(gone)
        draw.rectangle((0, 0, gone.width - 1, gone.height - 1), outline=_PALE)
        draw.text((gone.width // 2, gone.height // 2), "not there any more", _PALE, _font(), anchor="mm")
        return gone
    with Image.open(BytesIO(jpeg)) as opened:
        picture = opened.convert("RGB")
    picture.thumbnail((longest, longest))
    return picture


def _draw(page: Image.Image, cell: _Cell, foot: tuple[int, int], room: int) -> None:
    """Draw a cell whose picture stands on `foot`, with text no wider than `room` below it.

    The font has `é`, but not the accent alone that a Mac's file names have.
    """
    left, bottom = foot
    page.paste(cell.picture, (left, bottom - cell.picture.height))
    draw = ImageDraw.Draw(page)
    for line, (text, ink) in enumerate(zip(cell.lines, (_INK, _PALE), strict=True)):
        draw.text((left, bottom + 4 + line * _LINE), _shortened(normalize("NFC", text), room), ink, _font())


def _shortened(text: str, room: int) -> str:
    """Take characters out of the middle until the text fits."""
    if _font().getlength(text) <= room:
        return text
    kept = len(text)
    while kept > 1 and _font().getlength(_without_middle(text, kept)) > room:
        kept -= 1
    return _without_middle(text, kept)


def _without_middle(text: str, kept: int) -> str:
    return f"{text[: kept // 2]}…{text[len(text) - kept + kept // 2 :]}"


@cache
def _font() -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(_TEXT_SIZE)
