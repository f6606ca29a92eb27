"""What is a query picture to one of the gallery, and how is that drawn?"""

from io import BytesIO
from pathlib import Path

from PIL import Image

from lookalike import search
from lookalike.copies.drawing import overlay, side_by_side
from lookalike.errors import NotFound
from lookalike.search import Pair, Query, compare_pair
from lookalike.service.asking.queries import Drawing
from lookalike.service.parts import Parts
from lookalike.types import Pixels

_QUALITY = 85


def compare(parts: Parts, id_: str, query: Query) -> Pair:
    """Compare a query picture with a picture of the gallery.

    Raises:
        NotFound: there is no such picture, or its original has gone.
        UnreadableImage, TooLarge, Unreachable, BadInput: one of the pictures cannot be had or decoded.
    """
    return compare_both(parts, query, Query(id=id_))


def compare_both(parts: Parts, first: Query, second: Query) -> Pair:
    """Compare two pictures, the first of which counts as the query; raises as `compare` does."""
    return compare_pair(parts.decoder, open_picture(parts, first), open_picture(parts, second), first.region)


def draw(parts: Parts, id_: str, query: Query, drawing: Drawing) -> bytes:
    """Compare a query with a picture of the gallery, and draw where they agree; raises as `draw_both` does."""
    return draw_both(parts, (query, Query(id=id_)), drawing)


def draw_both(parts: Parts, both: tuple[Query, Query], drawing: Drawing) -> bytes:
    """Compare two pictures, and draw as a JPEG where they agree; raises as `compare` does.

    Raises:
        NotFound: also where there is nothing to lay over one another.
    """
    pair = compare_both(parts, *both)
    if drawing is Drawing.SIDE_BY_SIDE:
        return _compress(side_by_side(*pair.pictures, pair.evidence))
    if not pair.evidence.regions:
        raise NotFound("There are no matched regions to lay over one another.", "Have them drawn side_by_side instead.")
    return _compress(overlay(*pair.pictures, pair.evidence.regions[0]))


def open_picture(parts: Parts, query: Query) -> Path | bytes:
    """Give the picture of a query: its file, or its bytes.

    Raises:
        NotFound, Unreachable, TooLarge, BadInput: it cannot be had.
        Overloaded: many wait for other sites already.
    """
    return search.open_picture(query, parts.record(query.id) if query.id else None, parts.fetcher)


def _compress(pixels: Pixels) -> bytes:
    jpeg = BytesIO()
    Image.fromarray(pixels).save(jpeg, "JPEG", quality=_QUALITY)
    return jpeg.getvalue()
