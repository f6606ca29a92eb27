"""How many threads are of use, what do they share, whose turn is it, and how does a single query keep to its own?"""

import math
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any, Protocol

_M_ARENA_MAX = -8
"""Source: glibc, malloc/malloc.h."""


class Turn(Protocol):
    """A thread's leave to keep a core busy, among more threads than there are cores."""

    def take(self) -> None:
        """Wait until it has come; at once where it has already."""
        ...

    def give_back(self) -> bool:
        """Let another thread have it; tells whether it had come."""
        ...

    def go_out(self) -> None:
        """Be counted, from now on, among those who have waited for another machine.

        Raises:
            Overloaded: too many are already.
        """
        ...


_turn: ContextVar[Turn | None] = ContextVar("turn", default=None)
_out_s: ContextVar[float] = ContextVar("out_s", default=0.0)


@contextmanager
def taking_turns(turn: Turn) -> Iterator[None]:
    """Have this thread's `await_turn` and `stepping_aside` ask for a turn; what is left of it is given back."""
    before = _turn.set(turn)
    try:
        yield
    finally:
        _turn.reset(before)
        turn.give_back()


def await_turn() -> None:
    """Wait until this thread may keep a core busy, and have it from then on; where none take turns, do nothing.

    What comes before should cost others next to nothing: parsing, or waiting for the network or a decoder.
    """
    turn = _turn.get()
    if turn is not None:
        turn.take()


@contextmanager
def stepping_aside() -> Iterator[None]:
    """Let another thread have the turn while this one only waits; who has none yet gets none by it."""
    turn = _turn.get()
    if turn is None or not turn.give_back():
        yield
        return
    try:
        yield
    finally:
        turn.take()


@contextmanager
def holding(lock: Lock) -> Iterator[None]:
    """Hold a lock; who must wait for it steps aside until it is free again, so that nobody holds it awaiting a turn."""
    with ExitStack() as held:
        if not lock.acquire(blocking=False):
            held.enter_context(stepping_aside())
            lock.acquire()
        held.callback(lock.release)
        yield


@contextmanager
def going_out() -> Iterator[None]:
    """Wait for another machine, which may be slow: step aside meanwhile, and leave places to those who need none.

    Raises:
        Overloaded: of those who take turns, too many do so already.
    """
    turn = _turn.get()
    if turn is not None:
        turn.go_out()
    with waiting():
        yield


@contextmanager
def waiting() -> Iterator[None]:
    """Wait for what may be slow, such as a drive: step aside meanwhile, and have it counted by `seconds_out`."""
    with stepping_aside():
        start = monotonic()
        try:
            yield
        finally:
            _out_s.set(_out_s.get() + monotonic() - start)


def seconds_out() -> float:
    """Give how long this thread has waited for other machines and for drives so far; not for its turn."""
    return _out_s.get()


def usable_cores() -> int:
    """Count the cores that this process may use, of which a container may get fewer than the machine has."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, math.ceil(min(cores, _quota())))


@cache
def _quota(files: Path = Path("/")) -> float:
    """Give the cores' time that the control group of this process, or one around it, allows; infinity without limit.

    Source: Linux, Documentation/admin-guide/cgroup-v2.rst, "cpu.max".
    """
    groups = files / "sys/fs/cgroup"
    try:
        lines = (files / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return math.inf
    own = next((line.removeprefix("0::").strip("/") for line in lines if line.startswith("0::")), "")
    return min(_allowed(groups / group / "cpu.max") for group in (Path(own), *Path(own).parents))


def _allowed(limit: Path) -> float:
    try:
        time, period = limit.read_text().split()
        return int(time) / int(period)  # "max" stands for no limit
    except (OSError, ValueError):
        return math.inf


def share_arenas() -> None:
    """Have threads share as many arenas of memory as there are cores, but two at least, where the system can.

    Else each of many threads gets its own, up to eight a core, and each arena keeps the most that its threads ever
    needed. Call it before threads begin. Source: glibc, mallopt(3), M_ARENA_MAX.
    """
    if sys.platform == "linux":
        import ctypes

        with suppress(OSError, AttributeError):  # musl has no such setting
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, max(2, usable_cores()))


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep FAISS from starting threads for a single query: waiting for them takes longer than the scan.

    FAISS' setting is the calling thread's own, so other threads do not notice.
    """
    import faiss as typed_faiss

    faiss: Any = typed_faiss
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
