"""Who may hold a connection? Whoever asks for something soon, in few words; the idle make room for those who come."""

import math
import os
from asyncio import Transport
from time import perf_counter
from typing import Any

from httptools import HttpParserError
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEAD_S = 20.0
"""How long the head of a request may take to come, and how long a new connection may say nothing.

Source: https://httpd.apache.org/docs/2.4/mod/mod_reqtimeout.html (header=20-40)
"""
_HEAD_BYTES = 65_536
_MOST = 2_000
_LOOK_S = 30.0
"""How often is looked whether a caller takes what they asked for."""
_LEAST_TAKEN_BYTES = 60_000
"""What must have been taken between two looks: 2,000 bytes a second."""
_HELD_BYTES = 30_000
"""What may lie there to be taken before an answer is waited with. The servers' own limits, eight times as much where it
is encrypted, would take a slow caller longer than they are waited for."""
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_FULL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


def most_connections() -> int:
    """Say how many connections there may be: half of the files that may be open, as most answers open one, too."""
    if os.name == "nt":  # pragma: no cover
        return _MOST
    from resource import RLIM_INFINITY, RLIMIT_NOFILE, getrlimit

    files = getrlimit(RLIMIT_NOFILE)[0]
    return _MOST if files == RLIM_INFINITY else max(1, min(_MOST, files // 2))


class Connection(HttpToolsProtocol):
    """One caller's connection, as uvicorn speaks HTTP over it, within limits that uvicorn leaves to a proxy."""

    def __init__(self, *given: Any, **named: Any) -> None:
        """Get ready."""
        super().__init__(*given, **named)
        self._most = most_connections()
        self._idle_since = perf_counter()  # uvloop's time stands still while it takes in all who came in one moment
        self._unheeded = 0
        """Bytes since the last that anybody gets to see: of heads, trailers, and what stands around chunks."""
        self._left = math.inf
        """Bytes that lay there to be taken at the last look, where none were to come before those had gone."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Begin, where there is room."""
        super().connection_made(transport)
        transport.set_write_buffer_limits(_HELD_BYTES)
        self._deadline = self.loop.call_later(_HEAD_S, self._run_out_of_time)
        self._looking = self.loop.call_later(_LOOK_S, self._look)
        if len(self.connections) > self._most:
            idle = [one for one in self.connections if isinstance(one, Connection) and one is not self and one.is_idle]
            if idle:
                min(idle, key=lambda one: one._idle_since)._hang_up()
            else:
                self._refuse(_FULL)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._deadline.cancel()
        self._looking.cancel()
        super().connection_lost(exc)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is asked, or not wholly yet."""
        return self.cycle is None or self.cycle.response_complete

    def data_received(self, data: bytes) -> None:
        """Take the next bytes."""
        self._unheeded += len(data)
        super().data_received(data)
        if self._unheeded > _HEAD_BYTES and not self.transport.is_closing():
            self._refuse(_TOO_LARGE if self.is_idle else b"")

    def on_message_begin(self) -> None:
        """Note that a request begins to come."""
        self._deadline.cancel()
        self._deadline = self.loop.call_later(_HEAD_S, self._run_out_of_time)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Note that a request can be worked on.

        Raises:
            HttpParserError: it names two hosts, of which a proxy may have looked at the other.
        """
        self._deadline.cancel()
        self._unheeded = 0
        if [name for name, _ in self.headers].count(b"host") > 1:  # Source: RFC 9112, section 3.2
            raise HttpParserError("two hosts")
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of a request's body."""
        self._unheeded = 0
        super().on_body(body)

    def on_response_complete(self) -> None:
        """Note that nothing is asked any more."""
        self._idle_since = perf_counter()
        super().on_response_complete()

    def resume_writing(self) -> None:
        """Note that the caller has taken what lay there."""
        self._left = math.inf
        super().resume_writing()

    def _look(self) -> None:
        """Let go of a caller who takes next to nothing: a connection that is closed waits for them for ever."""
        unsent = self.transport.get_write_buffer_size()
        if unsent and unsent > self._left - _LEAST_TAKEN_BYTES:
            self.transport.abort()
            return
        self._left = unsent if self.flow.write_paused or self.transport.is_closing() else math.inf
        self._looking = self.loop.call_later(_LOOK_S, self._look)

    def _run_out_of_time(self) -> None:
        if self.is_idle:
            self._hang_up()
        else:  # the head of the next request may have been left lying while the answer to this one is made
            self._deadline = self.loop.call_later(_HEAD_S, self._run_out_of_time)

    def _hang_up(self) -> None:
        """End at once; what the caller has not taken by now is lost."""
        if self.transport.get_write_buffer_size():
            self.connections.discard(self)
            self.transport.abort()
        else:
            self._refuse(b"")

    def _refuse(self, answer: bytes) -> None:
        """End with a last answer; a look sees to those who do not take it."""
        self.connections.discard(self)
        self.transport.write(answer)
        self.transport.close()
