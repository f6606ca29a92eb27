import numpy as np
import pytest

from lookalike.copies.fingerprint import Fingerprinter, shrink
from lookalike.copies.packing import unpack
from lookalike.copies.pdq import hash_picture


@pytest.fixture(scope="module")
def grey(draw_busy):
    return draw_busy(8, (448, 300))


def test_a_print_holds_the_hash_of_the_whole_picture(grey):
    taken, whole = Fingerprinter("none").fingerprint(grey, ""), hash_picture(grey)
    assert (taken.perceptual, taken.quality) == (whole.bits.tobytes().hex(), whole.quality)
    assert len(taken.perceptual) == 64
    assert taken.features == b""


def test_features_are_68_points_of_the_picture_at_320_pixels(grey):
    stored = unpack(Fingerprinter().fingerprint(grey, "").features)
    assert len(stored.words) == 68
    assert (stored.width, stored.height) == (320, 214)
    assert stored.descriptors is None


def test_a_fast_print_stays_below_a_kilobyte_and_a_full_one_holds_descriptors(grey):
    fast, full = (Fingerprinter(kept).fingerprint(grey, "").features for kept in ("fast", "full"))
    assert len(fast) < 1_000 - 32
    assert unpack(full).descriptors.shape == (68, 128)
    np.testing.assert_array_equal(unpack(full).words, unpack(fast).words)


def test_a_small_picture_is_left_as_it_is(grey):
    assert shrink(grey[:200, :250]).shape == (200, 250)
    assert shrink(grey).shape == (214, 320)
    assert shrink(np.zeros((448, 1), np.uint8)).shape == (320, 1)


@pytest.mark.parametrize("size", [(1, 1), (1, 448), (3, 90), (60, 60)])
def test_pictures_that_are_tiny_or_blank_have_a_print_without_points(size):
    taken = Fingerprinter().fingerprint(np.full(size, 200, np.uint8), "")
    assert taken.quality == 0
    assert len(unpack(taken.features).words) == 0
