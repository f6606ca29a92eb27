"""Who may work now? So many requests at a time, so many waiting, and the rest are told to come back."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from heapq import heappop, heappush
from itertools import count
from threading import Lock, Semaphore
from typing import TypeVar, TypeVarTuple

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from lookalike.errors import Overloaded
from lookalike.threads import taking_turns

Given = TypeVarTuple("Given")
Answer = TypeVar("Answer")

_MOST_OUT = 64
"""Requests that wait for other machines at a time, or hold what came from there: 20 MB each, unless set otherwise."""
_LOOK_S = 1.0
"""How often who waits in a thread looks whether there still is an event loop."""


class Turns:
    """Runs work in threads, a bounded number at a time, with a bounded queue. Belongs to one event loop."""

    def __init__(self, at_once: int, max_waiting: int, *, preparing: int = 0) -> None:
        """Of those who wait, let so many prepare meanwhile, each in a thread of its own."""
        self._line = _Line(at_once)
        self._places = at_once + max_waiting
        self._threads = CapacityLimiter(at_once + preparing)
        self._workers = CapacityLimiter(self._places)  # those whose turn has come; who steps aside keeps a thread
        self._numbers = count()
        self._taken = 0
        self._out = Semaphore(min((self._places + 1) // 2, _MOST_OUT))  # half, or slow sites would hold up whoever asks

    @property
    def running(self) -> int:
        """How many work now."""
        return self._line.running

    @property
    def waiting(self) -> int:
        """How many prepare for their turn, or wait for it."""
        return max(0, self._taken - self.running)

    @property
    def is_full(self) -> bool:
        """Whether the next is told to come back."""
        return self._taken >= self._places

    async def run(self, work: Callable[[*Given], Answer], *given: *Given) -> Answer:
        """Run `work(*given)` in a thread when it is its turn.

        Raises:
            Overloaded: too many wait already.
        """
        return await self._run(self._workers, work, given, is_ready=True)

    async def let_in(self, work: Callable[[*Given], Answer], *given: *Given) -> Answer:
        """Run `work(*given)` in a thread as soon as it may prepare; it does what it can, and awaits its turn itself.

        Raises:
            Overloaded: too many wait already.
        """
        return await self._run(self._threads, work, given)

    async def _run(
        self,
        threads: CapacityLimiter,
        work: Callable[[*Given], Answer],
        given: tuple[*Given],
        *,
        is_ready: bool = False,
    ) -> Answer:
        if self.is_full:
            raise Overloaded("Too many requests are waiting.", "Try again in a moment.")
        turn = _Turn(self._line, self._out, next(self._numbers), asyncio.get_running_loop())
        begun = False

        def in_turn() -> Answer:
            nonlocal begun
            begun = True
            with taking_turns(turn):
                try:
                    return work(*given)
                finally:
                    turn.come_in()

        self._taken += 1
        try:
            if is_ready:
                await turn.come()  # to wait in a thread would cost a thread, and more time
            return await run_sync(in_turn, limiter=threads)
        finally:
            if not begun:  # else the thread gives it back, perhaps later: it cannot be broken off
                turn.give_back()
            self._taken -= 1


class _Line:
    """Where turns are waited for: each is handed to whoever came first, and nobody can snatch it on the way."""

    def __init__(self, at_once: int) -> None:
        self._at_once = self._free = at_once
        self._bells: list[tuple[int, Callable[[], object]]] = []
        self._lock = Lock()

    @property
    def running(self) -> int:
        return self._at_once - self._free

    def take(self, number: int, ring: Callable[[], object]) -> bool:
        """Take a turn that is free, or have `ring` called once there is one."""
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            heappush(self._bells, (number, ring))
            return False

    def give_back(self) -> None:
        with self._lock:
            if not self._bells:
                self._free += 1
                return
            _, ring = heappop(self._bells)
        ring()


class _Turn:
    """One request's, whose number says when it came."""

    def __init__(self, line: _Line, out: Semaphore, number: int, loop: asyncio.AbstractEventLoop) -> None:
        self._line = line
        self._out = out
        self._number = number
        self._loop = loop
        self._is_mine = False
        self._is_out = False

    def take(self) -> None:
        """Wait in a thread until it has come; at once where it has already, or once the loop that hands it on ends."""
        if not self._is_mine:
            bell = Lock()
            bell.acquire()
            if not self._line.take(self._number, bell.release):
                while not self._loop.is_closed() and not bell.acquire(timeout=_LOOK_S):
                    pass
            self._is_mine = True

    async def come(self) -> None:
        """Wait in the event loop until it has come."""
        bell = self._loop.create_future()

        def ring() -> None:
            if bell.cancelled():
                self._line.give_back()  # nobody waits for it any more
            else:
                bell.set_result(None)

        if not self._line.take(self._number, ring):
            try:
                await bell
            except asyncio.CancelledError:
                if bell.done() and not bell.cancelled():
                    self._line.give_back()
                raise
        self._is_mine = True

    def give_back(self) -> bool:
        """Let the next have it, as soon as the event loop gets to it; tells whether it had come.

        Handed on from thread to thread, the interpreter would hardly ever be idle, and refusals would wait for long.
        """
        was_mine, self._is_mine = self._is_mine, False
        if was_mine:
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._line.give_back)
        return was_mine

    def go_out(self) -> None:
        """Be counted among those who have waited for another machine, and may hold what came from there."""
        if not self._is_out:
            if not self._out.acquire(blocking=False):
                raise Overloaded("Too many requests wait for other sites.", "Try again in a moment.")
            self._is_out = True

    def come_in(self) -> None:
        """Be counted no longer."""
        if self._is_out:
            self._is_out = False
            self._out.release()
