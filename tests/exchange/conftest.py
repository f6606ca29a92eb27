"""A gallery with nothing in it, one with records of every sort, and a file of three."""

import struct
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from galleries_exchanged import SPACE

from lookalike.copies import codebook
from lookalike.exchange import export_gallery
from lookalike.gallery import Gallery, open_gallery
from lookalike.testing import MemoryGallery, make_records, make_space
from lookalike.types import Fingerprint

FEATURES = struct.pack("<BBBHHH", 1, codebook.VERSION, 1, 640, 480, 0)
"""Of a picture in which there is nothing to see."""
HOSTILE = 'quote " back\\slash\nnew\0line 日本語 🐼 \u202e'


@pytest.fixture(params=["memory", "sqlite"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Gallery]:
    """A gallery of each kind, with nothing in it."""
    gallery = MemoryGallery() if request.param == "memory" else open_gallery(tmp_path / "empty.gallery")
    with gallery:
        yield gallery


@pytest.fixture
def full() -> MemoryGallery:
    """A gallery with records of every sort: in two spaces, in one, in none, with odd texts and times."""
    second = make_space("toy@1/sec.ond", 8)
    gallery = MemoryGallery()
    gallery.add_space(SPACE)
    gallery.add_space(second)
    records = make_records(57)
    records[3] = replace(records[3], embeddings={})
    records[4] = replace(records[4], embeddings={**records[4].embeddings, second.name: np.eye(8, dtype=np.float16)[2]})
    records[5] = replace(
        records[5],
        title=HOSTILE,
        caption=HOSTILE,
        tags=(HOSTILE, "b"),
        metadata={HOSTILE: HOSTILE, "nested": {"list": [1, 2.5, None, True]}},
        taken_at=datetime(1839, 1, 1, 10, 30, 0, 123_456),  # noqa: DTZ001
        added_at=datetime(2024, 5, 6, 7, 8, 9, 987_654, tzinfo=UTC),
        fingerprint=Fingerprint(pixels="ab" * 16, perceptual="cd" * 32, quality=77, features=FEATURES),
    )
    gallery.put(records)
    return gallery


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """A file of three records."""
    gallery = MemoryGallery()
    gallery.add_space(SPACE)
    gallery.put(make_records(3))
    export_gallery(gallery, tmp_path / "three.parquet")
    return tmp_path / "three.parquet"
