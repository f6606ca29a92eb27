"""Which real photos are at hand? Those of the folder that LOOKALIKE_TEST_DATA names.

Each tar holds pictures, and beside each a JSON file with what is known: `label`, or `captions` by language.
"""

import hashlib
import json
import os
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from lookalike.types import Pixels

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Photo:
    """A file, and what people say of it."""

    name: str
    data: bytes
    said: dict[str, Any]

    @property
    def is_held_out(self) -> bool:
        """Whether no training of the bundled model may have used it; only of sets that training uses at all."""
        return hashlib.sha256(self.data).hexdigest()[0] in "01"


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded photo."""

    name: str
    """Its set and its file in it: the same on every machine, whatever is drawn or left out."""
    pixels: Pixels


def at_hand(file: str) -> Path | None:
    """Give a file of photos or captions; None where it is not there, or nobody has named a folder."""
    folder = os.environ.get("LOOKALIKE_TEST_DATA")
    path = Path(folder, file) if folder else None
    return path if path and path.exists() else None


def tar_of(name: str) -> Path | None:
    """Give the tar of a set, likewise."""
    return at_hand(f"{name}.tar")


def read_photos(name: str, most: int = 0) -> Iterator[Photo]:
    """Read the photos of a set; `most`, where it is not 0, spread evenly over the whole."""
    path = tar_of(name)
    if path is None:
        raise SystemExit(f"There is no {name}.tar; set LOOKALIKE_TEST_DATA to the folder that holds it.")
    with tarfile.open(path) as tar:
        members = {member.name: member for member in tar}
        pictures = [one for one in members if not one.endswith(".json")]
        for picture in spread(pictures, most or len(pictures)):
            stem = picture.rpartition(".")[0]
            said = json.loads(_content(tar, members[f"{stem}.json"])) if f"{stem}.json" in members else {}
            yield Photo(stem, _content(tar, members[picture]), said)


def spread(items: Sequence[Item], most: int) -> list[Item]:
    """Give at most so many, evenly over the whole: as many of each kind as its share, where kinds lie together."""
    count = min(most, len(items))
    return [items[turn * len(items) // count] for turn in range(count)]


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    assert file is not None
    return file.read()
