"""How does the copy vector get into the model file? As a second output of the same pass, in 8 bits where it pays."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from copying.features import Patterns
from network_file import remove_output
from taps import TAPS, Tap, quantised, read_steps
from whitening import Whitening

OUTPUT = "copy"


class _Graph:
    """Adds nodes and constants whose names begin with the output's."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._graph = model.graph

    def constant(self, name: str, values: np.ndarray) -> str:
        self._graph.initializer.append(numpy_helper.from_array(values, f"{OUTPUT}_{name}"))
        return f"{OUTPUT}_{name}"

    def add(self, kind: str, inputs: Sequence[str], name: str, **attributes: object) -> str:
        self._graph.node.append(helper.make_node(kind, inputs, [f"{OUTPUT}_{name}"], **attributes))
        return f"{OUTPUT}_{name}"

    def output(self, kind: str, inputs: Sequence[str]) -> None:
        self._graph.node.append(helper.make_node(kind, inputs, [OUTPUT]))


def append_copy_head(
    source: Path, target: Path, patterns: Sequence[Patterns], strongest: Sequence[float], whitening: Whitening
) -> None:
    """Write a copy of mini.onnx with the output `copy`; `strongest` is the top of each map's range of strengths."""
    model = onnx.load(source)
    remove_output(model, OUTPUT)
    graph = _Graph(model)
    places = graph.constant("places", np.array([2, 3], np.int64))
    parts: list[str] = []
    for tap, found, top in zip(TAPS, patterns, strongest, strict=True):
        parts += _pooled(graph, model, tap, found, top, places)
    features = graph.add("Concat", parts, "features", axis=1)
    _project(graph, features, whitening)
    dim = whitening.projection.shape[1]
    model.graph.output.append(helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["n", dim]))
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, target)


def _pooled(graph: _Graph, model: onnx.ModelProto, tap: Tap, patterns: Patterns, top: float, places: str) -> list[str]:
    """Add what pools one map; gives the names of its means, deviations and patterns."""
    numbers = [quantised(tap.name), f"{tap.name}_scale", f"{tap.name}_zero_point"]
    map_ = graph.add("DequantizeLinear", numbers, f"{tap.name}_map")
    mean = graph.add("ReduceMean", [map_, places], f"{tap.name}_mean", keepdims=0)
    square = _mean_square(graph, map_, places, f"{tap.name}_square")
    mean_squared = graph.add("Mul", [mean, mean], f"{tap.name}_mean_squared")
    variance = graph.add("Sub", [square, mean_squared], f"{tap.name}_variance")
    above_zero = graph.add("Relu", [variance], f"{tap.name}_variance_above_zero")
    deviation = graph.add("Sqrt", [above_zero], f"{tap.name}_deviation")
    strengths = _strengths(graph, read_steps(model, tap.name).scale, tap, patterns, top)
    strong = _mean_square(graph, strengths, places, f"{tap.name}_strong")
    return [mean, deviation, graph.add("Sqrt", [strong], f"{tap.name}_patterns")]


def _mean_square(graph: _Graph, map_: str, places: str, name: str) -> str:
    # ONNX Runtime's ReduceSumSquare takes three times as long as these two.
    squares = graph.add("Mul", [map_, map_], f"{name}s")
    return graph.add("ReduceMean", [squares, places], name, keepdims=0)


def _strengths(graph: _Graph, step: float, tap: Tap, patterns: Patterns, top: float) -> str:
    """Add the 8-bit convolution that gives each pattern's strength at each place; weights keep to 7 bits as before."""
    name = tap.name
    scale = (np.abs(patterns.weight).max(axis=1) / 63).astype(np.float32)
    weight = np.round(patterns.weight / scale[:, None]).astype(np.int8)[:, :, None, None]
    bias = np.round(patterns.bias / (scale * step)).astype(np.int32)
    sides = {"scale": scale, "bias_scale": scale * np.float32(step), "top": np.float32(top / 255), "zero": np.uint8(0)}
    made = {part: graph.constant(f"{name}_{part}", np.asarray(values)) for part, values in sides.items()}
    zeros = {kind: graph.constant(f"{name}_zeros_{kind}", np.zeros(len(scale), kind)) for kind in ("int8", "int32")}
    weights = graph.add(
        "DequantizeLinear",
        [graph.constant(f"{name}_weight", weight), made["scale"], zeros["int8"]],
        f"{name}_weight_full",
        axis=0,
    )
    biases = graph.add(
        "DequantizeLinear",
        [graph.constant(f"{name}_bias", bias), made["bias_scale"], zeros["int32"]],
        f"{name}_bias_full",
        axis=0,
    )
    given = [quantised(name), f"{name}_scale", f"{name}_zero_point"]
    map_ = graph.add("DequantizeLinear", given, f"{name}_map_again")
    convolved = graph.add("Conv", [map_, weights, biases], f"{name}_convolved", kernel_shape=[1, 1])
    positive = graph.add("Relu", [convolved], f"{name}_positive")
    in_bytes = graph.add("QuantizeLinear", [positive, made["top"], made["zero"]], f"{name}_bytes")
    return graph.add("DequantizeLinear", [in_bytes, made["top"], made["zero"]], f"{name}_strengths")


def _project(graph: _Graph, features: str, whitening: Whitening) -> None:
    """Add the linear layer with 8-bit weights: rows scaled by the features' spread, columns by their largest weight."""
    rows = np.sqrt((whitening.projection**2).mean(axis=1))
    columns = np.abs(whitening.projection / rows[:, None]).max(axis=0) / 127
    steps = np.round(whitening.projection / rows[:, None] / columns).astype(np.int8)
    scaled = graph.add("Mul", [features, graph.constant("rows", rows.astype(np.float32))], "scaled")
    weight = graph.add("Cast", [graph.constant("projection_8", steps)], "projection", to=TensorProto.FLOAT)
    product = graph.add("MatMul", [scaled, weight], "product")
    length = graph.add("Mul", [product, graph.constant("columns", columns.astype(np.float32))], "length")
    # The offset goes with the whole numbers, so that rounding does not move the centre.
    offset = -(whitening.mean * rows) @ (steps * columns)
    graph.output("Add", [length, graph.constant("offset", offset.astype(np.float32))])
