"""How long until the command answers? Import and --help, against the interpreter alone."""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

from bars import hold
from report import Table, record

PROGRAMS = {
    "python -c pass": ["-c", "pass"],
    "import lookalike": ["-c", "import lookalike"],
    "lookalike --help": ["-m", "lookalike", "--help"],
    "lookalike search --help": ["-m", "lookalike", "search", "--help"],
    "lookalike --version": ["-m", "lookalike", "--version"],
}
TARGETS_S = {"import lookalike": 0.1, "lookalike --help": 0.25}


def main() -> None:
    """Measure and print; with --record append to docs/benchmarks.md."""
    arguments = parse_arguments()
    seconds = measure(arguments.runs)
    bare = statistics.median(seconds["python -c pass"])
    table = Table(["program", "median", "slowest", "more than the interpreter", "target"])
    for program, times in seconds.items():
        median = statistics.median(times)
        target = f"≤ {TARGETS_S[program] * 1e3:.0f} ms" if program in TARGETS_S else ""
        table.row(program, ms(median), ms(max(times)), ms(median - bare), target)
    table.print()
    if arguments.record:
        record("Start of the command", f"python bench/startup.py --runs {arguments.runs}", table)
    hold({"startup: lookalike --help / interpreter": statistics.median(seconds["lookalike --help"]) / bare})


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=21)
    parser.add_argument("--quick", action="store_true", help="ten runs")
    parser.add_argument("--record", action="store_true", help="append the table to docs/benchmarks.md")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.runs = 10
    return arguments


def measure(runs: int) -> dict[str, list[float]]:
    """Start each so many times, in turn, so that a busy moment strikes all alike; the first round fills caches."""
    seconds: dict[str, list[float]] = {program: [] for program in PROGRAMS}
    for number in range(runs + 1):
        for program, arguments in PROGRAMS.items():
            taken = start(arguments)
            if number:
                seconds[program].append(taken)
    return seconds


def start(arguments: Sequence[str]) -> float:
    """Give the wall-clock seconds that the interpreter takes with these arguments."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begin


def ms(seconds: float) -> str:
    """Write milliseconds."""
    return f"{seconds * 1e3:.0f} ms"


if __name__ == "__main__":
    main()
