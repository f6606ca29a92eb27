"""What do a pool and its workers say to each other? A JSON header and raw bytes, checked before they are believed.

A worker handles hostile bytes, so nothing that it says is unpickled or trusted: sizes, types and names are validated.
"""

import errno
import json
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from io import RawIOBase
from typing import Any

import numpy as np

from lookalike.decode.fit import Fit
from lookalike.decode.formats import FORMATS
from lookalike.decode.limits import Limits
from lookalike.decode.pixels import Decoded
from lookalike.errors import LookalikeError, TooLarge, Unreachable, UnreadableImage
from lookalike.types import Region

OUT_OF_MEMORY = errno.ENOMEM
"""The exit code of a worker that has used up what it may have."""

_LENGTHS = struct.Struct("<IQ")
_MAX_HEADER_BYTES = 65_536
_JOINED_BYTES = 1 << 20
"""Up to here one write, which wakes the other side once, is worth copying the body."""

_REFUSALS = {"UnreadableImage": UnreadableImage, "TooLarge": TooLarge, "Unreachable": Unreachable}


@dataclass(frozen=True, slots=True)
class Message:
    """A header of plain values, and bytes that belong to it."""

    header: Mapping[str, Any]
    body: bytes | bytearray = b""


def send(stream: RawIOBase, message: Message) -> None:
    """Write a message whole.

    Raises:
        OSError: the other side is gone.
    """
    header = json.dumps(message.header).encode()
    head = _LENGTHS.pack(len(header), len(message.body)) + header
    if len(message.body) > _JOINED_BYTES:
        _write(stream, head)
        _write(stream, message.body)
    else:
        _write(stream, head + message.body)


def receive(stream: RawIOBase, max_body_bytes: int) -> Message:
    """Read a message.

    Raises:
        EOFError: the other side is gone.
        ValueError: what came is no message, or is longer than expected.
    """
    header_bytes, body_bytes = _LENGTHS.unpack(_read(stream, _LENGTHS.size))
    if header_bytes > _MAX_HEADER_BYTES or body_bytes > max_body_bytes:
        raise ValueError("a message is longer than expected")
    header = json.loads(_read(stream, header_bytes))
    if not isinstance(header, dict):
        raise ValueError("a message has no header")
    return Message(header, _read(stream, body_bytes))


def job_header(fit: Fit, region: Region | None, *, is_path: bool) -> dict[str, Any]:
    """Describe a job, whose body is a path or a picture."""
    return {
        "fit": [fit.size, fit.mode, fit.margin, fit.grey, fit.filter, fit.rounding, fit.whole],
        "region": None if region is None else [region.x, region.y, region.width, region.height],
        "is_path": is_path,
    }


def read_job_header(header: Mapping[str, Any]) -> tuple[Fit, Region | None]:
    """Rebuild what `job_header` described; a worker trusts its parent."""
    size, mode, margin, grey, filter_, rounding, whole = header["fit"]
    region = header["region"]
    if region is not None:
        region = Region(**dict(zip(("x", "y", "width", "height"), region, strict=True)))
    fit = Fit(size=size, mode=mode, margin=margin, grey=grey, filter=filter_, rounding=rounding, whole=whole)
    return fit, region


def decoded_message(decoded: Decoded) -> Message:
    """Put a decoded picture into a message."""
    header = {
        "shape": decoded.pixels.shape[:2],
        "grey": None if decoded.grey is None else decoded.grey.shape,
        "width": decoded.width,
        "height": decoded.height,
        "format": decoded.format,
        "sha256": decoded.sha256,
        "bytes": decoded.bytes,
        "pixel_hash": decoded.pixel_hash,
        "taken_at": decoded.taken_at.isoformat() if decoded.taken_at else None,
    }
    return Message(header, decoded.pixels.tobytes() + (b"" if decoded.grey is None else decoded.grey.tobytes()))


def refusal_message(error: LookalikeError, *, last: bool = False) -> Message:
    """Put a refusal into a message; after the `last` one the worker ends."""
    return Message(
        {"refused": type(error).__name__, "what": error.what[:2_000], "fix": error.fix[:2_000], "last": last}
    )


def read_answer(message: Message, fit: Fit, limits: Limits) -> Decoded | LookalikeError:
    """Believe a worker's answer as far as it is possible.

    Raises:
        ValueError: it cannot be true.
    """
    header = message.header
    if "refused" in header:
        refusal = _REFUSALS.get(_text(header, "refused", r"\w+"))
        if refusal is None:
            raise ValueError("an unknown refusal")
        return refusal(_text(header, "what", r"(?s).{1,2000}"), _text(header, "fix", r"(?s).{0,2000}"))
    shape = _shape(header, "shape", fit.size, square=fit.mode != "inside")
    grey = _shape(header, "grey", fit.grey, square=False) if fit.grey else (0, 0)
    colour_bytes = shape[0] * shape[1] * 3
    if len(message.body) != colour_bytes + grey[0] * grey[1]:
        raise ValueError("a picture of another size than said")
    pixels = np.frombuffer(message.body, np.uint8)
    return Decoded(
        pixels=pixels[:colour_bytes].reshape(*shape, 3),
        grey=pixels[colour_bytes:].reshape(grey) if fit.grey else None,
        width=_count(header, "width", 1 << 32),
        height=_count(header, "height", 1 << 32),
        format=_text(header, "format", "|".join(FORMATS)),
        sha256=_text(header, "sha256", "[0-9a-f]{64}"),
        bytes=_count(header, "bytes", limits.max_bytes),
        pixel_hash=_text(header, "pixel_hash", "[0-9a-f]{32}"),
        taken_at=_camera_time(header),
    )


def _shape(header: Mapping[str, Any], name: str, size: int, *, square: bool) -> tuple[int, int]:
    shape = header.get(name)
    if not isinstance(shape, list) or len(shape) != 2 or not all(type(side) is int for side in shape):
        raise ValueError(f"a picture without a {name}")
    if not all(1 <= side <= size and (side == size or not square) for side in shape):
        raise ValueError(f"a picture of {shape} that was not asked for")
    return shape[0], shape[1]


def _count(header: Mapping[str, Any], name: str, top: int) -> int:
    value = header.get(name)
    if type(value) is not int or not 1 <= value <= top:
        raise ValueError(f"{name} is {value!r}")
    return value


def _text(header: Mapping[str, Any], name: str, pattern: str) -> str:
    value = header.get(name)
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise ValueError(f"{name} is {value!r}")
    return value


def _camera_time(header: Mapping[str, Any]) -> datetime | None:
    value = header.get("taken_at")
    if value is None:
        return None
    taken = datetime.fromisoformat(_text(header, "taken_at", r"[-0-9T:]{19}"))
    if taken.tzinfo is not None:
        raise ValueError(f"taken_at is {value!r}")
    return taken


def _write(stream: RawIOBase, data: bytes | bytearray) -> None:
    left = memoryview(data)
    while left:
        left = left[stream.write(left) or 0 :]


def _read(stream: RawIOBase, n: int) -> bytearray:
    data = bytearray(n)
    left = memoryview(data)
    while left:
        got = stream.readinto(left)
        if not got:
            raise EOFError("the other side is gone")
        left = left[got:]
    return data
