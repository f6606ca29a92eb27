"""What does a process measure that has the gallery of `vector_search.py` open, or waits there for another's rows?"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import faiss
import numpy as np
import psutil

from lookalike.evaluation.measures import neighbor_recall_at_k
from lookalike.gallery.filters import parse_filter
from lookalike.gallery.sqlite import SqliteGallery
from lookalike.gallery.sqlite.bits import BitCodec
from lookalike.gallery.sqlite.codecs import ByteCodec, ExactCodec
from lookalike.gallery.sqlite.scanning import Sizes
from lookalike.uris import image_id
from made_up_records import SPACE, records, uri_of
from made_up_vectors import Pictures, batches
from timing import timed

K = 10
QUICK = 20_000
ONE_BIT = Sizes(exact=2_000, bytes=10_000)
"""What has a gallery of `QUICK` rows scanned by one-bit codes, as one of more than 200,000 is."""
FILTERS = {"none": "", "10 %": "label:common", "1 %": "label:rare"}
_WATCHED = 20
"""Rows put one by one while another process looks for them."""


def main() -> None:
    """Do one part, named with what it needs on the command line, and print what came of it."""
    _, part, *needs = sys.argv
    print(json.dumps(PARTS[part](*needs)))


def serve(path: str, exact: str, codes: str = "") -> dict:
    """Open the gallery, ask all queries under each filter, and look at the memory."""
    process = psutil.Process()
    cores = process.cpu_affinity() if hasattr(process, "cpu_affinity") else []
    if cores:
        process.cpu_affinity(cores[:1])
    truth = np.load(exact)
    queries = truth["queries"]
    start = time.perf_counter()
    sizes = ONE_BIT if codes == "one-bit" else Sizes()
    with SqliteGallery.open(path, create=False, sizes=sizes) as gallery:
        gallery.nearest(SPACE.name, queries[:1], K)
        opened_s = time.perf_counter() - start
        check_codec(gallery, sizes)
        read_whole(Path(path))
        found = {name: ask(gallery, queries, text, truth[f"ids, {name}"]) for name, text in FILTERS.items()}
        rss = process.memory_info().rss
        rows = gallery.count()
        if cores:
            process.cpu_affinity(cores)
        together = ask(gallery, queries, "", truth["ids, none"])
        if cores:
            process.cpu_affinity(cores[:1])
        from_disk = ask_forgotten(gallery, Path(path), queries[:50])
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


def watch(path: str) -> dict:
    """Put single rows in this process, and wait until another one finds each; putting it is part of that.

    The first stands apart: for it this process looks over what the gallery holds, as any that begins to write does.
    """
    command = [sys.executable, __file__, "find", path]
    other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdin is not None
    assert other.stdout is not None
    waited = []
    with SqliteGallery.open(path, create=False) as gallery:
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


def find(path: str) -> str:
    """Ask for each vector that is written to stdin until it is found, and say at what time that was."""
    with SqliteGallery.open(path, create=False) as gallery:
        gallery.nearest(SPACE.name, Pictures().draw(1, seed=3), 1)
        print("ready", flush=True)
        while data := sys.stdin.buffer.read(4 * SPACE.dim):
            vector = np.frombuffer(data, np.float32)[None]
            print("asking", flush=True)
            while not (near := gallery.nearest(SPACE.name, vector, 1)[0]).ids or near.scores[0] < 0.999:
                time.sleep(0.001)
            print(time.time(), flush=True)
    return "done"


PARTS: dict[str, Callable[..., object]] = {"serve": serve, "watch": watch, "find": find}

if __name__ == "__main__":
    main()
