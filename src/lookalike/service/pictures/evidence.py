"""What is a query picture to one of the gallery, and how is that drawn?"""

from io import BytesIO

from PIL import Image

from lookalike.copies.drawing import overlay, side_by_side
from lookalike.errors import NotFound
from lookalike.library import Lookalike
from lookalike.search import Query
from lookalike.service.asking.queries import Drawing
from lookalike.types import Pixels

_QUALITY = 85


def draw(library: Lookalike, both: tuple[Query, Query], drawing: Drawing) -> bytes:
    """Compare two pictures, and draw as a JPEG where they agree; raises as `Lookalike.compare` does.

    Raises:
        NotFound: also where there is nothing to lay over one another.
    """
    pair = library.compare(*both)
    if drawing is Drawing.SIDE_BY_SIDE:
        return _compress(side_by_side(*pair.pictures, pair.evidence))
    if not pair.evidence.regions:
        raise NotFound("There are no matched regions to lay over one another.", "Have them drawn side_by_side instead.")
    return _compress(overlay(*pair.pictures, pair.evidence.regions[0]))


def _compress(pixels: Pixels) -> bytes:
    jpeg = BytesIO()
    Image.fromarray(pixels).save(jpeg, "JPEG", quality=_QUALITY)
    return jpeg.getvalue()
