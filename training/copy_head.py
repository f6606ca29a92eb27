"""How does `mini` get its copy vector? One command: mini.onnx in; the file with a second output, card and figures out.

    python training/copy_head.py --data "$LOOKALIKE_TEST_DATA" --out src/lookalike/encoders/mini --work copy-work
    python bench/copies.py --work bench-work    # makes the pictures that are measured
    python training/copy_head.py … --measure bench-work/copies-1-20000-12 --report training/mini.md

Views are made once and kept in the work folder (ten minutes on one core; a run that was cut off goes on);
the rest takes a minute, and measuring a few more.
"""

import argparse
import logging
import shutil
from pathlib import Path

import numpy as np
import torch

from card_file import HeadLine, read_heads, write_card
from confidence import Pairs, fit_confidence, pair_scores
from copying.features import find_patterns, sample_places, strongest
from copying.figures import measure, measure_loss
from copying.file import OUTPUT, append_copy_head
from copying.measures import read_copies
from copying.views import Views
from page import replace_figures
from pictures import read_pictures
from taps import TAPS, look_through_file
from whitening import Whitening, fit_learned_whitening

TRAINED_ON, TRAINED_PART = "flickr8k-train", slice(3_000)
"""Nothing else has a part in the copy vector, so that all other pictures can measure it."""

HELD_OUT = 10
"""Every so many pictures one is kept from the fit, for the confidence."""

DIM = 256
SEED = 1

log = logging.getLogger("copy_head")


def main() -> None:
    """Make the head, put it into the model, measure it."""
    arguments = parse_arguments()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(1)
    model = arguments.out / "mini.onnx"
    if "semantic" in {head.name for head in read_heads(model.with_suffix(".toml"))}:
        raise SystemExit(f"{model} has learnt words with the copy vector that it has: begin again with mini.py.")
    pictures = [
        one.pixels for one in read_pictures(arguments.data / f"{TRAINED_ON}.tar", arguments.limit, TRAINED_PART)
    ]
    look, rng = look_through_file(model), np.random.default_rng(SEED)
    places = sample_places(look, pictures, rng)
    patterns = [find_patterns(found, rng) for found in places]
    log.info("patterns found in %d places of each map", len(places[0]))
    width = sum(2 * tap.channels + len(found.bias) for tap, found in zip(TAPS, patterns, strict=True))
    views = Views(arguments.work, arguments.views, len(pictures), width)
    views.make(look, patterns, pictures, SEED)
    log.info("%d views of %d pictures made", arguments.views, len(pictures))
    whitening, confidence = fit(views, min(DIM, len(pictures) // 4))
    made = arguments.work / "mini.onnx"
    append_copy_head(
        model, made, patterns, [strongest(*both) for both in zip(patterns, places, strict=True)], whitening
    )
    shutil.move(made, model)
    card = model.with_suffix(".toml")
    heads = [head for head in read_heads(card) if head.name != OUTPUT]
    card.write_text(write_card(arguments.out, [*heads, HeadLine(OUTPUT, whitening.projection.shape[1], confidence)]))
    if arguments.measure:
        copies = read_copies(arguments.measure, arguments.gallery)
        figures = measure(copies, model)
        if arguments.compare:
            figures += "\n\n" + measure_loss(copies, model, patterns, whitening)
        print(figures)
        if arguments.report:
            replace_figures(arguments.report, figures, "copy figures")


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of the tars")
    parser.add_argument("--out", type=Path, required=True, help="where mini.onnx and mini.toml are, and are replaced")
    parser.add_argument("--work", type=Path, required=True, help="where the views are kept")
    parser.add_argument("--views", type=int, default=4, help="edited copies of each picture")
    parser.add_argument("--measure", type=Path, help="a folder that bench/copies.py made")
    parser.add_argument("--gallery", type=int, default=10_000, help="pictures searched when measuring")
    parser.add_argument("--compare", action="store_true", help="also measure the head on the 32-bit network")
    parser.add_argument("--report", type=Path, help="a page whose copy figures are replaced")
    parser.add_argument("--limit", type=int, help="pictures learnt from; all 3,000, unless trying out")
    return parser.parse_args()


def fit(views: Views, dim: int) -> tuple[Whitening, tuple[float, float]]:
    """Fit the projection on nine pictures of ten, the confidence on the tenth."""
    numbers = np.arange(views.alone.shape[1])
    held_out = numbers % HELD_OUT == 0
    copies = [
        (np.flatnonzero(alone[~held_out]), features[~held_out & alone])
        for alone, features in zip(views.alone[1:], views.features[1:], strict=True)
    ]
    whitening = fit_learned_whitening(views.features[0, ~held_out], copies, dim)
    originals = whitening(views.features[0, held_out])
    scores = np.concatenate(
        [np.einsum("nd,nd->n", originals, whitening(view[held_out])) for view in views.features[1:]]
    )
    strangers = pair_scores(originals, None, same=False)
    log.info("held out: copies score %.3f, strangers %.3f on average", scores.mean(), strangers.mean())
    log.info("held out: %.1f %% of copies nearest their original", 100 * nearest(views, whitening, held_out))
    return whitening, fit_confidence(
        [Pairs("copies", scores, alike=True, weight=0.5), Pairs("strangers", strangers, alike=False, weight=0.5)]
    )


def nearest(views: Views, whitening: Whitening, asked: np.ndarray) -> float:
    """Give the share of edited copies of some pictures whose nearest original is their own."""
    gallery = whitening(views.features[0])
    wanted = np.flatnonzero(asked)
    return float(
        np.mean([(whitening(view[asked]) @ gallery.T).argmax(axis=1) == wanted for view in views.features[1:]])
    )


if __name__ == "__main__":
    main()
