"""Does searching by texts and by what pictures show find more together than each alone? And what do the weights say?

    python bench/words.py            # success@10 of the parts and of the hybrid, with 95 % intervals
    python bench/words.py --fit      # fit fusion.json on every other query first, then measure on the rest

What is searched, `words_asked.py` says. Asked are names (words of a file name), captions (five words of the caption
that a record has), and descriptions (what another person wrote of the picture, or wrote of one whose record says
nothing); each for one picture that is sought. Two words of a caption in any of four languages, and things that no photo
shows, tell whether an answer is rightly called likely.
"""

import argparse
import json
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bars import hold
from lookalike.encoders import TextEncoder, load_encoder
from lookalike.evaluation.intervals import mean_interval
from lookalike.gallery import Gallery
from lookalike.gallery.filters import And
from lookalike.gallery.sqlite import SqliteGallery
from lookalike.search import Query, Searcher, fusion
from lookalike.search.fusion import Calibration, Weights
from lookalike.search.hybrid import POOLED, nearest_of, tail_of
from lookalike.search.meaning import Meant, direction_of
from lookalike.search.words import plain_words
from report import Table, record
from words_asked import KINDS, ODD, Asked, fill, photos, questions

FUSION = Path(fusion.__file__).with_name("fusion.json")
AT = 10
CHECKED = 50
"""Questions whose answers are compared with those of a search."""
BOTH = "both, calibrated and added"
RRF = 60
"""Source: Cormack, Clarke and Büttcher, Reciprocal Rank Fusion, 2009."""


@dataclass(frozen=True)
class Signals:
    """What one query gives for the records that come into question."""

    asked: Asked
    ids: list[str]
    cosines: np.ndarray
    texts: np.ndarray


def signals(gallery: Gallery, encoder: TextEncoder, asked: Asked) -> Signals:
    """Ask for both signals just as a search does."""
    words = plain_words(asked.text)
    meant = Meant(direction_of(words, encoder), Calibration.of_words(encoder.text_calibration))
    tail = tail_of(gallery, encoder.text_space, meant, And(()))
    found = gallery.match_text(words.terms, POOLED, And(()), also=lambda: [one.id for one in nearest_of(tail)])
    texts = dict(zip(found.ids, found.scores.tolist(), strict=True))
    ids = list(dict.fromkeys([*tail.first.ids, *found.ids]))
    cosines = gallery.similarity(encoder.text_space, meant.vector, ids)
    return Signals(asked, ids, cosines, np.array([texts.get(id_, 0.0) for id_ in ids]))


def fused(one: Signals, weights: Weights, encoder: TextEncoder) -> np.ndarray:
    """Do for all records at once what `Calibration.confidence` does for one; `check_fused` compares with a search."""
    slope, offset = encoder.text_calibration
    odds = weights.meaning * (slope * one.cosines + offset) + weights.meaning_bias
    kept = (1 - one.texts) * odds + one.texts * np.maximum(odds, weights.unseen)
    return (1 + np.tanh((kept + weights.text * one.texts**weights.text_power) / 2)) / 2


def check_fused(gallery: Gallery, one: Signals, encoder: TextEncoder) -> None:
    """Make sure that what is measured here is what a search answers, for as long as both go on."""
    searcher = Searcher(gallery, encoder, None)  # type: ignore[arg-type] # no picture is decoded
    answer = searcher.search(Query(text=one.asked.text), AT)
    scores = dict(zip(one.ids, fused(one, fusion.weights(), encoder).tolist(), strict=True))
    best = sorted(scores.values(), reverse=True)[: len(answer.hits)]
    np.testing.assert_allclose([hit.score for hit in answer.hits], best, atol=1e-5)
    np.testing.assert_allclose([scores[hit.record.id] for hit in answer.hits], best, atol=1e-5)


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
    found = mean_interval(hits)
    return f"{100 * found.value:5.1f} ({100 * found.low:4.1f}–{100 * found.high:4.1f})"


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


def measured(
    some: list[Signals], odd: list[Signals], encoder: TextEncoder, weights: Weights
) -> tuple[Table, dict[str, float]]:
    """Say what each way finds, and how often the answer is called likely; the figures that bars hold, by name."""
    ways = {
        "texts (BM25)": lambda one: one.texts,
        "text tower": lambda one: one.cosines + 2,
        "both, reciprocal ranks": reciprocal,
        BOTH: lambda one: fused(one, weights, encoder),
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
    gain = interval(kept[BOTH] - kept[best])
    table.row(f"gain over {best}, points", "", "", "", gain)
    groups = {kind: [one for one in some if one.asked.kind == kind] for kind in (*KINDS, "short")} | {"odd": odd}
    likely = {
        kind: np.mean([fused(one, weights, encoder).max() >= 0.5 for one in group]) for kind, group in groups.items()
    }
    extra = f"two words, four languages: {likely['short']:.0%}; what nothing suits: {likely['odd']:.0%}"
    table.row("called likely", *(f"{likely[kind]:.0%}" for kind in KINDS), extra)
    return table, {
        "success@10 of both, calibrated and added": float(kept[BOTH].mean()),
        "gain over the best part, points": 100 * float((kept[BOTH] - kept[best]).mean()),
        "odd called likely": float(likely["odd"]),
    }


def main() -> None:
    """Fill a gallery, ask, and report; with --fit choose the weights first."""
    arguments = parse_arguments()
    encoder = load_encoder("mini")
    assert isinstance(encoder, TextEncoder)
    every = photos()
    with tempfile.TemporaryDirectory() as folder, SqliteGallery.open(Path(folder) / "words.gallery") as gallery:
        asked = questions(fill(gallery, encoder, every))
        present = [signals(gallery, encoder, one) for one in asked]
        odd = [signals(gallery, encoder, Asked("odd", text, "")) for text in ODD]
        for one in (*present[:: len(present) // CHECKED], *odd):
            check_fused(gallery, one, encoder)
    weights = fusion.weights()
    print(f"{len(every):,} pictures, {len(asked):,} queries; {encoder.text_calibration=}")
    if arguments.fit:
        weights = fit(present[::2], odd[::2], encoder, weights)
        FUSION.write_text(json.dumps(vars_of(weights), indent=2) + "\n")
        print(f"fitted: {vars_of(weights)}")
    table, figures = measured(present[1::2], odd[1::2], encoder, weights)
    table.print()
    if arguments.record:
        record("Search by words: texts and what pictures show", table)
    hold({f"words: {name}": figure for name, figure in figures.items()})


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--fit", action="store_true", help="write the weights that find most into fusion.json first")
    parser.add_argument("--record", action="store_true", help="append the table to docs/benchmarks.md")
    return parser.parse_args()


def vars_of(weights: Weights) -> dict[str, float]:
    """Give the weights by name."""
    return {name: getattr(weights, name) for name in Weights.__slots__}


if __name__ == "__main__":
    main()
