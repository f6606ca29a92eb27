"""How many queries a second can a server answer, and how long does each take, under 1, 4, 16 and 64 callers?

What is served and asked, `http_served.py` says: words, pictures that the gallery does not hold, vectors, thumbnails.
Each caller asks as soon as the last answer came, or when it was told to come back; the most answers a second that they
get is what the server can carry. Queries that wait for their turn go through the encoder together: how many shared a
pass the server itself says, and what that saves is what one costs the processor in such passes, of what it costs alone
(`http_shared.py`).
"""

import argparse
import asyncio
import tempfile
from pathlib import Path

from http_calls import Measured, closed_loop
from http_served import Requests, Service, add_arguments, prepare, serving
from http_shared import Costs, costs_of_passes, read_passes
from report import Table, record

CALLERS = (1, 4, 16, 64)
_CROWD = 16
ENCODED = {"text": "texts", "picture": "pictures"}
"""Kind of query → what the encoder gets of it; the others need none."""


def main() -> None:
    """Measure and print; with --record append to docs/benchmarks.md. Exit with 1 where a request failed."""
    arguments = parse_arguments()
    with tempfile.TemporaryDirectory(dir=arguments.work) as work:
        path, requests = prepare(Path(work), arguments)
        costs = costs_of_passes(arguments.encoder)
        with serving(path, arguments.encoder) as service:
            measured = asyncio.run(measure(service, requests, costs, arguments.seconds))
    measured.table.print()
    if arguments.record:
        record(f"HTTP load, {arguments.images:,} images", measured.table)
    measured.hold()


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10, help="of each measurement")
    add_arguments(parser)
    return parser.parse_args()


async def measure(service: Service, requests: Requests, costs: Costs, seconds: float) -> Measured:
    """Let callers ask as fast as they are answered; gives also what sixteen get of what one gets, and share."""
    heads = ["query", "callers", "answers/s", "times one caller's", "CPU an answer", "share a pass", "encoding saved"]
    table = Table([*heads, "p50", "p99", "told to come back", "failed", "sent again"])
    measured, url = Measured(table), service.url
    for kind, some in requests.items():
        await closed_loop(url, some, 2, min(seconds, 3))  # to warm up
        rates: dict[int, float] = {}
        for callers in CALLERS:
            before, passes = service.cpu_s(), read_passes(url, ENCODED.get(kind, ""))
            load = await closed_loop(url, some, callers, seconds)
            cpu_s, shared = service.cpu_s() - before, read_passes(url, ENCODED.get(kind, "")).since(passes)
            rates[callers] = load.rate
            measured.failed += load.failed
            if shared.passes and callers == _CROWD:
                measured.ratios[f"http_load: queries a pass of {_CROWD} callers, {kind}"] = shared.shared_by
            table.row(
                kind,
                str(callers),
                f"{load.rate:,.0f}",
                f"{load.rate / rates[1]:.2f}",
                f"{1e3 * cpu_s / max(1, len(load.times(200))):.1f} ms",
                f"{shared.shared_by:.1f}" if shared.passes else "–",
                f"{100 * shared.saved(costs[ENCODED[kind]]):.0f} %" if shared.passes else "–",
                *(f"{load.percentile(percent):.1f} ms" for percent in (50, 99)),
                f"{len(load.times(429, 503)):,}",
                str(load.failed),
                str(load.resent),
            )
        measured.ratios[f"http_load: answers of {_CROWD} callers / of one, {kind}"] = rates[_CROWD] / rates[1]
    return measured


if __name__ == "__main__":
    main()
