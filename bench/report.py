"""How does a measurement reach the reader? As a table on the screen, and on request in docs/benchmarks.md."""

import argparse
import os
import platform
import shlex
import statistics
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import distributions, version
from pathlib import Path

BENCHMARKS = Path(__file__).parent.parent / "docs" / "benchmarks.md"
PACKAGES = ("numpy", "faiss-cpu", "apsw", "onnxruntime", "openvino", "opencv-python-headless", "pillow")


class Table:
    """Rows of text under a heading each."""

    def __init__(self, headings: Sequence[str]) -> None:
        """Begin without rows."""
        self._lines = [tuple(headings)]

    def row(self, *cells: str) -> None:
        """Add a row with a cell for every heading."""
        if len(cells) != len(self._lines[0]):
            raise ValueError(f"{len(cells)} cells under {len(self._lines[0])} headings: {cells}")
        self._lines.append(cells)

    def __str__(self) -> str:
        """Give the table in Markdown, readable as it is."""
        widths = [max(map(len, column)) for column in zip(*self._lines, strict=True)]
        lines = [
            "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
            for line in self._lines
        ]
        lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
        return "\n".join(lines)

    def print(self) -> None:
        """Show the table."""
        print(self)


def spread(values: Sequence[float], form: str, unit: str) -> str:
    """Give the median of some runs, and in brackets the least and the most; alone where there was one run."""
    middle = f"{form.format(statistics.median(values))}{unit}"
    return middle if len(values) == 1 else f"{middle} ({form.format(min(values))}–{form.format(max(values))})"


def record(section: str, table: Table, *, peers: Sequence[str] = ()) -> None:
    """Append a table to docs/benchmarks.md, with what produced it: command, date, machine and versions.

    `peers` are packages beside our own whose versions count.
    """
    lines = [
        f"\n## {section}\n",
        f"{datetime.now(UTC):%Y-%m-%d}, {machine(peers)}: `{command()}`\n",
        f"{table}\n",
    ]
    with BENCHMARKS.open("a", encoding="utf-8") as file:
        file.write("\n".join(lines))


def command() -> str:
    """Give the command as it was written, but for --record, and the folder that --work names."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--work")
    script, *given = sys.argv
    return shlex.join(["python", f"bench/{Path(script).name}", *parser.parse_known_args(given)[1]])


def machine(peers: Sequence[str] = ()) -> str:
    """Describe the machine: processor, cores at hand, memory, Python and the packages that do the work."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{name} {version(name)}" for name in (*PACKAGES, *peers) if any(distributions(name=name)))
    return f"{processor()}, {cores} cores, {memory:.0f} GiB, Python {platform.python_version()}, {versions}"


def processor() -> str:
    """Name the processor as it names itself."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
