"""Are the edits that ship small, sound, and the same each time?"""

import numpy as np
import pytest
from PIL import Image

from lookalike.evaluation.edits import EDITS
from lookalike.testing import draw_picture

PICTURE = Image.fromarray(draw_picture(1, (160, 120)))
OTHER = Image.fromarray(draw_picture(2, (100, 140)))


def edited(edit, picture=PICTURE, seed=0):
    return np.asarray(edit.apply(np.random.default_rng(seed), picture, OTHER))


def test_every_edit_has_a_name_of_its_own():
    assert len({edit.name for edit in EDITS}) == len(EDITS) >= 40


def test_every_edit_changes_the_picture_and_gives_rgb():
    before = PICTURE.tobytes()
    for edit in EDITS:
        pixels = edited(edit)
        assert pixels.ndim == 3, edit.name
        assert pixels.shape != (120, 160, 3) or (pixels != np.asarray(PICTURE)).any(), edit.name
    assert before == PICTURE.tobytes(), "the original is left alone"


@pytest.mark.slow
def test_the_same_chance_gives_the_same_edit():
    for edit in EDITS:
        assert np.array_equal(edited(edit, seed=5), edited(edit, seed=5)), edit.name


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1)])
def test_pictures_of_a_pixel_or_a_line_can_be_edited(size):
    for edit in EDITS:
        assert min(edited(edit, Image.new("RGB", size)).shape) >= 1, edit.name


@pytest.mark.parametrize("size", [(1, 1_600), (1_600, 1)])
@pytest.mark.parametrize("kind", ["on another picture", "screenshot"])
def test_a_line_is_still_seen_where_it_is_laid_on_something(kind, size):
    for edit in (edit for edit in EDITS if edit.kind == kind):
        white, black = (edited(edit, Image.new("RGB", size, colour)) for colour in ("white", "black"))
        assert (white != black).any(), edit.name
