"""How well do encoders find pictures of the same kind, and pictures by words?

    python bench/semantic.py                                          # the bundled encoder
    python bench/semantic.py --encoder mini onnx:~/models/clip.onnx   # others, side by side

Labelled sets: each picture is asked for the others of its label, all compared exactly, in each of the encoder's spaces.
Captioned sets: each caption is asked for its picture, in each language. Flowers and groceries, Flickr8k's dev split and
the textbook photos that no training used lie in LOOKALIKE_TEST_DATA. Without, the demo's pictures are asked: those of
one original are of one kind, and their names are the words.
"""

import argparse
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bars import hold
from lookalike.decode import decode
from lookalike.demo import make_demo_pictures
from lookalike.encoders import Encoder, TextEncoder, load_encoder
from lookalike.evaluation.intervals import mean_interval
from lookalike.evaluation.measures import average_precision, success_at_k
from lookalike.types import Embeddings
from real_photos import read_photos, tar_of
from report import Table, record

LABELLED = ("flowers", "grocery-train")
CAPTIONED = ("flickr8k-dev", "openstax-photos")
_BATCH = 32
_QUICK = 300


@dataclass
class Pictures:
    """A set of pictures, with labels or captions."""

    name: str
    files: list[bytes] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    captions: dict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    """Language → which picture, and what is said of it."""


def main() -> None:
    """Measure and print; with --record append to docs/benchmarks.md."""
    arguments = parse_arguments()
    most = _QUICK if arguments.quick else arguments.most
    kinds = Table(["encoder", "space", "set", "pictures", "mAP, %", "success@1, %"])
    words = Table(["encoder", "set", "pictures", "language", "captions", "success@1, %", "success@10, %"])
    costs = Table(["encoder", "decode and encode a picture", "encode a caption"])
    figures: dict[str, float] = {}
    for name in arguments.encoder:
        encoder, spent = load_encoder(name), Spent()
        for pictures in sets(most):
            found = spent.encode(encoder, pictures.files)
            if pictures.labels:
                figures |= of_kinds(kinds, name, pictures, found)
            if isinstance(encoder, TextEncoder):
                figures |= by_words(words, name, pictures, found[encoder.text_space], encoder, spent)
        costs.row(name, *(f"{1e3 * seconds:.2f} ms" for seconds in (spent.a_picture_s, spent.a_text_s)))
    for title, table in {"Pictures of one kind": kinds, "Pictures by words": words, "Encoding": costs}.items():
        print(f"\n{title}\n\n{table}")
        if arguments.record:
            record(f"Encoders: {title}", table)
    if arguments.quick and arguments.encoder == ["mini"]:
        hold({f"semantic: {name}": figures[name] for name in BARS if name in figures})


BARS = (
    "mAP of flowers, visual",
    "mAP of grocery-train, visual",
    "success@10 of flickr8k-dev, en",
    "mAP of demo, visual",
)
"""What the bundled encoder is held to, of what is there; all else is printed."""


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--encoder", nargs="+", default=["mini"], help="as `lookalike --encoder` takes them")
    parser.add_argument("--most", type=int, default=0, help="pictures of each set; else all")
    parser.add_argument("--quick", action="store_true", help=f"{_QUICK} pictures of each set, whatever --most says")
    parser.add_argument("--record", action="store_true", help="append the tables to docs/benchmarks.md")
    return parser.parse_args()


def sets(most: int) -> Iterator[Pictures]:
    """Give the sets that are there, or the demo's pictures."""
    names = [name for name in (*LABELLED, *CAPTIONED) if tar_of(name)]
    for name in names:
        pictures = Pictures(name)
        for photo in read_photos(name, most):
            if name == "openstax-photos" and not photo.is_held_out:
                continue
            for language, said in photo.said.get("captions", {}).items():
                pictures.captions[language] += [(len(pictures.files), caption) for caption in said]
            pictures.labels += [photo.said["label"]] if "label" in photo.said else []
            pictures.files.append(photo.data)
        yield pictures
    if not names:
        yield demo()


def demo() -> Pictures:
    """Give the demo's pictures: originals and their edits, without collages."""
    pictures = Pictures("demo")
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(make_demo_pictures(Path(folder)).iterdir()):
            if not path.name.startswith("collage"):
                label = re.sub(r"-(?!left|right).*", "", path.stem)
                pictures.labels.append(label)
                pictures.captions["en"].append((len(pictures.files), label.replace("-", " ")))
                pictures.files.append(path.read_bytes())
    return pictures


@dataclass
class Spent:
    """What encoding cost."""

    pictures: int = 0
    pictures_s: float = 0.0
    texts: int = 0
    texts_s: float = 0.0

    def encode(self, encoder: Encoder, files: Sequence[bytes]) -> dict[str, Embeddings]:
        """Decode and encode pictures."""
        began, parts = time.process_time(), []
        for start in range(0, len(files), _BATCH):
            pixels = [decode(one, encoder.fit).pixels for one in files[start : start + _BATCH]]
            parts.append(encoder.encode(pixels))
        self.pictures += len(files)
        self.pictures_s += time.process_time() - began
        return {space: np.concatenate([part[space] for part in parts]) for space in encoder.spaces}

    def encode_text(self, encoder: TextEncoder, texts: Sequence[str]) -> Embeddings:
        """Encode captions."""
        began = time.process_time()
        made = [encoder.encode_text(texts[start : start + _BATCH]) for start in range(0, len(texts), _BATCH)]
        self.texts += len(texts)
        self.texts_s += time.process_time() - began
        return np.concatenate(made)

    @property
    def a_picture_s(self) -> float:
        """CPU seconds."""
        return self.pictures_s / max(1, self.pictures)

    @property
    def a_text_s(self) -> float:
        """CPU seconds."""
        return self.texts_s / max(1, self.texts)


def of_kinds(table: Table, encoder: str, pictures: Pictures, found: dict[str, Embeddings]) -> dict[str, float]:
    """Ask each picture for the others of its label, in every space."""
    labels, figures = np.array(pictures.labels), {}
    for space, vectors in found.items():
        precisions, successes = [], []
        for number, vector in enumerate(vectors):
            order = np.argsort(-(vectors @ vector), kind="stable")
            right = labels[order[order != number]] == labels[number]
            if right.any():
                precisions.append(average_precision(right, int(right.sum())))
                successes.append(success_at_k(right, 1))
        table.row(encoder, space, pictures.name, f"{len(labels):,}", interval(precisions), interval(successes))
        figures[f"mAP of {pictures.name}, {space.rpartition('/')[2]}"] = float(np.mean(precisions))
    return figures


def by_words(
    table: Table, name: str, pictures: Pictures, vectors: Embeddings, encoder: TextEncoder, spent: Spent
) -> dict[str, float]:
    """Ask for each picture by its captions; where several pictures bear one, any is right."""
    figures = {}
    for language, said in sorted(pictures.captions.items()):
        bearing = defaultdict(set)
        for number, caption in said:
            bearing[caption].add(number)
        texts = list(bearing)
        scores = spent.encode_text(encoder, texts) @ vectors.T
        best = np.argsort(-scores, axis=1, kind="stable")[:, :10]
        right = [np.isin(row, list(bearing[text])) for row, text in zip(best, texts, strict=True)]
        successes = {k: [success_at_k(found, k) for found in right] for k in (1, 10)}
        shares = (interval(values) for values in successes.values())
        table.row(name, pictures.name, f"{len(vectors):,}", language, f"{len(texts):,}", *shares)
        figures[f"success@10 of {pictures.name}, {language}"] = float(np.mean(successes[10]))
    return figures


def interval(values: Sequence[float]) -> str:
    """Write a mean with its 95 % interval, in percent."""
    mean = mean_interval(np.array(values, np.float64))
    return f"{100 * mean.value:.1f} ({100 * mean.low:.1f}–{100 * mean.high:.1f})"


if __name__ == "__main__":
    main()
