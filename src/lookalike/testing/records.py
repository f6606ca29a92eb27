"""Where do tests get records from? Made up, each one different, the same for the same seed."""

import hashlib
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np

from lookalike.types import Embeddings, Fingerprint, ImageRecord, Space, StoredEmbedding
from lookalike.uris import image_id

_LABELS = ("dog", "cat", "red panda", "Straße", "")
_TAGS = ("holiday", "blurry", "snow", "新年", "2019")
_RECOGNISED: tuple[dict[str, float], ...] = ({}, {"seashore": 0.75, "snow": 0.125}, {"dog": 0.5})
_WORDS = ("a", "brown", "dog", "jumps", "over", "the", "snowy", "hill", "while", "seagulls", "watch", "quietly")
_EXTENSIONS = {"jpeg": "jpg", "png": "png", "webp": "webp", "tiff": "tif"}
_FIRST_TAKEN = datetime(2017, 1, 1, 12, 0, 0)  # noqa: DTZ001 - a camera's clock has no zone
_FIRST_ADDED = datetime(2024, 1, 1, 12, 0, 0, tzinfo=UTC)


def make_space(name: str = "toy@1/colour", dim: int = 64) -> Space:
    """Make a space whose digest follows from its name."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    return Space(name=name, dim=dim, encoder="toy", digest=digest, calibration=(12.0, -9.0))


def make_vectors(n: int, dim: int = 64, seed: int = 0) -> Embeddings:
    """Make n random unit vectors, float32."""
    vectors: Embeddings = np.random.default_rng(seed).standard_normal((n, dim), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def make_record(uri: str = "file:///photos/picture.jpg", **changes: Any) -> ImageRecord:
    """Make a record of a plausible photograph; `changes` are fields of ImageRecord."""
    digest = hashlib.sha256(uri.encode()).hexdigest()
    fields: dict[str, Any] = {
        "id": image_id(uri),
        "uri": uri,
        "version": "1-1",
        "sha256": digest,
        "width": 640,
        "height": 480,
        "format": "jpeg",
        "bytes": 123_456,
        "added_at": _FIRST_ADDED,
        "fingerprint": Fingerprint(pixels=digest[:32]),
    }
    return ImageRecord(**(fields | changes))


def make_records(n: int, dim: int = 64, seed: int = 0, space: str = "toy@1/colour") -> list[ImageRecord]:
    """Make n records that differ in every field a filter may ask for; dim 0 makes them without embeddings."""
    return list(_made(n, dim, seed, space))


@lru_cache(16)
def _made(n: int, dim: int, seed: int, space: str) -> tuple[ImageRecord, ...]:
    """Make them once: whole suites ask for the same few hundred again and again."""
    random = np.random.default_rng(seed)
    vectors = make_vectors(n, max(dim, 1), seed).astype(np.float16)
    vectors.flags.writeable = False
    return tuple(_vary(random, i, {space: vectors[i]} if dim else {}) for i in range(n))


def _vary(random: np.random.Generator, i: int, embeddings: dict[str, StoredEmbedding]) -> ImageRecord:
    kind = random.choice(list(_EXTENSIONS))
    taken = _FIRST_TAKEN + timedelta(hours=int(random.integers(0, 60_000)))
    folder = random.choice(["holiday", "holiday/snow", "work", "Über uns"])
    return make_record(
        f"file:///photos/{folder.replace(' ', '%20').replace('Ü', '%C3%9C')}/img_{i:05}.{_EXTENSIONS[kind]}",
        version=f"{i}-{i}",
        width=int(random.integers(1, 6000)),
        height=int(random.integers(1, 4000)),
        format=str(kind),
        bytes=int(random.integers(1_000, 20_000_000)),
        taken_at=taken if random.random() < 0.8 else None,
        added_at=_FIRST_ADDED + timedelta(seconds=i),
        title=f"Picture {i}" if random.random() < 0.5 else "",
        caption=" ".join(random.choice(_WORDS, int(random.integers(0, 9)))),
        tags=tuple(str(tag) for tag in random.choice(_TAGS, int(random.integers(0, 4)), replace=False)),
        label=str(random.choice(_LABELS)),
        owner=str(random.choice(["ann", "Bob", ""])),
        metadata={"camera": str(random.choice(["A7", "X100"])), "stars": int(random.integers(0, 6))},
        embeddings=embeddings,
        recognised=_RECOGNISED[i % len(_RECOGNISED)],
        edited=("label", "tags") if i % 5 == 0 else (),
    )
