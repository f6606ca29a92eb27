"""How does one engine do? Build in one process, serve in another, so that memory is what serving costs.

    python -m peers.vectors build ENGINE FOLDER ROWS RESULT
    python -m peers.vectors serve ENGINE FOLDER TRUTH RESULT

Queries run on one core. A neighbour counts as found if it is among the exact ten. Engines
without filters are asked without.
"""

import json
import math
import os
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import numpy as np
import psutil

from made_up_vectors import Pictures, batches, labels
from peers.vectors import ENGINES
from peers.vectors.engine import Batch, Engine
from timing import timed

K = 10
LABELS = {"none": "", "10 %": "common", "1 %": "rare"}
ADDED = 10
PATIENCE_S = 10.0
"""How long an added row is asked for."""


def main() -> None:
    """Do one half, and write what came of it."""
    half, name, folder, given, result = sys.argv[1:]
    module, _, kind = ENGINES[name].entry.partition(":")
    engine: Engine = getattr(import_module(f"peers.vectors.{module}"), kind)()
    done = build(engine, Path(folder), int(given)) if half == "build" else serve(engine, Path(folder), Path(given))
    done |= {"version": version(ENGINES[name].package)}
    Path(result).write_text(json.dumps(done), "utf-8")
    os._exit(0)  # some engines' threads take their time to end


def build(engine: Engine, folder: Path, rows: int) -> dict:
    """Store the gallery; drawing the vectors is not counted."""
    drawing_s = 0.0

    def drawn() -> Iterator[Batch]:
        nonlocal drawing_s
        began = time.perf_counter()
        for start, vectors in batches(rows):
            rounded = vectors.astype(np.float16).astype(np.float32)
            kinds = labels(start, len(vectors)).tolist()
            drawing_s += time.perf_counter() - began
            yield start, rounded, kinds
            began = time.perf_counter()

    folder.mkdir()
    began = time.perf_counter()
    engine.build(folder, drawn())
    build_s = time.perf_counter() - began - drawing_s
    return {"build_s": build_s, "bytes": sum(512 * one.stat().st_blocks for one in folder.rglob("*"))}


def serve(engine: Engine, folder: Path, truth_file: Path) -> dict:
    """Open, ask all queries under each filter, and add while searching."""
    process = psutil.Process()
    if hasattr(process, "cpu_affinity"):
        process.cpu_affinity(process.cpu_affinity()[:1])
    truth = np.load(truth_file)
    queries = truth["queries"]
    began = time.perf_counter()
    engine.open(folder)
    engine.nearest(queries[0], K, "")
    open_s = time.perf_counter() - began
    asked = {name: label for name, label in LABELS.items() if engine.has_filters or not label}
    found = {name: ask(engine, queries, label, truth[f"ids, {name}"]) for name, label in asked.items()}
    return {"open_s": open_s, "queries": found, "rss": process.memory_info().rss, "added_s": add(engine)}


def ask(engine: Engine, queries: np.ndarray, label: str, exact: np.ndarray) -> dict:
    """Time the queries under one filter, and count how many of the exact neighbours they find."""
    found: list[list[int]] = []
    timed(lambda query: engine.nearest(query, K, label), queries[:5])
    taken = np.array(timed(lambda query: found.append(engine.nearest(query, K, label)), queries)) * 1e3
    right = sum(len(set(some) & set(nearest)) for some, nearest in zip(found, exact.tolist(), strict=True))
    p50, p99 = np.percentile(taken, [50, 99])
    return {"p50": p50, "p99": p99, "recall": right / (K * len(queries))}


def add(engine: Engine) -> float:
    """Give the median seconds from adding a row until a query finds it; without end where half are not found."""
    taken = []
    for number, vector in enumerate(Pictures().draw(ADDED, seed=5), start=900_000_000):
        began = time.perf_counter()
        known_by = engine.add(number, vector)
        while not (found := known_by in engine.nearest(vector, 1, "")) and time.perf_counter() - began < PATIENCE_S:
            time.sleep(0.001)
        taken.append(time.perf_counter() - began if found else math.inf)
    return float(np.median(taken))


if __name__ == "__main__":
    main()
