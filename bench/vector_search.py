"""How fast, how exact and how small is a gallery of a million pictures?

The vectors are made up, as `made_up_vectors.py` says. Queries are pictures that are not in the gallery.

Rows go in through `put` in durable batches of 1,000, with captions, tags, labels and all else that a record carries.
Queries run on one core, in a fresh process that does nothing else, so that its resident memory is what serving costs;
each fetches the metadata of its ten hits. What all cores make of it, as nobody keeps a gallery to one, is measured
apart. The file has been read once before, so that it lies in the system's memory as far as there is room; how long a
query takes that must read the disk is measured apart, where the system can be asked to forget the file. Recall compares
with an exhaustive float32 search. The same run measures the limit, a bare scan of as many one-bit codes, and with
--peers what `peers/vectors` lists, on the same vectors, labels and queries; those keep a label and a caption a row, and
no words to search by. With --quick a small gallery is asked twice: as it is, where the vectors themselves are scanned,
and by one-bit codes, which else only a large one has.
"""

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from bars import hold
from made_up_records import SPACE, fill
from made_up_vectors import Pictures, batches, labels
from peers.environment import PeerFailed, run_peer
from peers.vectors import ENGINES
from report import Table, record, spread
from vector_served import FILTERS, ONE_BIT, QUICK, K

RUNS = 5
"""How often the short form serves; the run in the middle, by its p50 beside an exact comparison, counts."""


def main() -> None:
    """Measure and print; with --record append to docs/benchmarks.md."""
    arguments = parse_arguments()
    rows = QUICK if arguments.quick else arguments.rows
    with tempfile.TemporaryDirectory(dir=arguments.work) as work:
        path, truth = Path(work) / "bench.gallery", Path(work) / "truth.npz"
        put = fill(path, rows)
        exhaustive(truth, rows, arguments.queries)
        runs = [child("serve", path, truth) for _ in range(RUNS if arguments.quick else 1)]
        runs.sort(key=lambda one: one["queries"]["none"]["p50"] / one.get("exact", 1.0))
        ours = {"build_s": put[0], **runs[len(runs) // 2], "bytes": path.stat().st_size}
        seen = child("watch", path)
        path.unlink()
        if arguments.quick:
            fill(path, rows, ONE_BIT)
            by_bits = child("serve", path, truth, "one-bit")
            path.unlink()
        peers = run_peers(arguments.peers, Path(work), truth, rows)
    table = own_table(ours, seen, put, rows)
    if arguments.quick:
        query_rows(table, by_bits["queries"], ", by one-bit codes")
        times = [one["queries"]["none"]["p50"] for one in runs]
        table.row(
            f"p50 without filter in {RUNS} runs, of which the middle one stands above", spread(times, "{:.1f}", " ms")
        )
    compared = comparison({"Lookalike": ours | {"added_s": seen["p50"] / 1e3}, **peers})
    print(table, f"\n{compared}" if peers else "", sep="\n")
    if arguments.record:
        record("Vector search", table)
        if peers:
            record(f"Vector search, {rows:,} rows, all engines", compared)
    found = {"vector_search: recall@10, worst filter": worst_recall(ours)}
    if arguments.quick:
        found["vector_search: recall@10 by one-bit codes, worst filter"] = worst_recall(by_bits)
        found["vector_search: p50 / exact comparison of all"] = ours["queries"]["none"]["p50"] / ours["exact"]
    hold(found)


def worst_recall(served: dict[str, Any]) -> float:
    """Give the recall under the filter that finds least."""
    return min(float(one["recall"]) for one in served["queries"].values())


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--work", type=Path, help="a folder with room for the gallery (2 GB for a million)")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK:,} rows, whatever --rows says")
    parser.add_argument("--peers", nargs="*", choices=ENGINES, help="measure these as well; none named means all")
    parser.add_argument("--record", action="store_true", help="append the table to docs/benchmarks.md")
    return parser.parse_args()


def child(part: str, gallery: Path, *more: str | Path) -> dict:
    """Run a part of the measurement in a process of its own."""
    command = [sys.executable, Path(__file__).with_name("vector_served.py"), part, gallery, *more]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def exhaustive(truth: Path, rows: int, count: int) -> None:
    """Compare every query with every vector, exactly; write the ten nearest under each filter."""
    queries = Pictures().draw(count)
    best = {name: (np.full((count, K), -2, np.float32), np.zeros((count, K), np.int64)) for name in FILTERS}
    for start, vectors in batches(rows):
        rounded, label = vectors.astype(np.float16).astype(np.float32), labels(start, len(vectors))
        for name, wanted in {"none": "", "10 %": "common", "1 %": "rare"}.items():
            passing = np.flatnonzero(label == wanted) if wanted else np.arange(len(label))
            scores = np.concatenate([best[name][0], queries @ rounded[passing].T], axis=1)
            ids = np.concatenate([best[name][1], np.tile(start + passing, (count, 1))], axis=1)
            order = np.argsort(-scores, axis=1, kind="stable")[:, :K]
            best[name] = np.take_along_axis(scores, order, 1), np.take_along_axis(ids, order, 1)
    np.savez(truth, queries=queries, **{f"ids, {name}": ids for name, (_, ids) in best.items()})


def run_peers(wanted: list[str] | None, work: Path, truth: Path, rows: int) -> dict[str, dict[str, Any]]:
    """Build and ask each peer, one after the other; those that fail, or are not made for so many rows, are left out."""
    done = {}
    for name in [] if wanted is None else wanted or ENGINES:
        if rows > ENGINES[name].most_rows:
            print(f"{name} is left out: it is asked with {ENGINES[name].most_rows:,} rows at most.", file=sys.stderr)
            continue
        folder = work / "peer"
        try:
            built = run_peer("vectors", "peers.vectors", "build", name, str(folder), str(rows))
            served = run_peer("vectors", "peers.vectors", "serve", name, str(folder), str(truth))
            done[f"{name} {built['version']}"] = built | served
        except PeerFailed as why:
            print(f"{name} is left out: {why}", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
    return done


def own_table(ours: dict, seen: dict, put: list[float], rows: int) -> Table:
    """Say all that was measured of Lookalike."""
    table = Table(["measure", "value"])
    table.row("pictures", f"{rows:,} × {SPACE.dim}, {ours['bytes'] / 1e9:.2f} GB on disk")
    table.row("put, durable batches of 1,000", f"{rows / put[0]:,.0f} rows/s (slowest batch {put[1]:.1f} s)")
    table.row("open and answer the first query", f"{ours['open_s']:.2f} s")
    query_rows(table, ours["queries"])
    together = ours["together"]
    table.row("the same without filter, all cores", f"p50 {together['p50']:.1f} ms, p99 {together['p99']:.1f} ms")
    if ours["from_disk"]:
        p50, p99 = np.percentile(ours["from_disk"], [50, 99])
        table.row("the same without filter, all from disk", f"p50 {p50:.1f} ms, p99 {p99:.1f} ms")
    table.row("resident memory after all queries", f"{ours['rss'] / 1e6:.0f} MB")
    found = f"p50 {seen['p50']:.0f} ms, slowest {seen['max']:.0f} ms, the first of a process {seen['first']:.0f} ms"
    table.row("a new row is found in another process", found)
    table.row("limit: bare scan of one-bit codes", f"p50 {ours['limit']:.1f} ms")
    if "exact" in ours:
        table.row("limit: bare comparison of all, float32", f"p50 {ours['exact']:.1f} ms")
    return table


def query_rows(table: Table, queries: dict[str, dict[str, float]], how: str = "") -> None:
    """Say how long queries took under each filter, and what they found."""
    for name, found in queries.items():
        timing = f"p50 {found['p50']:.1f} ms, p99 {found['p99']:.1f} ms, recall@10 {found['recall']:.4f}"
        table.row(f"query and its ten records{how}, filter: {name}", timing)


def comparison(engines: dict[str, dict[str, Any]]) -> Table:
    """Set all engines side by side; where one has no filters, nothing stands."""
    table = Table(["engine", "build", "disk", "open", "memory", *(f"filter: {one}" for one in FILTERS), "add and find"])
    for name, one in engines.items():
        found = [
            f"{asked['p50']:.2f} / {asked['p99']:.2f} ms, {asked['recall']:.3f}" if asked else ""
            for asked in (one["queries"].get(filter_) for filter_ in FILTERS)
        ]
        added = f"{one['added_s'] * 1e3:.1f} ms" if math.isfinite(one["added_s"]) else "is not found"
        sizes = f"{one['build_s']:.1f} s", f"{one['bytes'] / 1e6:,.0f} MB", f"{one['open_s']:.2f} s"
        table.row(name, *sizes, f"{one['rss'] / 1e6:,.0f} MB", *found, added)
    return table


if __name__ == "__main__":
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    main()
