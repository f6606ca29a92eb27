"""Which figures does the page of `mini` show of words? Recall and naming, with intervals, in 32 bits and as shipped."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from card_file import MODEL
from intervals import Interval
from lookalike.encoders import load_encoder
from lookalike.encoders.onnx import OnnxTextRecogniser
from lookalike.types import Pixels
from material import FLOWERS, GROCERY, IMAGENET
from measures import Vectors, retrieval
from page import table
from pictures import read_pictures
from wording.measures import Read, named, ranks_of_pictures, ranks_of_texts, share
from wording.pictures import FLICKR_DEV, Captioned, read_captioned
from wording.texts import LANGUAGES

Encode = Callable[[Sequence[Pixels]], Vectors]
"""What turns pictures into unit vectors of the semantic space."""


@dataclass(frozen=True)
class Measured:
    """Pictures that nothing was learnt from."""

    captioned: list[Captioned]
    labelled: dict[str, tuple[list[Pixels], list[str]]]
    """By set: pictures and labels."""


def read_measured(data: Path, limit: int | None) -> Measured:
    """Read the sets that measure."""
    labelled = {}
    for name in (FLOWERS, GROCERY, IMAGENET):
        pictures = read_pictures(data / f"{name}.tar", limit)
        labelled[name] = ([one.pixels for one in pictures], [one.label for one in pictures])
    return Measured(read_captioned(data / f"{FLICKR_DEV}.tar", limit), labelled)


def measure_words(measured: Measured, encode: Encode, read: Read) -> dict[str, Interval]:
    """Measure recall on captioned pictures and naming on labelled ones."""
    pictures = encode([one.pixels for one in measured.captioned])
    found: dict[str, Interval] = {}
    for language in LANGUAGES:
        own, texts = _captions(measured.captioned, language)
        vectors = read(texts)
        ranks = ranks_of_pictures(vectors, pictures, own)
        for k in (1, 5, 10):
            found[f"{language}: text → picture, R@{k}"] = share((ranks < k).astype(np.float64), own)
        back = ranks_of_texts(vectors, pictures, own)
        found[f"{language}: picture → text, R@10"] = share((back < 10).astype(np.float64))
    for name, (shown, labels) in measured.labelled.items():
        names = sorted(set(labels))
        # Labels are file names in some sets: Golden-Delicious.
        hits = named(encode(shown), labels, names, lambda asked: read([one.replace("-", " ") for one in asked]))
        found[f"naming, {name} ({len(names)} names)"] = share(hits)
    return found


def _captions(captioned: list[Captioned], language: str) -> tuple[np.ndarray, list[str]]:
    pairs = [(number, text) for number, one in enumerate(captioned) for text in one.captions.get(language, [])]
    return np.array([number for number, _ in pairs], np.int64), [text for _, text in pairs]


def words_table(measured: Measured, columns: dict[str, tuple[Encode, Read]]) -> str:
    """Compare ways of computing the same vectors."""
    found = {name: measure_words(measured, *ways) for name, ways in columns.items()}
    questions = next(iter(found.values()))
    lines = [[question, *(str(shares[question]) for shares in found.values())] for question in questions]
    title = f"### Words and pictures: {len(measured.captioned)} pictures of {FLICKR_DEV}, in percent"
    return f"{title}\n\n" + table(["question", *found], lines)


def visual_table(measured: Measured, encoder: OnnxTextRecogniser) -> str:
    """Show that search by picture has stayed what it was, and what the semantic vectors find."""
    lines = []
    for space in ("visual", "semantic"):
        line = [space]
        for name in (FLOWERS, GROCERY):
            pictures, labels = measured.labelled[name]
            line.append(str(retrieval(encoder.encode(pictures)[f"{_version(encoder)}/{space}"], labels)))
        lines.append(line)
    return "### Picture → picture, mAP / success@1\n\n" + table(["space", FLOWERS, GROCERY], lines)


def open_files(folder: Path) -> OnnxTextRecogniser:
    """Load what was made, in the engine whose answers are the same on every machine."""
    encoder = load_encoder(f"onnx:{folder / MODEL}", "onnxruntime")
    assert isinstance(encoder, OnnxTextRecogniser)
    return encoder


def from_files(encoder: OnnxTextRecogniser) -> tuple[Encode, Read]:
    """Give the ways of the files."""
    return lambda pictures: encoder.encode(pictures)[encoder.text_space], encoder.encode_text


def _version(encoder: OnnxTextRecogniser) -> str:
    return f"{encoder.card.name}@{encoder.card.version}"
