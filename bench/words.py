"""Does searching by texts and by what pictures show find more together than each alone? And what do the weights say?

    python bench/words.py            # success@10 of the parts and of the hybrid, with 95 % intervals
    python bench/words.py --fit      # fit fusion.json on every other query first, then measure on the rest

The gallery holds the photos of Flickr8k's dev split and those of OpenStax that no training may use (the sha256 of the
file begins with 0 or 1). Half of the records have a caption, as in a collection that somebody began to describe. Asked
are names (words of a file name), captions (five words of the caption that a record has), and descriptions (what
another person wrote of the picture, or wrote of one whose record says nothing); each for one picture that is sought.
Two words of a caption in any of four languages, and things that no photo shows, tell whether an answer is rightly
called likely.
"""

import hashlib
import io
import json
import os
import random
import re
import sys
import tarfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from lookalike.encoders import TextEncoder, load_encoder
from lookalike.gallery import Gallery
from lookalike.gallery.filters import And
from lookalike.gallery.function_words import function_words
from lookalike.gallery.sqlite import SqliteGallery
from lookalike.gallery.tokens import spelled
from lookalike.search import fusion
from lookalike.search.fusion import Calibration, Weights
from lookalike.search.meaning import direction_of
from lookalike.search.words import plain_words
from lookalike.testing import make_record
from lookalike.types import ImageRecord
from report import Table, record

DATA = Path(os.environ.get("LOOKALIKE_TEST_DATA") or Path(__file__).parents[2] / "shared" / "data")
FUSION = Path(fusion.__file__).with_name("fusion.json")
KINDS = ("name", "caption", "description")
DEPTH = 100
AT = 10
RRF = 60
"""Source: Cormack, Clarke and Büttcher, Reciprocal Rank Fusion, 2009."""


ODD = (
    *("nuclear submarine under the ice", "a plate of sushi", "invoice number", "wedding cake with candles", "octopus"),
    *("giraffe at a zoo", "screenshot of a spreadsheet", "tax return", "x-ray of a hand", "chess board", "penguins"),
    *("a bowl of tomato soup", "butterfly on a leaf", "crossword puzzle", "dentist", "a bag of cement", "passport"),
    *("kangaroo", "saxophone solo", "microwave oven", "Eiffel tower", "jellyfish", "origami crane", "parking ticket"),
    *("typewriter", "a pair of scissors", "snail", "bowling alley", "pizza margherita", "zebra crossing", "lighthouse"),
    *("Tintenfisch", "Hochzeitstorte mit Kerzen", "Atom-U-Boot", "Schachbrett", "Pinguine", "Mikrowelle", "Zahnarzt"),
    *("une pieuvre", "gâteau de mariage", "sous-marin", "échiquier", "pingouins", "four à micro-ondes", "escargot"),
    *("chobotnice", "svatební dort", "ponorka", "šachovnice", "tučňáci", "mikrovlnná trouba", "psací stroj", "šnek"),
)
"""What neither set of photos shows."""


@dataclass(frozen=True)
class Photo:
    """A photo and what people wrote about it."""

    name: str
    pixels: np.ndarray
    captions: list[str]
    translated: list[str]
    """One caption in each other language that there is."""


@dataclass(frozen=True)
class Asked:
    """A query, and the id of the one record that it is for; empty where nothing is."""

    kind: str
    text: str
    sought: str


@dataclass(frozen=True)
class Signals:
    """What one query gives for the records that come into question."""

    asked: Asked
    ids: list[str]
    cosines: np.ndarray
    texts: np.ndarray


def photos(name: str, *, held_out: bool) -> list[Photo]:
    """Read the photos of a tar; `held_out` only those that no training may use."""
    found, said = {}, {}
    with tarfile.open(DATA / name) as tar:
        for member in tar:
            stem, _, ending = member.name.rpartition(".")
            content = tar.extractfile(member).read()  # type: ignore[union-attr]
            if ending == "json":
                said[stem] = json.loads(content)["captions"]
            elif not held_out or hashlib.sha256(content).hexdigest()[0] in "01":
                found[stem] = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    return [
        Photo(stem, pixels, said[stem]["en"], [some[0] for language, some in said[stem].items() if language != "en"])
        for stem, pixels in found.items()
    ]


def fill(gallery: Gallery, encoder: TextEncoder, every: list[Photo]) -> list[tuple[Photo, ImageRecord]]:
    """Put the photos into a gallery, every other one with its first caption."""
    for space in encoder.spaces.values():
        gallery.add_space(space)
    made = []
    for start in range(0, len(every), 64):
        batch = every[start : start + 64]
        encoded = encoder.encode([photo.pixels for photo in batch])
        for place, photo in enumerate(batch):
            captioned = (start + place) % 2 == 0 and photo.captions
            made_up = make_record(
                f"file:///photos/{photo.name}.jpg",
                caption=photo.captions[0] if captioned else "",
                embeddings={name: rows[place].astype(np.float16) for name, rows in encoded.items()},
            )
            made.append((photo, made_up))
    gallery.put([record for _, record in made])
    return made


def questions(made: list[tuple[Photo, ImageRecord]]) -> list[Asked]:
    """Ask for the pictures in three ways, each as often as the others."""
    chance = random.Random(11)  # noqa: S311 - the same each time
    asked = []
    for photo, known in made:
        words = [
            word for word in re.findall(r"[A-Z]?[a-z]{2,}|\d{4,}", photo.name.rpartition("__")[2]) if word != "OSC"
        ]
        if words:
            asked.append(Asked("name", " ".join(words[-2:]), known.id))
        if known.caption:
            said = list(dict.fromkeys(re.findall(r"\w+", known.caption)))
            if len(said) >= 5:
                asked.append(Asked("caption", " ".join(sorted(chance.sample(said, 5), key=said.index)), known.id))
        for caption in [photo.captions[-1], *photo.translated]:
            telling = [word for word, token in spelled(caption) if token not in function_words()]
            if len(telling) > 2 and chance.random() < 0.2:
                start = chance.randrange(len(telling) - 1)
                asked.append(Asked("short", " ".join(telling[start : start + 2]), known.id))
        others = photo.captions[1:] if known.caption else photo.captions
        if others:
            asked.append(Asked("description", chance.choice(others).rstrip(" ."), known.id))
    kinds = {kind: [one for one in asked if one.kind == kind] for kind in (*KINDS, "short")}
    few = min(map(len, kinds.values()))
    return [one for some in kinds.values() for one in chance.sample(some, few)]


def signals(gallery: Gallery, encoder: TextEncoder, asked: Asked) -> Signals:
    """Ask for both signals just as a search does."""
    words = plain_words(asked.text)
    direction = direction_of(words, encoder)
    near = gallery.nearest(encoder.text_space, direction[None], DEPTH)[0]
    found = gallery.match_text(words.terms, DEPTH, And(()), also=near.ids)
    texts = dict(zip(found.ids, found.scores.tolist(), strict=True))
    ids = list(dict.fromkeys([*near.ids, *found.ids]))
    cosines = gallery.similarity(encoder.text_space, direction, ids)
    return Signals(asked, ids, cosines, np.array([texts.get(id_, 0.0) for id_ in ids]))


def fused(one: Signals, weights: Weights, encoder: TextEncoder) -> np.ndarray:
    """Do for all records at once what `Calibration.confidence` does for one; `main` makes sure that it is the same."""
    slope, offset = encoder.text_calibration
    odds = weights.meaning * (slope * one.cosines + offset) + weights.meaning_bias
    kept = (1 - one.texts) * odds + one.texts * np.maximum(odds, weights.unseen)
    return (1 + np.tanh((kept + weights.text * one.texts**weights.text_power) / 2)) / 2


def check_fused(one: Signals, encoder: TextEncoder) -> None:
    """Make sure that what is measured here is what a search does."""
    calibration = Calibration.of_words(encoder.text_calibration)
    pairs = zip(one.cosines.tolist(), one.texts.tolist(), strict=True)
    expected = [calibration.confidence(cosine, text) for cosine, text in pairs]
    np.testing.assert_allclose(fused(one, fusion.weights(), encoder), expected, atol=1e-6)


def reciprocal(one: Signals) -> np.ndarray:
    """Fuse by ranks alone, for comparison."""

    def ranks(scores: np.ndarray) -> np.ndarray:
        return np.argsort(np.argsort(-scores, kind="stable"), kind="stable")

    return 1 / (RRF + ranks(one.cosines)) + np.where(one.texts > 0, 1 / (RRF + ranks(one.texts)), 0)


def succeeds(one: Signals, scores: np.ndarray) -> bool:
    """Say whether the record sought is among the first ten."""
    best = np.argsort(-scores, kind="stable")[:AT]
    return any(one.ids[place] == one.asked.sought and scores[place] > 0 for place in best)


def interval(hits: np.ndarray) -> str:
    """Give the mean with its 95 % bootstrap interval."""
    chance = np.random.default_rng(0)
    means = hits[chance.integers(0, len(hits), (2_000, len(hits)))].mean(axis=1) * 100
    low, high = np.quantile(means, (0.025, 0.975))
    return f"{hits.mean() * 100:5.1f} ({low:4.1f}–{high:4.1f})"


def fit(some: list[Signals], odd: list[Signals], encoder: TextEncoder, start: Weights) -> Weights:
    """Choose the weights that find most and whose confidence is most honest, one after the other until none helps."""
    choices = {
        "meaning": (0.4, 0.6, 0.8, 1.0, 1.2, 1.5),
        "meaning_bias": (-6.0, -5.5, -5.0, -4.5, -4.0, -3.5, -3.0, -2.5, -2.0, -1.5, -1.0, 0.0),
        "text": (4.0, 6.0, 8.0, 10.0, 12.0, 15.0),
        "text_power": (1.0, 1.5, 2.0, 3.0, 4.0),
        "unseen": (-6.0, -5.0, -4.0, -3.0, -2.0),
    }
    best, least = start, loss(some, odd, start, encoder)
    is_better = True
    while is_better:
        is_better = False
        for name, values in choices.items():
            for value in values:
                tried = replace(best, **{name: value})
                found = loss(some, odd, tried, encoder)
                if found < least - 1e-6:
                    best, least, is_better = tried, found, True
        print(f"loss {least:.4f}: {best}")
    return best


def loss(some: list[Signals], odd: list[Signals], weights: Weights, encoder: TextEncoder) -> float:
    """Misses among the first ten, and a quarter of the log loss of the confidence that there is an answer at all.

    That confidence is looked at where it is not plain: not for words that stand in a name or caption.
    """
    misses, logs = 0, {True: [], False: []}
    for one in (*some, *odd):
        scores = fused(one, weights, encoder)
        is_there = bool(one.asked.sought)
        misses += one.asked.kind in KINDS and not succeeds(one, scores)
        sure = min(max(scores.max(), 1e-3), 1 - 1e-3)
        if one.asked.kind not in {"name", "caption"}:
            logs[is_there].append(-np.log(sure if is_there else 1 - sure))
    return (
        misses / sum(one.asked.kind in KINDS for one in some)
        + 0.25 * float(np.mean(logs[True]) + np.mean(logs[False])) / 2
    )


def measured(some: list[Signals], odd: list[Signals], encoder: TextEncoder, weights: Weights) -> Table:
    """Say what each way finds, and how often the answer is called likely."""
    ways = {
        "texts (BM25)": lambda one: one.texts,
        "text tower": lambda one: one.cosines + 2,
        "both, reciprocal ranks": reciprocal,
        "both, calibrated and added": lambda one: fused(one, weights, encoder),
    }
    kinds = (*KINDS, "all")
    table = Table(("success@10, %", *kinds))
    sought = [one for one in some if one.asked.kind in KINDS]
    kept = {}
    for way, score in ways.items():
        hits = {
            kind: [succeeds(one, score(one)) for one in sought if kind in (one.asked.kind, "all")] for kind in kinds
        }
        kept[way] = np.array(hits["all"], float)
        table.row(way, *(interval(np.array(hits[kind], float)) for kind in kinds))
    best = max(list(ways)[:2], key=lambda way: kept[way].mean())
    gain = interval(kept["both, calibrated and added"] - kept[best])
    table.row(f"gain over {best}, points", "", "", "", gain)
    groups = {kind: [one for one in some if one.asked.kind == kind] for kind in (*KINDS, "short")} | {"odd": odd}
    likely = {
        kind: np.mean([fused(one, weights, encoder).max() >= 0.5 for one in group]) for kind, group in groups.items()
    }
    extra = f"two words, four languages: {likely['short']:.0%}; what nothing suits: {likely['odd']:.0%}"
    table.row("called likely", *(f"{likely[kind]:.0%}" for kind in KINDS), extra)
    return table


def main() -> None:
    """Fill a gallery, ask, and report; with --fit choose the weights first."""
    encoder = load_encoder("mini")
    assert isinstance(encoder, TextEncoder)
    every = photos("flickr8k-dev.tar", held_out=False) + photos("openstax-photos.tar", held_out=True)
    folder = Path(os.environ.get("LOOKALIKE_BENCH_FOLDER", "."))
    path = folder / "words-bench.gallery"
    path.unlink(missing_ok=True)
    with SqliteGallery.open(path) as gallery:
        asked = questions(fill(gallery, encoder, every))
        present = [signals(gallery, encoder, one) for one in asked]
        odd = [signals(gallery, encoder, Asked("odd", text, "")) for text in ODD]
    path.unlink()
    check_fused(present[0], encoder)
    weights = fusion.weights()
    print(f"{len(every):,} pictures, {len(asked):,} queries; {encoder.text_calibration=}")
    if "--fit" in sys.argv:
        weights = fit(present[::2], odd[::2], encoder, weights)
        FUSION.write_text(json.dumps(vars_of(weights), indent=2) + "\n")
        print(f"fitted: {vars_of(weights)}")
    table = measured(present[1::2], odd[1::2], encoder, weights)
    table.print()
    if "--record" in sys.argv:
        record("Search by words: texts and what pictures show", "python bench/words.py", table)


def vars_of(weights: Weights) -> dict[str, float]:
    """Give the weights by name."""
    return {name: getattr(weights, name) for name in Weights.__slots__}


if __name__ == "__main__":
    main()
