"""How are the visual words of the copy engine made? One command: photos in, codebook.npz out.

    python training/copies_codebook.py --data "$LOOKALIKE_TEST_DATA" --out src/lookalike/copies/codebook.npz

Takes a minute and a half on one core. It sees the first 3,000 pictures of flickr8k-train only, which nothing measures.
"""

import argparse
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Float32
from PIL import Image

from lookalike.copies.codebook import HALF_BITS, HALF_WORDS, backwards, split
from lookalike.copies.features import detect

PICTURES, POINTS = 3_000, 150
SAMPLE = 250_000
"""Halves that the words are fitted to; each counts twice, as it is and read backwards."""
ROUNDS = 15
SEED = 3

Halves = Float32[np.ndarray, "_n 64"]


def main() -> None:
    """Make the codebook and write it."""
    arguments = parse_arguments()
    draw = np.random.default_rng(SEED)
    halves = np.concatenate([split(descriptors) for descriptors in read_descriptors(arguments.data)])
    halves = halves[draw.permutation(len(halves))]
    centroids = fit_centroids(halves[:SAMPLE], draw)
    directions = draw_directions(draw)
    medians = fit_medians(halves, centroids, directions)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        arguments.out,
        centroids=centroids.astype(np.float16),
        directions=directions.astype(np.float16),
        medians=medians.astype(np.float16),
    )
    loss = float(np.mean((both(centroids)[assign(halves[:SAMPLE], both(centroids))] - halves[:SAMPLE]) ** 2))
    print(f"{len(halves)} halves, mean square {np.mean(halves**2):.1f}, left by the words {loss:.1f}")


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of the tars")
    parser.add_argument("--out", type=Path, required=True, help="where codebook.npz goes")
    return parser.parse_args()


def read_descriptors(data: Path) -> Iterator[np.ndarray]:
    """Give the descriptors of each training picture."""
    with tarfile.open(data / "flickr8k-train.tar") as tar:
        members = sorted((one for one in tar if one.name.endswith(".jpg")), key=lambda one: one.name)
        for member in members[:PICTURES]:
            with tar.extractfile(member) as file:  # type: ignore[union-attr]
                grey = Image.open(io.BytesIO(file.read())).convert("L")
            yield detect(np.asarray(grey), POINTS).descriptors


def fit_centroids(halves: Halves, draw: np.random.Generator) -> Halves:
    """Find 512 words which, with each read backwards, stand nearest to the halves: Lloyd's algorithm on pairs."""
    centroids = halves[draw.choice(len(halves), HALF_WORDS // 2, replace=False)]
    for _ in range(ROUNDS):
        sums, counts = gather(halves, assign(halves, both(centroids)))
        fresh = halves[draw.choice(len(halves), len(centroids), replace=False)]
        centroids = np.where(counts[:, None] > 0, sums / np.maximum(counts[:, None], 1), fresh).astype(np.float32)
    return centroids


def gather(halves: Halves, words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sum and count the members of each pair of words, those of the second word read backwards."""
    turned = np.where((words < HALF_WORDS // 2)[:, None], halves, backwards(halves))
    pair = words % (HALF_WORDS // 2)
    order = np.argsort(pair, kind="stable")
    counts = np.bincount(pair, minlength=HALF_WORDS // 2)
    sums = np.zeros((len(counts), halves.shape[1]))
    filled = np.flatnonzero(counts)
    sums[filled] = np.add.reduceat(turned[order].astype(np.float64), (np.cumsum(counts) - counts)[filled])
    return sums, counts


def both(centroids: Halves) -> Halves:
    """Give the words, then each read backwards."""
    return np.concatenate([centroids, backwards(centroids)])


def assign(halves: Halves, words: Halves) -> np.ndarray:
    """Give the number of the word nearest to each half."""
    offsets = (words**2).sum(axis=1) / 2
    return np.concatenate([(part @ words.T - offsets).argmax(axis=1) for part in np.array_split(halves, 32)])


def draw_directions(draw: np.random.Generator) -> Float32[np.ndarray, "64 32"]:
    """Draw orthonormal directions: 16 that a half read backwards keeps, 16 along which it changes sign."""
    identity = np.eye(64, dtype=np.float32)
    turn = backwards(identity)
    kinds = []
    for sign in (1, -1):
        values, axes = np.linalg.eigh((identity + sign * turn) / 2)
        space = axes[:, values > 0.5]
        mixed, _ = np.linalg.qr(draw.normal(size=(space.shape[1], space.shape[1])))
        kinds.append(space @ mixed[:, : HALF_BITS // 2])
    return np.concatenate(kinds, axis=1).astype(np.float32)


def fit_medians(halves: Halves, centroids: Halves, directions: np.ndarray) -> np.ndarray:
    """Give each word's median along each direction, over its members and its partner's read backwards."""
    words = assign(halves, both(centroids))
    turned = np.where((words < HALF_WORDS // 2)[:, None], halves, backwards(halves)) @ directions
    pair = words % (HALF_WORDS // 2)
    own = centroids @ directions
    chosen = (turned[pair == word] for word in range(len(own)))
    return np.stack([np.median(some, axis=0) if len(some) > 8 else own[word] for word, some in enumerate(chosen)])


if __name__ == "__main__":
    main()
