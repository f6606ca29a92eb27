"""Is this a sound file of weights? Its header is read within limits before any library believes it.

Source: https://github.com/huggingface/safetensors#format
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

from lookalike.errors import BadInput, NotFound

MAX_HEADER_BYTES = 25_000_000
"""Source: `huggingface_hub.constants.SAFETENSORS_MAX_HEADER_LENGTH`"""
_MAX_TENSORS = 100_000
_MAX_AXES = 16
_LENGTH_BYTES = 8
_BITS = {
    **{"BOOL": 8, "U8": 8, "I8": 8, "U16": 16, "I16": 16, "U32": 32, "I32": 32, "U64": 64, "I64": 64},
    **{"F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "F16": 16, "BF16": 16, "F32": 32, "F64": 64, "C64": 64},
}
"""Of one number, by its type."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """What the header says about one tensor."""

    dtype: str
    """As the format names it: `F32`, `BF16`."""
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Header:
    """What is in a file of weights."""

    tensors: Mapping[str, Tensor]
    metadata: Mapping[str, str]


def read_header(path: Path) -> Header:
    """Read and check the header: every tensor within the file, side by side, none over another, and nothing else there.

    Raises:
        BadInput: it is no safetensors file, or a broken or deceitful one.
        NotFound: it is not there, or cannot be read.
    """
    try:
        with path.open("rb") as opened:
            text, data_bytes = _read(opened, path.stat().st_size)
            tree = json.loads(text, object_pairs_hook=_once)
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {error.strerror or error}.", "Check the path.") from None
    except (ValueError, RecursionError) as error:
        raise _refuse(path, str(error)[:200]) from None
    try:
        metadata = tree.pop("__metadata__", {})
        if not all(isinstance(one, str) for pair in metadata.items() for one in pair):
            raise ValueError("its metadata are not all texts")
        spans = sorted(_spans(tree))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _refuse(path, str(error)[:200]) from None
    reached = 0
    for begin, end, name in spans:
        if begin != reached:
            raise _refuse(path, f"the numbers of {name[:60]!r} are not where those before end")
        reached = end
    if reached != data_bytes:
        raise _refuse(path, f"it has {data_bytes:,} bytes of numbers, where its header says {reached:,}")
    return Header({name: Tensor(one["dtype"], tuple(one["shape"])) for name, one in tree.items()}, metadata)


def _read(opened: BinaryIO, size: int) -> tuple[str, int]:
    """Give the text of the header, and how many bytes are after it."""
    length = int.from_bytes(opened.read(_LENGTH_BYTES), "little")
    after = size - _LENGTH_BYTES - length
    if length > MAX_HEADER_BYTES:
        raise ValueError(f"its header would have {length:,} bytes, past the limit of {MAX_HEADER_BYTES:,}")
    if size < _LENGTH_BYTES or after < 0:
        raise ValueError("it ends within its header")
    header = opened.read(length)
    if not header.startswith(b"{"):
        raise ValueError("it has no header")
    return header.decode(), after


def _spans(tree: Mapping[str, Any]) -> Iterator[tuple[int, int, str]]:
    if len(tree) > _MAX_TENSORS:
        raise ValueError(f"it has {len(tree):,} tensors, past the limit of {_MAX_TENSORS:,}")
    for name, one in tree.items():
        shape, (begin, end) = one["shape"], one["data_offsets"]
        numbers = [*shape, begin, end]
        if len(shape) > _MAX_AXES or not all(type(number) is int and 0 <= number < 1 << 63 for number in numbers):
            raise ValueError(f"the shape or place of {name[:60]!r} cannot be")
        bits = prod(shape) * _BITS[one["dtype"]]
        if (end - begin) * 8 != bits:
            raise ValueError(f"{name[:60]!r} takes {end - begin:,} bytes, where its shape takes {bits // 8:,}")
        yield begin, end, name


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that names a key twice: readers differ about which of the two counts."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("it names a tensor twice")
    return found


def _refuse(path: Path, reason: str) -> BadInput:
    return BadInput(f"{path} is no sound safetensors file: {reason}.", "Get it again, or export the model again.")
