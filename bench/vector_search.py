"""How fast, how exact and how small is a gallery of a million pictures?

The vectors are made up, but behave like those of real encoders: pictures come in clusters of very different sizes,
clusters belong to themes, and the variance falls off along the axes as a power law, so that 512 dimensions hold about
as much as 16 independent ones (the participation ratio of the covariance's eigenvalues). Queries are pictures that are
not in the gallery.

Rows go in through `put` in durable batches of 1,000, with captions, tags, labels and all else that a record carries.
Queries run in a fresh process that does nothing else, so that its resident memory is what serving costs; each fetches
the metadata of its ten hits. Recall compares with an exhaustive float32 search. For comparison the same run measures
the limit, a bare scan of as many one-bit codes, and FAISS' flat index, which compares every vector exactly.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import faiss
import numpy as np
import psutil

from bars import hold
from lookalike.gallery import open_gallery
from lookalike.gallery.filters import And, Filter, parse_filter
from lookalike.gallery.sqlite import SqliteGallery
from lookalike.types import Fingerprint, ImageRecord, Space, image_id
from report import Table, record

SPACE = Space(name="made-up@1/semantic", dim=512, encoder="made-up", digest="0" * 64)
BATCH = 1_000
K = 10
FILTERS = {"none": "", "10 %": "label:common", "1 %": "label:rare"}
WORDS = 20_000


def main() -> None:
    """Measure and print; with --record append to docs/benchmarks.md."""
    arguments = parse_arguments()
    if arguments.child:
        print(json.dumps(CHILDREN[arguments.child](arguments)))
        return
    rows = 20_000 if arguments.quick else arguments.rows
    with tempfile.TemporaryDirectory(dir=arguments.work) as work:
        path, truth = Path(work) / "bench.gallery", Path(work) / "truth.npz"
        put = fill(path, rows)
        flat = exhaustive(truth, rows, arguments.queries)
        served = child("serve", path, truth)
        seen = child("watch", path, truth)
        size = path.stat().st_size
    table = Table(["measure", "value"])
    table.row("pictures", f"{rows:,} × {SPACE.dim}, {size / 1e9:.2f} GB on disk")
    table.row("put, durable batches of 1,000", f"{rows / put[0]:,.0f} rows/s (slowest batch {put[1]:.1f} s)")
    table.row("open and answer the first query", f"{served['open_s']:.2f} s")
    for name, found in served["queries"].items():
        timing = f"p50 {found['p50']:.1f} ms, p99 {found['p99']:.1f} ms, recall@10 {found['recall']:.4f}"
        table.row(f"query and its ten records, filter: {name}", timing)
    table.row("resident memory after all queries", f"{served['rss'] / 1e6:.0f} MB")
    table.row("a new row is found in another process", f"p50 {seen['p50']:.0f} ms, slowest {seen['max']:.0f} ms")
    table.row("limit: bare scan of one-bit codes", f"p50 {served['limit']:.1f} ms")
    table.row("peer: FAISS flat, one thread, no metadata", f"p50 {flat['p50']:.1f} ms, {flat['bytes'] / 1e6:,.0f} MB")
    table.print()
    if arguments.record:
        record("Vector search", f"python bench/vector_search.py --rows {rows}", table)
    hold({"vector_search: recall@10, worst filter": min(found["recall"] for found in served["queries"].values())})


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--work", type=Path, help="a folder with room for the gallery (2 GB for a million)")
    parser.add_argument("--quick", action="store_true", help="20,000 rows, whatever --rows says")
    parser.add_argument("--record", action="store_true", help="append the table to docs/benchmarks.md")
    parser.add_argument("--child", choices=tuple(CHILDREN), help=argparse.SUPPRESS)
    parser.add_argument("--gallery", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--truth", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def child(name: str, gallery: Path, truth: Path) -> dict:
    """Run a part of the measurement in a process of its own."""
    command = [sys.executable, __file__, "--child", name, "--gallery", str(gallery), "--truth", str(truth)]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


class Pictures:
    """Vectors like those of real encoders, the same for the same seed.

    A picture is the sum of its theme (one of 40), its cluster (one of 2,000, the r-th holding a share of about 1/r)
    and its own deviation, each with a spectrum that falls as i ** -0.6, turned by one random rotation.
    """

    def __init__(self) -> None:
        """Draw the themes, the clusters and the axes."""
        random = np.random.default_rng(1)
        spectrum = (np.arange(1, SPACE.dim + 1) ** -0.6).astype(np.float32)
        self._scale = spectrum / np.linalg.norm(spectrum)
        self._axes = np.linalg.qr(random.standard_normal((SPACE.dim, SPACE.dim)))[0].astype(np.float32)
        themes = random.standard_normal((40, SPACE.dim), dtype=np.float32)
        clusters = random.standard_normal((2_000, SPACE.dim), dtype=np.float32)
        self._centres = 0.5 + 0.6 * themes[random.integers(0, 40, 2_000)] + 0.6 * clusters
        shares = 1 / np.arange(10, 2_010)
        self._shares = shares / shares.sum()

    def draw(self, count: int, seed: int) -> np.ndarray:
        """Draw unit vectors, float32."""
        random = np.random.default_rng(seed)
        own = random.standard_normal((count, SPACE.dim), dtype=np.float32)
        vectors = (self._centres[random.choice(2_000, count, p=self._shares)] + 0.8 * own) * self._scale @ self._axes
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def labels(start: int, count: int) -> np.ndarray:
    """Give each picture's label: `rare` for every hundredth, `common` for a tenth, in no order."""
    turn = np.random.default_rng(start).integers(0, 1_000, count)
    return np.select([turn < 10, turn < 110], ["rare", "common"], "other")


def records(vectors: np.ndarray, start: int) -> list[ImageRecord]:
    """Make records as a folder of photos gives them."""
    random = np.random.default_rng(start)
    words = (random.zipf(1.3, (len(vectors), 9)) % WORDS).tolist()
    stored, kinds = vectors.astype(np.float16), labels(start, len(vectors)).tolist()
    return [make_record(start + i, stored[i], kinds[i], words[i]) for i in range(len(vectors))]


def make_record(number: int, vector: np.ndarray, label: str, words: list[int]) -> ImageRecord:
    """Make one record."""
    uri = f"file:///home/user/Pictures/{2010 + number % 15}/{number // 500:05}/IMG_{number:07}.jpg"
    digest = hashlib.sha256(uri.encode()).hexdigest()
    return ImageRecord(
        id=image_id(uri),
        uri=uri,
        version=f"{number}-1700000000",
        sha256=digest,
        width=4000,
        height=3000,
        format="jpeg",
        bytes=2_000_000 + number,
        taken_at=datetime(2010, 1, 1) + timedelta(minutes=number),  # noqa: DTZ001 - a camera's clock has no zone
        added_at=datetime.now(UTC),
        caption=" ".join(f"word{word}" for word in words[:7]),
        caption_source="source",
        tags=tuple(f"tag{word}" for word in words[7:]),
        label=label,
        owner="user",
        metadata={"camera": "X100"},
        fingerprint=Fingerprint(pixels=digest[:32]),
        embeddings={SPACE.name: vector},
    )


def batches(rows: int) -> Iterator[tuple[int, np.ndarray]]:
    """Give the vectors of the gallery, with the number of the first."""
    pictures = Pictures()
    for start in range(0, rows, BATCH):
        yield start, pictures.draw(min(BATCH, rows - start), seed=1_000 + start)


def fill(path: Path, rows: int) -> list[float]:
    """Put all rows, and give the seconds spent in `put` and those of the slowest batch."""
    taken = []
    with open_gallery(path) as gallery:
        gallery.add_space(SPACE)
        for start, vectors in batches(rows):
            made = records(vectors, start)
            began = time.perf_counter()
            gallery.put(made)
            taken.append(time.perf_counter() - began)
            if sys.stderr.isatty():
                print(f"\r{start + BATCH:,} rows", end="", file=sys.stderr)
    return [sum(taken), max(taken)]


def exhaustive(truth: Path, rows: int, count: int) -> dict:
    """Compare every query with every vector, exactly; write the ten nearest under each filter, and time FAISS flat."""
    queries = Pictures().draw(count, seed=7)
    index = faiss.IndexFlatIP(SPACE.dim)
    kinds = []
    for start, vectors in batches(rows):
        index.add(vectors.astype(np.float16).astype(np.float32))
        kinds.append(labels(start, len(vectors)))
    label = np.concatenate(kinds)
    wanted = {"none": np.ones(rows, bool), "10 %": label == "common", "1 %": label == "rare"}
    nearest = {}
    for name, passing in wanted.items():
        selector = faiss.IDSelectorBitmap(np.packbits(passing, bitorder="little"))
        scores, _ = index.search(queries, K, params=faiss.SearchParameters(sel=selector))
        nearest[name] = scores
    np.savez(truth, queries=queries, **nearest)
    faiss.omp_set_num_threads(1)
    taken = timed(lambda query: index.search(query[None], K), queries[:50])
    return {"p50": float(np.median(taken)) * 1e3, "bytes": rows * SPACE.dim * 4}


def timed(call: Callable[[np.ndarray], object], queries: np.ndarray) -> list[float]:
    """Give the seconds that each query takes."""
    taken = []
    for query in queries:
        start = time.perf_counter()
        call(query)
        taken.append(time.perf_counter() - start)
    return taken


def serve(arguments: argparse.Namespace) -> dict:
    """Open the gallery, ask all queries under each filter, and look at the memory."""
    truth = np.load(arguments.truth)
    queries = truth["queries"]
    start = time.perf_counter()
    with SqliteGallery.open(arguments.gallery, create=False) as gallery:
        gallery.nearest(SPACE.name, queries[:1], K)
        opened_s = time.perf_counter() - start
        found = {name: ask(gallery, queries, parse_filter(text), truth[name]) for name, text in FILTERS.items()}
        rss = psutil.Process().memory_info().rss
        rows = gallery.count()
    codes = np.random.default_rng(0).integers(0, 256, (rows, SPACE.dim // 8), dtype=np.uint8)
    faiss.omp_set_num_threads(1)
    scans = timed(lambda _: faiss.knn_hamming(codes[:1], codes, 300, variant="mc"), queries[:100])
    return {"open_s": opened_s, "queries": found, "rss": rss, "limit": float(np.median(scans)) * 1e3}


def ask(gallery: SqliteGallery, queries: np.ndarray, where: Filter, exact: np.ndarray) -> dict:
    """Time the queries under one filter, and count how many of the exact neighbours they find.

    A neighbour counts as found by its score, because any of several equally near ones is right.
    """
    found = []

    def query(vector: np.ndarray) -> None:
        near = gallery.nearest(SPACE.name, vector[None], K, None if where == And(()) else where)[0]
        found.append((near.scores, gallery.get(near.ids)))

    timed(query, queries[:5])
    found.clear()
    taken = np.array(timed(query, queries)) * 1e3
    assert all(len(hits) == len(scores) == K for scores, hits in found)
    right = [(scores >= worst[-1] - 1e-5).sum() for (scores, _), worst in zip(found, exact, strict=True)]
    p50, p99 = np.percentile(taken, [50, 99])
    return {"p50": p50, "p99": p99, "recall": float(np.sum(right)) / (K * len(queries))}


def watch(arguments: argparse.Namespace) -> dict:
    """Put single rows in this process, and wait until another one finds each."""
    command = [sys.executable, __file__, "--child", "find", "--gallery", str(arguments.gallery)]
    other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdin is not None
    assert other.stdout is not None
    waited = []
    with SqliteGallery.open(arguments.gallery, create=False) as gallery:
        other.stdout.readline()  # it has answered a first query
        for number in range(20):
            vector = Pictures().draw(1, seed=5_000_000 + number)
            new = records(vector, 900_000_000 + number)
            other.stdin.write(vector.tobytes())
            other.stdin.flush()
            other.stdout.readline()  # it asks again and again, and has not found it yet
            gallery.put(new)
            durable = time.time()
            waited.append(float(other.stdout.readline()) - durable)
            gallery.delete([new[0].id])
    other.stdin.close()
    other.wait()
    return {"p50": float(np.median(waited)) * 1e3, "max": max(waited) * 1e3}


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
