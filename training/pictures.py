"""Where do training and measuring get their pictures? From WebDataset tars: `name.jpg` beside `name.json`."""

import json
import tarfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lookalike.decode import Fit, decode
from lookalike.types import Pixels

WHOLE = Fit(size=32_767, mode="inside")


@dataclass(frozen=True)
class Picture:
    """One picture at full size, and its label where it has one."""

    name: str
    pixels: Pixels
    label: str


def read_members(tar: Path) -> dict[str, dict[str, bytes]]:
    """Give {stem: {`jpg`: bytes, `json`: bytes}} of a tar."""
    files: dict[str, dict[str, bytes]] = {}
    with tarfile.open(tar) as archive:
        for member in archive:
            stem, _, ending = member.name.rpartition(".")
            file = archive.extractfile(member)
            if file is not None and ending in {"jpg", "json"}:
                files.setdefault(stem, {})[ending] = file.read()
    return files


def read_pictures(tar: Path, limit: int | None = None, part: slice = slice(None)) -> list[Picture]:
    """Read the pictures of a tar by name; with `limit`, a sample of this `part` that is the same every time."""
    texts = read_members(tar)
    names = sorted(texts)[part]
    if limit is not None and limit < len(names):
        names = sorted(np.random.default_rng(0).permutation(names)[:limit].tolist())
    return [
        Picture(
            name=name,
            pixels=decode(texts[name]["jpg"], WHOLE).pixels,
            label=json.loads(texts[name]["json"]).get("label", ""),
        )
        for name in names
    ]
