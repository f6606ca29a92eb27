"""What does one search with? A picture from somewhere or a region of it, words, or both, and a filter."""

import base64
import binascii
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self, get_args

from lookalike.errors import BadInput, NotFound
from lookalike.types import Region
from lookalike.uris import is_web, local_path

Mode = Literal["auto", "picture", "caption", "all"]
"""What of a query picture is searched with: `picture`, its looks; `caption`, nothing but the words that describe it;
`all`, both; `auto`, its looks, or with words beside it what both mean together."""

_PICTURE_NAME = re.compile(
    r"\.(jpe?g|jpe|jfif|png|webp|gif|bmp|tiff?|avif|hei[cf]|dng|cr[23]|nef|arw|raf|orf|rw2)", re.IGNORECASE
)
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://|\.{0,2}/|~|[a-z]:\\", re.IGNORECASE)
_ID = re.compile("[a-z2-7]{16}")
_SPACES = b" \t\r\n\f\v"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What one searches with: words, or at most one of a local file, a picture's bytes, a URL, and a record's id."""

    file: Path | None = None
    data: bytes | None = None
    url: str = ""
    id: str = ""
    text: str = ""
    """Words, as `lookalike.search.words` reads them. In the modes `caption` and `all` they stand in for those that
    describe the picture."""
    mode: Mode = "auto"
    region: Region | None = None
    """Search with this part of the picture only."""
    where: str = ""
    """Answer only from records that pass this filter."""
    min_score: float = -1.0
    effort: Literal["", "fast", "normal", "thorough"] = ""
    """How long to look for edited copies; empty for the searcher's own."""

    @classmethod
    def parse(cls, typed: str, /, **options: Any) -> Self:
        """Read what a person types: a URL, a data-URI, a file that is there, or the id of a record; else words.

        Raises:
            BadInput: a folder.
            NotFound: what looks like a file or an address, but is none.
        """
        known = cls._parse_known(typed, options)
        if known is not None:
            return known
        name = typed.rstrip()
        if _ADDRESS.match(typed) or _PICTURE_NAME.fullmatch(name, name.rfind(".")):
            raise _no_picture(typed, f"Check the spelling. To look for it as words, put it in quotes: {_quoted(typed)}")
        if options.get("text"):
            raise BadInput("There are words twice and no picture.", "Give them together, or a picture.")
        return cls(**(options | {"text": typed}))

    @classmethod
    def parse_picture(cls, typed: str, /, **options: Any) -> Self:
        """Read what a person types where only a picture will do, as `parse` does.

        Raises:
            BadInput: a folder.
            NotFound: it names none.
        """
        query = cls._parse_known(typed, options)
        if query is None:
            raise _no_picture(typed, "Check the spelling; an address on the web starts with https://.")
        return query

    @classmethod
    def _parse_known(cls, typed: str, options: dict[str, Any]) -> Self | None:
        """Read what is a picture for certain."""
        if is_web(typed):
            return cls(url=typed, **options)
        if _is_data_uri(typed):
            return cls(data=parse_data_uri(typed), **options)
        place = _path_of(typed)
        if is_there(place):
            if Path(place).is_dir():
                raise BadInput(f"{typed!r} is a folder.", "Name a picture in it.")
            return cls(file=Path(place), **options)
        return cls(id=typed, **options) if _ID.fullmatch(typed) else None

    def __post_init__(self) -> None:
        """Refuse a query with nothing or two things to search with, or with an impossible region."""
        given = sum([self.file is not None, self.data is not None, bool(self.url), bool(self.id)])
        if given > 1:
            raise BadInput("A query takes only one of file, data, url and id.", "Leave out the others.")
        if not given and not self.text.strip():
            raise BadInput("There is nothing to search with.", "Give words, or exactly one of file, data, url and id.")
        self._check_mode()
        if math.isnan(self.min_score):
            raise BadInput("The lowest score is no number.", "Give one between -1 and 1.")
        if self.region is not None:
            _check_within(self.region)

    @property
    def has_picture(self) -> bool:
        """Whether there is a picture to search with."""
        return self.file is not None or self.data is not None or bool(self.url or self.id)

    def _check_mode(self) -> None:
        if self.mode not in get_args(Mode):
            raise BadInput(f"There is no mode {self.mode!r}.", f"Use one of {', '.join(get_args(Mode))}.")
        if not self.has_picture and self.region is not None:
            raise BadInput("A region needs a picture.", "Give one, or leave out the region.")
        if not self.has_picture and self.mode != "auto":
            raise BadInput(f"The mode {self.mode!r} needs a picture.", "Give one, or leave out the mode.")
        if self.mode == "picture" and self.text:
            raise BadInput("The mode 'picture' takes no words.", "Leave out the mode to search with both.")


def _no_picture(text: str, fix: str) -> NotFound:
    return NotFound(
        f"{text!r} is neither a file that is there, nor a URL, nor the id of a picture in the gallery.", fix
    )


def _quoted(text: str) -> str:
    return "'\"{}\"'".format(text.replace('"', "").replace("'", ""))


def _is_data_uri(text: str) -> bool:
    """Whether it begins as a data-URI does, rather than as words do: `data: charts, tables`, `data:science, art`."""
    head, comma, _ = text.partition(",")
    return bool(comma) and head[:5].lower() == "data:" and not set(head).isdisjoint("/;") and head.split() == [head]


def _path_of(typed: str) -> str:
    """Give the path that a `file:` uri names, as answers name their pictures by; any other text as it is."""
    try:
        return str((typed.startswith("file:/") and local_path(typed)) or typed)
    except ValueError:  # brackets, as of an address that is none
        return typed


def is_there(text: str) -> bool:
    """Whether something lies there; of folders, only what is written as a path means one: `holiday` is a word."""
    path = Path(text)
    is_bare = path.name == text != ".."
    try:
        return bool(text) and path.exists() and not (is_bare and path.is_dir())
    except OSError:  # too long for a name, most often
        return False


def _check_within(region: Region) -> None:
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
        typed = (body if comma else text).encode("ascii")
        return base64.b64decode(typed.translate(None, _SPACES), validate=True)
    except (binascii.Error, ValueError) as error:
        fix = "Send the picture as a file, or its bytes in base64."
        raise BadInput(f"The picture is no valid base64: {error}.", fix) from error
