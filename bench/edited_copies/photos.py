"""Which real photos may copies be measured with?

They are those of LOOKALIKE_TEST_DATA. What trains Lookalike's copy engine (the first 3,000 pictures of flickr8k-train)
is used for nothing here. Public sets contain real duplicates: of each set of them one is kept, before anything is
drawn; repeated.txt names the others.
"""

import io
import tarfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from real_photos import Picture, spread, tar_of

_SOURCES = (("openstax-photos", 0), ("flickr8k-dev", 0), ("imagenet-one-per-class", 0), ("flowers", 0))
_DISTRACTORS = (("flickr8k-train", 3_000), ("grocery-train", 0))
"""Archives, and the first picture, sorted by name, that may be used for measuring."""

_REPEATED = Path(__file__).with_name("repeated.txt")
"""Names of the photos that repeat another one; made by copies_duplicates.py."""


def pool(data: Path, most: int) -> tuple[list[Picture], list[Picture]]:
    """Read what may be measured with, without duplicates: pictures to look for, and distractors.

    Of either no more than `most` are read, spread evenly over all there are.
    """
    repeated = set(_REPEATED.read_text("utf-8").splitlines())
    first, second = everything(data, most)
    return [one for one in first if one.name not in repeated], [one for one in second if one.name not in repeated]


def everything(data: Path, most: int) -> tuple[list[Picture], list[Picture]]:
    """Read the same, with duplicates."""
    return _spread(data, _SOURCES, most), _spread(data, _DISTRACTORS, most)


def _spread(data: Path, archives: Sequence[tuple[str, int]], most: int) -> list[Picture]:
    places = [(name, member) for name, start in archives for member in _pictures(data, name)[start:]]
    chosen: dict[str, list[str]] = defaultdict(list)
    for name, member in spread(places, most):
        chosen[name].append(member)
    return [one for name, members in chosen.items() for one in _read_archive(data, name, members)]


def _pictures(data: Path, name: str) -> list[str]:
    with tarfile.open(data / f"{name}.tar") as tar:
        return sorted(one for one in tar.getnames() if one.endswith(".jpg"))


def _read_archive(data: Path, name: str, members: Sequence[str]) -> Iterator[Picture]:
    with tarfile.open(data / f"{name}.tar") as tar:
        for member in members:
            file = tar.extractfile(member)
            assert file is not None
            yield Picture(f"{name}/{member}", np.asarray(Image.open(io.BytesIO(file.read())).convert("RGB")))


def photo_folder() -> Path:
    """Give the folder of real pictures, without which there is nothing to measure with."""
    photos = tar_of("openstax-photos")
    if photos is None:
        raise SystemExit("There is no openstax-photos.tar; set LOOKALIKE_TEST_DATA to the folder that holds it.")
    return photos.parent
