"""How long until the command answers? Import, --help, and first questions to a gallery, against the interpreter alone.

The gallery holds a thousand pictures, indexed as a user does it. Each question starts the command anew, opens the
gallery, loads what it needs and answers; the files lie in the system's memory.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bars import hold
from report import Table, record
from sized_pictures import write_pictures

PROGRAMS = {
    "python -c pass": ["-c", "pass"],
    "import lookalike": ["-c", "import lookalike"],
    "lookalike --help": ["-m", "lookalike", "--help"],
    "lookalike search --help": ["-m", "lookalike", "search", "--help"],
    "lookalike --version": ["-m", "lookalike", "--version"],
}
PICTURES = 1_000
MEGAPIXELS = (0.05, 0.2)
TARGETS_S = {"import lookalike": 0.1, "lookalike --help": 0.25}


def main() -> None:
    """Measure and print; with --record append to docs/benchmarks.md."""
    arguments = parse_arguments()
    with tempfile.TemporaryDirectory(dir=arguments.work) as work:
        seconds = measure(PROGRAMS | questions(Path(work), arguments.pictures), arguments.runs)
    bare = statistics.median(seconds["python -c pass"])
    table = Table(["program", "median", "fastest", "slowest", "more than the interpreter", "target"])
    for program, times in seconds.items():
        median = statistics.median(times)
        target = f"≤ {TARGETS_S[program] * 1e3:.0f} ms" if program in TARGETS_S else ""
        table.row(program, ms(median), ms(min(times)), ms(max(times)), ms(median - bare), target)
    table.print()
    if arguments.record:
        record("Start of the command", table)
    held = ("lookalike --help", *(program for program in seconds if program not in PROGRAMS))
    hold({f"startup: {program} / interpreter": statistics.median(seconds[program]) / bare for program in held})


def questions(work: Path, pictures: int) -> dict[str, list[str]]:
    """Index so many pictures, and give what is then asked."""
    paths = write_pictures(work / "pictures", pictures, MEGAPIXELS)
    command, gallery = ["-m", "lookalike"], ["--gallery", str(work / "first.gallery")]
    subprocess.run(
        [sys.executable, *command, "index", str(work / "pictures"), *gallery], capture_output=True, check=True
    )
    return {
        "lookalike info": [*command, "info", *gallery],
        "lookalike search WORDS": [*command, "search", "two dogs playing in the snow", *gallery],
        "lookalike search PICTURE": [*command, "search", str(paths[0]), *gallery],
    }


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=21)
    parser.add_argument("--quick", action="store_true", help="five runs")
    parser.add_argument("--pictures", type=int, default=PICTURES, help="that the gallery holds")
    parser.add_argument("--work", type=Path, help="a folder with room for the pictures")
    parser.add_argument("--record", action="store_true", help="append the table to docs/benchmarks.md")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.runs = 5
    return arguments


def measure(programs: Mapping[str, Sequence[str]], runs: int) -> dict[str, list[float]]:
    """Start each so many times, in turn, so that a busy moment strikes all alike; the first round fills caches."""
    seconds: dict[str, list[float]] = {program: [] for program in programs}
    for number in range(runs + 1):
        for program, arguments in programs.items():
            taken = start(arguments)
            if number:
                seconds[program].append(taken)
    return seconds


def start(arguments: Sequence[str]) -> float:
    """Give the wall-clock seconds that the interpreter takes with these arguments."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begin


def ms(seconds: float) -> str:
    """Write milliseconds."""
    return f"{seconds * 1e3:.0f} ms"


if __name__ == "__main__":
    main()
