"""What is a network that is ready to run, whichever engine runs it?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from lookalike.errors import BadInput

Engine = Literal["auto", "onnxruntime", "openvino", "cpu", "cuda", "coreml"]
"""`onnxruntime` is ONNX Runtime on the best device it finds; the last three are ONNX Runtime on that device."""


@dataclass(frozen=True, slots=True)
class Port:
    """What an input takes, or an output gives."""

    dtype: str
    """numpy's name: `float32`; the engine's own name where numpy has none."""
    shape: tuple[int | None, ...] | None
    """None for a side that may have any length; None as a whole where even the number of sides is open."""

    def __str__(self) -> str:
        """Write `float32 [n, 3, 224, 224]`."""
        sides = "…" if self.shape is None else ", ".join("n" if side is None else str(side) for side in self.shape)
        return f"{self.dtype} [{sides}]"


class Network(Protocol):
    """A network that is ready to run, from several threads at a time; each call uses one core."""

    @property
    def engine(self) -> str:
        """`onnxruntime` or `openvino`."""
        ...

    @property
    def device(self) -> str:
        """What does the work: `cpu`, `cuda`, `coreml` or `openvino`, the last for ONNX Runtime by way of it."""
        ...

    @property
    def inputs(self) -> Mapping[str, Port]:
        """What it takes, by name."""
        ...

    @property
    def outputs(self) -> Mapping[str, Port]:
        """What it gives, by name; one thing may have several."""
        ...

    def run(self, outputs: Sequence[str], feeds: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        """Compute these outputs.

        Raises:
            BadInput: the network fails on this.
        """
        ...


def refuse_model(model: str, reason: str, fix: str = "") -> BadInput:
    """Say that a model cannot be loaded, on whichever engine."""
    usual = "Export it again; weights in other files must be in its folder and on its card."
    return BadInput(f"The model {model} cannot be loaded: {reason}.", fix or usual)


def brief(error: BaseException) -> str:
    """Give an engine's message on one short line."""
    return " ".join(str(error).split())[:300].rstrip(".")
