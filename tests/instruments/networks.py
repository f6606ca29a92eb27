"""Where do tests get networks from? Tiny ONNX models and tokenizers made in code, and cards for them."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import TensorProto, helper, load_from_string, numpy_helper

SIDE, DIM = 32, 48

CELLS, CHANNELS = 16, 3

WORDS = ["red", "green", "blue", "rot", "grün", "bleu", "červený", "ball", "dog", "a", "the"]

CLASS_NAMES = ["red", "green", "blue"]


def sums(files: dict[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}


def save(nodes: Sequence[Any], inputs: Sequence[Any], outputs: Sequence[Any], weights: Sequence[Any] = ()) -> bytes:
    graph = helper.make_graph(nodes, "colours", inputs, outputs, weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9).SerializeToString()


def floats(name: str, shape: Sequence[int | str] | None) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def draw_network(
    *,
    batch: int | str = "n",
    outputs: tuple[str, ...] = ("colours",),
    element: int = TensorProto.FLOAT,
    scale: float = 1,
) -> bytes:
    """Mean colours of 4 × 4 fields, times `scale`: every output gives the same 48 numbers."""
    nodes = [
        helper.make_node("Cast", ["picture"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("AveragePool", ["floats"], ["fields"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Flatten", ["fields"], ["flat"]),
        *(helper.make_node("Mul", ["flat", "scale"], [name]) for name in outputs),
    ]
    picture = helper.make_tensor_value_info("picture", element, [batch, 3, SIDE, SIDE])
    made = [floats(name, [batch, DIM]) for name in outputs]
    return save(nodes, [picture], made, [numpy_helper.from_array(np.float32(scale), "scale")])


def draw_network_with_weights_in(location: str) -> bytes:
    """The same with a weight that lies in another file."""
    weight = TensorProto(name="weight", data_type=TensorProto.FLOAT, dims=[DIM], data_location=TensorProto.EXTERNAL)
    for key, value in (("location", location), ("offset", "0"), ("length", str(4 * DIM))):
        weight.external_data.add(key=key, value=value)
    nodes = [
        helper.make_node("AveragePool", ["picture"], ["fields"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Flatten", ["fields"], ["flat"]),
        helper.make_node("Mul", ["flat", "weight"], ["colours"]),
    ]
    return save(nodes, [floats("picture", ["n", 3, SIDE, SIDE])], [floats("colours", ["n", DIM])], [weight])


def in_eight_bits(network: bytes, name: str) -> bytes:
    """Give a network that puts one of its numbers into 8 bits on the fly, with one scale for all that it is given."""
    model = load_from_string(network)
    graph = model.graph
    for node in graph.node:
        node.input[:] = ["coarse" if taken == name else taken for taken in node.input]
    where = 1 + next(i for i, node in enumerate(graph.node) if name in node.output)
    steps = ("bits", "step", "zero")
    graph.node.insert(where, helper.make_node("DynamicQuantizeLinear", [name], steps))
    graph.node.insert(where + 1, helper.make_node("DequantizeLinear", steps, ["coarse"]))
    return model.SerializeToString()


def draw_recogniser(*, softmax: bool = True, scale: float = 1) -> bytes:
    """Mean colours of 4 × 4 fields as vector and as map; which of red, green and blue there is most, as classes."""
    nodes = [
        helper.make_node("AveragePool", ["picture"], ["fields"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Flatten", ["fields"], ["colours"]),
        helper.make_node("Reshape", ["fields", "sides"], ["planes"]),
        helper.make_node("Transpose", ["planes"], ["cells"], perm=[0, 2, 1]),
        helper.make_node("Mul", ["cells", "scale"], ["map"]),
        helper.make_node("ReduceMean", ["cells"], ["means"], axes=[1], keepdims=0),
        helper.make_node("Softmax" if softmax else "Neg", ["means"], ["classes"]),
    ]
    weights = [
        numpy_helper.from_array(np.array([0, CHANNELS, CELLS]), "sides"),
        numpy_helper.from_array(np.float32(scale), "scale"),
    ]
    outputs = [floats("colours", ["n", DIM]), floats("map", ["n", CELLS, CHANNELS]), floats("classes", ["n", 3])]
    return save(nodes, [floats("picture", ["n", 3, SIDE, SIDE])], outputs, weights)


def draw_text_network(pieces: int, *, dim: int = DIM, scale: float = 1, element: int = TensorProto.INT64) -> bytes:
    """Mean of random vectors, one a piece; piece 0 does not count."""
    table = np.random.default_rng(0).normal(size=(pieces, dim)).astype(np.float32) * scale
    nodes = [
        helper.make_node("Cast", ["pieces"], ["indices"], to=TensorProto.INT64),
        helper.make_node("Gather", ["table", "indices"], ["vectors"]),
        helper.make_node("Cast", ["indices"], ["words"], to=TensorProto.BOOL),
        helper.make_node("Cast", ["words"], ["ones"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["ones", "last"], ["weights"]),
        helper.make_node("Mul", ["vectors", "weights"], ["weighed"]),
        helper.make_node("ReduceSum", ["weighed", "middle"], ["sum"], keepdims=0),
        helper.make_node("ReduceSum", ["ones", "middle"], ["count"], keepdims=1),
        helper.make_node("Div", ["sum", "count"], ["text"]),
    ]
    weights = [
        numpy_helper.from_array(table, "table"),
        numpy_helper.from_array(np.array([2]), "last"),
        numpy_helper.from_array(np.array([1]), "middle"),
    ]
    taken = helper.make_tensor_value_info("pieces", element, ["n", "length"])
    return save(nodes, [taken], [floats("text", ["n", dim])], weights)


def make_tokenizer() -> bytes:
    """Words and letters, lower case: what a recipe makes, but smaller."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    letters = [(letter, -9.0) for letter in "▁abcdefghijklmnopqrstuvwxyzéíáůüß"]
    pieces = [("<pad>", 0.0), ("<unk>", 0.0), *((f"▁{word}", -1.0) for word in WORDS), *letters]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=1, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.add_special_tokens(["<pad>", "<unk>"])
    return tokenizer.to_str().encode()


def count_pieces(tokenizer: bytes) -> int:
    return len(json.loads(tokenizer)["model"]["vocab"])


def make_card(contents: dict[str, bytes], **changes: Any) -> dict[str, Any]:
    """A right card for these files, but for `changes`."""
    card: dict[str, Any] = {
        "name": "colours",
        "version": "1",
        "input": {"size": SIDE, "fit": "squash", "mean": [0.4, 0.4, 0.4], "std": [0.2, 0.2, 0.2]},
        "heads": [{"output": "colours", "space": "colour", "dim": DIM, "calibration": [20.0, -17.0]}],
        "files": sums(contents),
    }
    return card | changes


def make_whole_checkpoint(**changes: Any) -> dict[str, bytes]:
    """All files of a model that knows words and names what it sees; but for `changes` on its card and `contents`."""
    tokenizer = make_tokenizer()
    files = {
        "colours.onnx": draw_recogniser(),
        "words.onnx": draw_text_network(count_pieces(tokenizer)),
        "tokenizer.json": tokenizer,
        "classes.json": json.dumps(CLASS_NAMES).encode(),
    }
    files |= changes.pop("contents", {})
    capabilities = {
        "classes": {"output": "classes", "names": "classes.json"},
        "map": {"output": "map", "cells": CELLS, "channels": CHANNELS},
        "text": {
            "model": "words.onnx",
            "tokenizer": "tokenizer.json",
            "space": "colour",
            "max_pieces": 16,
            "languages": ["en", "de", "fr", "cs"],
            "calibration": [9.0, -3.0],
        },
    }
    card = make_card(files, **(capabilities | changes))
    card = {key: value for key, value in card.items() if value is not None}
    return files | {"colours.json": json.dumps(card).encode()}
