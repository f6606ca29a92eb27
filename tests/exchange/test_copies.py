"""What becomes of a gallery that another one is copied into?"""

from dataclasses import replace

import numpy as np
import pytest

from lookalike.exchange import copy_gallery
from lookalike.gallery import Gallery
from lookalike.testing import MemoryGallery, make_records, make_space
from lookalike.types import Learned

OURS, THEIRS = make_space("ours@1/a", 8), make_space("theirs@1/a", 8)
LEARNED = Learned(pictures=(2.0, 1.0), texts=(0.0, 0.0), note="ours")
OTHER = Learned(pictures=(3.0, 1.0), texts=(0.0, 0.0), note="theirs")

pytestmark = pytest.mark.slow


def holding(space, first: int) -> MemoryGallery:
    """A gallery of three records in a space of its own."""
    gallery = MemoryGallery()
    gallery.add_space(space)
    vectors = {space.name: np.eye(8, dtype=np.float16)[first]}
    gallery.put([replace(one, embeddings=vectors) for one in make_records(first + 3)[first:]])
    return gallery


@pytest.fixture
def source() -> Gallery:
    return holding(THEIRS, 3)


def test_an_empty_gallery_answers_as_the_one_that_is_copied(source):
    source.calibrate(THEIRS.name, OTHER)
    target = MemoryGallery()
    list(copy_gallery(source, target))
    assert target.serving == source.serving
    assert target.spaces[THEIRS.name].learned == "theirs"
    source.add_space(OURS)
    source.serve(lambda now: replace(now, filling=(OURS.name,)))
    list(copy_gallery(source, target))
    assert target.serving == source.serving


def test_a_gallery_goes_on_answering_with_an_encoder_that_the_copied_one_knows_nothing_of(source):
    target = holding(OURS, 0)
    target.add_space(THEIRS)
    target.calibrate(THEIRS.name, LEARNED)
    target.serve(lambda now: replace(now, filling=(THEIRS.name,)))
    before = target.serving
    source.calibrate(THEIRS.name, OTHER)
    list(copy_gallery(source, target))
    assert target.count() == 6
    assert target.serving == before
    assert target.spaces[THEIRS.name].learned == "ours"
