"""Is a worker believed only as far as its answers can be true?"""

import io
import json
from contextlib import suppress
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.decode import Decoded, Fit, Limits
from lookalike.decode.wire import (
    Message,
    decoded_message,
    job_header,
    read_answer,
    read_job_header,
    receive,
    refusal_message,
    send,
)
from lookalike.errors import LookalikeError, TooLarge
from lookalike.types import Region

FIT, LIMITS = Fit(size=4, mode="squash", grey=6), Limits()
DECODED = Decoded(
    pixels=np.arange(48, dtype=np.uint8).reshape(4, 4, 3),
    grey=np.arange(60, 84, dtype=np.uint8).reshape(4, 6),
    width=4_000,
    height=3_000,
    format="jpeg",
    sha256="0a" * 32,
    bytes=123_456,
    pixel_hash="0b" * 16,
    taken_at=datetime(2024, 5, 17, 18, 3, 9),  # noqa: DTZ001
)


class Pipe(io.RawIOBase):
    """A pipe that gives and takes a few bytes at a time, as real ones may."""

    def __init__(self, content: bytes = b"") -> None:
        super().__init__()
        self.content = bytearray(content)

    def readinto(self, buffer: memoryview) -> int:
        taken = self.content[: min(7, len(buffer))]
        del self.content[: len(taken)]
        buffer[: len(taken)] = taken
        return len(taken)

    def write(self, data: memoryview) -> int:
        self.content += data[:5]
        return len(data[:5])


def through_a_pipe(message: Message) -> Message:
    pipe = Pipe()
    send(pipe, message)
    return receive(pipe, 1_000)


def test_a_picture_arrives_as_it_was_sent() -> None:
    arrived = read_answer(through_a_pipe(decoded_message(DECODED)), FIT, LIMITS)
    assert isinstance(arrived, Decoded)
    np.testing.assert_array_equal(arrived.pixels, DECODED.pixels)
    np.testing.assert_array_equal(arrived.grey, DECODED.grey)
    for name in ("width", "height", "format", "sha256", "bytes", "pixel_hash", "taken_at"):
        assert getattr(arrived, name) == getattr(DECODED, name)


def test_a_refusal_arrives_as_it_was_sent() -> None:
    arrived = read_answer(through_a_pipe(refusal_message(TooLarge("Much too large.", "Shrink it."))), FIT, LIMITS)
    assert isinstance(arrived, TooLarge)
    assert (arrived.what, arrived.fix) == ("Much too large.", "Shrink it.")


@pytest.mark.parametrize("region", [None, Region(x=0.1, y=0.2, width=0.3, height=0.4)])
def test_a_job_arrives_as_it_was_sent(region: Region | None) -> None:
    fit = Fit(size=7, mode="crop", margin=0.5, filter="bicubic", rounding="even", whole=True)
    sent = Message(job_header(fit, region, is_path=True), b"/photos/\xff.jpg")
    arrived = through_a_pipe(sent)
    assert read_job_header(arrived.header) == (fit, region)
    assert arrived.header["is_path"] is True
    assert arrived.body == b"/photos/\xff.jpg"


@pytest.mark.parametrize(
    ("name", "lie"),
    [
        ("shape", [4, 5]),
        ("shape", [1 << 40, 1 << 40]),
        ("shape", [-4, -4]),
        ("shape", [4.0, 4.0]),
        ("shape", [True, 4]),
        ("shape", None),
        ("width", 0),
        ("width", "4000"),
        ("height", 1 << 60),
        ("format", "svg"),
        ("format", "jpeg\n"),
        ("sha256", "../../etc/passwd"),
        ("sha256", "0A" * 32),
        ("bytes", 10**12),
        ("pixel_hash", None),
        ("taken_at", "2024-05-17T18:03:09+02:00"),
        ("taken_at", 5),
    ],
)
def test_an_answer_that_cannot_be_true_is_not_believed(name: str, lie: object) -> None:
    honest = through_a_pipe(decoded_message(DECODED))
    with pytest.raises(ValueError, match=r"."):
        read_answer(Message({**honest.header, name: lie}, honest.body), FIT, LIMITS)


def test_pixels_of_another_number_than_said_are_not_believed() -> None:
    honest = through_a_pipe(decoded_message(DECODED))
    with pytest.raises(ValueError, match="another size"):
        read_answer(Message(honest.header, bytes(honest.body)[:-1]), FIT, LIMITS)


@pytest.mark.parametrize("kind", ["SystemExit", "LookalikeError", "os.system", 5])
def test_a_worker_cannot_choose_what_is_raised(kind: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_answer(Message({"refused": kind, "what": "x", "fix": ""}), FIT, LIMITS)


def test_a_message_that_is_too_long_is_not_read() -> None:
    pipe = Pipe((99).to_bytes(4, "little") + (1 << 62).to_bytes(8, "little"))
    with pytest.raises(ValueError, match="longer"):
        receive(pipe, 1_000)
    pipe = Pipe((1 << 31).to_bytes(4, "little") + bytes(8))
    with pytest.raises(ValueError, match="longer"):
        receive(pipe, 1_000)


@given(st.binary(max_size=200), st.integers(0, 300))
def test_no_bytes_upset_the_receiver(rest: bytes, said: int) -> None:
    pipe = Pipe(said.to_bytes(4, "little") + bytes(8) + rest)
    with suppress(ValueError, EOFError):
        receive(pipe, 1_000)


@given(
    st.dictionaries(
        st.sampled_from([*decoded_message(DECODED).header, "refused", "what", "fix"]),
        st.one_of(st.none(), st.integers(), st.text(max_size=5), st.floats(), st.lists(st.integers(), max_size=3)),
    )
)
def test_no_header_upsets_the_reader(header: dict[str, object]) -> None:
    honest = decoded_message(DECODED)
    heard = json.loads(json.dumps({**honest.header, **header}))
    with suppress(ValueError):
        assert isinstance(read_answer(Message(heard, honest.body), FIT, LIMITS), Decoded | LookalikeError)
