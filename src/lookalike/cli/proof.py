"""How is the proof of a hit drawn? Query and hit side by side, and one laid over the other where they match."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from lookalike.copies.drawing import overlay, side_by_side
from lookalike.decode import Fit
from lookalike.errors import LookalikeError
from lookalike.search import Answer, Pair
from lookalike.types import Evidence, Hit, Pixels

if TYPE_CHECKING:
    from lookalike.library import Lookalike

PROOF_COLUMNS, PROOF_ROWS = 56, 14
"""Characters that a pair of pictures takes in the terminal; text fits beside it in 80 columns."""
_MOST = 30
"""Hits of an answer that are drawn; more make a page of many megabytes."""
_SIDE_PX = 512


@dataclass(frozen=True, slots=True)
class Proof:
    """A query and a hit that matched regions prove, ready to draw."""

    query: Pixels
    image: Pixels
    """The hit's picture."""
    evidence: Evidence

    @property
    def beside(self) -> Pixels:
        """Both side by side, what they have in common outlined."""
        return side_by_side(self.query, self.image, self.evidence)

    @property
    def over(self) -> Pixels:
        """The query laid over the hit's picture where they match best."""
        return overlay(self.query, self.image, self.evidence.regions[0])


def pair_drawn(pair: Pair) -> Pixels:
    """Draw both pictures of a pair side by side."""
    return side_by_side(*pair.pictures, pair.evidence)


def proofs_of(answer: Answer, opened: Callable[[], Path | bytes], library: "Lookalike") -> dict[str, Proof]:
    """Get the pictures of each hit that matched regions prove, by the hit's id; what is gone is left out.

    `opened` gives the whole query picture, and is called only where there is something to draw.
    """
    proved = [hit for hit in answer.hits if hit.evidence.regions][:_MOST]
    if not proved:
        return {}
    try:
        query = library.decoder.decode(opened(), Fit(size=_SIDE_PX, mode="inside")).pixels
    except LookalikeError:
        return {}
    proofs = {}
    for hit in proved:
        picture = _picture(hit, library)
        if picture is not None:
            proofs[hit.record.id] = Proof(query, picture, hit.evidence)
    return proofs


def jpeg(picture: Pixels, longest: int | None = None) -> bytes:
    """Compress a drawing, made smaller where a longest side is given."""
    image = Image.fromarray(picture)
    if longest is not None:
        image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def _picture(hit: Hit, library: "Lookalike") -> Pixels | None:
    try:
        small = library.thumbnails.jpeg(hit.record, _SIDE_PX)
    except LookalikeError:
        return None
    with Image.open(BytesIO(small), formats=["JPEG"]) as opened:
        return np.asarray(opened.convert("RGB"))
