"""How long may an answer take to begin, and to be taken? Who waits is told in time; who stalls or floods is let go."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lookalike.errors import Overloaded
from lookalike.service.problems import RETRY_AFTER_S, ProblemResponse, problem_of

_DROPPED_BYTES = 100_000_000
_PIECE_BYTES = 30_000
"""How much is sent at a time of what there is more of. The server holds as much back before it waits for the caller, so
that nobody is let go who takes these 60,000 bytes in 30 s."""


class Stalled(Exception):
    """A caller takes nothing of an answer that has begun: only hanging up is left to do.

    No TimeoutError, which is what a system says of a connection that was lost, and would be taken for that.
    """


class Deadlines:
    """Answers 503 where an app has not begun to answer in time, and hangs up on a caller who takes nothing.

    Work in a thread cannot be broken off: it keeps its turn until it ends, and what it answers then is dropped.
    """

    def __init__(self, app: ASGIApp, max_answer_s: float, max_silence_s: float) -> None:
        """Wrap an app. The time counts from the end of the request's body, which has limits of its own."""
        self._app = app
        self._max_answer_s = max_answer_s
        self._max_silence_s = max_silence_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and watch the time.

        Raises:
            Stalled: the caller takes nothing.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        watch = _Watch(scope, receive, send, self._max_answer_s, self._max_silence_s)
        if scope["method"] in {"GET", "HEAD", "DELETE"} or not has_body(Headers(scope=scope)):
            watch.start()  # most such handlers never ask for a body
        try:
            await self._app(scope, watch.receive, watch.send)
        finally:
            watch.stop()


@dataclass(slots=True, eq=False)
class _Watch:
    """The time of one request."""

    scope: Scope
    receive_next: Receive
    send_next: Send
    max_answer_s: float
    max_silence_s: float
    timer: asyncio.TimerHandle | None = None
    refusing: "asyncio.Task[None] | None" = None
    begun: bool = False
    whole: bool = False
    """Whether all of the body has come."""

    def start(self) -> None:
        if self.timer is None and not self.begun:
            self.timer = asyncio.get_running_loop().call_later(self.max_answer_s, self._refuse)

    def stop(self) -> None:
        if self.timer is not None:
            self.timer.cancel()

    async def receive(self) -> Message:
        message = await self.receive_next()
        if message["type"] == "http.request" and not message.get("more_body", False):
            self.whole = True
            self.start()
        return message

    async def send(self, message: Message) -> None:
        if self.refusing is not None:
            return  # the caller has had their answer
        if not self.begun:
            self.begun = True
            self.stop()
            if not self.whole and self._more_is_coming():
                MutableHeaders(scope=message)["Connection"] = "close"
        await self._send_in_time(message)

    async def _send_in_time(self, message: Message) -> None:
        """Send it, in pieces where more follows: an app may give a large part of a file in one.

        An end is handed over whole, after which the server waits for the caller by itself.
        """
        body, is_whole = message.get("body", b""), not message.get("more_body", False)
        if is_whole or len(body) <= _PIECE_BYTES:
            await self._send_piece(message)
            return
        for start in range(0, len(body), _PIECE_BYTES):
            await self._send_piece({**message, "body": body[start : start + _PIECE_BYTES]})

    async def _send_piece(self, message: Message) -> None:
        """Send what the server takes only once the caller has taken what was sent before, even of another answer."""
        try:
            async with asyncio.timeout(self.max_silence_s):
                await self.send_next(message)
        except TimeoutError:
            raise Stalled(f"A caller took nothing for {self.max_silence_s:g} s.") from None

    def _more_is_coming(self) -> bool:
        """Whether so much of a refused body is still to come that the connection is not worth it.

        Of less, the rest is read and dropped, as many programs read no answer before all is sent.
        """
        headers = Headers(scope=self.scope)
        declared = headers.get("content-length", "")
        return int(declared) > _DROPPED_BYTES if declared.isdecimal() else "transfer-encoding" in headers

    def _refuse(self) -> None:
        """Answer in the app's stead."""
        if not self.begun:
            self.begun = True
            late = Overloaded(f"There was no answer within {self.max_answer_s:g} s.", "Try again, or ask for less.")
            answer = ProblemResponse(problem_of(late), {"Retry-After": str(RETRY_AFTER_S), "Connection": "close"})
            self.refusing = asyncio.create_task(self._answer(answer))

    async def _answer(self, answer: ProblemResponse) -> None:
        with suppress(Stalled):  # the server lets go of a caller who takes nothing
            await answer(self.scope, self.receive_next, self._send_in_time)


def has_body(headers: Headers) -> bool:
    """Whether a request brings anything behind its head."""
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
