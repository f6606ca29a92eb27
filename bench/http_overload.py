"""What becomes of requests when four times as many come as a server can carry?

What is asked, `http_served.py` says: words, pictures that the gallery does not hold, vectors. What it can carry is
measured first, as `http_load.py` does, with 16 callers. Then requests come at their own pace: how long do those take
that are accepted, how soon are the others told to come back, and how soon after the last came is all as before? That is
tried while answers are still under way.
"""

import argparse
import asyncio
import itertools
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from http_calls import Caller, Measured, closed_loop, open_loop
from http_served import Requests, add_arguments, prepare, serving
from report import Table, record

AT_CAPACITY = 16
"""Callers who together keep a server of a few cores busy, and no more."""
OVERLOAD = 4
KINDS = ("text", "picture", "vector")
_QUICK = 5
"""Answers in a row that come as for a single caller; then all is as before."""
_PAUSE_S = 0.02
"""Between a refusal and the next try, so that trying is no flood of its own."""
_PATIENCE_S = 60


def main() -> None:
    """Measure and print; with --record append to docs/benchmarks.md. Exit with 1 where a request failed."""
    arguments = parse_arguments()
    with tempfile.TemporaryDirectory(dir=arguments.work) as work:
        path, requests = prepare(Path(work), arguments)
        with serving(path, arguments.encoder) as service:
            measured = asyncio.run(measure(service.url, requests, arguments.seconds))
    measured.table.print()
    if arguments.record:
        record("HTTP overload", measured.table)
    measured.hold()


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10, help="of each measurement")
    add_arguments(parser)
    return parser.parse_args()


async def measure(url: str, requests: Requests, seconds: float) -> Measured:
    """Let four times as many come as the server carries; gives also how much longer those accepted take, by kind."""
    heads = ["query", "carries/s", "asked/s", "accepted/s", "p99 before", "p99 accepted", "times", "told after, p99"]
    table = Table([*heads, "failed", "sent again", "as before after"])
    measured = Measured(table)
    for kind in KINDS:
        some = requests[kind]
        await closed_loop(url, some, 2, min(seconds, 3))  # to warm up
        usual = await closed_loop(url, some, AT_CAPACITY, seconds)
        alone = (await closed_loop(url, some, 1, 2)).percentile(50)
        stopped = asyncio.Event()
        flood = asyncio.create_task(open_loop(url, some, OVERLOAD * usual.rate, seconds, stopped))
        await stopped.wait()
        recovered_s = await time_to_recover(url, some, alone)
        load = await flood
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
            str(load.resent),
            f"{recovered_s:.1f} s",
        )
        measured.ratios[f"http_overload: p99 accepted / before, {kind}"] = during / before
        measured.failed += usual.failed + load.failed - load.unsent  # callers run out in a flood
    return measured


async def time_to_recover(url: str, requests: Sequence[bytes], alone_ms: float) -> float:
    """Give the seconds until answers come as they did for a single caller."""
    since, caller, queue = time.monotonic(), Caller(url), itertools.cycle(requests)
    quick: list[float] = []
    """When each answer was there, of those that came quickly one after the other."""
    while len(quick) < _QUICK and time.monotonic() - since < _PATIENCE_S:
        one = await caller.ask(next(queue))
        quick = [*quick, one.at] if one.status == 200 and 1e3 * one.seconds < 2 * alone_ms else []
        if one.status != 200:
            await asyncio.sleep(_PAUSE_S)
    caller.close()
    return (quick[0] if len(quick) == _QUICK else time.monotonic()) - since


if __name__ == "__main__":
    main()
