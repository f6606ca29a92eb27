"""How do trained towers become the files of the wheel? Knowledge of classes, confidence, four files and their card."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from card_file import CARD, CLASS_NAMES, MODEL, TEXT_MODEL, TOKENIZER, HeadLine, WordsLines, read_heads, write_card
from confidence import Pairs, fit_confidence, pair_scores
from lite0 import FEATURES, Lite0
from measures import Vectors, unit
from taps import Steps
from wording.files import MAP_CHANNELS, SEMANTIC, append_branch, write_text_tower
from wording.knowledge import Knowledge, class_scores, softmax, stand_apart
from wording.lessons import Indices
from wording.pieces import MAX_PIECES, save_tokenizer, to_pieces
from wording.run import read, see
from wording.teacher import DIM
from wording.texts import LANGUAGES
from wording.towers import Towers
from wording.views import Maps

_SAMPLES = 200
"""Pictures that show the ranges of the branch."""


@dataclass(frozen=True)
class FrozenTrunk:
    """What is known of the trunk besides its maps."""

    network: Lite0
    steps: Steps
    """What the bytes of its maps mean."""
    temperature: float

    def classes(self, pooled: Vectors) -> Vectors:
        """Give the probabilities of the classes."""
        return softmax(class_scores(self.network, pooled[:, :FEATURES]) / self.temperature)


@dataclass(frozen=True)
class Held:
    """Pictures kept from learning, and their captions, for the confidence."""

    maps: Maps
    pooled: Vectors
    texts: list[str]
    own: Indices
    labelled: list["Labelled"]
    """What tells which pictures are of one kind."""


@dataclass(frozen=True)
class Labelled:
    """Pictures with labels, as the trunk sees them."""

    maps: Maps
    pooled: Vectors
    labels: list[str]


def semantic(towers: Towers, trunk: FrozenTrunk, knowledge: Knowledge, maps: Maps, pooled: Vectors) -> Vectors:
    """Give the semantic vectors in 32 bits, as the file gives them in 8."""
    seen = see(towers, maps, pooled[:, FEATURES:], trunk.steps, device_of(towers))
    return unit(seen + knowledge(trunk.classes(pooled)))


def learn_names(towers: Towers, tokenizer: Tokenizer, names: Sequence[str], temperature: float) -> Knowledge:
    """Let the text tower read the names of the classes."""
    return Knowledge(stand_apart(read(towers, to_pieces(tokenizer, names), device_of(towers))), temperature)


def fit_text_confidence(pictures: Vectors, texts: Vectors, own: Indices) -> tuple[float, float]:
    """Fit when a text describes a picture: its own against a random other, half of the weight on each."""
    scores = np.einsum("nd,nd->n", texts, pictures[own])
    rng = np.random.default_rng(0)
    others = (own[:, None] + rng.integers(1, len(pictures), (len(own), 20))) % len(pictures)
    strange = np.einsum("nd,nkd->nk", texts, pictures[others]).ravel()
    return fit_confidence(
        [Pairs("own", scores, alike=True, weight=0.5), Pairs("strange", strange, alike=False, weight=0.5)]
    )


def fit_picture_confidence(strangers: Vectors, labelled: Sequence[tuple[Vectors, list[str]]]) -> tuple[float, float]:
    """Fit when two pictures mean the same: of one label against of another, and against unrelated photos."""
    kinds = [Pairs("unrelated photos", pair_scores(strangers, None, same=False), alike=False, weight=0.25)]
    for vectors, labels in labelled:
        for same in (True, False):
            scores = pair_scores(vectors, labels, same=same)
            share = (0.5 if same else 0.25) / len(labelled)
            kinds.append(Pairs(f"same label: {same}", scores, alike=same, weight=share))
    return fit_confidence(kinds)


def finish(  # noqa: PLR0913, PLR0917 - all that was made comes together here
    towers: Towers, trunk: FrozenTrunk, tokenizer: Tokenizer, names: Sequence[str], maps: Maps, held: Held, folder: Path
) -> None:
    """Replace the files of a folder that holds mini.onnx with `visual` and `copy`, and its card."""
    knowledge = learn_names(towers, tokenizer, names, trunk.temperature)
    samples = np.array(maps[:: max(1, len(maps) // _SAMPLES)])
    with tempfile.TemporaryDirectory(dir=folder) as work:
        made = Path(work)
        append_branch(folder / MODEL, made / MODEL, trunk.network, towers.branch, knowledge, samples)
        write_text_tower(towers.text, made / TEXT_MODEL)
        save_tokenizer(tokenizer, made / TOKENIZER)
        (made / CLASS_NAMES).write_text(json.dumps(list(names), ensure_ascii=False), "utf-8")
        pictures = semantic(towers, trunk, knowledge, held.maps, held.pooled)
        texts = read(towers, to_pieces(tokenizer, held.texts), device_of(towers))
        of_texts = fit_text_confidence(pictures, texts, held.own)
        labelled = [(semantic(towers, trunk, knowledge, one.maps, one.pooled), one.labels) for one in held.labelled]
        of_pictures = fit_picture_confidence(pictures, labelled)
        heads = [head for head in read_heads(folder / CARD) if head.name != SEMANTIC]
        words = WordsLines(MAP_CHANNELS, MAX_PIECES, LANGUAGES, of_texts)
        (made / CARD).write_text(write_card(made, [*heads, HeadLine(SEMANTIC, DIM, of_pictures)], words), "utf-8")
        for one in made.iterdir():
            one.replace(folder / one.name)


def device_of(towers: Towers) -> str:
    """Tell where towers are."""
    return str(towers.log_scale.device)
