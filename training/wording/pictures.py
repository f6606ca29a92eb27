"""Which pictures have captions, and which of them may be learnt from?"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from features import FIT
from lookalike.decode import decode
from lookalike.types import Pixels
from pictures import read_members

FLICKR_TRAIN, FLICKR_DEV, OPENSTAX = "flickr8k-train", "flickr8k-dev", "openstax-photos"


@dataclass(frozen=True)
class Captioned:
    """A picture at the network's size, and what people said of it, by language."""

    name: str
    pixels: Pixels
    captions: dict[str, list[str]]
    held_out: bool
    """Whether it is kept from learning: its bytes' sha256 begins with 0 or 1, an eighth of all."""


def read_captioned(tar: Path, limit: int | None = None) -> list[Captioned]:
    """Read the pictures of a tar by name; the first `limit`, where given."""
    files = read_members(tar)
    return [_captioned(name, files[name]) for name in sorted(files)[:limit]]


def _captioned(name: str, files: dict[str, bytes]) -> Captioned:
    return Captioned(
        name=name,
        pixels=decode(files["jpg"], FIT).pixels,
        captions=json.loads(files["json"]).get("captions", {}),
        held_out=hashlib.sha256(files["jpg"]).hexdigest()[0] in "01",
    )
