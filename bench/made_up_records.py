"""What do the records of a large gallery say? Captions, tags, labels and all else, as a folder of photos gives them."""

import hashlib
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from lookalike.gallery.sqlite import SqliteGallery
from lookalike.gallery.sqlite.scanning import Sizes
from lookalike.types import Fingerprint, ImageRecord, Space
from lookalike.uris import image_id
from made_up_vectors import BATCH, DIM, batches, labels

SPACE = Space(name="made-up@1/semantic", dim=DIM, encoder="made-up", digest="0" * 64)
WORDS = 20_000


def records(vectors: np.ndarray, start: int) -> list[ImageRecord]:
    """Make records of pictures numbered from `start`."""
    random = np.random.default_rng(start)
    words = (random.zipf(1.3, (len(vectors), 9)) % WORDS).tolist()
    stored, kinds = vectors.astype(np.float16), labels(start, len(vectors)).tolist()
    return [make_record(start + i, stored[i], kinds[i], words[i]) for i in range(len(vectors))]


def uri_of(number: int) -> str:
    """Give the uri of a picture."""
    return f"file:///home/user/Pictures/{2010 + number % 15}/{number // 500:05}/IMG_{number:07}.jpg"


def make_record(number: int, vector: np.ndarray, label: str, words: list[int]) -> ImageRecord:
    """Make one record."""
    uri = uri_of(number)
    digest = hashlib.sha256(uri.encode()).hexdigest()
    return ImageRecord(
        id=image_id(uri),
        uri=uri,
        version=f"{number}-1700000000",
        sha256=digest,
        width=4000,
        height=3000,
        format="jpeg",
        bytes=2_000_000 + number,
        taken_at=datetime(2010, 1, 1) + timedelta(minutes=number),  # noqa: DTZ001 - a camera's clock has no zone
        added_at=datetime.now(UTC),
        caption=" ".join(f"word{word}" for word in words[:7]),
        caption_source="source",
        tags=tuple(f"tag{word}" for word in words[7:]),
        label=label,
        owner="user",
        metadata={"camera": "X100"},
        fingerprint=Fingerprint(pixels=digest[:32]),
        embeddings={SPACE.name: vector},
    )


def fill(path: Path, rows: int, sizes: Sizes | None = None) -> list[float]:
    """Put all rows, and give the seconds spent in `put` and those of the slowest batch."""
    taken = []
    with SqliteGallery.open(path, sizes=sizes) as gallery:
        gallery.add_space(SPACE)
        for start, vectors in batches(rows):
            made = records(vectors, start)
            began = time.perf_counter()
            gallery.put(made)
            taken.append(time.perf_counter() - began)
            if sys.stderr.isatty():
                print(f"\r{start + BATCH:,} rows", end="", file=sys.stderr)
    return [sum(taken), max(taken)]
