"""When are two pictures the same picture? One command: photos in; weights of the verdict, and figures, out.

    python training/copies_verdict.py --data "$LOOKALIKE_TEST_DATA" --out src/lookalike/copies/verdict.json

Takes about six minutes on one core. Learns from the first 3,000 photos of flickr8k-train only, fits on the first
1,500 and measures on the other 1,500. How that tar is laid out, training/mini.md says.
"""

import argparse
import json
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import Bool, Float64

from copying.examples import SHARING, Label, Pair, Pictures, copies, strangers, to_grey
from lookalike.copies.correlation import measure
from lookalike.copies.dense import lay_whole
from lookalike.copies.features import detect
from lookalike.copies.fingerprint import shrink
from lookalike.copies.geometry import align, match, unit
from lookalike.copies.verdict import Traits, read_traits, whole_values
from lookalike.copies.verifier import IMAGE_POINTS, REGIONS, QueryPicture
from lookalike.decode import decode
from pictures import WHOLE

Values = Float64[np.ndarray, "n traits"]

SOUGHT_AMONG = 900
"""Pictures among which those most like a query are sought."""
STRENGTH = 3e-4
"""Of the pull towards zero; the smallest at which fitting again on other pictures moves no weight much."""
WRONGLY_ACCEPTED = {Label.UNRELATED: 1e-3, Label.SHARED: 0.015}
"""Shares that may pass the cut-off: of strangers, which are those most like their query, and of pairs that share
something. Of the 300 strangers that are made where nothing else is said, the first means one at most."""


@dataclass(frozen=True)
class Looked:
    """A pair, and what each alignment of it showed."""

    kind: str
    label: Label
    shown: Values
    """By the points: one row an alignment."""
    whole: Values
    """By the pictures laid over one another as a whole: one row or none."""


@dataclass(frozen=True)
class Logistic:
    """A fitted probability."""

    mean: np.ndarray
    scale: np.ndarray
    weights: np.ndarray
    offset: float

    def __call__(self, values: Values) -> Float64[np.ndarray, " n"]:
        """Give the probability of each row."""
        reach = ((values - self.mean) / self.scale).clip(-4, 4) @ self.weights + self.offset
        chance: Float64[np.ndarray, " n"] = 1 / (1 + np.exp(-reach.clip(-30, 30)))
        return chance

    def written(self) -> dict[str, object]:
        """Give the numbers as they go into the file."""
        numbers = {"mean": self.mean, "scale": self.scale, "weights": self.weights}
        return {name: rounded(values) for name, values in numbers.items()} | {"offset": round(self.offset, 5)}


def by_points(one: Looked) -> Looked:
    """Judge a pair by its points."""
    return one


def by_whole(one: Looked) -> Looked:
    """Judge a pair by the whole pictures."""
    return replace(one, shown=one.whole)


PARTS: tuple[tuple[str, set[Label], Callable[[Looked], Looked]], ...] = (
    ("same", {Label.SAME}, by_points),
    ("shared", {Label.SAME, Label.SHARED}, by_points),
    ("whole", {Label.SAME}, by_whole),
)


def main() -> None:
    """Make pairs, fit, measure, write."""
    arguments = parse_arguments()
    cv2.setNumThreads(1)
    pictures = read_first(arguments.data / "flickr8k-train.tar", arguments.pictures)
    half = len(pictures) // 2
    fitted_on = [look(pair) for pair in make_pairs(pictures[:half], 1, arguments)]
    measured_on = [look(pair) for pair in make_pairs(pictures[half:], 2, arguments)]
    write(fitted_on, measured_on, arguments.out)


def write(fitted_on: list[Looked], measured_on: list[Looked], out: Path) -> None:
    """Fit the probabilities, and leave them, with what they are worth, in a file."""
    content: dict[str, object] = {"traits": [field.name for field in fields(Traits)]}
    for name, wanted, part in PARTS:
        chosen = [one for one in map(part, fitted_on) if len(one.shown)]
        model = fit(chosen, wanted)
        content[name] = model.written() | judge_model(model, wanted, [part(one) for one in measured_on])
    out.write_text(json.dumps(content, indent=1) + "\n", "utf-8")


def judge_model(model: Logistic, wanted: set[Label], pairs: list[Looked]) -> dict[str, float]:
    """Measure on pairs that the model has not seen, find the cut-off on the same, and print what passes it by kind.

    What passes of pairs that are wrong is thus what was allowed, and no measure of how many others would.
    """
    chance = np.array([best(model, one) for one in pairs])
    truth = np.array([one.label in wanted for one in pairs])
    cut = max(
        0.5,
        *(
            highest(chance[[one.label is label for one in pairs]], share)
            for label, share in WRONGLY_ACCEPTED.items()
            if label not in wanted
        ),
    )
    worth = {
        "cut_off": round(cut, 3),
        "brier": round(float(np.mean((chance - truth) ** 2)), 4),
        "calibration_error": round(calibration_error(chance, truth), 4),
    }
    print(worth, "The cut-off was chosen on the pairs below.")
    kinds = np.array([one.kind for one in pairs])
    for kind in dict.fromkeys(kinds):
        chosen = kinds == kind
        print(f"  {kind:26} {int(chosen.sum()):5}  accepted {(chance[chosen] >= cut).mean():.4f}")
    return worth


def read_first(tar: Path, count: int) -> Pictures:
    """Read the first pictures by name; the rest of the set is for measuring."""
    with tarfile.open(tar) as archive:
        names = sorted(name for name in archive.getnames() if name.endswith(".jpg"))[:count]
        return [decode(file.read(), WHOLE).pixels for file in map(archive.extractfile, names) if file is not None]


def make_pairs(pictures: Pictures, seed: int, arguments: argparse.Namespace) -> Iterator[Pair]:
    """Make copies, pairs that share something, and strangers."""
    rng = np.random.default_rng(seed)
    yield from copies(pictures, rng, arguments.copies)
    for number in range(arguments.sharing):
        yield SHARING[number % len(SHARING)](pictures, rng)
    yield from strangers(pictures[:SOUGHT_AMONG], rng, arguments.strangers)


def look(pair: Pair) -> Looked:
    """Align a pair in every way, and note what each shows."""
    query, image = QueryPicture(to_grey(pair.query)), shrink(to_grey(pair.image))
    features = detect(image, IMAGE_POINTS)
    descriptors = unit(features.descriptors)
    found = []
    for seen in query.views:
        for one in align(seen, match(seen, features.points, descriptors), REGIONS):
            closeness = measure(query.grey, image, one.homography, inverted=one.inverted)
            if closeness is not None:
                found.append(read_traits(one, closeness, query.features, features).values())
    laid = lay_whole(query.grey, image)
    whole = [] if laid is None else [whole_values(laid.closeness)]
    return Looked(pair.kind, pair.label, np.array(found), np.array(whole))


def fit(looked: list[Looked], wanted: set[Label]) -> Logistic:
    """Fit on alignments. Of a wanted pair the best alignment counts, of any other each: none of them may deceive.

    Which is the best is asked of the last fit, and at first of the support, which is the first trait.
    """
    model: Logistic | None = None
    for _ in range(4):
        rows, truth = [], []
        for one in looked:
            values = one.shown
            if one.label in wanted:
                chances = values[:, 0] if model is None else model(values)
                values = values[chances.argmax()][None]
            rows.append(values)
            truth += [one.label in wanted] * len(values)
        model = logistic(np.concatenate(rows), np.array(truth))
    return model


def logistic(values: Values, truth: Bool[np.ndarray, " n"]) -> Logistic:
    """Fit by maximum likelihood, both answers of equal weight, by Newton's method."""
    mean, scale = values.mean(axis=0), values.std(axis=0).clip(1e-3)
    terms = np.column_stack([((values - mean) / scale).clip(-4, 4), np.ones(len(values))])
    weights = np.where(truth, 0.5 / truth.sum(), 0.5 / (~truth).sum())
    pull = np.diag([STRENGTH] * (terms.shape[1] - 1) + [1e-9])
    solution = np.zeros(terms.shape[1])
    for _ in range(60):
        chance = 1 / (1 + np.exp(-(terms @ solution).clip(-30, 30)))
        slope = terms.T @ (weights * (chance - truth)) + pull @ solution
        curvature = (terms * (weights * chance * (1 - chance))[:, None]).T @ terms + pull
        solution -= np.linalg.solve(curvature + 1e-9 * np.eye(len(pull)), slope)
    return Logistic(mean, scale, solution[:-1], float(solution[-1]))


def best(model: Logistic, one: Looked) -> float:
    """Give the probability of a pair: that of its best alignment, or none."""
    return float(model(one.shown).max()) if len(one.shown) else 0.0


def highest(chance: Float64[np.ndarray, " n"], share: float) -> float:
    """Find the probability that only a share of the pairs passes."""
    return float(np.quantile(chance, 1 - share))


def calibration_error(chance: Float64[np.ndarray, " n"], truth: Bool[np.ndarray, " n"]) -> float:
    """Give the expected calibration error over ten bins of equal width.

    Source: Naeini, Cooper, Hauskrecht: Obtaining well calibrated probabilities using Bayesian binning, AAAI 2015.
    """
    bins = np.minimum((chance * 10).astype(int), 9)
    parts = [chosen for chosen in (bins == one for one in range(10)) if chosen.any()]
    return float(sum(abs(chance[one].mean() - truth[one].mean()) * one.mean() for one in parts))


def rounded(numbers: np.ndarray) -> list[float]:
    """Keep six digits, so that the file reads well."""
    return [float(f"{number:.6g}") for number in numbers]


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with flickr8k-train.tar")
    parser.add_argument("--out", type=Path, required=True, help="verdict.json")
    parser.add_argument("--pictures", type=int, default=3_000, help="how many photos")
    parser.add_argument("--copies", type=int, default=18, help="copies of each change, each half")
    parser.add_argument("--sharing", type=int, default=320, help="pairs that share something, each half")
    parser.add_argument(
        "--strangers", type=int, default=100, help="pictures paired with their three nearest, each half"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
