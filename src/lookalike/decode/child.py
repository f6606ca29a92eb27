"""How does a pool handle one worker process? Start it, ask it, and kill it when its time is up."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from io import FileIO
from pathlib import Path
from signal import Signals
from threading import Lock
from typing import cast

from lookalike.decode.fit import Fit
from lookalike.decode.limits import Limits
from lookalike.decode.pixels import Decoded
from lookalike.decode.refusal import memory_refusal
from lookalike.decode.wire import OUT_OF_MEMORY, Message, job_header, read_answer, receive, send
from lookalike.errors import LookalikeError, Overloaded, TooLarge, Unreachable, UnreadableImage
from lookalike.types import Region

_START_TIMEOUT_S = 60.0
"""A cold start takes a fraction of a second; a machine that swaps may take far longer."""
_END_TIMEOUT_S = 5.0
"""Likewise for one that has closed its pipe and is about to go."""

_PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from lookalike.decode.worker import main; main()"
"""Started with this process's own import path, whatever made it, and not with the folder it happens to run in."""

ENVIRONMENT: Mapping[str, str] = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    # Keep freed memory instead of asking the system for it again: page faults took a third of the time of a 500-px
    # JPEG. Source: glibc, mallopt(3); other systems pay no heed.
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(64 << 20),
}
"""Set for every worker."""

_PIPE_BYTES = 1 << 18
"""Room for a picture of 256 × 256 pixels, so that it takes one turn of the two processes and not four."""

KILLED = "The decoder was killed, most likely because the machine ran out of memory."
"""What is said of a picture that may be the cause, or may only have been in the way."""

_NAMES = {int(number): number.name for number in Signals}


class Child:
    """One worker process, used by one thread; `kill` and `kill_if_late` may be called from others."""

    def __init__(self, limits: Limits) -> None:
        """Start the process.

        Raises:
            Unreachable: the system does not let it.
        """
        self.late = False
        """Whether it was killed for taking too long."""
        self._limits = limits
        self._deadline: float | None = None
        self._lock = Lock()
        try:
            self._process = subprocess.Popen(  # noqa: S603  our own program
                [sys.executable, "-P", "-W", "ignore", "-c", _PROGRAM, *map(str, sys.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **ENVIRONMENT},
                bufsize=0,
            )
        except OSError as error:
            raise Unreachable(f"No decoder process can be started: {error}.", "Free memory or processes.") from error
        self._jobs, self._answers = cast(FileIO, self._process.stdin), cast(FileIO, self._process.stdout)
        _widen(self._answers)

    @property
    def alive(self) -> bool:
        """Whether it can take another picture."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def greet(self) -> None:
        """Tell it the limits, and wait until it is ready.

        Raises:
            Unreachable: it ended instead, or took too long.
        """
        try:
            with self._clock(_START_TIMEOUT_S):
                send(self._jobs, Message(asdict(self._limits)))
                receive(self._answers, 0)
        except (EOFError, OSError, ValueError) as error:
            self._await_end()
            why = "in time" if self.late else f"(it ended with {self._process.returncode})"
            raise Unreachable(f"The decoder process did not start {why}.", "See `lookalike doctor`.") from error

    def decode(self, source: Path | bytes, fit: Fit, region: Region | None) -> Decoded | LookalikeError:
        """Have a picture decoded; where it ended the worker, which is not `alive` then, the refusal says how."""
        is_path, most = isinstance(source, Path), 3 * fit.size**2 + fit.grey**2
        job = Message(job_header(fit, region, is_path=is_path), os.fsencode(source))
        is_read = not is_path
        try:
            with self._clock(self._limits.timeout_s):
                send(self._jobs, job)
                message = receive(self._answers, most if is_read else 0)
            if is_path and message.header.get("read"):
                is_read = not self.late  # its time may end just as it says so
                with self._clock(self._limits.timeout_s):
                    message = receive(self._answers, most)
            answer = read_answer(message, fit, self._limits)
        except (EOFError, OSError):
            self._await_end()
            return self._cause_of_death(is_read=is_read)
        except (ValueError, RecursionError):
            self.bury()
            return UnreadableImage("The decoder went astray on it.")
        if message.header.get("last") or self.late:  # its time may end just as the answer comes
            self.bury()
        return answer

    def kill(self) -> None:
        """End it at once; the thread that uses it must `bury` it."""
        self._process.kill()

    def bury(self) -> None:
        """End it and let go of what it held."""
        self._process.kill()
        self._process.wait()
        self._jobs.close()
        self._answers.close()

    def kill_if_late(self, now: float, lost_s: float = 0.0) -> float | None:
        """End it if its time is up, which is later by what was lost; returns when, None while it has nothing to do."""
        with self._lock:
            if self._deadline is not None:
                self._deadline += lost_s
            if self._deadline is not None and now >= self._deadline:
                self.late, self._deadline = True, None
                self._process.kill()
            return self._deadline

    def _await_end(self) -> None:
        """Let it end by itself, so that its exit code says why, and bury it."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_TIMEOUT_S)
        self.bury()

    @contextmanager
    def _clock(self, seconds: float) -> Iterator[None]:
        with self._lock:
            self._deadline = time.monotonic() + seconds
        try:
            yield
        finally:
            with self._lock:
                self._deadline = None

    def _cause_of_death(self, *, is_read: bool) -> LookalikeError:
        seconds, code = f"{self._limits.timeout_s:g}", self._process.returncode
        if self.late and not is_read:
            fix = "See that its drive answers, or raise decode_timeout_s for a slow one."
            return Unreachable(f"It took more than {seconds} s to read the file.", fix)
        if self.late:
            what = f"It took more than {seconds} s to decode."
            return TooLarge(what, "Shrink it, or raise decode_timeout_s to read it.")
        if code == OUT_OF_MEMORY:
            return memory_refusal()
        if code == -9:  # by the system: what one picture may take is limited by other means
            return Overloaded(KILLED, "Free memory, or set fewer workers, and try again.")
        if _NAMES.get(-code) == "SIGALRM":  # its own clock, which goes on while it stands still
            return Unreachable("The program stood still while it was decoded.", "Try again.")
        return UnreadableImage(f"The decoder crashed on it ({_NAMES.get(-code, f'exit code {code}')}).")


def _widen(pipe: FileIO) -> None:
    """Give a pipe more room where the system can; it refuses users who have very many pipes."""
    if sys.platform == "linux":
        import fcntl

        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
