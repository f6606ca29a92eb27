import numpy as np
import pytest

from lookalike.copies.codebook import HALF_WORDS, WORDS, Words, backwards, load_codebook, split
from lookalike.copies.features import detect, inverted, mirrored


@pytest.fixture(scope="module")
def descriptors(draw_busy):
    return np.concatenate([detect(draw_busy(seed), 200).descriptors for seed in range(4)])


def agree(one: Words, other: Words) -> float:
    """Give the share of features with the same word and signature; rounding may part those between two words."""
    return float(np.mean((one.words == other.words) & (one.signatures == other.signatures)))


@pytest.mark.slow
def test_the_nearest_words_come_first_and_are_the_same_however_many_are_asked_for(descriptors):
    few, many = (load_codebook().encode(descriptors, near) for near in (4, 16))
    assert many.words.shape == many.signatures.shape == (len(descriptors), 16)
    assert agree(few, Words(many.words[:, :4], many.signatures[:, :4])) > 0.999
    assert all(len(set(row)) == 16 for row in many.words)
    assert many.words.max() < WORDS


@pytest.mark.slow
def test_the_first_word_is_that_of_the_nearest_centroids(descriptors):
    codebook = load_codebook()
    centroids = codebook.centroids
    away = ((split(descriptors)[:, None] - centroids) ** 2).sum(axis=2).argmin(axis=1)
    upper, lower = np.split(away, 2)
    assert np.mean(codebook.encode(descriptors).words[:, 0] == upper * HALF_WORDS + lower) > 0.999


@pytest.mark.slow
def test_words_of_the_mirror_image_follow_from_those_of_the_picture(descriptors):
    codebook = load_codebook()
    assert agree(codebook.encode(descriptors).mirrored(), codebook.encode(mirrored(descriptors))) > 0.99


def test_words_of_the_negative_follow_from_those_of_the_picture(descriptors):
    codebook = load_codebook()
    assert agree(codebook.encode(descriptors).inverted(), codebook.encode(inverted(descriptors))) > 0.99


def test_a_lightly_changed_descriptor_keeps_near_words_and_signature(descriptors):
    noise = np.random.default_rng(1).normal(0, 3, descriptors.shape)
    changed = np.clip(descriptors + noise, 0, 255).astype(np.uint8)
    before, near = load_codebook().encode(descriptors), load_codebook().encode(changed, 16)
    assert np.mean((near.words == before.words).any(axis=1)) > 0.95
    same = near.words[:, 0] == before.words[:, 0]
    assert np.median(np.bitwise_count(near.signatures[:, 0] ^ before.signatures[:, 0])[same]) < 12


def test_signatures_of_unlike_descriptors_differ_in_half_of_the_bits(descriptors):
    words = load_codebook().encode(descriptors)
    shuffled = np.random.default_rng(2).permutation(len(descriptors))
    apart = np.bitwise_count(words.signatures ^ words.signatures[shuffled])
    assert 24 < apart[shuffled != np.arange(len(shuffled))].mean() < 40


def test_each_bit_parts_features_about_evenly(descriptors):
    signatures = load_codebook().encode(descriptors).signatures[:, 0]
    shares = np.unpackbits(signatures.view(np.uint8).reshape(-1, 8), axis=1).mean(axis=0)
    assert shares.min() > 0.25
    assert shares.max() < 0.75


def test_a_half_read_backwards_twice_is_as_before(descriptors):
    halves = split(descriptors)
    np.testing.assert_array_equal(backwards(backwards(halves)), halves)
    assert (backwards(halves) != halves).any()


def test_no_descriptors_have_no_words():
    assert load_codebook().encode(np.zeros((0, 128), np.uint8), 4).words.shape == (0, 4)
