"""How does the original file of a record go out? As it is, in ranges, and only while it is still that picture."""

import os
import re
from contextlib import ExitStack
from dataclasses import replace
from typing import BinaryIO
from urllib.parse import quote

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from lookalike.decode import sniff
from lookalike.errors import NotFound, UnreadableImage
from lookalike.service.passage.guards import PICTURE_POLICY
from lookalike.service.pictures.caching import FOR_GOOD, names_tag
from lookalike.service.pictures.formats import EXTENSION, MEDIA_TYPE
from lookalike.service.problems import ProblemResponse, refusal
from lookalike.sources import open_original
from lookalike.sources.files import version_of
from lookalike.stamps import bytes_version
from lookalike.types import ImageRecord

_HEAD_BYTES = 65_536
_CHUNK_BYTES = 262_144
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class OriginalFile(Response):
    """Streams an open file, or the one range of it that was asked for."""

    def __init__(self, file: BinaryIO, record: ImageRecord, version: str, threads: CapacityLimiter) -> None:
        """Take over the open file and close it when done; it is read in one of these threads."""
        found = os.fstat(file.fileno())
        self._threads = threads
        self._file = file
        self._size = found.st_size
        super().__init__(media_type=MEDIA_TYPE[record.format])
        self.headers["Content-Length"] = str(found.st_size)
        self.headers["ETag"] = f'"{found.st_mtime_ns:x}-{found.st_size:x}"'
        self.headers["Accept-Ranges"] = "bytes"
        # What was uploaded lies under its sha256, which is its version: nobody changes it there.
        is_unchanged = bytes_version(record.version) in {version_of(found), record.sha256}
        is_it = bool(version) and version == record.sha256 and is_unchanged
        self.headers["Cache-Control"] = FOR_GOOD if is_it else "private, no-cache"
        self.headers["Content-Security-Policy"] = PICTURE_POLICY
        self.headers["Content-Disposition"] = _disposition(record)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        headers = Headers(scope=scope)
        start, end = 0, self._size
        with self._file:
            if names_tag(headers.get("if-none-match", ""), self.headers["ETag"]):
                self.status_code, end = 304, 0
                del self.headers["Content-Length"]
            elif (wanted := self._range(headers)) is not None:
                start, end = wanted
                if start >= end:
                    await _unsatisfiable(self._size)(scope, receive, send)
                    return
                self.status_code = 206
                self.headers["Content-Range"] = f"bytes {start}-{end - 1}/{self._size}"
                self.headers["Content-Length"] = str(end - start)
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await self._stream(start, 0 if scope["method"] == "HEAD" else end - start, send)

    def _range(self, headers: Headers) -> tuple[int, int] | None:
        """Read what range is asked for, as [start, end); None for the whole, also where it cannot be understood.

        Source: https://www.rfc-editor.org/rfc/rfc9110#section-14
        """
        asked = _RANGE.fullmatch(headers.get("range", "").replace(" ", ""))
        if asked is None or headers.get("if-range", self.headers["ETag"]) != self.headers["ETag"]:
            return None
        first, last = asked.groups()
        if first:
            end = min(int(last) + 1, self._size) if last else self._size
            return None if last and int(last) < int(first) else (int(first), end)
        return (max(0, self._size - int(last)), self._size) if last else None

    async def _stream(self, start: int, length: int, send: Send) -> None:
        self._file.seek(start)
        while length > 0:
            chunk = await run_sync(self._file.read, min(_CHUNK_BYTES, length), limiter=self._threads)
            if not chunk:
                break  # it was cut short meanwhile; the server closes the connection on seeing too few bytes
            length -= len(chunk)
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def original_file(record: ImageRecord, version: str, threads: CapacityLimiter) -> OriginalFile:
    """Open the original of a record, to be read in `threads`; `version` is the sha256 that the caller expects.

    Raises:
        NotFound: it has gone, or is no longer a picture of that format, or of any where the record names none.
    """
    # Of a record from elsewhere without a version, nobody knows to which file a link should lead: to none.
    original = open_original(record.uri, version=record.version or "unknown")
    if isinstance(original, bytes):
        raise NotFound(f"The original of {record.uri} is not a file here.")
    try:
        with ExitStack() as opened:
            file = opened.enter_context(original.open("rb"))
            format_ = _checked_format(file, record)
            file.seek(0)
            answer = OriginalFile(file, replace(record, format=format_), version, threads)
            opened.pop_all()
    except OSError as error:
        raise NotFound(f"The file {str(original)!r} cannot be read: {error.strerror}.") from error
    return answer


def _checked_format(file: BinaryIO, record: ImageRecord) -> str:
    """Name the format: whatever lies at that path today, only the picture that was indexed goes out.

    A record from elsewhere may name no format; any that is read will do then, and nothing else.
    """
    changed = NotFound(
        f"The file {record.path!r} is not the {record.format or 'same'} picture any more that was indexed.",
        "Run `lookalike index` on its folder to bring the gallery up to date.",
    )
    try:
        found = sniff(file.read(_HEAD_BYTES))
    except UnreadableImage as error:
        raise changed from error
    # What tells a camera's raw file from a common TIFF may lie far behind its head.
    if record.format not in {"", found} and {found, record.format} != {"tiff", "raw"}:
        raise changed
    return record.format or found


def _unsatisfiable(size: int) -> ProblemResponse:
    refused = refusal(416, f"The file has {size:,} bytes, and none in that range.")
    return ProblemResponse(refused, {"Content-Range": f"bytes */{size}"})


def _disposition(record: ImageRecord) -> str:
    """Name the file for `save as`; only camera raw, which no browser shows, is always saved.

    Source: https://www.rfc-editor.org/rfc/rfc6266
    """
    kind = "attachment" if record.format == "raw" else "inline"
    name = (record.title or record.path).rpartition("/")[2] or record.id
    if "." not in name:
        name = f"{name}.{EXTENSION.get(record.format, record.format)}"
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", name)[-100:]
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name[-200:], safe='')}"
