"""How fast do records leave a gallery and come into another, and in how much memory?

A gallery of made-up records with random unit vectors is exported in each layout and imported into a new gallery. Memory
is the growth of the resident set while that goes on, sampled every 20 ms.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import psutil

from lookalike.exchange import export_gallery, import_gallery
from lookalike.gallery import open_gallery
from lookalike.testing import make_records, make_space
from report import Table, record

LAYOUTS: tuple[Literal["parquet", "clip-retrieval"], ...] = ("parquet", "clip-retrieval")
BATCH = 5_000


def main() -> None:
    """Measure and print; with --record append to docs/benchmarks.md."""
    arguments = parse_arguments()
    table = Table(["layout", "export", "memory", "bytes a record", "import", "memory", "the same again"])
    with tempfile.TemporaryDirectory(dir=arguments.work) as work:
        full = Path(work) / "full.gallery"
        fill(full, arguments.records, arguments.dim)
        for layout in LAYOUTS:
            out = Path(work) / layout
            table.row(layout, *export(full, out, layout), *take_in(Path(work) / f"{layout}.gallery", out))
    table.print()
    if arguments.record:
        record("Export and import", table)


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--dim", type=int, default=512)
    parser.add_argument("--work", type=Path, help="a folder with room for five copies (1 GB for 100,000)")
    parser.add_argument("--record", action="store_true", help="append the table to docs/benchmarks.md")
    return parser.parse_args()


def fill(path: Path, records: int, dim: int) -> None:
    """Put made-up records into a new gallery."""
    with open_gallery(path) as gallery:
        gallery.add_space(make_space(dim=dim))
        made = make_records(records, dim)
        for at in range(0, records, BATCH):
            gallery.put(made[at : at + BATCH])


def export(full: Path, out: Path, layout: Literal["parquet", "clip-retrieval"]) -> list[str]:
    """Export, and give the rate, the memory and the bytes a record."""
    with open_gallery(full) as gallery:
        run = Measured(lambda: export_gallery(gallery, out, layout=layout))
    files = [path for path in (out, *out.rglob("*")) if path.is_file()]
    per_record = sum(path.stat().st_size for path in files) / run.rows
    return [run.rate, run.memory, f"{per_record:,.0f}"]


def take_in(path: Path, out: Path) -> list[str]:
    """Import twice, and give the rate and the memory of the first time, and the rate of the second."""
    with open_gallery(path) as gallery:
        first = Measured(lambda: sum(1 for _ in import_gallery(gallery, out)))
        again = Measured(lambda: sum(1 for _ in import_gallery(gallery, out)))
        assert gallery.count() == first.rows == again.rows
    return [first.rate, first.memory, again.rate]


class Measured:
    """Runs something that counts rows, and watches the clock and the memory meanwhile."""

    def __init__(self, run: Callable[[], int]) -> None:
        """Run it."""
        process = psutil.Process()
        before = peak = process.memory_info().rss
        done = threading.Event()

        def watch() -> None:
            nonlocal peak
            while not done.wait(0.02):
                peak = max(peak, process.memory_info().rss)

        watcher = threading.Thread(target=watch)
        watcher.start()
        start = time.perf_counter()
        try:
            self.rows = run()
        finally:
            done.set()
            watcher.join()
        self.rate = f"{self.rows / (time.perf_counter() - start):,.0f} rows/s"
        self.memory = f"{(peak - before) / 1e6:.0f} MB"


if __name__ == "__main__":
    main()
