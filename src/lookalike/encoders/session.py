"""How is a model from outside run safely? ONNX Runtime on the CPU, held to the card."""

from collections.abc import Sequence
from typing import Any

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as engine

from lookalike.encoders.card import Card
from lookalike.encoders.checkpoint import Checkpoint
from lookalike.errors import BadInput

ENGINE_ERRORS = (
    engine.EPFail,
    engine.EngineError,
    engine.Fail,
    engine.InvalidArgument,
    engine.InvalidGraph,
    engine.InvalidProtobuf,
    engine.NoModel,
    engine.NoSuchFile,
    engine.NotImplemented,
    engine.RuntimeException,
    RuntimeError,
    ValueError,
)
"""What ONNX Runtime raises on models and inputs it cannot use; its own classes share no base."""

_INPUT_TYPES = {"uint8": "tensor(uint8)", "float32": "tensor(float)"}

_OUTPUT_TYPES = {"tensor(float)", "tensor(float16)", "tensor(double)"}


def start_session(checkpoint: Checkpoint) -> onnxruntime.InferenceSession:
    """Load a checkpoint's network and check it against the card. One session serves many threads.

    Raises:
        BadInput: the model is broken, reaches outside the card's files, or is not what the card says.
    """
    names, contents = list(checkpoint.contents), list(checkpoint.contents.values())
    options = session_options()
    # With this table the engine takes the weights that a model keeps in other files from here, and opens no file.
    options.add_external_initializers_from_files_in_memory(names, contents, [len(data) for data in contents])
    try:
        session = onnxruntime.InferenceSession(
            checkpoint.contents[checkpoint.model], options, providers=["CPUExecutionProvider"]
        )
    except ENGINE_ERRORS as error:
        what = f"The model {checkpoint.model} cannot be loaded: {brief(error)}."
        raise BadInput(what, "Export it again; weights in other files must be in its folder and on its card.") from None
    wrong = _differences(session, checkpoint.card)
    if wrong:
        what = f"The model {checkpoint.model} is not what its card says: {'; '.join(wrong)}."
        raise BadInput(what, "Correct the card, or export the model again.")
    return session


def session_options() -> onnxruntime.SessionOptions:
    """Give the settings for one thread a call: several threads that each run a session beat one that runs them all."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4
    return options


def brief(error: Exception) -> str:
    """Give the engine's message on one short line."""
    return " ".join(str(error).split())[:300].rstrip(".")


def _differences(session: onnxruntime.InferenceSession, card: Card) -> list[str]:
    inputs = session.get_inputs()
    if len(inputs) != 1:
        return [f"it has {len(inputs)} inputs, where one is wanted"]
    return _input_differences(inputs[0], card) + _output_differences(session.get_outputs(), card)


def _input_differences(found: Any, card: Card) -> list[str]:
    wanted = card.input
    wrong = []
    if found.type != _INPUT_TYPES[wanted.dtype]:
        wrong.append(f"its input is {found.type}, not {wanted.dtype}")
    picture = [3, wanted.size, wanted.size] if wanted.layout == "nchw" else [wanted.size, wanted.size, 3]
    if not _allows(found.shape, [None, *picture]):
        wrong.append(f"its input has shape {found.shape}, not [n, {', '.join(map(str, picture))}]")
    elif isinstance(found.shape[0], int):
        wrong.append("its batch axis is fixed; export it with a dynamic one")
    return wrong


def _output_differences(outputs: Sequence[Any], card: Card) -> list[str]:
    by_name = {output.name: output for output in outputs}
    wrong = []
    for head in card.heads:
        found = by_name.get(head.output)
        if found is None:
            wrong.append(f"it has no output {head.output!r}, only {', '.join(map(repr, by_name))}")
        elif found.type not in _OUTPUT_TYPES:
            wrong.append(f"its output {head.output!r} is {found.type}, not floats")
        elif not _allows(found.shape, [None, head.dim]):
            wrong.append(f"its output {head.output!r} has shape {found.shape}, not [n, {head.dim}]")
    return wrong


def _allows(declared: Sequence[int | str | None], wanted: Sequence[int | None]) -> bool:
    """Tell whether a declared shape, which may leave sides open, can be the wanted one."""
    return len(declared) == len(wanted) and all(
        not isinstance(side, int) or value is None or side == value
        for side, value in zip(declared, wanted, strict=True)
    )
