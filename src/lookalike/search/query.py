"""What does one search with? A picture from somewhere, a region of it, and a filter on the answers."""

import base64
import binascii
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from lookalike.errors import BadInput, NotFound
from lookalike.types import Region


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What one searches with: exactly one of a local file, the bytes of a picture, a URL, or the id of a record."""

    file: Path | None = None
    data: bytes | None = None
    url: str = ""
    id: str = ""
    region: Region | None = None
    """Search with this part of the picture only."""
    where: str = ""
    """Answer only from records that pass this filter."""
    min_score: float = -1.0
    effort: Literal["", "fast", "normal", "thorough"] = ""
    """How long to look for edited copies; empty for the searcher's own."""

    @classmethod
    def parse(cls, text: str, **options: Any) -> Self:
        """Read what a person types: a URL, a data-URI, a file that is there, or the id of a record.

        Raises:
            NotFound: none of these.
        """
        if re.match(r"https?://", text, re.IGNORECASE):
            return cls(url=text, **options)
        if text[:5].lower() == "data:":
            return cls(data=parse_data_uri(text), **options)
        if _is_there(text):
            return cls(file=Path(text), **options)
        if re.fullmatch(r"[a-z2-7]{16}", text):
            return cls(id=text, **options)
        raise NotFound(
            f"{text!r} is neither a file that is there, nor a URL, nor the id of a picture in the gallery.",
            "Check the spelling, or start it with https://.",
        )

    def __post_init__(self) -> None:
        """Refuse a query with nothing or two things to search with, or with an impossible region."""
        given = sum([self.file is not None, self.data is not None, bool(self.url), bool(self.id)])
        if given != 1:
            raise BadInput("A query needs exactly one of file, data, url and id.", "Leave out the others.")
        if math.isnan(self.min_score):
            raise BadInput("The lowest score is no number.", "Give one between -1 and 1.")
        if self.region is not None:
            check_region(self.region)


def _is_there(text: str) -> bool:
    try:
        return bool(text) and Path(text).exists()
    except OSError:  # too long for a name, most often
        return False


def check_region(region: Region) -> None:
    """Refuse a region that is empty or lies outside the picture.

    Raises:
        BadInput: so.
    """
    sides = (region.x, region.y, region.width, region.height)
    inside = all(math.isfinite(side) for side in sides) and min(region.x, region.y) >= 0
    if (
        not inside
        or min(region.width, region.height) <= 0
        or max(region.x + region.width, region.y + region.height) > 1 + 1e-9
    ):
        raise BadInput(
            f"The region {','.join(f'{side:g}' for side in sides)} does not lie within the picture.",
            "Give x,y,width,height as fractions between 0 and 1: 0.25,0,0.5,1 is the middle half.",
        )


def parse_data_uri(text: str) -> bytes:
    """Decode `data:image/…;base64,…`, or plain base64.

    Raises:
        BadInput: neither of them.
    """
    head, comma, body = text.partition(",")
    if comma and not (head[:5].lower() == "data:" and head.lower().endswith(";base64")):
        raise BadInput("A data-URI must start with data:image/…;base64,")
    try:
        return base64.b64decode("".join((body if comma else text).split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadInput(f"The picture is no valid base64: {error}.") from error
