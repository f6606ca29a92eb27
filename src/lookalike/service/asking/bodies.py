"""How is a request's body read within limits? As it streams in: JSON, or multipart with its files handed on."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Protocol

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import Request

from lookalike.errors import BadInput, LookalikeError, TooLarge

_MAX_FIELD_BYTES = 100_000
SMALLER_PICTURE = "Scale the picture down first."
MAX_FIELDS_BYTES = 200_000
"""All fields of a form together, or what JSON holds besides its pictures: they are kept in memory."""
_MAX_PARTS = 1_000


class Sink(Protocol):
    """Takes the bytes of one file as they come."""

    def write(self, data: bytes) -> None:
        """Take the next bytes."""
        ...

    def finish(self) -> None:
        """Let go of what is only needed while bytes come: these were all."""
        ...


class Form:
    """A multipart body that is being read: its fields are kept, its files handed on."""

    def __init__(self, content_type: str, open_file: Callable[[str], Sink]) -> None:
        """Get ready; `open_file` is called with each file's name as the caller gave it.

        Raises:
            BadInput: the content type names no boundary.
        """
        options = parse_options_header(content_type)[1]
        self.fields: dict[str, str] = {}
        self.file_fields: list[str] = []
        """The names of the fields that were files, in their order."""
        self._open_file = open_file
        self._names: dict[bytes, bytes] = {}
        self._header, self._header_value = bytearray(), bytearray()
        self._file: Sink | None = None
        self._field = bytearray()
        self._fields_bytes = 0
        self._parts = 0
        self._ended = False
        try:
            self._parser = MultipartParser(
                options.get(b"boundary", b""),
                {
                    "on_part_begin": self._begin,
                    "on_header_field": lambda data, start, end: self._header.extend(data[start:end]),
                    "on_header_value": lambda data, start, end: self._header_value.extend(data[start:end]),
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._start_part,
                    "on_part_data": self._take,
                    "on_part_end": self._finish_part,
                    "on_end": self._end,
                },
            )
        except ValueError as error:
            raise BadInput("The multipart body has no usable boundary.") from error
        if b"boundary" not in options:
            what = "The multipart body's content type names no boundary."
            raise BadInput(what, "Leave the content type to your HTTP client, which adds one.")

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the body.

        Raises:
            BadInput: they are no multipart body.
            TooLarge: too many parts, or a picture that is no file.
            BadInput: too long a field of another kind.
        """
        try:
            self._parser.write(data)
        except MultipartParseError as error:
            raise BadInput("The multipart body is malformed.") from error

    def finish(self) -> None:
        """Make sure that the body was whole.

        Raises:
            BadInput: it ended in the middle.
        """
        if not self._ended:
            raise BadInput("The multipart body ends in the middle.")

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > _MAX_PARTS:
            raise TooLarge(f"The form has more than {_MAX_PARTS:,} parts.", "Send them in several requests.")
        self._names, self._file, self._field = {}, None, bytearray()

    def _end_header(self) -> None:
        if bytes(self._header).lower() == b"content-disposition":
            self._names = parse_options_header(self._header_value.decode("latin-1"))[1]
        self._header, self._header_value = bytearray(), bytearray()

    def _start_part(self) -> None:
        if b"name" not in self._names:
            raise BadInput("A part of the form has no name.")
        if b"filename" in self._names:
            self.file_fields.append(_text(self._names[b"name"]))
            self._file = self._open_file(_text(self._names[b"filename"]))

    def _take(self, data: bytes, start: int, end: int) -> None:
        if self._file is not None:
            self._file.write(data[start:end])
            return
        self._field += data[start:end]
        if len(self._field) > _MAX_FIELD_BYTES:
            raise _too_long(_text(self._names[b"name"])[:100])
        self._fields_bytes += end - start
        if self._fields_bytes > MAX_FIELDS_BYTES:
            raise BadInput(f"The form's fields are longer than {MAX_FIELDS_BYTES:,} bytes.", "Send files as files.")

    def _finish_part(self) -> None:
        if self._file is not None:
            self._file.finish()
        else:
            self.fields[_text(self._names[b"name"])] = _text(bytes(self._field))

    def _end(self) -> None:
        self._ended = True


async def stream_body(
    request: Request,
    max_bytes: int,
    max_silence_s: float,
    min_bytes_per_s: int = 2_000,
    *,
    smaller: str = "Send less at a time.",
) -> AsyncIterator[bytes]:
    """Yield a body as it comes, and no more of it than `max_bytes`; `smaller` says what to do where there is more.

    Raises:
        TooLarge: it is longer.
        BadInput: the caller fell silent in the middle, or sends a byte now and then.
        HTTPException: it is compressed.
    """
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding != "identity":
        what = f"Bodies are taken as they are, not as {coding[:100]!r}."
        raise HTTPException(415, what, headers={"Accept-Encoding": "identity"})
    too_large = TooLarge(f"The request is larger than {max_bytes:,} bytes.", smaller)
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > max_bytes:
        raise too_large
    chunks, received, began = request.stream(), 0, time.monotonic()
    while True:
        try:
            async with asyncio.timeout(max_silence_s):
                chunk = await anext(chunks, None)
        except TimeoutError as error:
            raise BadInput(f"The rest of the request did not come within {max_silence_s:g} s.") from error
        if chunk is None:
            return
        received += len(chunk)
        if received > max_bytes:
            raise too_large
        if time.monotonic() - began > max_silence_s + received / min_bytes_per_s:
            raise BadInput(f"The request comes more slowly than {min_bytes_per_s:,} bytes a second.")
        if chunk:
            yield chunk


def _too_long(name: str) -> LookalikeError:
    what = f"The field {name!r} is longer than {_MAX_FIELD_BYTES:,} bytes."
    if name == "image":
        return TooLarge(what, "Send a picture as a file, with a file name.")
    return BadInput(what, f"Send the {name} as you got it." if name == "cursor" else "Send a shorter one.")


def _text(raw: bytes) -> str:
    return raw[:_MAX_FIELD_BYTES].decode("utf-8", "replace")
