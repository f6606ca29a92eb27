"""Which figures does the page of `mini` show? Tables, each of one question."""

import numpy as np

from features import FIT, Features
from lite0 import SIZE, Lite0
from lookalike.decode import Fit
from material import FITTED_ON, FLOWERS, GROCERY, IMAGENET, OPENSTAX, Material, run
from measures import Vectors, cosine, originals_found, retrieval
from page import table
from whitening import DIM, HALF, fit_whitening

RETRIEVAL_COLUMNS = ["flowers mAP / success@1", "groceries mAP / success@1", "edited copies success@1"]


def classes(network: Lite0, features: Vectors) -> np.ndarray:
    """Give the ImageNet class that the network's own classifier sees in each picture."""
    weight, bias = network._fc.weight.detach().numpy(), network._fc.bias.detach().numpy()
    return np.argmax(features @ weight.T + bias, axis=1)


def top_1(material: Material, network: Lite0, features: dict[str, Vectors]) -> str:
    """Give the percentage of classes seen rightly.

    The full set holds every second class in the order of WordNet numbers, which is the order of the network's
    outputs; of a sample the class numbers are not known.
    """
    if len(material.sets[IMAGENET]) != 500:
        return "–"
    return f"{100 * float(np.mean(classes(network, features[IMAGENET]) == 2 * np.arange(500))):.1f}"


def row(material: Material, vectors: dict[str, Vectors]) -> list[str]:
    """Measure retrieval: flowers, groceries, edited copies."""
    found = originals_found(material.copies, vectors["copies"], vectors[OPENSTAX])
    labelled = [str(retrieval(vectors[name], material.labels(name))) for name in (FLOWERS, GROCERY)]
    return [*labelled, f"{found['all']:.1f}"]


def loss_table(material: Material, before: dict[str, Vectors], after: dict[str, Vectors], network: Lite0) -> str:
    """Compare the 32-bit network with the 8-bit one."""
    lines = []
    for name, features in (("32 bit", before), ("8 bit (shipped)", after)):
        whitening = fit_whitening(features[FITTED_ON], DIM)
        vectors = {key: whitening(found) for key, found in features.items()}
        lines.append([name, top_1(material, network, features), *row(material, vectors)])
    same = np.mean(classes(network, before[IMAGENET]) == classes(network, after[IMAGENET]))
    note = (
        f"Cosine of 8-bit to 32-bit features: {cosine(before[IMAGENET], after[IMAGENET]):.4f} (ImageNet pictures), "
        f"{cosine(before[GROCERY], after[GROCERY]):.4f} (groceries); same first class: {100 * same:.1f} %."
    )
    return "### What 8 bits cost\n\n" + table(["network", "top-1", *RETRIEVAL_COLUMNS], lines) + f"\n\n{note}"


def confidence_table(confidence: tuple[float, float]) -> str:
    """Show which confidence a score gets."""
    scores = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    a, b = confidence
    line = ["confidence", *(f"{1 / (1 + np.exp(-(a * score + b))):.2f}" for score in scores)]
    return "### Confidence\n\n" + table(["score", *map(str, scores)], [line])


def fit_table(material: Material, features: Features, before: dict[str, Vectors], network: Lite0) -> str:
    """Compare ways of cutting a picture to the network's square."""
    lines, by_edit = [], {}
    cuts = {
        "squash (shipped)": FIT,
        "crop, whole shorter side": Fit(size=SIZE, mode="crop"),
        "crop, 0.875 of it": Fit(size=SIZE, mode="crop", margin=0.875),
    }
    for name, fit in cuts.items():
        found = before if fit == FIT else run(features, material, fit)
        whitening = fit_whitening(found[FITTED_ON], DIM)
        vectors = {key: whitening(one) for key, one in found.items()}
        lines.append([name, top_1(material, network, found), *row(material, vectors)])
        by_edit[name] = originals_found(material.copies, vectors["copies"], vectors[OPENSTAX])
    edits = [[edit, *(f"{by_edit[name][edit]:.0f}" for name in cuts)] for edit in by_edit["squash (shipped)"]]
    return "\n\n".join(
        [
            "### Cutting the picture to a square (32 bit)",
            table(["cut", "top-1", *RETRIEVAL_COLUMNS], lines),
            "Edited copies, success@1 by edit:",
            table(["edit", *cuts], edits),
        ]
    )


def head_table(material: Material, before: dict[str, Vectors]) -> str:
    """Compare dimensions and whitenings."""
    lines = []
    for dim in (256, 384, 512, 1280):
        for name, power in (("none", 0.0), ("half", HALF), ("full", 2 * HALF)):
            whitening = fit_whitening(before[FITTED_ON], dim, power)
            vectors = {key: whitening(found) for key, found in before.items()}
            lines.append([str(dim), name, *row(material, vectors)])
    return "### Dimensions and whitening (32 bit)\n\n" + table(["dim", "whitening", *RETRIEVAL_COLUMNS], lines)
