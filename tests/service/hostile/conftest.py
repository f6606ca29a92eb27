"""What do tests against hostile callers need? The real program in a process of its own, and an eye on its memory."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

PROGRAM = """
import sys
from pathlib import Path
from lookalike.config import Settings
from lookalike.decode import DecodePool
from lookalike.library import Lookalike, ReadyParts
from lookalike.service import BoundServer, Parts, create_app
from lookalike.testing import ColourEncoder, MemoryGallery
from lookalike.thumbnails import Thumbnails

with DecodePool(2) as decoder, Thumbnails(None, decoder) as thumbnails:
    ready = ReadyParts(gallery=MemoryGallery(), decoder=decoder, thumbnails=thumbnails)
    where, settings = Path(sys.argv[1]) / "g.gallery", Settings(captioner="none", uploads=sys.argv[1])
    parts = Parts(library=Lookalike(where, ColourEncoder(), settings=settings, ready=ready))
    BoundServer(create_app(parts)).run(lambda url: print(url, flush=True))
"""


@dataclass
class Program:
    """A server in a process of its own."""

    url: str
    process: psutil.Process
    port: int

    def memory(self) -> int:
        """Bytes that the server itself holds, without its decoders."""
        return self.process.memory_info().rss

    @contextmanager
    def peak(self) -> Iterator[Callable[[], int]]:
        """Watch the memory of the server and of each decoder; gives the largest of any, asked at any time."""
        highest, done = 0, threading.Event()

        def watch() -> None:
            nonlocal highest
            while not done.wait(0.01):
                highest = max(highest, self.memory())

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield lambda: highest
        finally:
            done.set()
            thread.join()


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """The server, warmed up."""
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "uploads")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
    ) as run:
        url = run.stdout.readline().strip()
        time.sleep(0.2)
        yield Program(url, psutil.Process(run.pid), int(url.rstrip("/").rpartition(":")[2]))
        run.terminate()
        run.wait(30)
