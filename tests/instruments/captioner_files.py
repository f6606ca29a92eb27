"""Where do tests get a captioner from? Two tiny ONNX models: a table of words, more of that which fills the map."""

import json
from typing import Any

import numpy as np
from networks import floats, save, sums
from onnx import TensorProto, helper, numpy_helper

WORDS = ["", "dogs", "cats", "run", "sleep", "outside"]

CELLS, CHANNELS = 4, len(WORDS)

LIKELY = [("", "dogs", 2), ("", "cats", 2), ("dogs", "run", 4), ("cats", "sleep", 4), ("run", "outside", 3)]
"""Word, next word, how much likelier than others. After `sleep` comes `outside`, too, and then nothing."""


def table() -> np.ndarray:
    likely = np.zeros((len(WORDS), len(WORDS)), np.float32)
    for one, other, much in [*LIKELY, ("sleep", "outside", 3), ("outside", "", 5)]:
        likely[WORDS.index(one), WORDS.index(other)] = much
    return likely


def draw_begin(first: int | list[int] = 0) -> bytes:
    """The mean of all cells as the scene, and as familiarity what the first channel holds."""
    nodes = [
        helper.make_node("ReduceMean", ["maps"], ["glance"], axes=[1], keepdims=0),
        helper.make_node("Gather", ["glance", "first"], ["familiarity"], axis=1),
    ]
    return save(
        nodes,
        [floats("maps", ["n", CELLS, CHANNELS])],
        [floats("glance", ["n", CHANNELS]), floats("familiarity", None if isinstance(first, list) else ["n"])],
        constants(first=np.array(first)),
    )


def draw_step(next_words: str = "next_words", beams: int = 0, added: float = 0) -> bytes:
    """What the table says of the word before, and the scene; the state counts the words.

    A right one has the output `next_words`, and as many sentences as it is given (`beams` cuts them), and adds nothing
    to what the table says.
    """
    cut = [] if not beams else [helper.make_node("Slice", ["words", "none", "kept", "sentences"], ["asked"])]
    nodes = [
        *cut,
        helper.make_node("Gather", ["table", "asked" if beams else "words"], ["likely"]),
        helper.make_node("Unsqueeze", ["glance", "sentences"], ["scene"]),
        helper.make_node("Add", ["likely", "scene"], ["logits"]),
        helper.make_node("LogSoftmax", ["logits"], ["all"], axis=-1),
        helper.make_node("TopK", ["all", "k"], ["log_probs", next_words]),
        helper.make_node("Add", ["state", "one"], ["next_state"]),
    ]
    numbers = {"k": np.array([4]), "sentences": np.array([1]), "none": np.array([0]), "kept": np.array([beams])}
    return save(
        nodes,
        [integers("words", ["n", "beams"]), floats("state", ["n", "beams", 1]), floats("glance", ["n", CHANNELS])],
        [
            integers(next_words, ["n", "m", 4]),
            floats("log_probs", ["n", "m", 4]),
            floats("next_state", ["n", "beams", 1]),
        ],
        constants(table=table() + np.float32(added), one=np.float32(1), **numbers),
    )


def integers(name: str, shape: list[int | str]) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.INT64, shape)


def constants(**values: Any) -> list[Any]:
    return [numpy_helper.from_array(np.asarray(value), name) for name, value in values.items()]


def make_card(contents: dict[str, bytes], **changes: Any) -> dict[str, Any]:
    """A right card for these files, but for `changes`."""
    card: dict[str, Any] = {
        "name": "dogs",
        "version": "1",
        "begin": "begin.onnx",
        "step": "step.onnx",
        "words": "words.json",
        "map": {"encoder": "table@1", "cells": CELLS, "channels": CHANNELS},
        "writing": {"beams": 3, "longest": 6, "length_exponent": 0.8},
        "confidence": {"offset": 0.0, "fluency": 1.0, "familiarity": 1.0, "cutoff": 0.2},
        "files": sums(contents),
    }
    return card | changes


def as_toml(card: dict[str, Any]) -> str:
    plain = [f"{key} = {json.dumps(value)}" for key, value in card.items() if not isinstance(value, dict)]
    for key, values in card.items():
        if isinstance(values, dict):
            plain += [f"[{key}]", *(f"{json.dumps(name)} = {json.dumps(value)}" for name, value in values.items())]
    return "\n".join(plain)
