import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.copies.codebook import load_codebook
from lookalike.copies.features import Features, detect
from lookalike.copies.packing import Level, holds, pack, unpack
from lookalike.errors import GalleryError


@pytest.fixture(scope="module")
def features(draw_busy):
    return detect(draw_busy(2), 75, distinct=True)


@pytest.fixture(scope="module")
def blob(features):
    return pack(features, load_codebook().encode(features.descriptors))


def test_words_and_signatures_come_back_as_they_were(features, blob):
    words = load_codebook().encode(features.descriptors)
    stored = unpack(blob)
    np.testing.assert_array_equal(stored.words, words.words[:, 0])
    np.testing.assert_array_equal(stored.signatures, words.signatures[:, 0])
    assert (stored.width, stored.height) == (320, 240)
    assert stored.descriptors is None


def test_points_come_back_nearly_as_they_were(features, blob):
    points = unpack(blob).points
    assert np.abs(points[:, :2] - features.points[:, :2]).max() < 1
    assert np.abs(np.log2(points[:, 2] / features.points[:, 2])).max() < 0.07
    assert np.abs((points[:, 3] - features.points[:, 3] + 180) % 360 - 180).max() < 3


def test_a_point_takes_14_bytes(blob):
    assert len(blob) == 9 + 75 * 14


def test_descriptors_come_back_where_they_are_kept(features):
    stored = unpack(pack(features, load_codebook().encode(features.descriptors), Level.FULL))
    np.testing.assert_array_equal(stored.descriptors, features.descriptors)


def test_a_picture_without_points_can_be_packed():
    nothing = Features(np.zeros((0, 4), np.float32), np.zeros((0, 128), np.uint8), 30, 20)
    stored = unpack(pack(nothing, load_codebook().encode(nothing.descriptors)))
    assert len(stored.words) == len(stored.points) == 0


@pytest.mark.parametrize("place", [0, 1])
def test_another_version_is_refused_and_named(blob, place):
    newer = bytearray(blob)
    newer[place] = 200
    with pytest.raises(GalleryError, match=r"of version .*200.*Index the picture again"):
        unpack(bytes(newer))
    assert not holds(bytes(newer), Level.FAST)


def test_it_is_told_whether_as_much_is_stored_as_one_wants(features, blob):
    full = pack(features, load_codebook().encode(features.descriptors), Level.FULL)
    assert [holds(one, level) for one in (blob, full) for level in Level] == [True, False, True, True]
    assert not any(holds(blob[:length], Level.FAST) for length in range(3))


@pytest.mark.parametrize("length", [0, 5, 9, -1])
def test_bytes_cut_short_are_refused(blob, length):
    with pytest.raises(GalleryError, match=r"cut short|broken"):
        unpack(blob[:length])


def test_bytes_too_many_are_refused(blob):
    with pytest.raises(GalleryError, match="broken"):
        unpack(blob + b"x")


def test_a_picture_of_no_size_is_refused(blob):
    with pytest.raises(GalleryError, match="broken"):
        unpack(blob[:3] + struct.pack("<HH", 0, 10) + blob[7:])


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_understood(data):
    try:
        stored = unpack(data)
    except GalleryError:
        return
    assert len(stored.words) == len(stored.points)


@given(st.integers(0, 2**32))
def test_flipped_bits_behind_the_header_never_leave_the_ranges(blob, seed):
    changed = bytearray(blob)
    changed[9:] = np.random.default_rng(seed).bytes(len(blob) - 9)
    stored = unpack(bytes(changed))
    assert stored.words.max() < 2**20
    assert (stored.points[:, :2] >= 0).all()
    assert (stored.points[:, :2] <= [320, 240]).all()
