"""How much memory does a network want before a single weight is read? No more than its weights warrant."""

from collections.abc import Callable
from itertools import chain
from math import prod
from pathlib import Path
from typing import Any

from lookalike.errors import BadInput
from lookalike.models.network import brief
from lookalike.models.safetensors import read_header

_BESIDE = 1 << 24
"""Numbers that come of a description alone, such as masks and places: 64 MB."""


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
