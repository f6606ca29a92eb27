"""How fast do records leave a gallery and come into another, and in how much memory?

A gallery of made-up records with random unit vectors is exported in each layout and imported into a new gallery, each
in a process of its own. Memory is the growth of the resident set while that goes on, sampled every 20 ms; before, a few
records went the same way, so that what loading the libraries takes is no part of it.
"""

import argparse
import json
import subprocess
import sys
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

Layout = Literal["parquet", "clip-retrieval"]
LAYOUTS: tuple[Layout, ...] = ("parquet", "clip-retrieval")
BATCH = 5_000
FEW = 100


def main() -> None:
    """Measure and print; with --record append to docs/benchmarks.md."""
    arguments = parse_arguments()
    if arguments.child:
        warm_up(arguments.layout)
        print(json.dumps(CHILDREN[arguments.child](arguments.gallery, arguments.out, arguments.layout)))
        return
    table = Table(["layout", "export", "memory", "bytes a record", "import", "memory", "the same again"])
    with tempfile.TemporaryDirectory(dir=arguments.work) as work:
        full = Path(work) / "full.gallery"
        fill(full, arguments.records, arguments.dim)
        for layout in LAYOUTS:
            out = Path(work) / layout
            exported = child("export", full, out, layout)
            table.row(layout, *exported, *child("import", Path(work) / f"{layout}.gallery", out, layout))
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
    parser.add_argument("--child", choices=tuple(CHILDREN), help=argparse.SUPPRESS)
    parser.add_argument("--gallery", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--layout", choices=LAYOUTS, help=argparse.SUPPRESS)
    return parser.parse_args()


def child(name: str, gallery: Path, out: Path, layout: Layout) -> list[str]:
    """Export or import in a process that has done nothing else, and give what it measured."""
    command = [sys.executable, __file__, "--child", name, "--layout", layout, "--gallery", gallery, "--out", out]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def warm_up(layout: Layout) -> None:
    """Let a few records leave a gallery and come into another."""
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        fill(work / "few.gallery", FEW, dim=8)
        export(work / "few.gallery", work / layout, layout)
        take_in(work / "taken.gallery", work / layout, layout)


def fill(path: Path, records: int, dim: int) -> None:
    """Put made-up records into a new gallery."""
    with open_gallery(path) as gallery:
        gallery.add_space(make_space(dim=dim))
        made = make_records(records, dim)
        for at in range(0, records, BATCH):
            gallery.put(made[at : at + BATCH])


def export(full: Path, out: Path, layout: Layout) -> list[str]:
    """Export, and give the rate, the memory and the bytes a record."""
    with open_gallery(full) as gallery:
        run = Measured(lambda: export_gallery(gallery, out, layout=layout))
    files = [path for path in (out, *out.rglob("*")) if path.is_file()]
    per_record = sum(path.stat().st_size for path in files) / run.rows
    return [run.rate, run.memory, f"{per_record:,.0f}"]


def take_in(path: Path, out: Path, _: Layout) -> list[str]:
    """Import twice, and give the rate and the memory of the first time, and the rate of the second."""
    with open_gallery(path) as gallery:
        first = Measured(lambda: sum(1 for _ in import_gallery(gallery, out)))
        again = Measured(lambda: sum(1 for _ in import_gallery(gallery, out)))
        assert gallery.count() == first.rows == again.rows
    return [first.rate, first.memory, again.rate]


CHILDREN: dict[str, Callable[[Path, Path, Layout], list[str]]] = {"export": export, "import": take_in}


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
