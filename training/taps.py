"""What does the network see on its way to the last layer? Maps from its middle, from the 8-bit file or in 32 bits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from jaxtyping import Float32
from onnx import TensorProto, helper, numpy_helper

from features import FIT
from lite0 import Lite0
from lookalike.decode.pixels import fit_pixels
from lookalike.models.with_onnxruntime import session_options
from lookalike.types import Pixels
from network_file import PIXELS, normalise

Map = Float32[np.ndarray, "n channels places"]
Look = Callable[[Sequence[Pixels]], list[Map]]
"""What gives the maps of some pictures, in the order of `TAPS`."""


@dataclass(frozen=True)
class Tap:
    """A map: its name in mini.onnx, the block of the network that gives it, its channels and places."""

    name: str
    block: int
    channels: int
    places: int


TAPS = (Tap("add_458", 7, 80, 14 * 14), Tap("add_635", 10, 112, 14 * 14))
"""After the fourth and the fifth stage: later maps know what is shown, and forget which picture it is."""


@dataclass(frozen=True)
class Steps:
    """How the bytes of a map become numbers: (byte − zero) × scale."""

    scale: float
    zero: int


def read_steps(network: onnx.ModelProto, name: str) -> Steps:
    """Read the steps of a tensor from the 8-bit file."""
    constants = {one.name: one for one in network.graph.initializer}
    scale, zero = (numpy_helper.to_array(constants[f"{name}_{part}"]) for part in ("scale", "zero_point"))
    return Steps(float(scale), int(zero))


def quantised(name: str) -> str:
    """Name the bytes of a tensor in the 8-bit file."""
    return f"{name}_QuantizeLinear_Output"


def look_through_file(model: Path) -> Look:
    """Give what runs mini.onnx and takes its maps."""
    network = onnx.load(model)
    steps = [read_steps(network, tap.name) for tap in TAPS]
    names = [quantised(tap.name) for tap in TAPS]
    network.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.UINT8, None) for name in names)
    session = onnxruntime.InferenceSession(
        network.SerializeToString(), session_options(), providers=["CPUExecutionProvider"]
    )

    def look(pictures: Sequence[Pixels]) -> list[Map]:
        batch = np.stack([fit_pixels(picture, FIT) for picture in pictures])
        maps = session.run(names, {PIXELS: batch})
        return [
            ((found.astype(np.float32) - step.zero) * np.float32(step.scale)).reshape(len(batch), tap.channels, -1)
            for tap, step, found in zip(TAPS, steps, maps, strict=True)
        ]

    return look


def look_through_network(network: Lite0) -> Look:
    """Give what runs the 32-bit network and takes its maps."""
    found: dict[int, torch.Tensor] = {}
    for tap in TAPS:
        network._blocks[tap.block].register_forward_hook(
            lambda _module, _given, made, block=tap.block: found.update({block: made})
        )

    def look(pictures: Sequence[Pixels]) -> list[Map]:
        with torch.no_grad():
            network(torch.from_numpy(normalise(np.stack([fit_pixels(picture, FIT) for picture in pictures]))))
        return [found[tap.block].flatten(2).numpy() for tap in TAPS]

    return look
