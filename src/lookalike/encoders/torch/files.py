"""What is in a checkpoint's files? Descriptions and weights, read within limits, and nothing that could run."""

import functools
import gc
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from lookalike.errors import BadInput
from lookalike.models.description import MAX_DESCRIPTION_BYTES, parse_description, parse_json
from lookalike.models.files import read_file
from lookalike.models.hub import Snapshot
from lookalike.models.preprocessing import Preprocessing
from lookalike.models.safetensors import read_header
from lookalike.models.with_torch import refuse_oversized, unfit

_SOON_DONE = 128
"""Pixels a side for which any network is done soon; counting takes longer than that."""
_MAX_FLOPS = 2e13
"""For one picture: ten times as many as the largest networks of open_clip take."""


def split_revision(rest: str, usual: str = "main") -> tuple[str, str]:
    """Split `org/model@revision`."""
    repo, at, revision = rest.partition("@")
    return repo, revision if at else usual


def read_tree(snapshot: Snapshot, *names: str) -> dict[str, Any]:
    """Read the first of these JSON files that is there, as `parse_description` does.

    Raises:
        BadInput: none is there, or it holds no description.
    """
    return parse_description(*_read(snapshot, names))


def read_list(snapshot: Snapshot, name: str) -> list[Any]:
    """Read a JSON file that holds a list; raises as `read_tree` does."""
    tree = parse_json(*_read(snapshot, [name]))
    if not isinstance(tree, list):
        raise BadInput(f"{name} of {snapshot.repo} is no list.", "Fetch it again.")
    return tree


def _read(snapshot: Snapshot, names: Sequence[str]) -> tuple[bytes, str]:
    name = next((name for name in names if name in snapshot.files), None)
    if name is None:
        what = f"{snapshot.repo} has no {' or '.join(names)}, which says how to use it."
        raise BadInput(what, "Choose a repository of another family, or another revision.")
    return read_file(snapshot.path, name, MAX_DESCRIPTION_BYTES), f"{name} of {snapshot.repo}"


def read_weights(path: Path) -> dict[str, Any]:
    """Read a file of weights as {name: torch tensor}; the header is checked before a library believes it.

    Raises:
        BadInput: it is broken.
        NotFound: it is not there.
    """
    read_header(path)
    try:
        weights: dict[str, Any] = load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be read: {str(error)[:200]}.", "Fetch it again.") from None
    return weights


def make_module(make: Callable[[], Any], path: Path, name: str) -> Any:
    """Make a network, but only if it is not much larger than its weights. Raises as `refuse_oversized` does."""
    refuse_oversized(make, [path], name)
    return make()


def fill_module(module: Any, weights: Mapping[str, Any], name: str) -> None:
    """Put weights into a network; every one that it has must be there.

    Raises:
        BadInput: one is missing, or has another shape.
    """
    wanted = module.state_dict()
    missing = [key for key in wanted if key not in weights]
    if missing:
        raise unfit(name, f"{len(missing)} of its weights are missing, such as {missing[0]}")
    for key, tensor in wanted.items():
        if weights[key].shape != tensor.shape:
            raise unfit(name, f"{key} is {tuple(weights[key].shape)}, not {tuple(tensor.shape)}")
    module.load_state_dict({key: weights[key] for key in wanted})


def refuse_endless(module: Any, example: Any) -> None:
    """Refuse a network that would work on one picture for minutes: a description can make pieces of single pixels.

    Raises:
        BadInput: so.
    """
    if example.shape[-1] <= _SOON_DONE:
        return
    counted = FlopCounterMode(display=False)
    plain = sdpa_kernel(SDPBackend.MATH)  # the one whose work is counted
    with suppress(Exception), FakeTensorMode(allow_non_fake_inputs=True) as fake, counted, plain, torch.no_grad():
        module(fake.from_tensor(example))  # nothing is computed; what fails here fails in `measure_dim`, too
    _forget(module)
    if counted.get_total_flops() > _MAX_FLOPS:
        what = f"The network takes {counted.get_total_flops():.1g} operations for one picture."
        raise BadInput(what, "Choose another checkpoint.")


def _forget(module: Any) -> None:
    """Have a network's program forget what it kept for the next picture, which now is numbers without values.

    DINOv3 of Transformers keeps the places of its patches, for all networks of the kind.
    """
    programs = {type(part).__module__ for part in module.modules()}
    for kept in gc.get_objects():
        if type(kept) is functools._lru_cache_wrapper and kept.__module__ in programs:
            kept.cache_clear()


def measure_dim(module: Any, example: Any) -> int:
    """Give how many numbers a module makes of one example, by running it once.

    Raises:
        BadInput: it does not run on that, never ends, or gives something else than a vector.
    """
    refuse_endless(module.eval(), example)
    taken = " × ".join(map(str, example.shape[1:]))
    try:
        with torch.inference_mode():
            found = module.eval()(example)
    except (RuntimeError, AssertionError, IndexError, ValueError) as error:
        reason = " ".join(str(error).split())[:200].rstrip(".")
        raise BadInput(f"The network fails on {taken} numbers: {reason}.", "Choose another checkpoint.") from None
    if found.ndim != 2 or len(found) != 1:
        raise BadInput(f"The network gives {tuple(found.shape)} for {taken} numbers, no vector.", "Choose another.")
    return int(found.shape[1])


def example_of(input_: Preprocessing) -> Any:
    """Give one picture's worth of zeros: float32 (1, 3, size, size)."""
    return torch.zeros(1, 3, input_.size, input_.size)
