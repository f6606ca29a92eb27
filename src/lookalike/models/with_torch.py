"""Where does torch work, and with how much memory? On the device that was asked for, with what its weights warrant."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from math import prod
from pathlib import Path
from typing import Any

from lookalike.errors import BadInput, MachineError, MissingExtra
from lookalike.models.network import Engine, brief
from lookalike.models.safetensors import read_header

_BESIDE = 1 << 24
"""Numbers that come of a description alone, such as masks and places: 64 MB."""


def find_device(engine: Engine = "auto") -> str:
    """Name the device that was asked for, else the best there is: `cuda`, `mps` (Apple's graphics) or `cpu`.

    Raises:
        MissingExtra: CUDA was asked for, and this torch, or this machine, has none.
    """
    import torch

    if engine == "cpu":
        return "cpu"
    if engine == "cuda" and not torch.cuda.is_available():
        what = f"PyTorch {torch.__version__} finds no graphics card that it can use."
        raise MissingExtra(what, "Install a PyTorch for CUDA, and the card's driver, or set engine to auto.")
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


@contextmanager
def telling_full(name: str) -> Iterator[None]:
    """Have a model work on a graphics card.

    Raises:
        MachineError: the card has too little memory.
    """
    import torch

    try:
        yield
    except torch.OutOfMemoryError:
        fix = "Close other programs on it, or set CUDA_VISIBLE_DEVICES to nothing to work on the processor."
        raise MachineError(f"The graphics card has too little memory for {name}.", fix) from None


def refuse_oversized(make: Callable[[], Any], weights: list[Path], name: str) -> None:
    """Refuse a network that is much larger than its weights: a description may ask for any amount of memory.

    Raises:
        BadInput: it is larger, or `make` fails; or a file of weights is broken.
        NotFound: one is not there.
    """
    import torch

    had = sum(prod(tensor.shape) for path in weights for tensor in read_header(path).tensors.values())
    try:
        with torch.device("meta"):  # where numbers take no memory
            module = make()
    except BadInput:
        raise
    except Exception as error:  # noqa: BLE001 - libraries raise anything on descriptions that are wrong
        raise unfit(name, f"{type(error).__name__}: {brief(error)}") from None
    wanted = sum(tensor.numel() for tensor in chain(module.parameters(), module.buffers()))
    if wanted > 2 * had + _BESIDE:
        raise unfit(name, f"it asks for {wanted:,} numbers, and has {had:,}")


def unfit(name: str, reason: str) -> BadInput:
    """Say that weights and description do not go together."""
    return BadInput(f"The weights of {name} do not fit its description: {reason}.", "Choose another checkpoint.")
