"""Is this the network that its card describes? Loads both of a checkpoint's networks, held to the card."""

from collections.abc import Iterator, Mapping, Sequence

from lookalike.encoders.card import Card, Text
from lookalike.encoders.checkpoint import Checkpoint
from lookalike.errors import BadInput
from lookalike.models.engines import start_network
from lookalike.models.network import Engine, Network, Port

_FLOATS = {"float32", "float16", "float64"}

MASK = "attention_mask"
"""The second input that a network for texts may have."""

_MEASURES_ALL = b"DynamicQuantize"
"""Begins the names of operators that choose one scale of 8-bit numbers for all that is given at once.

Source: https://onnx.ai/onnx/operators/onnx__DynamicQuantizeLinear.html
"""


def start_session(checkpoint: Checkpoint, engine: Engine = "auto") -> Network:
    """Load the network for pictures and check it against the card.

    Raises:
        BadInput: the model is broken, reaches outside the card's files, or is not what the card says.
        MissingExtra: as `start_network` says.
    """
    network = start_network(checkpoint.contents, checkpoint.model, engine)
    card = checkpoint.card
    picture = [3, card.input.size, card.input.size]
    sides = picture if card.input.layout == "nchw" else picture[::-1]
    wrong = [*_input_differences(network.inputs, card.input.dtype, sides)]
    for output, wanted in _outputs(card).items():
        wrong += _output_differences(network.outputs, output, wanted)
    _refuse_if(wrong, checkpoint.model)
    return network


def start_text_session(checkpoint: Checkpoint, text: Text, engine: Engine = "auto") -> Network:
    """Load the network for texts and check it against the card. Raises as `start_session` does."""
    network = start_network(checkpoint.contents, text.model, engine)
    dim = next(head.dim for head in checkpoint.card.heads if head.space == text.space)
    inputs = {name: port for name, port in network.inputs.items() if name != MASK}
    wrong = [*_input_differences(inputs, "int64", [None])]
    wrong += _output_differences(network.outputs, text.output, [dim])
    _refuse_if(wrong, text.model)
    return network


def batch_for(network: bytes, usual: int) -> int:
    """Say how many things to give a network in one run: one, where its answer to one depends on those beside it."""
    return 1 if _MEASURES_ALL in network else usual


def _outputs(card: Card) -> dict[str, list[int | None]]:
    """Name the outputs that the card wants, and their sides after the first."""
    wanted: dict[str, list[int | None]] = {head.output: [head.dim] for head in card.heads}
    if card.classes and card.map:
        wanted |= {card.classes.output: [None], card.map.output: [card.map.cells, card.map.channels]}
    return wanted


def _refuse_if(wrong: Sequence[str], model: str) -> None:
    if wrong:
        what = f"The model {model} is not what its card says: {'; '.join(wrong)}."
        raise BadInput(what, "Correct the card, or export the model again.")


def _input_differences(inputs: Mapping[str, Port], dtype: str, sides: Sequence[int | None]) -> Iterator[str]:
    if len(inputs) != 1:
        yield f"it has {len(inputs)} inputs, where one is wanted"
        return
    (found,) = inputs.values()
    wanted = Port(dtype, (None, *sides))
    if found.dtype != dtype or not _allows(found, wanted):
        yield f"its input is {found}, not {wanted}"
    elif found.shape is not None and found.shape[0] is not None:
        yield "its batch axis is fixed; export it with a dynamic one"


def _output_differences(outputs: Mapping[str, Port], name: str, sides: Sequence[int | None]) -> Iterator[str]:
    found = outputs.get(name)
    if found is None:
        yield f"it has no output {name!r}, only {', '.join(map(repr, outputs))}"
        return
    wanted = Port("float32", (None, *sides))
    if found.dtype not in _FLOATS or not _allows(found, wanted):
        yield f"its output {name!r} is {found}, not {wanted}"


def _allows(declared: Port, wanted: Port) -> bool:
    """Tell whether a declared shape, which may leave sides open, can be the wanted one."""
    if declared.shape is None or wanted.shape is None:
        return True
    return len(declared.shape) == len(wanted.shape) and all(
        side is None or value is None or side == value for side, value in zip(declared.shape, wanted.shape, strict=True)
    )
