"""How much memory does a program take while it works, with all the processes that it starts?"""

import os
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a program."""

    stdout: str
    stderr: str
    returncode: int
    peak_bytes: int
    """The most that all its processes held at a time; what they share counts once where the system can tell."""


def watched(command: Sequence[str | os.PathLike[str]], cwd: Path | None = None, timeout_s: float = 3_600) -> Done:
    """Run a program to its end, and look at its memory every now and then."""
    peak = 0
    with subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        ended = threading.Event()

        def watch() -> None:
            nonlocal peak
            while not ended.wait(_EVERY_S):
                peak = max(peak, held_by(child.pid))

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            stdout, stderr = child.communicate(timeout=timeout_s)
        except BaseException:
            child.kill()
            raise
        finally:
            ended.set()
            watcher.join()
    return Done(stdout, stderr, child.returncode, peak)


def held_by(pid: int) -> int:
    """Give the bytes that a process and those below it hold now; 0 when it has gone."""
    try:
        everyone = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return 0
    return sum(map(_bytes, everyone))


def _bytes(process: psutil.Process) -> int:
    try:
        memory = process.memory_full_info()
    except psutil.Error:
        return 0
    return int(getattr(memory, "pss", 0) or memory.uss)
