"""Who asks a server, over how many connections, and what becomes of each request?

Callers write ready requests to connections that they keep. In a closed loop each asks as soon as the last answer came,
or when it was told to come back; in an open loop requests come at their own pace, whether or not the ones before are
answered.
"""

import asyncio
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import numpy as np

from bars import hold
from report import Table

_MOST_CONNECTIONS = 600
_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of one request."""

    status: int
    """0 where there was no answer."""
    seconds: float
    again_s: float = 0.0
    """After how long the caller is told to come back."""
    at: float = 0.0
    """When the answer was there, by the monotonic clock."""
    resent: bool = False
    """Whether it had to be sent again, since the connection kept was closed before anything of an answer came."""
    is_sent: bool = True
    """False where no connection was left to send it over: the server has let the queue grow too long."""


@dataclass(slots=True)
class Load:
    """What became of many."""

    began: float
    """By the monotonic clock."""
    seconds: float
    asked: list[Asked] = field(default_factory=list)

    @property
    def end(self) -> float:
        """When no more is asked; answers under way then come later."""
        return self.began + self.seconds

    @property
    def rate(self) -> float:
        """Good answers a second; those that came after the end do not count, or crowds would seem to get more."""
        return sum(one.status == 200 and one.at <= self.end for one in self.asked) / self.seconds

    def times(self, *statuses: int) -> np.ndarray:
        """Milliseconds that answers of these statuses took."""
        return np.array([1e3 * one.seconds for one in self.asked if one.status in statuses])

    def percentile(self, percent: float, *statuses: int) -> float:
        """Milliseconds within which so many of them came; nan where there are none."""
        times = self.times(*statuses or (200,))
        return float(np.percentile(times, percent)) if len(times) else float("nan")

    @property
    def failed(self) -> int:
        """Requests that were neither answered nor told to come back."""
        return sum(one.status not in {200, 429, 503} for one in self.asked)

    @property
    def unsent(self) -> int:
        """Requests among the failed that no connection was left for."""
        return sum(not one.is_sent for one in self.asked)

    @property
    def resent(self) -> int:
        """Requests that were sent again."""
        return sum(one.resent for one in self.asked)


@dataclass(slots=True)
class Measured:
    """What was measured of several loads."""

    table: Table
    ratios: dict[str, float] = field(default_factory=dict)
    failed: int = 0
    """Requests that must not fail, and did."""

    def hold(self) -> None:
        """Hold the ratios beside their bars; exit with 1 where one is behind, or a request failed."""
        hold(self.ratios)
        if self.failed:
            raise SystemExit(f"{self.failed:,} requests failed.")


class Caller:
    """One connection that is kept; opened again where the server closes it."""

    def __init__(self, url: str) -> None:
        """Connect on the first request."""
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes, since: float | None = None) -> Asked:
        """Send a request; the time counts from `since`, by the monotonic clock, or from now."""
        began = time.monotonic() if since is None else since
        is_kept, is_resent = self._streams is not None, False
        try:
            async with asyncio.timeout(_PATIENCE_S):
                try:
                    first = await self._send(request)
                except (OSError, asyncio.IncompleteReadError):
                    if not is_kept:
                        raise
                    is_resent = True  # the server had closed a connection that nobody used
                    self.close()
                    first = await self._send(request)
                status, again_s = await self._read(first)
        except (OSError, asyncio.IncompleteReadError):
            self.close()
            status, again_s = 0, 0.0
        now = time.monotonic()
        return Asked(status, now - began, again_s, now, is_resent)

    async def _send(self, request: bytes) -> bytes:
        """Send a request, and give the first byte of the answer."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        writer.write(request)
        return await reader.readexactly(1)

    async def _read(self, first: bytes) -> tuple[int, float]:
        """Read the rest of an answer: its status, and after how long one is told to come back."""
        assert self._streams is not None
        reader, _ = self._streams
        head = (first + await reader.readuntil(b"\r\n\r\n")).lower()
        await reader.readexactly(int(_header(head, b"content-length")))
        if b"\r\nconnection: close" in head:
            self.close()
        return int(head.split(b" ", 2)[1]), float(_header(head, b"retry-after"))

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def _header(head: bytes, name: bytes) -> bytes:
    """Give what a header says in digits; 0 where it is missing."""
    return head.partition(b"\r\n" + name + b": ")[2].partition(b"\r\n")[0] or b"0"


async def closed_loop(url: str, requests: Sequence[bytes], callers: int, seconds: float) -> Load:
    """Have so many callers ask, each as soon as the last answer came or when it was told to come back."""
    load = Load(time.monotonic(), seconds)
    queue = itertools.cycle(requests)

    async def call() -> None:
        caller = Caller(url)
        while time.monotonic() < load.end:
            asked = await caller.ask(next(queue))
            load.asked.append(asked)
            await asyncio.sleep(min(asked.again_s, max(0.0, load.end - time.monotonic())))
        caller.close()

    await asyncio.gather(*(call() for _ in range(callers)))
    return load


async def open_loop(
    url: str, requests: Sequence[bytes], rate: float, seconds: float, stopped: asyncio.Event | None = None
) -> Load:
    """Ask at an even rate, whether or not the requests before are answered; `stopped` is set when no more is asked."""
    load, queue = Load(time.monotonic(), seconds), itertools.cycle(requests)
    idle: list[Caller] = []
    running: set[asyncio.Task[None]] = set()

    async def ask(caller: Caller, due: float) -> None:
        load.asked.append(await caller.ask(next(queue), due))
        idle.append(caller)

    try:
        idle += [Caller(url) for _ in range(_MOST_CONNECTIONS)]
        for number in range(int(rate * seconds)):
            due = load.began + number / rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if not idle:
                load.asked.append(Asked(0, 0.0, is_sent=False))
                continue
            task = asyncio.create_task(ask(idle.pop(), max(due, time.monotonic() - 0.002)))
            running.add(task)
            task.add_done_callback(running.discard)
    finally:  # or whoever waits for it would wait for ever
        if stopped:
            stopped.set()
    await asyncio.gather(*running)
    for caller in idle:
        caller.close()
    return load
