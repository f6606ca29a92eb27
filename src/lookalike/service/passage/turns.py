"""Who may work now? So many requests at a time, so many waiting, and the rest are told to come back."""

from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from lookalike.errors import Overloaded

Given = TypeVarTuple("Given")
Answer = TypeVar("Answer")


class Turns:
    """Runs work in threads, a bounded number at a time, with a bounded queue. Belongs to one event loop."""

    def __init__(self, at_once: int, max_waiting: int) -> None:
        self._limiter = CapacityLimiter(at_once)
        self._places = at_once + max_waiting
        self._taken = 0

    @property
    def running(self) -> int:
        """How many work now."""
        return self._limiter.borrowed_tokens

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
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
        if self.is_full:
            raise Overloaded("Too many requests are waiting.", "Try again in a moment.")
        self._taken += 1
        try:
            return await run_sync(work, *given, limiter=self._limiter)
        finally:
            self._taken -= 1
