"""Which pairs does a gallery offer to learn from? Copies made of its pictures, strangers, labels, captions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from jaxtyping import Bool, Float64, Int64
from PIL import Image

from lookalike.decode import Fit
from lookalike.errors import LookalikeError
from lookalike.evaluation.edits import EDITS
from lookalike.evaluation.subject import Subject, Vectors
from lookalike.search import Query
from lookalike.types import Embeddings, ImageRecord

PICTURES = 200
"""Pictures that are edited."""
_EDITS = 3
"""Copies of each."""
_MOST = 4_000
"""Pairs of a kind; more change a calibration by less than it is off."""
_SIDE = 1_024
_QUALITY = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Scores of pairs of one kind, and the halves of the gallery that they are from."""

    kind: str
    scores: Float64[np.ndarray, " n"]
    alike: bool
    half: Int64[np.ndarray, " n"]
    """0 for those to learn from, 1 for those to judge by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """Edited copies of some pictures: whose they are, and their vectors by space."""

    originals: Sequence[str]
    vectors: Mapping[str, Embeddings]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Places of pictures, pair by pair."""

    one: Int64[np.ndarray, " n"]
    other: Int64[np.ndarray, " n"]

    def only(self, kept: Bool[np.ndarray, " n"]) -> "Drawn":
        """Give some of the pairs."""
        return Drawn(self.one[kept], self.other[kept])


def make_copies(subject: Subject, pictures: int = PICTURES, seed: int = 0) -> Iterator[Copies]:
    """Edit pictures drawn by chance, and encode the copies, one picture after the other.

    Pictures that cannot be read any more are passed over.
    """
    ids = list(subject.records)
    order = np.random.default_rng(seed).permutation(len(ids)).tolist()[:pictures]
    for place in order:
        random = np.random.default_rng([seed, place])
        record, other = subject.records[ids[place]], subject.records[ids[int(random.integers(len(ids)))]]
        try:
            yield _copies_of(subject, record, other, random)
        except LookalikeError:
            continue


def picture_pairs(
    subject: Subject, vectors: Vectors, space: str, copies: Sequence[Copies], labels: Mapping[str, str], seed: int = 0
) -> list[Pairs]:
    """Give pairs of pictures: copies and strangers, and where there are labels, those of one and of two."""
    half = _halves(vectors, seed)
    drawn = _drawn(half, seed)
    prints = np.array([subject.records[id_].fingerprint.pixels or id_ for id_ in vectors.ids])
    names = np.array([labels.get(id_, "") for id_ in vectors.ids], dtype=object)  # one may be long
    strangers = drawn.only(prints[drawn.one] != prints[drawn.other])
    one, other = names[strangers.one], names[strangers.other]
    found = [
        _copy_pairs(vectors, space, copies, half),
        _pairs("strangers", vectors, strangers.only((one == "") | (other == "") | (one != other)), half, alike=False),
    ]
    if labels:
        two_labels = strangers.only((one != "") & (other != "") & (one != other))
        found.append(_pairs("one label", vectors, _same_label(names, half, seed), half, alike=True))
        found.append(_pairs("two labels", vectors, two_labels, half, alike=False))
    return [pairs for pairs in found if len(pairs.scores)]


def text_pairs(subject: Subject, vectors: Vectors, captions: Mapping[str, Sequence[str]], seed: int = 0) -> list[Pairs]:
    """Give pairs of words and pictures: captions with their own pictures, and with others.

    Names of labels take no part: what a search by words says is calibrated for sentences among thousands of pictures,
    and a few names that each suit a fifth of the pictures made it worse (flowers: error 22 % before, 61 % after).
    """
    half, random = _halves(vectors, seed), np.random.default_rng(seed)
    ids = [id_ for id_ in captions if id_ in vectors.places]
    chosen = [ids[place] for place in random.permutation(len(ids)).tolist()[:_MOST]]
    if len(chosen) < 2:
        return []
    texts = [captions[id_][int(random.integers(len(captions[id_])))] for id_ in chosen]
    rows = subject.text_encoder().encode_text(texts)
    places = np.array([vectors.places[id_] for id_ in chosen])
    others = _others(places, half, random)
    differ = others != places
    other_scores = _cosines(rows[differ], vectors.rows[others[differ]])
    return [
        Pairs(kind="captions", scores=_cosines(rows, vectors.rows[places]), alike=True, half=half[places]),
        Pairs(kind="captions of others", scores=other_scores, alike=False, half=half[places[differ]]),
    ]


def _copies_of(subject: Subject, record: ImageRecord, other: ImageRecord, random: np.random.Generator) -> Copies:
    library = subject.library
    whole, beside = (_picture(subject, one) for one in (record, other))
    chosen = random.choice(len(EDITS), _EDITS, replace=False).tolist()
    pixels = []
    for place in chosen:
        buffer = BytesIO()
        EDITS[place].apply(random, whole, beside).save(buffer, "JPEG", quality=_QUALITY)
        pixels.append(library.decoder.decode(buffer.getvalue(), library.encoder.fit).pixels)
    return Copies(originals=[record.id] * len(pixels), vectors=library.encoder.encode(pixels))


def _picture(subject: Subject, record: ImageRecord) -> Image.Image:
    source = subject.library.original(Query(id=record.id))
    return Image.fromarray(subject.library.decoder.decode(source, Fit(size=_SIDE)).pixels)


def _halves(vectors: Vectors, seed: int) -> Int64[np.ndarray, " n"]:
    """Part the pictures in two by chance, so that no picture both teaches and judges."""
    return np.random.default_rng([seed, 1]).integers(2, size=len(vectors.ids))


def _copy_pairs(vectors: Vectors, space: str, copies: Sequence[Copies], half: Int64[np.ndarray, " n"]) -> Pairs:
    rows = [row for one in copies for row in one.vectors[space]]
    originals = [id_ for one in copies for id_ in one.originals]
    known = [(row, vectors.places[id_]) for row, id_ in zip(rows, originals, strict=True) if id_ in vectors.places]
    places = np.array([place for _, place in known], np.int64)
    made = np.array([row for row, _ in known], np.float32).reshape(len(known), vectors.rows.shape[1])
    return Pairs(kind="copies", scores=_cosines(made, vectors.rows[places]), alike=True, half=half[places])


def _drawn(half: Int64[np.ndarray, " n"], seed: int) -> Drawn:
    """Draw pairs of different pictures of one half."""
    random = np.random.default_rng([seed, 2])
    one, other = random.integers(len(half), size=(2, 6 * _MOST))
    return Drawn(one, other).only((one != other) & (half[one] == half[other]))


def _same_label(names: np.ndarray, half: Int64[np.ndarray, " n"], seed: int) -> Drawn:
    """Draw pairs of one label and half, every label as often as it has pictures."""
    random = np.random.default_rng([seed, 3])
    found = [Drawn(np.zeros(0, np.int64), np.zeros(0, np.int64))]
    for name in sorted({*names} - {""}):
        for part in (0, 1):
            members = np.flatnonzero((names == name) & (half == part))
            drawn = Drawn(random.permutation(members), random.permutation(members))
            found.append(drawn.only(drawn.one != drawn.other))
    one, other = (np.concatenate(column) for column in zip(*((pair.one, pair.other) for pair in found), strict=True))
    order = random.permutation(len(one))
    return Drawn(one[order], other[order])


def _others(places: Int64[np.ndarray, " m"], half: Int64[np.ndarray, " n"], random: np.random.Generator) -> np.ndarray:
    """Give each place another one of its half."""
    others = places.copy()
    for part in (0, 1):
        here = np.flatnonzero(half[places] == part)
        others[here] = np.roll(places[random.permutation(here)], 1) if len(here) > 1 else others[here]
    return others


def _pairs(kind: str, vectors: Vectors, drawn: Drawn, half: Int64[np.ndarray, " n"], *, alike: bool) -> Pairs:
    one, other = drawn.one[:_MOST], drawn.other[:_MOST]
    return Pairs(kind=kind, scores=_cosines(vectors.rows[one], vectors.rows[other]), alike=alike, half=half[one])


def _cosines(one: Embeddings, other: Embeddings) -> Float64[np.ndarray, " n"]:
    cosines: Float64[np.ndarray, " n"] = np.einsum("nd,nd->n", one, other).astype(np.float64)
    return cosines
