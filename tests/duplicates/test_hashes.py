"""Are all close hashes found, and only those, whichever way round the pictures are?"""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.copies.pdq import hash_picture
from lookalike.duplicates.hashes import MAX_DISTANCE, HashIndex
from lookalike.testing import draw_picture

ODD = np.arange(16) % 2 == 0
"""Frequencies count from 1, so that the first is odd, and changes its sign when a picture is flipped."""


def with_bits_flipped(hash_: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    bits = np.unpackbits(hash_)
    bits[random.choice(256, count, replace=False)] ^= 1
    return np.packbits(bits)


def all_positions(hash_: np.ndarray) -> list[np.ndarray]:
    """The hash as it is, then those of the picture turned and mirrored in every other way."""
    bits = np.unpackbits(hash_)[::-1].reshape(16, 16).astype(bool)
    forms = [one ^ (ODD & mirrored) for one in (bits, bits.T) for mirrored in (False, True)]
    forms = [one ^ (ODD & upended)[:, None] for one in forms for upended in (False, True)]
    return [np.packbits(one.ravel()[::-1]) for one in forms]


def near(hashes: np.ndarray, number: int, **how: int) -> list[tuple[int, int, bool]]:
    (found,) = HashIndex(hashes).near(np.array([number]), **how)
    return list(zip(found.numbers.tolist(), found.distances.tolist(), found.upright.tolist(), strict=True))


@given(st.integers(0, 2**32), st.integers(0, MAX_DISTANCE))
def test_all_that_is_close_is_found_once_with_its_distance(seed, max_distance):
    random = np.random.default_rng(seed)
    hashes = random.integers(0, 256, (60, 32), dtype=np.uint8)
    for row in range(1, 60, 2):  # distances around the threshold
        form = all_positions(hashes[row - 1])[random.integers(8)]
        hashes[row] = with_bits_flipped(form, int(random.integers(0, 40)), random)
    found = HashIndex(hashes).near(np.arange(60), max_distance, max_distance)
    forms = np.array([all_positions(one) for one in hashes])
    distances = np.bitwise_count(forms[:, :, None] ^ hashes).sum(axis=3, dtype=np.int64)  # asked, form, other
    for row, one in enumerate(found):
        best = distances[row].min(axis=0)
        expected = {other for other in np.flatnonzero(best <= max_distance).tolist() if other != row}
        assert len(one.numbers) == len(expected)
        assert set(one.numbers.tolist()) == expected
        assert (one.distances == best[one.numbers]).all()
        assert (one.upright == (distances[row, 0] == best)[one.numbers]).all()
        assert (np.diff(one.distances) >= 0).all()


def test_the_largest_distance_is_found_however_the_bits_lie():
    hashes = np.random.default_rng(1).integers(0, 256, (2, 32), dtype=np.uint8)
    hashes[1] = hashes[0] ^ np.packbits(np.arange(256) < MAX_DISTANCE)
    assert near(hashes, 0) == [(1, MAX_DISTANCE, True)]
    hashes[1] = hashes[0] ^ np.packbits(np.arange(256) <= MAX_DISTANCE)
    assert near(hashes, 0) == []


def test_a_picture_that_was_turned_or_mirrored_in_any_way_is_close():
    grey = draw_picture(3, (320, 240))[..., 1].copy()
    turned = [np.rot90(one, times) for one in (grey, grey[:, ::-1]) for times in range(4)]
    hashes = np.stack(
        [hash_picture(np.ascontiguousarray(one)).bits for one in [*turned, draw_picture(4)[..., 1].copy()]]
    )
    found = near(hashes, 0)
    assert {number for number, *_ in found} == set(range(1, 8))
    assert not any(upright for *_, upright in found)


def test_a_hash_that_is_alone_is_close_to_nothing():
    assert near(np.zeros((1, 32), np.uint8), 0) == []
    assert HashIndex(np.zeros((0, 32), np.uint8)).near(np.zeros(0, np.int64)) == []


def test_what_thousands_of_pictures_of_one_place_take_grows_with_their_number_and_not_with_their_pairs():
    random = np.random.default_rng(2)
    scene = random.integers(0, 256, 32, dtype=np.uint8)
    frames = np.stack([with_bits_flipped(scene, 8, random) for _ in range(5_000)])
    tracemalloc.start()
    try:
        index = HashIndex(frames)
        for start in range(0, 256, 128):
            assert all(len(one.numbers) == 4_999 for one in index.near(np.arange(start, start + 128)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 150e6


def test_a_distance_that_is_not_exact_is_refused():
    with pytest.raises(ValueError, match="31"):
        near(np.zeros((2, 32), np.uint8), 0, max_distance=MAX_DISTANCE + 1)
