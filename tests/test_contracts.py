"""Do the encoders, galleries and sources that come with Lookalike keep the contracts?"""

import os
from pathlib import Path

import pytest

from lookalike.encoders import Encoder, load_encoder
from lookalike.gallery import Gallery
from lookalike.sources import FolderSource, Source
from lookalike.testing import (
    ColourEncoder,
    GalleryContract,
    MemoryGallery,
    RecogniserContract,
    SourceContract,
    TextEncoderContract,
    picture_bytes,
)


@pytest.mark.slow
class TestMemoryGallery(GalleryContract):
    def open(self, tmp_path: Path) -> Gallery:  # noqa: ARG002 - nothing of it is on disk
        return MemoryGallery()


class TestColourEncoder(TextEncoderContract, RecogniserContract):
    def load(self) -> Encoder:
        return ColourEncoder()


@pytest.mark.slow
class TestMini(TextEncoderContract, RecogniserContract):
    def load(self) -> Encoder:
        return load_encoder("mini")


class TestFolderSource(SourceContract):
    def make(self, tmp_path: Path) -> Source:
        folder = tmp_path / "Fotos für später #1"
        folder.mkdir()
        for seed in range(3):
            (folder / f"{seed} 100%.jpg").write_bytes(picture_bytes(seed))
        return FolderSource([folder])

    def change(self, tmp_path: Path) -> str:
        path = tmp_path / "Fotos für später #1" / "1 100%.jpg"
        path.write_bytes(picture_bytes(9))
        os.utime(path, (1, 1))
        return path.as_uri()

    def make_missing(self, tmp_path: Path) -> Source:
        return FolderSource([tmp_path / "nothing here"])
