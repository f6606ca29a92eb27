"""Can the visual words be made again from nothing but their recipe?"""

import io
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest

from lookalike.copies.codebook import HALF_WORDS, Codebook, backwards, load_codebook, split
from lookalike.copies.features import detect, inverted
from lookalike.testing import draw_picture, picture_bytes

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The file that the recipe writes when it learns from a few dozen drawn pictures."""
    folder = tmp_path_factory.mktemp("codebook")
    with tarfile.open(folder / "flickr8k-train.tar", "w") as tar:
        for seed in range(30):
            data = picture_bytes(seed)
            member = tarfile.TarInfo(f"picture-{seed}.jpg")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    out = folder / "codebook.npz"
    command = [sys.executable, ROOT / "training" / "copies_codebook.py", "--data", folder, "--out", out]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return out


def loss(codebook: Codebook, halves: np.ndarray) -> float:
    """Give the mean square that the nearest words leave of some halves."""
    away = ((halves**2).sum(axis=1)[:, None] - 2 * halves @ codebook.centroids.T) + (codebook.centroids**2).sum(axis=1)
    return float(away.min(axis=1).mean())


def test_the_recipe_makes_words_that_stand_near_to_what_it_saw(made):
    with np.load(made, allow_pickle=False) as arrays:
        codebook = Codebook(arrays)
    halves = split(np.concatenate([detect(draw_picture(seed)[..., 1].copy(), 150).descriptors for seed in range(30)]))
    assert loss(codebook, halves) < 0.5 * float((halves**2).sum(axis=1).mean())
    assert loss(codebook, halves) < loss(load_codebook(), halves)


def test_the_words_of_the_negative_follow_with_any_codebook_of_the_recipe(made):
    with np.load(made, allow_pickle=False) as arrays:
        codebook = Codebook(arrays)
    descriptors = detect(draw_picture(99)[..., 1].copy(), 100).descriptors
    derived, direct = codebook.encode(descriptors).inverted(), codebook.encode(inverted(descriptors))
    same = (derived.words == direct.words) & (derived.signatures == direct.signatures)
    assert same.mean() > 0.95


def test_the_bundled_codebook_is_small_and_its_words_come_in_pairs():
    bundled = load_codebook().centroids
    np.testing.assert_array_equal(backwards(bundled[::2]), bundled[1::2])
    assert len(np.unique(bundled, axis=0)) == HALF_WORDS
    assert (ROOT / "src" / "lookalike" / "copies" / "codebook.npz").stat().st_size < 500_000
