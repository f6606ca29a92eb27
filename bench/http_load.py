"""How much can a server carry, what becomes of those it cannot, and does it stay the same for an hour?

`lookalike serve` runs in a process of its own over a gallery of random vectors and some real pictures. Callers in this
process ask over connections that they keep, each as soon as the last answer came (1, 4, 16, 64 of them): the most
answers a second that they get is what the server can carry. Then four times as many requests come as it can carry, at
their own pace, whether or not the ones before are answered: how long do those take that are accepted, how soon are the
others told to come back, and how soon is all as before? With --minutes, half of what it can carry, for as long as that:
is there any error, and does the memory grow?

Callers and server share this machine's cores, so the figures are lower than over a network.
"""

import argparse
import asyncio
import itertools
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import psutil

from http_latency import make_pictures
from lookalike.gallery import Gallery, open_gallery
from lookalike.testing import make_record
from lookalike.types import ImageRecord, image_id
from report import Table, record

BATCH = 1_000
CALLERS = (1, 4, 16, 64)
AT_CAPACITY = 16
"""Callers who together keep a server of a few cores busy, and no more."""
OVERLOAD = 4
WORDS = (
    "two dogs playing in the snow",
    "sunset on the beach",
    "red car",
    "a person with a guitar",
    "old town at night",
)
_MOST_CONNECTIONS = 600
_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of one request."""

    status: int
    """0 where there was no answer."""
    seconds: float


@dataclass(slots=True)
class Load:
    """What became of many."""

    seconds: float
    asked: list[Asked] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return len(self.times(200)) / self.seconds

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


class Caller:
    """One connection that is kept; opened again where the server closes it."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes, since: float | None = None) -> Asked:
        """Send a request; the time counts from `since`, by the monotonic clock, or from now."""
        began = time.monotonic() if since is None else since
        is_new = self._streams is None
        try:
            async with asyncio.timeout(_PATIENCE_S):
                status = await self._exchange(request)
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
            self.close()
            if not is_new and not isinstance(error, TimeoutError):
                return await self.ask(request, began)  # the server had closed a connection that nobody used
            status = 0
        return Asked(status, time.monotonic() - began)

    async def _exchange(self, request: bytes) -> int:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        _, _, rest = head.partition(b"content-length: ")
        await reader.readexactly(int(rest.partition(b"\r\n")[0]))
        if b"\r\nconnection: close" in head:
            self.close()
        return int(head.split(b" ", 2)[1])

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def main() -> None:
    """Measure and print; with --record append to docs/benchmarks.md."""
    arguments = parse_arguments()
    with tempfile.TemporaryDirectory(dir=arguments.work) as work:
        path = Path(work) / "bench.gallery"
        prepare(path, Path(work) / "pictures", arguments)
        with serving(path, arguments.encoder) as (url, process):
            kinds = requests_of(url, arguments)
            tables = asyncio.run(measure(url, process, kinds, arguments))
    for title, table in tables.items():
        print(f"\n{title}")
        table.print()
        if arguments.record:
            record(title, " ".join(["python", *sys.argv]), table)


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--pictures", type=int, default=200, help="real pictures beside them")
    parser.add_argument("--seconds", type=float, default=10, help="of each measurement")
    parser.add_argument("--minutes", type=float, default=0, help="at half load, after all else; 60 for the full test")
    parser.add_argument("--encoder", default="mini")
    parser.add_argument("--work", type=Path, help="a folder with room for the gallery (0.2 GB for 100,000)")
    parser.add_argument("--record", action="store_true", help="append the tables to docs/benchmarks.md")
    return parser.parse_args()


def prepare(path: Path, folder: Path, arguments: argparse.Namespace) -> None:
    """Fill a gallery with random vectors, and index some pictures into it."""
    folder.mkdir()
    for number, jpeg in enumerate(make_pictures(arguments.pictures, 500 * 375)):
        (folder / f"{number}.jpg").write_bytes(jpeg)
    command = [sys.executable, "-m", "lookalike", "index", str(folder), "--gallery", str(path)]
    subprocess.run([*command, "--encoder", arguments.encoder], check=True, capture_output=True)
    with open_gallery(path) as gallery:
        fill(gallery, arguments.images)


def fill(gallery: Gallery, images: int) -> None:
    """Put records without files, with a random vector in each of the gallery's spaces, and with words."""
    random = np.random.default_rng(0)
    spaces = gallery.spaces.values()
    for start in range(0, images, BATCH):
        count = min(BATCH, images - start)
        vectors = {one.name: random.normal(size=(count, one.dim)).astype(np.float32) for one in spaces}
        units = {name: rows / np.linalg.norm(rows, axis=1, keepdims=True) for name, rows in vectors.items()}
        gallery.put([_record(start + n, {name: rows[n] for name, rows in units.items()}) for n in range(count)])


def _record(number: int, vectors: dict[str, np.ndarray]) -> ImageRecord:
    uri = f"file:///somewhere/{number}.jpg"
    embeddings = {name: vector.astype(np.float16) for name, vector in vectors.items()}
    return make_record(uri, id=image_id(uri), caption=f"{WORDS[number % 5]} {number}", embeddings=embeddings)


@contextmanager
def serving(gallery: Path, encoder: str) -> Iterator[tuple[str, psutil.Process]]:
    """Run `lookalike serve` in a process of its own."""
    command = [sys.executable, "-m", "lookalike", "serve", "--gallery", str(gallery), "--encoder", encoder]
    command += ["--host", "127.0.0.1", "--port", "0", "--no-open"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().split()[-1].rstrip("/"), psutil.Process(server.pid)
        finally:
            server.terminate()


def requests_of(url: str, arguments: argparse.Namespace) -> dict[str, Sequence[bytes]]:
    """Write the requests of each kind, as they go over the wire."""
    pictures = list(make_pictures(max(20, arguments.pictures // 4), 500 * 375))
    ids = asyncio.run(_ids(url, arguments.pictures))
    searching = [b'{"text": "%s", "limit": 20}' % words.encode() for words in WORDS]
    return {
        "text": [_post("/v1/search", "application/json", body) for body in searching],
        "picture": [_post("/v1/search", "multipart/form-data; boundary=x", _form(one)) for one in pictures],
        "thumbnail": [_get(f"/v1/images/{id_}/thumbnail?size=256") for id_ in ids],
    }


async def _ids(url: str, count: int) -> list[str]:
    """Ask for the pictures that have files."""
    import json

    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(_get(f"/v1/images?where=format:jpeg+path:*pictures*&limit={min(count, 200)}", close=True))
    _, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return [image["id"] for image in json.loads(body)["images"]]


def _get(path: str, *, close: bool = False) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{'Connection: close' if close else 'A: b'}\r\n\r\n".encode()


def _post(path: str, kind: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _form(picture: bytes) -> bytes:
    head = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n'
    return head + picture + b"\r\n--x--\r\n"


async def measure(
    url: str, process: psutil.Process, kinds: dict[str, Sequence[bytes]], arguments: argparse.Namespace
) -> dict[str, Table]:
    """Make every table."""
    carried, by_callers = await measure_callers(url, kinds, arguments.seconds)
    tables = {
        f"HTTP load, {arguments.images:,} images": by_callers,
        "HTTP overload": await measure_overload(url, kinds, carried, arguments.seconds),
    }
    if arguments.minutes:
        mixed = list(itertools.chain(*zip(kinds["text"] * 99, kinds["picture"] * 9, kinds["thumbnail"], strict=False)))
        most = AT_CAPACITY and (await closed_loop(url, mixed, AT_CAPACITY, arguments.seconds)).rate
        tables["HTTP at half load"] = await measure_long(url, process, mixed, most / 2, arguments.minutes)
    return tables


async def measure_callers(url: str, kinds: dict[str, Sequence[bytes]], seconds: float) -> tuple[dict[str, Load], Table]:
    """Let callers ask as fast as they are answered; gives also what the server carries, by kind."""
    table = Table(["query", "callers", "answers/s", "p50", "p99", "told to come back", "failed"])
    carried: dict[str, Load] = {}
    for kind, requests in kinds.items():
        await closed_loop(url, requests, 2, min(seconds, 3))  # to warm up
        for callers in CALLERS:
            load = await closed_loop(url, requests, callers, seconds)
            late = len(load.times(429, 503))
            milliseconds = [f"{load.percentile(percent):.1f} ms" for percent in (50, 99)]
            table.row(kind, str(callers), f"{load.rate:,.0f}", *milliseconds, f"{late:,}", str(load.failed))
            if callers == AT_CAPACITY:
                carried[kind] = load
    return carried, table


async def measure_overload(
    url: str, kinds: dict[str, Sequence[bytes]], carried: dict[str, Load], seconds: float
) -> Table:
    """Let four times as many come as the server carries."""
    heads = ["query", "carries/s", "asked/s", "accepted/s", "p99 before", "p99 accepted", "times", "told after, p99"]
    table = Table([*heads, "failed", "as before after"])
    for kind in ("text", "picture"):
        usual, requests = carried[kind], kinds[kind]
        alone = (await closed_loop(url, requests, 1, 2)).percentile(50)
        load = await open_loop(url, requests, OVERLOAD * usual.rate, seconds)
        recovered_s = await time_to_recover(url, requests, alone)
        before, during = usual.percentile(99), load.percentile(99)
        table.row(
            kind,
            f"{usual.rate:,.0f}",
            f"{len(load.asked) / seconds:,.0f}",
            f"{load.rate:,.0f}",
            f"{before:.0f} ms",
            f"{during:.0f} ms",
            f"{during / before:.2f}",
            f"{load.percentile(99, 429, 503):.0f} ms",
            str(load.failed),
            f"{recovered_s:.1f} s",
        )
    return table


async def measure_long(
    url: str, process: psutil.Process, requests: Sequence[bytes], rate: float, minutes: float
) -> Table:
    """Ask evenly for long, and watch the memory."""
    memory: list[int] = []

    async def watch() -> None:
        while True:
            memory.append(process.memory_info().rss)
            await asyncio.sleep(min(10.0, minutes * 60 / 50))

    watching = asyncio.create_task(watch())
    load = await open_loop(url, requests, rate, minutes * 60)
    watching.cancel()
    tenth = max(1, len(memory) // 10)
    first, last = np.mean(memory[tenth : 2 * tenth]), np.mean(memory[-tenth:])  # the very first tenth fills caches
    table = Table(["minutes", "asked/s", "p50", "p99", "told to come back", "failed", "memory", "grew by"])
    table.row(
        f"{minutes:g}",
        f"{rate:,.0f}",
        f"{load.percentile(50):.1f} ms",
        f"{load.percentile(99):.1f} ms",
        f"{len(load.times(429, 503)):,}",
        str(load.failed),
        f"{last / 1e6:,.0f} MB",
        f"{100 * (last / first - 1):+.2f} %",
    )
    return table


async def closed_loop(url: str, requests: Sequence[bytes], callers: int, seconds: float) -> Load:
    """Have so many callers ask, each as soon as the last answer came."""
    load, end = Load(seconds), time.monotonic() + seconds
    queue = itertools.cycle(requests)

    async def call() -> None:
        caller = Caller(url)
        while time.monotonic() < end:
            load.asked.append(await caller.ask(next(queue)))
        caller.close()

    await asyncio.gather(*(call() for _ in range(callers)))
    return load


async def open_loop(url: str, requests: Sequence[bytes], rate: float, seconds: float) -> Load:
    """Ask at an even rate, whether or not the requests before are answered."""
    load, queue = Load(seconds), itertools.cycle(requests)
    idle = [Caller(url) for _ in range(_MOST_CONNECTIONS)]
    running: set[asyncio.Task[None]] = set()

    async def ask(caller: Caller, due: float) -> None:
        load.asked.append(await caller.ask(next(queue), due))
        idle.append(caller)

    began = time.monotonic()
    for number in range(int(rate * seconds)):
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        if not idle:
            load.asked.append(Asked(0, 0.0))  # nobody is left to ask: the server has let the queue grow too long
            continue
        task = asyncio.create_task(ask(idle.pop(), max(due, time.monotonic() - 0.002)))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    for caller in idle:
        caller.close()
    return load


async def time_to_recover(url: str, requests: Sequence[bytes], alone_ms: float) -> float:
    """Give the seconds until answers come as they did for a single caller."""
    since, caller, queue = time.monotonic(), Caller(url), itertools.cycle(requests)
    quick = 0
    while quick < 5 and time.monotonic() - since < 60:
        one = await caller.ask(next(queue))
        quick = quick + 1 if one.status == 200 and 1e3 * one.seconds < 2 * alone_ms else 0
    caller.close()
    return time.monotonic() - since


if __name__ == "__main__":
    main()
