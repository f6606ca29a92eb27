"""How do time, memory and disk grow with the gallery? Fitted exponents: 1 grows with it, 0 not at all."""

import argparse
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import psutil

from bars import hold
from lookalike.gallery.sqlite import SqliteGallery
from made_up_records import SPACE, fill
from made_up_vectors import Pictures
from report import Table, record, spread
from timing import timed

SIZES = (1_000, 4_000, 16_000, 64_000, 256_000, 1_000_000, 4_000_000, 10_000_000)
_LEAST = 3
"""Fewer sizes make no line that an exponent could be fitted to."""
QUICK = (2_000, 8_000, 32_000)
RUNS = 5
"""How often the short form measures each; medians count."""
QUERIES = 100
TEXTS = ("word7 word12", "word3", "word40 word41 word42")
MEASURES = {
    "filling": "put_s",
    "the disk": "disk",
    "memory": "memory",
    "opening": "open_s",
    "a query by vector": "vector_s",
    "a query by words": "words_s",
}


TOLD = {
    "put_s": (1.0, "{:.2f}", " s"),
    "disk": (1e-6, "{:.1f}", " MB"),
    "memory": (1e-6, "{:.1f}", " MB"),
    "open_s": (1e3, "{:.2f}", " ms"),
    "vector_s": (1e3, "{:.2f}", " ms"),
    "words_s": (1e3, "{:.2f}", " ms"),
}
"""By what each is multiplied to be written, how, and in which unit."""


def main() -> None:
    """Measure and print; with --record append to docs/benchmarks.md."""
    arguments = parse_arguments()
    if arguments.child:
        print(json.dumps(serve(arguments.child)))
        return
    sizes = QUICK if arguments.quick else [size for size in SIZES if size <= arguments.most]
    runs = [[measure(size, arguments.work) for _ in range(RUNS if arguments.quick else 1)] for size in sizes]
    table = Table(["pictures", "put", "disk", "memory", "open", "vector, p50", "words, p50"])
    for size, some in zip(sizes, runs, strict=True):
        told = (spread([one[key] * n for one in some], form, unit) for key, (n, form, unit) in TOLD.items())
        table.row(f"{size:,}", *told)
    middle = [{key: statistics.median(one[key] for one in some) for key in TOLD} for some in runs]
    exponents = {name: exponent(sizes, [one[key] for one in middle]) for name, key in MEASURES.items()}
    table.row("exponent", *(f"{exponents[name]:.2f}" for name in MEASURES))
    table.print()
    if arguments.record:
        record("Growth", table)
    # Opening a small gallery is mostly Python's start, and tells nothing.
    hold({f"growth: exponent of {name}": value for name, value in exponents.items() if name != "opening"})


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--most", type=int, default=1_000_000, help=f"the largest gallery, {SIZES[-1]:,} at most")
    parser.add_argument("--work", type=Path, help="a folder with room for the galleries (2 GB for a million)")
    parser.add_argument("--quick", action="store_true", help=f"at most {QUICK[-1]:,}, whatever --most says")
    parser.add_argument("--record", action="store_true", help="append the table to docs/benchmarks.md")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.most > SIZES[-1] or sum(size <= arguments.most for size in SIZES) < _LEAST:
        parser.error(f"--most is {arguments.most:,}; it takes {SIZES[_LEAST - 1]:,} to {SIZES[-1]:,}.")
    return arguments


def measure(size: int, work: Path | None) -> dict[str, float]:
    """Fill a gallery of this size, and look at it from a process of its own."""
    with tempfile.TemporaryDirectory(dir=work) as folder:
        path = Path(folder) / "growth.gallery"
        put_s, _ = fill(path, size)
        command = [sys.executable, __file__, "--child", str(path)]
        served: dict[str, float] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
        return {"put_s": put_s, "disk": path.stat().st_size, **served}


def serve(path: Path) -> dict[str, float]:
    """Open a gallery and ask it; memory is what it takes beyond the program itself."""
    queries = Pictures().draw(QUERIES, seed=7)
    with tempfile.TemporaryDirectory() as empty, SqliteGallery.open(Path(empty) / "empty.gallery") as warm:
        warm.add_space(SPACE)
        warm.nearest(SPACE.name, queries[:1], 10)
        warm.match_text(TEXTS[0], 10)
    gc.collect()
    before = psutil.Process().memory_info().rss
    start = time.perf_counter()
    with SqliteGallery.open(path, create=False) as gallery:
        gallery.nearest(SPACE.name, queries[:1], 10)
        open_s = time.perf_counter() - start
        vector_s = timed(lambda query: gallery.nearest(SPACE.name, query[None], 10), queries)
        words_s = [
            one for text in TEXTS for one in timed(lambda _, text=text: gallery.match_text(text, 10), queries[:20])
        ]
        memory = psutil.Process().memory_info().rss - before
    medians = {"vector_s": float(np.median(vector_s)), "words_s": float(np.median(words_s))}
    return {"open_s": open_s, "memory": max(memory, 1), **medians}


def exponent(sizes: Sequence[int], values: Sequence[float]) -> float:
    """Fit value = c · size ** exponent by least squares of the logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])


if __name__ == "__main__":
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    main()
