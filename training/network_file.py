"""How does a network become a small ONNX file? Export, 8-bit quantising, pixels in, and a head at the end."""

import logging
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import onnx
import torch
from jaxtyping import Float32, UInt8
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from lite0 import CENTRE, SCALE, SIZE, Lite0
from whitening import Whitening

PIXELS, NORMALISED, FEATURES = "pixels", "normalised", "features"

Batch = UInt8[np.ndarray, "n side side 3"]
Square = UInt8[np.ndarray, "side side 3"]
Normalised = Float32[np.ndarray, "n 3 side side"]


class Pooled(torch.nn.Module):
    """The network with its last map averaged over the picture."""

    def __init__(self, network: Lite0) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map normalised pixels (n, 3, 224, 224) to features (n, 1280)."""
        return self.network(x).mean((2, 3))


def normalise(batch: Batch) -> Normalised:
    """Bring pixels to what the exported network takes."""
    return np.ascontiguousarray((batch.transpose(0, 3, 1, 2).astype(np.float32) - CENTRE) / SCALE, np.float32)


def export(network: Lite0, path: Path) -> None:
    """Write the network as 32-bit ONNX: normalised pixels in, pooled features out, batch-norms and pads folded."""
    export_module(Pooled(network), torch.zeros(2, 3, SIZE, SIZE), path, NORMALISED, [FEATURES])


def export_module(module: torch.nn.Module, example: torch.Tensor, path: Path, given: str, made: list[str]) -> None:
    """Write a module with one input as 32-bit ONNX; batches may have any size."""
    onnx.save(export_program(module, example, given, made, {0: "n"}), path)


def export_program(
    module: torch.nn.Module, example: torch.Tensor, given: str, made: list[str], free: dict[int, str]
) -> onnx.ModelProto:
    """Give a module with one input as 32-bit ONNX; the `free` axes of its input may have any size."""
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        program = torch.onnx.export(
            module.eval(),
            (example,),
            input_names=[given],
            output_names=made,
            dynamic_shapes=({axis: torch.export.Dim(name) for axis, name in free.items()},),
            dynamo=True,
            verbose=False,
        )
    return bare(program.model_proto)


def quantise(source: Path, target: Path, samples: list[Square]) -> None:
    """Write an 8-bit copy that takes pixels as they are; `samples` show the ranges of the activations."""
    # Black and white stretch the input's range to its ends, so that its scale is exactly 1 / 128.
    ends = [np.full((SIZE, SIZE, 3), value, np.uint8) for value in (0, 255)]
    quantise_module(source, target, NORMALISED, (normalise(picture[None]) for picture in [*ends, *samples]))
    onnx.save(_take_pixels(onnx.load(target)), target)


def quantise_module(source: Path, target: Path, given: str, batches: Iterable[np.ndarray]) -> None:
    """Write an 8-bit copy; batches of the input `given` show the ranges of the activations.

    Weights are signed and scaled per channel, activations unsigned, ranges from the smallest to the largest seen.
    Weights keep to 7 bits: x86-64 processors without VNNI add two products in 16 bits, which 8-bit weights overflow.
    Depthwise convolutions run in wider registers and need no such care.
    Source: https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html, "When to use reduce-range".
    """
    prepared = target.with_suffix(".prepared.onnx")
    quant_pre_process(source, prepared, skip_symbolic_shape=True)
    quantize_static(
        prepared,
        target,
        _Samples(given, iter(batches)),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        reduce_range=True,
        extra_options={"TensorQuantOverrides": _depthwise_in_full_range(onnx.load(prepared))},
    )
    prepared.unlink()
    onnx.save(bare(onnx.load(target)), target)


def _depthwise_in_full_range(model: onnx.ModelProto) -> dict[str, list[dict[str, int | bool]]]:
    groups = {
        node.input[1]: attribute.i
        for node in model.graph.node
        for attribute in node.attribute
        if node.op_type == "Conv" and attribute.name == "group"
    }
    return {weight: [{"axis": 0, "reduce_range": False}] for weight, count in groups.items() if count > 1}


class _Samples(CalibrationDataReader):
    def __init__(self, given: str, batches: Iterator[np.ndarray]) -> None:
        self._given, self._batches = given, batches

    def get_next(self) -> dict[str, np.ndarray] | None:
        """Give one more batch, until there is none."""
        batch = next(self._batches, None)
        return None if batch is None else {self._given: batch}


def _take_pixels(model: onnx.ModelProto) -> onnx.ModelProto:
    """Let the model start from bytes: (x − 127) / 128 is itself a dequantisation, so nothing is computed twice."""
    graph = model.graph
    first = next(node for node in graph.node if node.op_type == "QuantizeLinear" and node.input[0] == NORMALISED)
    constants = {constant.name: numpy_helper.to_array(constant) for constant in graph.initializer}
    scale, centre = constants[first.input[1]], constants[first.input[2]]
    if not (np.isclose(scale, 1 / SCALE, rtol=1e-4) and centre == CENTRE):
        raise SystemExit(f"The input was quantised with scale {scale} and zero {centre}, not 1/{SCALE} and {CENTRE}.")
    turned = helper.make_node("Transpose", [PIXELS], list(first.output), perm=[0, 3, 1, 2])
    nodes = [turned, *(node for node in graph.node if node is not first)]
    del graph.node[:], graph.input[:]
    graph.node.extend(nodes)
    graph.input.append(helper.make_tensor_value_info(PIXELS, TensorProto.UINT8, ["n", SIZE, SIZE, 3]))
    onnx.checker.check_model(model)
    return model


def append_head(
    source: Path,
    target: Path,
    name: str,
    whitening: Whitening,
) -> None:
    """Write a copy whose output `name` is the whitened features, not yet of length 1; the weights kept in 16 bits."""
    model = onnx.load(source)
    graph = model.graph
    for part, values in (("projection", whitening.projection), ("offset", whitening.offset)):
        graph.initializer.append(numpy_helper.from_array(values.astype(np.float16), f"{name}_{part}_16"))
        graph.node.append(helper.make_node("Cast", [f"{name}_{part}_16"], [f"{name}_{part}"], to=TensorProto.FLOAT))
    graph.node.append(helper.make_node("Gemm", [FEATURES, f"{name}_projection", f"{name}_offset"], [name]))
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", whitening.projection.shape[1]]))
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, target)


def remove_output(model: onnx.ModelProto, name: str) -> None:
    """Take an output away, and all nodes and constants whose names begin with its name."""
    graph = model.graph
    mine = f"{name}_"
    nodes = [node for node in graph.node if node.output[0] != name and not node.output[0].startswith(mine)]
    constants = [constant for constant in graph.initializer if not constant.name.startswith(mine)]
    outputs = [output for output in graph.output if output.name != name]
    del graph.node[:], graph.initializer[:], graph.output[:]
    graph.node.extend(nodes)
    graph.initializer.extend(constants)
    graph.output.extend(outputs)


def bare(model: onnx.ModelProto) -> onnx.ModelProto:
    """Drop what exporters note for themselves: file paths, stack traces, shapes of all that flows."""
    for holder in (model, model.graph, *model.graph.node, *model.graph.input, *model.graph.output):
        del holder.metadata_props[:]
        holder.doc_string = ""
    del model.graph.value_info[:]
    return model
