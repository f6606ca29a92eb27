"""How do the usual hashes do on the same files? Each compared with every picture of the gallery, nothing left out."""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import imagehash
import numpy as np
import pdqhash
from image_match.goldberg import ImageSignature
from PIL import Image

from edited_copies.material import read
from lookalike.types import Pixels

TOP = 10
PACKAGES = ("pdqhash", "imagehash", "imagededup", "image-match", "pywavelets")
"""What is installed for the peers, in exact versions: another version is another result."""


@dataclass(frozen=True)
class Found:
    """One answer of an engine."""

    file: str
    score: float
    """Higher is closer."""
    accepted: bool
    """Whether the engine would call it the same picture."""


@dataclass(frozen=True)
class Peer:
    """A hash and its distance."""

    name: str
    sign: Callable[[Pixels], np.ndarray]
    """A picture's signature: one row; bits packed into bytes, or numbers."""
    variants: Callable[[Pixels], np.ndarray]
    """A query's signatures, one a row; the nearest counts."""
    distances: Callable[[np.ndarray, np.ndarray], np.ndarray]
    threshold: float
    """Up to this distance its authors call two pictures the same."""


def hamming(one: np.ndarray, all_: np.ndarray) -> np.ndarray:
    """Count differing bits."""
    return np.bitwise_count(all_ ^ one).sum(axis=1, dtype=np.int32)


def normalised(one: np.ndarray, all_: np.ndarray) -> np.ndarray:
    """Give image-match's distance: |a − b| / (|a| + |b|)."""
    a, b = one.astype(np.float32), all_.astype(np.float32)
    lengths = np.linalg.norm(b, axis=1)
    squared = lengths**2 + a @ a - 2 * (b @ a)
    return np.sqrt(np.maximum(squared, 0)) / np.maximum(lengths + np.linalg.norm(a), 1e-6)


def _pdq(pixels: Pixels) -> np.ndarray:
    return np.packbits(pdqhash.compute(np.ascontiguousarray(pixels))[0])


def _pdq_positions(pixels: Pixels) -> np.ndarray:
    return np.packbits(np.array(pdqhash.compute_dihedral(np.ascontiguousarray(pixels))[0]), axis=1)


def _from_imagehash(function: Callable[[Image.Image], Any]) -> Callable[[Pixels], np.ndarray]:
    return lambda pixels: np.packbits(function(Image.fromarray(pixels)).hash.ravel())


@cache
def _imagededup() -> ModuleType:
    """Import imagededup's hashes without its neural network, for which the package would import torch."""
    home = next(iter(import_module("imagededup").__path__))
    methods = ModuleType("imagededup.methods")
    methods.__path__ = [f"{home}/methods"]
    models = ModuleType("imagededup.utils.models")
    models.CustomModel = None  # type: ignore[attr-defined]
    sys.modules |= {methods.__name__: methods, models.__name__: models}
    return import_module("imagededup.methods.hashing")


def _from_imagededup(name: str) -> Callable[[Pixels], np.ndarray]:
    def sign(pixels: Pixels) -> np.ndarray:
        method = getattr(_imagededup(), name)(verbose=False)
        return np.frombuffer(bytes.fromhex(method.encode_image(image_array=pixels)), np.uint8)

    return sign


def _single(sign: Callable[[Pixels], np.ndarray]) -> Callable[[Pixels], np.ndarray]:
    return lambda pixels: sign(pixels)[None]


def peers() -> list[Peer]:
    """Give all peers, each with the threshold that its authors name.

    Source: PDQ 31 of 256, ThreatExchange's readme; image-match 0.45, its default `distance_cutoff`; 10 of 64,
    imagededup's default `max_distance_threshold`, used for the other 64-bit hashes too.
    """
    made = [Peer("PDQ, eight positions", _pdq, _pdq_positions, hamming, 31)]
    for name, sign in (
        ("PDQ", _pdq),
        ("pHash (imagehash)", _from_imagehash(imagehash.phash)),
        ("dHash (imagehash)", _from_imagehash(imagehash.dhash)),
        *((f"{name} (imagededup)", _from_imagededup(name)) for name in ("PHash", "AHash", "DHash", "WHash")),
    ):
        made.append(Peer(name, sign, _single(sign), hamming, 31 if name == "PDQ" else 10))
    goldberg = ImageSignature()
    made.append(
        Peer(
            "image-match (Goldberg)",
            lambda pixels: goldberg.generate_signature(np.asarray(pixels)),
            _single(lambda pixels: goldberg.generate_signature(np.asarray(pixels))),
            normalised,
            0.45,
        )
    )
    return made


@dataclass(frozen=True)
class PeerRun:
    """What a peer answered, and what it cost."""

    answers: list[list[Found]]
    seconds: list[float]
    """Of every query, reading the file included."""
    cpu_s: float
    """CPU seconds to read and sign one picture of the gallery."""
    size: int
    """Bytes a picture."""


def run_peer(peer: Peer, gallery: Sequence[Path], queries: Sequence[Path]) -> PeerRun:
    """Sign the gallery, each time anew by what is installed now, and answer every query."""
    start = time.process_time()
    signatures = np.array([peer.sign(read(path)) for path in gallery])
    cpu_s = (time.process_time() - start) / len(gallery)
    answers, seconds = [], []
    for path in queries:
        start = time.perf_counter()
        distances = np.min([peer.distances(one, signatures) for one in peer.variants(read(path))], axis=0)
        nearest = np.argpartition(distances, TOP)[:TOP]
        nearest = nearest[np.argsort(distances[nearest], kind="stable")]
        seconds.append(time.perf_counter() - start)
        answers.append(
            [Found(gallery[n].name, -float(distances[n]), bool(distances[n] <= peer.threshold)) for n in nearest]
        )
    return PeerRun(answers, seconds, cpu_s, int(signatures[0].nbytes))
