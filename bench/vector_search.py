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
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import psutil

from bars import hold
from lookalike.evaluation.measures import neighbor_recall_at_k
from lookalike.gallery.filters import parse_filter
from lookalike.gallery.sqlite import SqliteGallery
from lookalike.gallery.sqlite.bits import BitCodec
from lookalike.gallery.sqlite.codecs import ByteCodec, ExactCodec
from lookalike.gallery.sqlite.scanning import Sizes
from lookalike.uris import image_id
from made_up_records import SPACE, fill, records, uri_of
from made_up_vectors import Pictures, batches, labels
from peers.environment import PeerFailed, run_peer
from peers.vectors import ENGINES
from report import Table, record, spread
from timing import timed

K = 10
QUICK = 20_000
ONE_BIT = Sizes(exact=2_000, bytes=10_000)
"""What has a gallery of `QUICK` rows scanned by one-bit codes, as one of more than 200,000 is."""
RUNS = 5
"""How often the short form serves; the run in the middle, by its p50 beside an exact comparison, counts."""
_WATCHED = 20
"""Rows put one by one while another process looks for them."""
FILTERS = {"none": "", "10 %": "label:common", "1 %": "label:rare"}


def main() -> None:
    """Measure and print; with --record append to docs/benchmarks.md."""
    arguments = parse_arguments()
    if arguments.child:
        print(json.dumps(CHILDREN[arguments.child](arguments)))
        return
    rows = QUICK if arguments.quick else arguments.rows
    with tempfile.TemporaryDirectory(dir=arguments.work) as work:
        path, truth = Path(work) / "bench.gallery", Path(work) / "truth.npz"
        put = fill(path, rows)
        exhaustive(truth, rows, arguments.queries)
        runs = [child("serve", path, truth) for _ in range(RUNS if arguments.quick else 1)]
        runs.sort(key=lambda one: one["queries"]["none"]["p50"] / one.get("exact", 1.0))
        ours = {"build_s": put[0], **runs[len(runs) // 2], "bytes": path.stat().st_size}
        seen = child("watch", path, truth)
        path.unlink()
        if arguments.quick:
            fill(path, rows, ONE_BIT)
            by_bits = child("serve", path, truth, "--one-bit")
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
    parser.add_argument("--child", choices=tuple(CHILDREN), help=argparse.SUPPRESS)
    parser.add_argument("--gallery", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--truth", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--one-bit", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def child(name: str, gallery: Path, truth: Path, *more: str) -> dict:
    """Run a part of the measurement in a process of its own."""
    command = [sys.executable, __file__, "--child", name, "--gallery", str(gallery), "--truth", str(truth), *more]
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


def serve(arguments: argparse.Namespace) -> dict:
    """Open the gallery, ask all queries under each filter, and look at the memory."""
    process = psutil.Process()
    cores = process.cpu_affinity() if hasattr(process, "cpu_affinity") else []
    if cores:
        process.cpu_affinity(cores[:1])
    truth = np.load(arguments.truth)
    queries = truth["queries"]
    start = time.perf_counter()
    sizes = ONE_BIT if arguments.one_bit else Sizes()
    with SqliteGallery.open(arguments.gallery, create=False, sizes=sizes) as gallery:
        gallery.nearest(SPACE.name, queries[:1], K)
        opened_s = time.perf_counter() - start
        check_codec(gallery, sizes)
        read_whole(arguments.gallery)
        found = {name: ask(gallery, queries, text, truth[f"ids, {name}"]) for name, text in FILTERS.items()}
        rss = process.memory_info().rss
        rows = gallery.count()
        if cores:
            process.cpu_affinity(cores)
        together = ask(gallery, queries, "", truth["ids, none"])
        if cores:
            process.cpu_affinity(cores[:1])
        from_disk = ask_forgotten(gallery, arguments.gallery, queries[:50])
    codes = np.random.default_rng(0).integers(0, 256, (rows, SPACE.dim // 8), dtype=np.uint8)
    faiss.omp_set_num_threads(1)
    scans = timed(lambda _: faiss.knn_hamming(codes[:1], codes, 300, variant="mc"), queries[:100])
    served = {"open_s": opened_s, "queries": found, "rss": rss, "limit": float(np.median(scans)) * 1e3}
    served |= {"from_disk": from_disk, "together": together}
    return served | ({"exact": compare_all(queries, rows)} if rows <= QUICK else {})


def check_codec(gallery: SqliteGallery, sizes: Sizes) -> None:
    """Make sure that what is measured is scanned in the form that belongs to its size."""
    rows = gallery.count()
    expected = ExactCodec if rows <= sizes.exact else ByteCodec if rows <= sizes.bytes else BitCodec
    with gallery._memory.view() as view:
        codec = view.index(view.space(SPACE.name, SPACE.dim)).codec
    if not isinstance(codec, expected):
        raise SystemExit(f"{rows:,} rows are scanned by {type(codec).__name__} instead of {expected.__name__}.")


def read_whole(path: Path) -> None:
    """Have the system hold a file in memory, as far as it will."""
    with path.open("rb") as file:
        while file.read(2**24):
            pass


def ask_forgotten(gallery: SqliteGallery, path: Path, queries: np.ndarray) -> list[float]:
    """Time queries each of which finds nothing of the file in the system's memory, in ms; none where it keeps it."""
    taken: list[float] = []
    if not hasattr(os, "posix_fadvise"):
        return taken
    with path.open("rb") as file:
        for query in queries:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            taken += timed(lambda vector: gallery.get(gallery.nearest(SPACE.name, vector[None], K)[0].ids), [query])
    return [1e3 * one for one in taken]


def compare_all(queries: np.ndarray, rows: int) -> float:
    """Give the median milliseconds of comparing a query with every vector by one matrix product."""
    vectors = np.concatenate([some for _, some in batches(rows)])
    return float(np.median(timed(lambda query: np.argpartition(-(vectors @ query), K), queries[:100]))) * 1e3


def ask(gallery: SqliteGallery, queries: np.ndarray, text: str, exact: np.ndarray) -> dict:
    """Time the queries under one filter, and count how many of the exact neighbours, given by number, they find."""
    where, found = parse_filter(text) if text else None, []

    def query(vector: np.ndarray) -> None:
        near = gallery.nearest(SPACE.name, vector[None], K, where)[0]
        found.append((near.ids, gallery.get(near.ids)))

    timed(query, queries[:5])
    found.clear()
    taken = np.array(timed(query, queries)) * 1e3
    assert all(len(hits) == len(ids) == K for ids, hits in found)
    nearest = [[image_id(uri_of(number)) for number in line] for line in exact.tolist()]
    shares = [neighbor_recall_at_k(ids, line, K) for (ids, _), line in zip(found, nearest, strict=True)]
    p50, p99 = np.percentile(taken, [50, 99])
    return {"p50": p50, "p99": p99, "recall": float(np.mean(shares))}


def watch(arguments: argparse.Namespace) -> dict:
    """Put single rows in this process, and wait until another one finds each; putting it is part of that.

    The first stands apart: for it this process looks over what the gallery holds, as any that begins to write does.
    """
    command = [sys.executable, __file__, "--child", "find", "--gallery", str(arguments.gallery)]
    other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdin is not None
    assert other.stdout is not None
    waited = []
    with SqliteGallery.open(arguments.gallery, create=False) as gallery:
        other.stdout.readline()  # it has answered a first query
        for number in range(1 + _WATCHED):
            vector = Pictures().draw(1, seed=5_000_000 + number)
            new = records(vector, 900_000_000 + number)
            other.stdin.write(vector.tobytes())
            other.stdin.flush()
            other.stdout.readline()  # it asks again and again, and has not found it yet
            began = time.time()
            gallery.put(new)
            waited.append(float(other.stdout.readline()) - began)
            gallery.delete([new[0].id])
    other.stdin.close()
    other.wait()
    first, *others = (1e3 * one for one in waited)
    return {"first": first, "p50": float(np.median(others)), "max": max(others)}


def find(arguments: argparse.Namespace) -> str:
    """Ask for each vector that is written to stdin until it is found, and say at what time that was."""
    with SqliteGallery.open(arguments.gallery, create=False) as gallery:
        gallery.nearest(SPACE.name, Pictures().draw(1, seed=3), 1)
        print("ready", flush=True)
        while data := sys.stdin.buffer.read(4 * SPACE.dim):
            vector = np.frombuffer(data, np.float32)[None]
            print("asking", flush=True)
            while not (near := gallery.nearest(SPACE.name, vector, 1)[0]).ids or near.scores[0] < 0.999:
                time.sleep(0.001)
            print(time.time(), flush=True)
    return "done"


CHILDREN: dict[str, Callable[[argparse.Namespace], object]] = {"serve": serve, "watch": watch, "find": find}

if __name__ == "__main__":
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    main()
