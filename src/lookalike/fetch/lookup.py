"""Which addresses does a name have, and how long may that take? The system's resolver, under a deadline."""

import socket
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from ipaddress import ip_address
from threading import Thread

from lookalike.fetch.addresses import Address

Resolve = Callable[[str], Sequence[str]]
"""Gives the addresses of a name, best first; raises OSError where there are none."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment of the monotonic clock, and the length of time that ended there."""

    at: float
    seconds: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """Set a deadline from now."""
        return cls(time.monotonic() + seconds, seconds)

    def left(self) -> float:
        """Give the seconds that are left, more than 0.

        Raises:
            TimeoutError: none are.
        """
        left = self.at - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"no answer within {self.seconds:g} s")
        return left

    def sooner(self, seconds: float) -> "Deadline":
        """Set a deadline from now that is not past this one."""
        return Deadline.after(seconds) if seconds < self.left() else self


def system_addresses(name: str) -> list[str]:
    """Ask the system's resolver (hosts file, DNS, mDNS…), in its order of preference."""
    return [str(info[4][0]) for info in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)]


def look_up(resolve: Resolve, name: str, deadline: Deadline) -> list[Address]:
    """Ask for the addresses of a name once.

    The system's resolver knows no time limit (its own is up to 30 s), so it is asked in a thread that is left
    behind when time is up, and which does not keep the program from ending.

    Raises:
        OSError: the name is not known.
        TimeoutError: no answer in time.
    """
    answer: Future[Sequence[str]] = Future()

    def ask() -> None:
        try:
            answer.set_result(resolve(name))
        except Exception as error:  # noqa: BLE001 (raised again in the thread that waits)
            answer.set_exception(error)

    Thread(target=ask, name=f"look up {name}", daemon=True).start()
    try:
        found = answer.result(deadline.left())
    except TimeoutError:
        deadline.left()
        raise
    return [ip_address(text) for text in found]
