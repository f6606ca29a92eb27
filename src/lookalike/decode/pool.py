"""How do many pictures, some of them hostile, decode at once? Worker processes that may be killed and are replaced."""

import os
import time
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import RLock, Semaphore, Thread, current_thread

from lookalike.decode.child import Child
from lookalike.decode.fit import Fit, check_region
from lookalike.decode.limits import Limits
from lookalike.decode.pixels import Decoded
from lookalike.errors import BadInput, LookalikeError, UnreadableImage
from lookalike.threads import usable_cores
from lookalike.types import Region

_TICK_S = 1.0
"""How often the watchdog looks: no more counts of the time that it stood still."""


class DecodePool:
    """Decodes in worker processes; a crash, a hang or too much memory costs one worker and one picture.

    Workers start on first use. The object may be shared by threads.
    """

    def __init__(self, workers: int | None = None, limits: Limits | None = None) -> None:
        """Plan for `workers` processes (as many as this process may use cores, if not said).

        Raises:
            BadInput: fewer than one.
        """
        workers = usable_cores() if workers is None else workers
        if workers < 1:
            raise BadInput(f"A pool cannot have {workers} workers.", "Give one or more.")
        self._desk = _Desk(workers, limits or Limits())
        # The threads know only the desk, so that a pool that nobody holds any more is closed, at the latest at exit.
        self._finalizer = weakref.finalize(self, self._desk.close)

    def submit(self, source: Path | bytes, fit: Fit, region: Region | None = None) -> Future[Decoded]:
        """Queue one picture, without waiting; a file is opened by the worker itself.

        The future raises UnreadableImage, TooLarge, Unreachable (a file that cannot be opened, or not read in time; a
        machine without the memory for another process) or Overloaded (one that ran out of memory meanwhile).

        Raises:
            BadInput: no part of the region lies within a picture.
        """
        check_region(region)
        job = _Job(source, fit, region, Future())
        self._desk.take(job)
        return job.future

    def decode(self, source: Path | bytes, fit: Fit, region: Region | None = None) -> Decoded:
        """Decode one picture and wait for it; raises as `submit` says."""
        return self.submit(source, fit, region).result()

    def close(self) -> None:
        """Stop the workers; what is queued or being decoded fails with UnreadableImage."""
        self._finalizer()
        self._desk.join()

    def __enter__(self) -> "DecodePool":
        """Use as a context manager: `close` at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()


@dataclass(frozen=True, slots=True)
class _Job:
    source: Path | bytes
    fit: Fit
    region: Region | None
    future: Future[Decoded]


class _Desk:
    """What a pool's threads share: the queue, and the workers that the watchdog must see."""

    def __init__(self, workers: int, limits: Limits) -> None:
        self.limits = limits
        self.closed = False
        self._owner = os.getpid()
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._idle = Semaphore(0)
        self._lanes_left = workers
        self._threads: list[Thread] = []
        self._children: set[Child] = set()
        # The garbage collector may run `close` in the midst of any thread, so whatever that touches is reentrant.
        self._lock = RLock()

    def take(self, job: _Job) -> None:
        """Queue a job, and open a lane for it if all are busy and there may be more."""
        with self._lock:
            if self.closed or os.getpid() != self._owner:  # threads do not outlive a fork
                job.future.set_exception(_closed())
                return
            self._jobs.put(job)
            if self._lanes_left and not self._idle.acquire(blocking=False):
                self._lanes_left -= 1
                if not self._threads:
                    self._start(self._watch)
                self._start(_Lane(self).run)

    def next_job(self) -> _Job | None:
        """Wait for a job; None means that there will be no more."""
        try:
            return self._jobs.get_nowait()
        except Empty:
            self._idle.release()
            return self._jobs.get()

    def add(self, child: Child) -> None:
        """Let the watchdog see a worker."""
        with self._lock:
            self._children.add(child)
            if self.closed:
                child.kill()

    def remove(self, child: Child) -> None:
        """Forget a worker."""
        with self._lock:
            self._children.discard(child)

    def close(self) -> None:
        """End every worker, and with them the lanes."""
        if os.getpid() != self._owner:
            return
        with self._lock:
            self.closed = True
            self._bell.put(None)
            for child in self._children:
                child.kill()
            for _ in self._threads:
                self._jobs.put(None)

    def join(self) -> None:
        """Wait until the lanes have ended."""
        for thread in self._threads:
            if thread is not current_thread():
                thread.join()

    def _start(self, target: Callable[[], None]) -> None:
        thread = Thread(target=target, name="lookalike-decode", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _watch(self) -> None:
        """Kill workers that take too long. Time in which the program stood still, as after Ctrl-Z, does not count."""
        wakes_at = time.monotonic()
        while not self.closed:
            now = time.monotonic()
            with self._lock:
                deadlines = [child.kill_if_late(now, now - wakes_at) for child in self._children]
            # Whatever starts from now on has at least a whole timeout.
            soonest = now + min(self.limits.timeout_s, _TICK_S)
            wakes_at = min([soonest, *(at for at in deadlines if at is not None)])
            with suppress(Empty):
                self._bell.get(timeout=wakes_at - now)


class _Lane:
    """One thread of a pool, with the worker process that it feeds."""

    def __init__(self, desk: _Desk) -> None:
        self._desk = desk
        self._child: Child | None = None

    def run(self) -> None:
        """Do one job after the other until the desk closes."""
        while (job := self._desk.next_job()) is not None:
            if not job.future.set_running_or_notify_cancel():
                continue
            try:
                answer = _closed() if self._desk.closed else self._answer(job)
            except BaseException as error:  # noqa: BLE001  someone waits for the future, whatever went wrong here
                answer = error
            if isinstance(answer, Decoded):
                job.future.set_result(answer)
            else:
                job.future.set_exception(_closed() if self._desk.closed else answer)
            del job, answer  # do not hold a picture while waiting for the next
        self._dismiss()

    def _answer(self, job: _Job) -> Decoded | BaseException:
        worker = self._child
        answer = self._ask(job)
        if worker is not None and not worker.alive and not worker.late and not self._desk.closed:
            # Perhaps an earlier picture did the damage that ended the worker; a fresh one tells.
            answer = self._ask(job)
        return answer

    def _ask(self, job: _Job) -> Decoded | LookalikeError:
        try:
            if self._child is None:
                self._child = Child(self._desk.limits)
                self._desk.add(self._child)
                self._child.greet()
            answer = self._child.decode(job.source, job.fit, job.region)
        except BaseException:
            self._dismiss()  # it may be in the midst of an answer
            raise
        if not self._child.alive:
            self._dismiss()
        return answer

    def _dismiss(self) -> None:
        if self._child is not None:
            self._desk.remove(self._child)
            self._child.bury()
            self._child = None


def _closed() -> UnreadableImage:
    return UnreadableImage("The decoder was closed before the picture's turn came.")
