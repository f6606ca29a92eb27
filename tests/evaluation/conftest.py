"""What do tests of the evaluation need? A small gallery of labelled pictures, seen by the toy encoder."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lookalike.decode import DecodePool
from lookalike.evaluation.subject import Subject
from lookalike.library import Lookalike
from lookalike.testing import ColourEncoder, draw_picture

COLOURS = {"red": (220, 30, 30), "green": (30, 160, 60), "blue": (30, 60, 220)}
EACH = 4


@pytest.fixture(scope="session")
def colours(tmp_path_factory) -> Path:
    """A folder per class: four pictures each, mostly red, green or blue; and a table that labels and captions them."""
    folder = tmp_path_factory.mktemp("colours")
    rows = ["image,label,caption"]
    for number, (name, colour) in enumerate(COLOURS.items()):
        (folder / name).mkdir()
        for seed in range(EACH):
            drawn = draw_picture(10 * number + seed, (160, 120))
            mixed = (0.35 * drawn + 0.65 * np.array(colour)).astype(np.uint8)
            Image.fromarray(mixed).save(folder / name / f"{name}-{seed}.png")
            rows.append(f"{name}/{name}-{seed}.png,{name},a {name} thing number {seed}")
    (folder / "table.csv").write_text("\n".join(rows) + "\n")
    return folder


@pytest.fixture(scope="session")
def _indexed(colours, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("evaluated") / "colours.gallery"
    with Lookalike(path, ColourEncoder()) as library:
        list(library.ingest(library.table_source(colours / "table.csv")))
    return path


@pytest.fixture
def library(_indexed, tmp_path, decoder: DecodePool) -> Iterator[Lookalike]:
    """A gallery of the colours, for this test alone."""
    path = Path(shutil.copy(_indexed, tmp_path / "colours.gallery"))
    with Lookalike(path, ColourEncoder()) as library:
        library._part("decoder", lambda: decoder)  # starting workers takes longer than all else
        yield library


@pytest.fixture
def subject(library) -> Subject:
    return Subject(library)
