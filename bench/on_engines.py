"""Do all engines give the same answers? The same records and 500 questions on each, compared with an exhaustive search.

What answers is the embedded gallery, a standalone Milvus of the package `milvus` on loopback, and Milvus Lite; what is
right, a gallery in memory that looks at every record for every answer. Recall counts what ties as right.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "instruments"))

import congruence
from milvus_servers import LiteProcess, MilvusProcess

from lookalike.gallery import Gallery, open_gallery
from lookalike.testing import MemoryGallery
from report import Table, record


def main() -> None:
    """Ask and print; with --record append to docs/benchmarks.md. Exit with 1 where counts or pages differ."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--record", action="store_true", help="append the table to docs/benchmarks.md")
    arguments = parser.parse_args()
    table = Table(
        [
            "engine",
            "recall@10 of vectors",
            "of words",
            "lost of their score",
            "a score is off by",
            "counts that differ",
            "pages",
            "took",
        ]
    )
    exact = congruence.fill(MemoryGallery(), arguments.records)
    others: list[str] = []
    for name, opened in (("embedded", embedded), ("Milvus", on_milvus), ("Milvus Lite", on_lite)):
        with opened() as gallery:
            began = time.monotonic()
            congruence.fill(gallery, arguments.records)
            differing = differences(exact, gallery)
            counted = (f"{wrong} of {asked}" for wrong, asked in differing)
            table.row(name, *compared(exact, gallery), *counted, f"{time.monotonic() - began:.0f} s")
            if any(wrong for wrong, _ in differing):
                others.append(name)
    table.print()
    if arguments.record:
        record("The same answers from every engine", table)
    if others:
        raise SystemExit(f"Counts or pages differ from those of an exhaustive search: {', '.join(others)}.")


def compared(exact: Gallery, gallery: Gallery) -> Iterator[str]:
    """Give what a gallery's answers come to."""
    vectors, words = list(congruence.nearest(exact, gallery)), list(congruence.words(exact, gallery))
    yield from (f"{np.mean([one.recall for one in answers]):.4f} of {len(answers)}" for answers in (vectors, words))
    yield f"{np.mean([one.lost for one in words]):.4f}"
    yield f"{max(one.off for one in (*vectors, *words)):.0e}"


def differences(exact: Gallery, gallery: Gallery) -> list[tuple[int, int]]:
    """Give how many counts differ, and pages, each with how many were asked for."""
    pairs = [list(zip(asked(exact), asked(gallery), strict=True)) for asked in (congruence.counted, congruence.paged)]
    return [(sum(expected != found for expected, found in some), len(some)) for some in pairs]


@contextmanager
def embedded() -> Iterator[Gallery]:
    """Open a gallery in a file."""
    with tempfile.TemporaryDirectory() as folder, open_gallery(Path(folder) / "embedded.gallery") as gallery:
        yield gallery


@contextmanager
def on_milvus() -> Iterator[Gallery]:
    """Open a gallery on a standalone Milvus."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        process = MilvusProcess(Path(folder))
        stack.callback(process.stop)
        process.start()
        yield stack.enter_context(open_gallery(f"milvus://127.0.0.1:{process.port}/congruent"))


@contextmanager
def on_lite() -> Iterator[Gallery]:
    """Open a gallery on Milvus Lite."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        process = LiteProcess(Path(folder) / "lite.db")
        stack.callback(process.stop)
        process.start()
        yield stack.enter_context(open_gallery(f"milvus://127.0.0.1:{process.port}/congruent?timeout=600"))


if __name__ == "__main__":
    main()
