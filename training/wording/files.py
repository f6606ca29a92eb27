"""How do the towers get into the files? The branch beside the trunk in mini.onnx, in 8 bits; texts in text.onnx.

Nothing that the trunk computes changes: `visual` and `copy` stay the same to the bit.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from lite0 import Lite0
from network_file import FEATURES, export_module, export_program, quantise_module, remove_output
from taps import quantised, read_steps
from wording.knowledge import Knowledge
from wording.run import in_full
from wording.towers import Branch, TextTower
from wording.views import MIDDLE_FEATURES, TAP, TAP_CHANNELS, TAP_SIDE, Maps

SEMANTIC, CLASSES, MAP, TEXT, PIECES = "semantic", "classes", "map", "text", "pieces"

BRANCH = "branch"
"""What the names of all nodes and constants of the branch begin with."""

_LAST = "getitem_141"
"""The trunk's map before its last layer, for captioners: it costs nothing, and the trunk never changes.

The branch's would mislead them: of pictures that it has learnt from, it sees more than of others.
"""

MAP_CHANNELS = 320

_SEAM = "seam"

_SMALL = 4_096
"""Matrices with fewer numbers stay in 32 bits."""


class BranchFile(nn.Module):
    """What is exported of the branch: all but its head."""

    def __init__(self, branch: Branch) -> None:
        super().__init__()
        self.branch = branch

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map the trunk's map to features (n, 1280)."""
        return self.branch.look(x).mean((2, 3))


class _Graph:
    """Adds nodes and constants under names of the branch."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self._graph = graph

    def constant(self, name: str, values: np.ndarray) -> str:
        self._graph.initializer.append(numpy_helper.from_array(np.asarray(values), f"{BRANCH}_{name}"))
        return f"{BRANCH}_{name}"

    def matrix(self, name: str, values: np.ndarray) -> str:
        """Add a matrix in 8 bits, its columns scaled by their largest number."""
        steps, scale = _in_bytes(values)
        given = [self.constant(f"{name}_8", steps), self.constant(f"{name}_scale", scale)]
        return self.add("DequantizeLinear", given, name, axis=1)

    def add(self, kind: str, inputs: Sequence[str], name: str, **attributes: object) -> str:
        output = name if name in (SEMANTIC, CLASSES, MAP) else f"{BRANCH}_{name}"
        self._graph.node.append(helper.make_node(kind, inputs, [output], **attributes))
        return output


def _in_bytes(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    scale = np.maximum(np.abs(values).max(axis=0), 1e-12).astype(np.float32) / np.float32(127)
    return np.round(values / scale).astype(np.int8), scale


def append_branch(
    source: Path, target: Path, trunk: Lite0, branch: Branch, knowledge: Knowledge, samples: Maps
) -> None:
    """Write mini.onnx with the outputs `semantic`, `classes` and `map`; `samples` show the ranges of the branch."""
    model = onnx.load(source)
    remove_branch(model)
    network = model.graph
    part = _quantised_branch(model, branch, samples, target)
    network.initializer.extend(part.initializer)
    network.node.extend(part.node)
    graph = _Graph(network)
    classify = trunk._fc
    scores = graph.add(
        "Gemm",
        [
            FEATURES,
            graph.matrix("classifier", classify.weight.detach().numpy().T / knowledge.temperature),
            graph.constant("classifier_bias", classify.bias.detach().numpy() / knowledge.temperature),
        ],
        "scores",
    )
    graph.add("Softmax", [scores], CLASSES, axis=1)
    head = branch.head
    shift, stretch = (graph.constant(name, getattr(branch, name).numpy()) for name in ("middle_mean", "middle_scale"))
    centred = graph.add("Sub", [MIDDLE_FEATURES, shift], "middle_centred")
    middle = graph.add("Mul", [centred, stretch], "middle")
    joined = graph.add("Concat", [f"{BRANCH}_{FEATURES}", middle], "joined", axis=1)
    given = [joined, graph.matrix("head", head.weight.detach().numpy().T)]
    seen = graph.add("Gemm", [*given, graph.constant("head_bias", head.bias.detach().numpy())], "seen")
    unit = graph.add("LpNormalization", [seen], "unit", axis=1, p=2)
    known = graph.add("MatMul", [CLASSES, graph.matrix("names", knowledge.names * knowledge.weight)], "known")
    graph.add("Add", [unit, known], SEMANTIC)
    flat = graph.constant("map_sides", np.array([0, MAP_CHANNELS, TAP_SIDE**2]))
    channels = graph.add("Reshape", [f"{_LAST}_DequantizeLinear_Output", flat], "map_flat")
    graph.add("Transpose", [channels], MAP, perm=[0, 2, 1])
    sides = {SEMANTIC: [head.out_features], CLASSES: [classify.out_features], MAP: [TAP_SIDE**2, MAP_CHANNELS]}
    for name, shape in sides.items():
        network.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", *shape]))
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, target)


def remove_branch(model: onnx.ModelProto) -> None:
    """Take away what an earlier run has added."""
    for name in (SEMANTIC, CLASSES, MAP, BRANCH):
        remove_output(model, name)


def _quantised_branch(model: onnx.ModelProto, branch: Branch, samples: Maps, target: Path) -> onnx.GraphProto:
    """Quantise the branch by itself, and let it start from the trunk's own bytes."""
    steps = read_steps(model, TAP)
    full, small = target.with_suffix(".branch.onnx"), target.with_suffix(".branch8.onnx")
    side = (TAP_CHANNELS, TAP_SIDE, TAP_SIDE)
    export_module(BranchFile(branch), torch.zeros(2, *side), full, _SEAM, [FEATURES])
    quantise_module(full, small, _SEAM, (in_full(one[None], steps).numpy() for one in samples))
    made = onnx.compose.add_prefix(onnx.load(small), f"{BRANCH}_").graph
    full.unlink()
    small.unlink()
    first = next(node for node in made.node if node.input[0] == f"{BRANCH}_{_SEAM}")
    for node in made.node:
        if node.input[0] == first.output[0]:
            node.input[:] = [quantised(TAP), f"{TAP}_scale", f"{TAP}_zero_point"]
    made.node.remove(first)
    kept = [one for one in made.initializer if not one.name.startswith(f"{BRANCH}_{_SEAM}_")]
    del made.initializer[:]
    made.initializer.extend(kept)
    return made


class TextFile(nn.Module):
    """What is exported of the text tower: its table in bytes, a scale for each piece."""

    def __init__(self, tower: TextTower) -> None:
        super().__init__()
        self.tower = tower
        steps, scale = _in_bytes(tower.table.weight.detach().numpy().T)
        self.register_buffer("steps", torch.from_numpy(steps.T.copy()))
        self.register_buffer("scale", torch.from_numpy(scale))

    def forward(self, pieces: torch.Tensor) -> torch.Tensor:
        """Read the texts."""
        vectors = self.steps[pieces].float() * self.scale[pieces][:, :, None]
        return self.tower.read(vectors, (pieces != 0).float())


def write_text_tower(tower: TextTower, path: Path) -> None:
    """Write text.onnx: the table and all large matrices in 8 bits, computed in 32."""
    example = torch.ones(2, 5, dtype=torch.int64)
    model = export_program(TextFile(tower), example, PIECES, [TEXT], {0: "n", 1: "length"})
    constants = {one.name: one for one in model.graph.initializer}
    for node in list(model.graph.node):
        name = node.input[1] if node.op_type in ("MatMul", "Gemm") else ""
        if name in constants and np.prod(constants[name].dims) >= _SMALL:
            _keep_in_bytes(model.graph, node, constants[name])
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def _keep_in_bytes(graph: onnx.GraphProto, node: onnx.NodeProto, constant: onnx.TensorProto) -> None:
    turned = any(one.name == "transB" and one.i for one in node.attribute)
    values = numpy_helper.to_array(constant)
    steps, scale = _in_bytes(values.T if turned else values)
    graph.initializer.remove(constant)
    graph.initializer.append(numpy_helper.from_array(steps.T.copy() if turned else steps, f"{constant.name}_8"))
    graph.initializer.append(numpy_helper.from_array(scale, f"{constant.name}_scale"))
    given = [f"{constant.name}_8", f"{constant.name}_scale"]
    axis = 0 if turned else 1
    graph.node.insert(0, helper.make_node("DequantizeLinear", given, [constant.name], axis=axis))
