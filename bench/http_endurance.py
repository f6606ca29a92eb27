"""Does a server stay the same for an hour at half of what it can carry: no errors, no growing memory?

Of every 109 requests 99 are words, 9 pictures that the gallery does not hold and one a thumbnail, evenly spaced. A run
fails where a request did, and one of half an hour or more where memory, that of the server and its decoders together,
grew by more than 1 %; in shorter ones caches still fill.
"""

import argparse
import asyncio
import itertools
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from http_calls import closed_loop, open_loop
from http_served import Requests, Service, add_arguments, prepare, serving
from report import Table, record

AT_CAPACITY = 16
"""Callers who together keep a server of a few cores busy, and no more."""
CAPACITY_S = 10.0
MOST_GROWTH = 0.01
"""Of memory, from the second tenth of a run to the last.

Source: the project's own target, less than 1 % in an hour at half load.
"""
JUDGED_MINUTES = 30
"""How long a run must be for that to say anything."""


def main() -> None:
    """Measure and print; with --record append to docs/benchmarks.md. Exit with 1 where anything is wrong."""
    arguments = parse_arguments()
    with tempfile.TemporaryDirectory(dir=arguments.work) as work:
        path, requests = prepare(Path(work), arguments)
        with serving(path, arguments.encoder) as service:
            table, wrong = asyncio.run(measure(service, mixed(requests), arguments.minutes))
    table.print()
    if arguments.record:
        record("HTTP at half load", table)
    sys.exit(" ".join(wrong) or None)


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60)
    add_arguments(parser)
    return parser.parse_args()


def mixed(requests: Requests) -> list[bytes]:
    """Give a round of requests as people make them."""
    text, picture, thumbnail = (itertools.cycle(requests[kind]) for kind in ("text", "picture", "thumbnail"))
    rounds = max(len(requests["picture"]), len(requests["thumbnail"]))
    turn = [*[text] * 11, picture] * 9 + [thumbnail]
    return [next(kind) for _ in range(rounds) for kind in turn]


async def measure(service: Service, requests: Sequence[bytes], minutes: float) -> tuple[Table, list[str]]:
    """Ask evenly for long, and watch the memory; gives also what was not as it must be."""
    most = (await closed_loop(service.url, requests, AT_CAPACITY, min(CAPACITY_S, 30 * minutes))).rate
    memory: list[int] = []

    async def watch() -> None:
        while True:
            memory.append(service.memory())
            await asyncio.sleep(min(10.0, minutes * 60 / 50))

    watching = asyncio.create_task(watch())
    load = await open_loop(service.url, requests, most / 2, minutes * 60)
    watching.cancel()
    tenth = max(1, len(memory) // 10)
    first, last = np.mean(memory[tenth : 2 * tenth]), np.mean(memory[-tenth:])  # the very first tenth fills caches
    growth = float(last / first - 1)
    table = Table(
        ["minutes", "asked/s", "p50", "p99", "told to come back", "failed", "sent again", "memory", "grew by"]
    )
    table.row(
        f"{minutes:g}",
        f"{most / 2:,.0f}",
        f"{load.percentile(50):.1f} ms",
        f"{load.percentile(99):.1f} ms",
        f"{len(load.times(429, 503)):,}",
        str(load.failed),
        str(load.resent),
        f"{last / 1e6:,.0f} MB",
        f"{100 * growth:+.2f} %",
    )
    return table, faults(load.failed, growth, minutes)


def faults(failed: int, growth: float, minutes: float) -> list[str]:
    """Say what was not as it must be."""
    found = [f"{failed:,} requests failed."] if failed else []
    if minutes >= JUDGED_MINUTES and growth > MOST_GROWTH:
        found.append(f"Memory grew by {growth:.2%}; at most {MOST_GROWTH:.0%} is allowed.")
    return found


if __name__ == "__main__":
    main()
