"""A folder of ten small pictures, a gallery for them, and a run that tells what became of each."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from lookalike.ingest import ingest
from lookalike.sources import FolderSource, Source
from lookalike.testing import ColourEncoder, MemoryGallery, picture_bytes
from lookalike.types import Embeddings, Outcome, Pixels
from lookalike.uris import local_path


class CountingEncoder(ColourEncoder):
    """Remembers how many pictures it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.encoded = 0

    def encode(self, images: Sequence[Pixels]) -> dict[str, Embeddings]:
        self.encoded += len(images)
        return super().encode(images)


@pytest.fixture(scope="module")
def pictures():
    """Files of ten small pictures by their names, drawn once."""
    return {
        **{f"holiday/picture-{seed}.jpg": picture_bytes(seed, (64, 48)) for seed in range(3)},
        **{f"picture-{seed}.png": picture_bytes(seed, (64, 48), "png") for seed in range(3, 10)},
    }


@pytest.fixture
def photos(tmp_path, pictures):
    folder = tmp_path / "photos"
    (folder / "holiday").mkdir(parents=True)
    for name, data in pictures.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture
def gallery():
    return MemoryGallery()


@pytest.fixture
def encoder():
    return CountingEncoder()


@pytest.fixture
def run(gallery, encoder, decoder):
    def run(source: Source | Path, **options) -> dict[str, Outcome]:
        source = FolderSource([source]) if isinstance(source, Path) else source
        done = ingest(source, gallery, encoder, decoder, **options)
        return {path.name if (path := local_path(one.uri)) else one.uri: one.outcome for one in done}

    return run
