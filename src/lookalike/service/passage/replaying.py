"""What if a write is sent twice, as its answer was lost? With an Idempotency-Key it is done once, and answered twice.

The same key with the same request gives the first answer again, another request under it is refused (422), and one
whose first is still under way, too (409). Answers are kept for a day, also across restarts, but for those that promise
a job: it dies with the service, and its answer, too, so that asked again the work begins anew. Between the work and the
keeping of its answer a crash may come; then the request is done again, which is safe: uploads are told apart by their
content, edits and deletions end the same, and a plan is carried out only if nothing has changed.

Source: https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07
"""

import hashlib
import logging
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from anyio.to_thread import run_sync
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lookalike.errors import GalleryError, LookalikeError
from lookalike.service.access.rules import RULE
from lookalike.service.access.scopes import CALLER, Caller
from lookalike.service.asking.bodies import stream_body
from lookalike.service.passage.deadlines import has_body
from lookalike.service.passage.replays import MAX_ANSWER_BYTES, Replay, Replays
from lookalike.service.problems import Problem, ProblemResponse, answer_to, refusal

HEADER = "Idempotency-Key"
PARAMETER: Mapping[str, Any] = {
    "name": HEADER,
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "example": "8e03978e-40d5-43dd-bc93-6894a57f9324",
    "description": "Any text of your own, another for each request: sent again with it, the same request is not done "
    "again, and gets the first answer. Kept for a day.",
}
"""How OpenAPI describes it."""
_KEY = re.compile(r"[!-~]{1,255}")
_KEPT_HEADERS = ("content-type", "location")
_REDIRECTED, _FAILED = 300, 500

_log = logging.getLogger(__name__)


class Replaying:
    """Gives writes that come again the answer that they had."""

    def __init__(self, app: ASGIApp, replays: Replays, max_bytes: int, max_silence_s: float) -> None:
        """Wrap an app; a body that is sent again may be as long, and a caller may pause as long in the middle of it."""
        self._app = app
        self._replays = replays
        self._max_bytes = max_bytes
        self._max_silence_s = max_silence_s
        self._under_way: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or give its answer again."""
        sent = Headers(scope=scope).get(HEADER) if scope["type"] == "http" and _writes(scope) else None
        if sent is None:
            await self._app(scope, receive, send)
        elif not _KEY.fullmatch(sent.strip('"')):
            problem = refusal(400, f"The {HEADER} must be 1 to 255 visible characters.", "Send a random one.")
            await ProblemResponse(problem)(scope, receive, send)
        else:
            await self._once(_named(sent.strip('"'), scope), scope, receive, send)

    async def _once(self, key: str, scope: Scope, receive: Receive, send: Send) -> None:
        if key in self._under_way:
            problem = refusal(409, f"A request with this {HEADER} is under way.", "Wait for its answer.")
            await ProblemResponse(problem)(scope, receive, send)
            return
        self._under_way.add(key)
        try:
            await self._first_or_again(key, scope, receive, send)
        finally:
            self._under_way.discard(key)

    async def _first_or_again(self, key: str, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            known = await run_sync(self._replays.get, key)
        except GalleryError as error:  # nobody knows whether it was done
            await answer_to(error)(scope, receive, send)
            return
        if known is None:
            await self._first(key, scope, receive, send)
        else:
            await self._again(known, scope, receive, send)

    async def _first(self, key: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the request done, and keep its answer before the last of it goes out."""
        reader, answer = _Reader(scope, receive), _Answer()

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < _REDIRECTED:
                # Before the answer begins: who waits to be asked for the body would not send it any more.
                await self._read_on(scope, reader)
            if answer.take(message) and reader.is_whole and answer.status < _FAILED:
                await self._keep(key, answer.replay(reader.digest()))
            await send(message)

        await self._app(scope, reader, keep)

    async def _keep(self, key: str, replay: Replay) -> None:
        """Keep an answer. Where that fails, as on a full disk, what was done is answered all the same."""
        try:
            await run_sync(self._replays.put, key, replay)
        except GalleryError as error:
            _log.warning("An answer cannot be given again: %s", error.what)

    async def _again(self, known: Replay, scope: Scope, receive: Receive, send: Send) -> None:
        reader = _Reader(scope, receive)
        await self._read_on(scope, reader)
        same = reader.is_whole and reader.digest() == known.request
        answer = _repeated(known) if same else ProblemResponse(_other())
        await answer(scope, receive, send)

    async def _read_on(self, scope: Scope, reader: "_Reader") -> None:
        """Read what nobody has read of a body, which belongs to the request though its route may ask for none.

        What is cut off is no whole request: its answer is not kept, and no kept one is for it.
        """
        if not reader.is_whole:
            with suppress(LookalikeError, HTTPException, ClientDisconnect):
                async for _ in stream_body(Request(scope, reader), self._max_bytes, self._max_silence_s):
                    pass


class _Reader:
    """Reads a body on behalf of an app, and digests it on the way."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        about = f"{scope['method']} {scope['path']}?{scope['query_string'].decode('latin-1')}\n"
        self._hash = hashlib.sha256(about.encode("utf-8", "surrogateescape"))
        # Sent again, a form has another boundary between its parts, and is the same form all the same.
        headers = Headers(scope=scope)
        found = re.search(r'boundary="?([^";,]+)', headers.get("content-type", ""))
        self._boundary = found[1].encode("latin-1") if found else b""
        self._tail = b""
        self.is_whole = not has_body(headers)  # what has none, many apps never ask for

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._add(message.get("body", b""))
            self.is_whole = not message.get("more_body", False)
        return message

    def digest(self) -> str:
        """Give the digest of all that was read."""
        self._hash.update(self._tail)
        self._tail = b""
        return self._hash.hexdigest()

    def _add(self, data: bytes) -> None:
        if not self._boundary:
            self._hash.update(data)
            return
        *parts, rest = (self._tail + data).split(self._boundary)
        for part in parts:
            self._hash.update(part + b"\0")
        keep = min(len(rest), len(self._boundary) - 1)
        self._hash.update(rest[: len(rest) - keep])
        self._tail = rest[len(rest) - keep :]


class _Answer:
    """An answer on its way out."""

    def __init__(self) -> None:
        self.status = _FAILED
        self._headers: list[tuple[str, str]] = []
        self._body = bytearray()
        self._is_short = True

    def take(self, message: Message) -> bool:
        """Take the next part; tells whether this is the last, and the whole is short enough to keep."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            found = Headers(raw=message["headers"])
            self._headers = [(name, found[name]) for name in _KEPT_HEADERS if name in found]
            return False
        self._is_short = self._is_short and len(self._body) + len(message.get("body", b"")) <= MAX_ANSWER_BYTES
        if self._is_short:
            self._body += message.get("body", b"")
        return self._is_short and not message.get("more_body", False)

    def replay(self, request: str) -> Replay:
        """Give what is to be kept."""
        return Replay(request=request, status=self.status, headers=self._headers, body=bytes(self._body))


def _writes(scope: Scope) -> bool:
    rule = scope.get(RULE)
    return scope["method"] in {"POST", "PATCH", "DELETE"} and rule is not None and rule.scope in {"write", "admin"}


def _named(key: str, scope: Scope) -> str:
    """Make of a caller's key one that no other caller can have."""
    caller = scope.get(CALLER, Caller("", None))
    return hashlib.sha256(repr((caller.kind, caller.key or caller.name, key)).encode()).hexdigest()


def _repeated(known: Replay) -> Response:
    answer = Response(known.body, known.status)
    for name, value in (*known.headers, ("Idempotency-Replayed", "true")):
        MutableHeaders(raw=answer.raw_headers)[name] = value
    return answer


def _other() -> Problem:
    return refusal(422, f"This {HEADER} belongs to another request.", "Send a new key with each new request.")
