"""Are all close hashes found, and only those?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.duplicates.hashes import MAX_DISTANCE, close_pairs


def with_bits_flipped(hash_: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    bits = np.unpackbits(hash_)
    bits[random.choice(256, count, replace=False)] ^= 1
    return np.packbits(bits)


@given(st.integers(0, 2**32), st.integers(0, MAX_DISTANCE))
def test_every_close_pair_is_found_once_with_its_distance(seed, max_distance):
    random = np.random.default_rng(seed)
    hashes = random.integers(0, 256, (60, 32), dtype=np.uint8)
    for row in range(1, 60, 2):  # distances around the threshold
        hashes[row] = with_bits_flipped(hashes[row - 1], int(random.integers(0, 40)), random)
    found = close_pairs(hashes, max_distance)
    distances = np.bitwise_count(hashes[:, None] ^ hashes[None]).sum(axis=2)
    expected = list(zip(*np.nonzero(np.triu(distances <= max_distance, 1)), strict=True))
    assert list(zip(found.first, found.second, strict=True)) == expected
    assert (found.distance == distances[found.first, found.second]).all()


def test_the_largest_distance_is_found_however_the_bits_lie():
    hashes = np.zeros((2, 32), np.uint8)
    hashes[1] = np.packbits(np.arange(256) < MAX_DISTANCE)
    assert close_pairs(hashes).distance.tolist() == [MAX_DISTANCE]
    hashes[1] = np.packbits(np.arange(256) <= MAX_DISTANCE)
    assert close_pairs(hashes).distance.tolist() == []


def test_no_hash_and_one_hash_have_no_pairs():
    for count in (0, 1):
        assert close_pairs(np.zeros((count, 32), np.uint8)).first.tolist() == []


def test_a_distance_that_is_not_exact_is_refused():
    with pytest.raises(ValueError, match="31"):
        close_pairs(np.zeros((2, 32), np.uint8), MAX_DISTANCE + 1)
