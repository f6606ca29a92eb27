"""What does a comparison of two pictures look like, as a page or as a picture?"""

from base64 import b64encode
from html import escape
from io import BytesIO

import numpy as np
from PIL import Image

from lookalike.cli.proof import jpeg, pair_drawn
from lookalike.cli.wording import pair_words
from lookalike.copies.drawing import overlay
from lookalike.search import Pair
from lookalike.types import Pixels

_GAP_PX = 16
_PAPER = 250

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>A and B · Lookalike</title>
<style>
  :root {{ color-scheme: light dark; font: 15px/1.4 system-ui, sans-serif }}
  body {{ margin: 2rem }}
  h1 {{ font-size: 1.4rem }}
  figure {{ margin: 1.5rem 0 }}
  img {{ max-width: 100%; display: block; margin-bottom: .5rem }}
</style>
</head>
<body>
<h1>{verdict}</h1>
{more}
{figures}
</body>
</html>
"""


def render(pair: Pair, ending: str) -> bytes:
    """Draw A and B side by side, and A over B where they match: a PNG for `.png`, else a page in UTF-8."""
    return _png(pair) if ending.lower() == ".png" else _page(pair)


def _page(pair: Pair) -> bytes:
    verdict, *more = pair_words(pair)
    figures = [_figure(pair_drawn(pair), "A, and B")] + [
        _figure(drawn, f"A laid over B where they match, region {number}")
        for number, drawn in enumerate(_overlays(pair), start=1)
    ]
    page = _PAGE.format(
        verdict=escape(verdict),
        more="\n".join(f"<p>{escape(line)}</p>" for line in more),
        figures="\n".join(figures),
    )
    return page.encode()


def _figure(drawn: Pixels, says: str) -> str:
    data = b64encode(jpeg(drawn)).decode()
    return f'<figure><img src="data:image/jpeg;base64,{data}" alt="{says}"><figcaption>{says}</figcaption></figure>'


def _png(pair: Pair) -> bytes:
    """Stack the drawings."""
    drawn = [pair_drawn(pair), *_overlays(pair)]
    width = max(one.shape[1] for one in drawn)
    height = sum(one.shape[0] for one in drawn) + _GAP_PX * (len(drawn) - 1)
    page, top = np.full((height, width, 3), _PAPER, np.uint8), 0
    for one in drawn:
        page[top : top + one.shape[0], : one.shape[1]] = one
        top += one.shape[0] + _GAP_PX
    buffer = BytesIO()
    Image.fromarray(page).save(buffer, "PNG")
    return buffer.getvalue()


def _overlays(pair: Pair) -> list[Pixels]:
    return [overlay(*pair.pictures, region) for region in pair.evidence.regions]
