"""What does Lookalike add to what Milvus does? Each call beside the same call of bare pymilvus, with equal parameters.

A standalone Milvus of the package `milvus` runs on loopback. Bare pymilvus stores the very rows that Lookalike makes,
made beforehand and as many in one call, and asks the very collection that Lookalike filled; calls take turns, and who
begins changes from turn to turn, so that both meet the same machine and a server as warm. Memory is the client's
resident set after a quarter, a half and all of the records.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "instruments"))

from milvus_servers import MilvusProcess

from lookalike.gallery import Gallery, open_gallery
from lookalike.gallery.filters import parse_filter
from lookalike.gallery.milvus.rows import Row, to_row, to_vector_row
from lookalike.gallery.milvus.schema import records_of, space_of
from lookalike.gallery.milvus.server import Server
from lookalike.testing.records import make_records, make_space, make_vectors
from lookalike.types import ImageRecord
from lookalike.uris import image_id
from report import Table, record

BATCH = 512
DIM = 512
K = 10
CHUNK = 4_096
"""Records made at a time, so that the memory measured is the gallery's."""


def main() -> None:
    """Measure and print; with --record append to docs/benchmarks.md."""
    arguments = parse_arguments()
    table = Table(["what", "bare pymilvus", "Lookalike", "ratio"])
    with tempfile.TemporaryDirectory(dir=arguments.work) as work:
        process = MilvusProcess(Path(work), **{"proxy.timeTickInterval": 200})
        process.start()
        try:
            with open_gallery(f"milvus://127.0.0.1:{process.port}/bench") as gallery:
                gallery.add_space(make_space(dim=DIM))
                measure(gallery, arguments, table)
        finally:
            process.stop()
    table.print()
    if arguments.record:
        record("A gallery on Milvus", table)


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--batch", type=int, default=BATCH, help="records stored in one call")
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--work", type=Path, help="a folder with room for the server's data (3 GB for 200,000)")
    parser.add_argument("--record", action="store_true", help="append the table to docs/benchmarks.md")
    return parser.parse_args()


def measure(gallery: Gallery, arguments: argparse.Namespace, table: Table) -> None:
    """Fill the gallery in turns with a bare copy of it, then ask."""
    server: Server = gallery._server  # type: ignore[attr-defined]
    with open_gallery(gallery.url.replace("/bench", "/bare")) as bare:
        bare.add_space(make_space(dim=DIM))
        theirs, ours, memory = fill(gallery, server, arguments.records, arguments.batch)
    table.row("storing", *(f"{one.rate:,.0f} records/s" for one in (theirs, ours)), f"{ours.rate / theirs.rate:.2f}")
    spent = [one.processor_s / arguments.records * 1e6 for one in (theirs, ours)]
    table.row("storing, CPU of the client a record", *(f"{one:.0f} µs" for one in spent), f"{spent[1] / spent[0]:.2f}")
    for records, resident in memory.items():
        table.row(f"memory of the client after {records:,} records", "–", f"{resident / 1e6:.0f} MB", "–")
    ask(gallery, server, arguments.queries, table)


@dataclass
class Stopwatch:
    """How long somebody took, on the clock and of the client's processor."""

    records: int = 0
    clock_s: float = 0.0
    processor_s: float = 0.0

    @property
    def rate(self) -> float:
        """Records a second."""
        return self.records / self.clock_s

    @contextmanager
    def running(self, records: int) -> Iterator[None]:
        """Measure what is done meanwhile."""
        clock, processor = time.perf_counter(), time.process_time()
        yield
        self.clock_s += time.perf_counter() - clock
        self.processor_s += time.process_time() - processor
        self.records += records


def fill(
    gallery: Gallery, server: Server, records: int, batch_size: int
) -> tuple[Stopwatch, Stopwatch, dict[int, float]]:
    """Store made-up records in both ways, in turns; give what each took, bare first, and memory by records stored."""
    bare, ours = Stopwatch(), Stopwatch()
    process = psutil.Process()
    memory: dict[int, float] = {}
    for start in range(0, records, CHUNK):
        made = chunk(start, min(CHUNK, records - start))
        for at in range(0, len(made), batch_size):
            batch = made[at : at + batch_size]
            rows, vectors = bare_rows(server, batch, start + at)
            turns: list[tuple[Stopwatch, Callable[[], object]]] = [
                (bare, partial(store_bare, server, rows, vectors)),
                (ours, partial(gallery.put, batch)),
            ]
            for watch, store in turns if at // batch_size % 2 else reversed(turns):
                with watch.running(len(batch)):
                    store()
        if ours.records >= records >> (2 - len(memory)):
            memory[ours.records] = float(process.memory_info().rss)
    return bare, ours, memory


def bare_rows(server: Server, batch: Sequence[ImageRecord], first: int) -> tuple[list[Row], list[Row]]:
    """Make the rows of records, numbered from `first` on, and those of their vectors."""
    rows = [to_row(one, first + i, 1).row for i, one in enumerate(batch)]
    if not server.abilities.full_text:
        rows = [{name: value for name, value in row.items() if name != "terms"} for row in rows]
    vectors = [
        to_vector_row(row, one.embeddings[SPACE].astype(np.float32)) for row, one in zip(rows, batch, strict=True)
    ]
    return rows, vectors


def store_bare(server: Server, rows: list[Row], vectors: list[Row]) -> None:
    """Store rows as somebody does who calls pymilvus themselves."""
    server._client.upsert(space_of("bare", SPACE), vectors)
    server._client.upsert(records_of("bare"), rows)


SPACE = make_space(dim=DIM).name


def chunk(start: int, n: int) -> list[ImageRecord]:
    """Make records that differ from those of any other chunk."""
    vectors = make_vectors(n, DIM, seed=start + 1).astype(np.float16)
    models = make_records(1_000, 0)
    return [
        replace(
            models[i % len(models)],
            id=image_id(uri_of(start + i)),
            uri=uri_of(start + i),
            embeddings={SPACE: vectors[i]},
        )
        for i in range(n)
    ]


def uri_of(number: int) -> str:
    """Name a made-up picture."""
    return f"file:///photos/{number // 1000:05}/img_{number:08}.jpg"


def ask(gallery: Gallery, server: Server, queries: int, table: Table) -> None:
    """Search by both ways in turns."""
    collection = space_of("bench", SPACE)
    vectors = make_vectors(queries, DIM, seed=7)
    where = parse_filter("width>=3000")
    parameters = {"metric_type": "IP", "params": {"ef": 128}}

    def bare(expression: str) -> Callable[[int], object]:
        return lambda i: server._client.search(
            collection,
            data=[vectors[i]],
            anns_field="vector",
            limit=K,
            filter=expression,
            search_params=parameters,
            consistency_level="Session",
        )

    for name, theirs, mine in (
        ("nearest ten, p50", bare(""), lambda i: gallery.nearest(SPACE, vectors[i : i + 1], K)),
        (
            "nearest ten of half, p50",
            bare("width >= 3000"),
            lambda i: gallery.nearest(SPACE, vectors[i : i + 1], K, where),
        ),
    ):
        a, b = alternately(theirs, mine, queries)
        table.row(name, f"{a * 1e3:.2f} ms", f"{b * 1e3:.2f} ms", f"{b / a:.2f}")
    words, _ = alternately(lambda _: gallery.match_text("brown dog", K), lambda _: None, 30)
    table.row("words, p50", "–", f"{words * 1e3:.1f} ms", "–")
    listed, _ = alternately(lambda _: gallery.scan(limit=100), lambda _: None, 30)
    table.row("a page of 100, newest first, p50", "–", f"{listed * 1e3:.1f} ms", "–")


def alternately(one: Callable[[int], object], other: Callable[[int], object], n: int) -> tuple[float, float]:
    """Give the median seconds of each; who begins changes from turn to turn."""
    taken: tuple[list[float], list[float]] = ([], [])
    for i in range(n):
        for call, seconds in list(zip((one, other), taken, strict=True))[:: 1 if i % 2 else -1]:
            since = time.perf_counter()
            call(i)
            seconds.append(time.perf_counter() - since)
    return statistics.median(taken[0]), statistics.median(taken[1])


if __name__ == "__main__":
    main()
