"""What does a picture cost in the bundled encoder, on each engine, and what does a text?

Rounds of the candidates alternate, so that a busy machine slows all of them; the median of the rounds is given. With
two threads each takes half of the pictures. CPU time is what a picture costs all threads together; other work on the
machine moves it less, and the ratio, onnxruntime to openvino, is made of it.

Start: importing the engine and loading the encoder in a process of its own, the first time (networks are compiled) and
again (compiled ones are read); memory is what that adds to a Python that has loaded numpy, after eight pictures.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from statistics import median
from typing import Any

import numpy as np
import onnxruntime

from lookalike.encoders import TextEncoder, load_encoder
from lookalike.encoders.card import read_card
from lookalike.encoders.merging import merged
from lookalike.models.engines import has_openvino
from lookalike.testing import draw_picture
from report import Table, record

TEXTS = ("dog", "two dogs playing in the snow", "ein Mann mit rotem Helm fährt auf einem Fahrrad durch den Wald " * 4)

START = """
import json, sys, time
import numpy as np
import psutil
resident = lambda: psutil.Process().memory_info().rss
before = resident()
wall, cpu = time.perf_counter(), time.process_time()
from lookalike.encoders import load_encoder
encoder = load_encoder("mini", sys.argv[1])
wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
encoder.encode(list(np.zeros((8, encoder.fit.size, encoder.fit.size, 3), np.uint8)))
print(json.dumps([wall, cpu, (resident() - before) / 1e6]))
"""


def main() -> None:
    """Measure and print; with --record append to docs/benchmarks.md."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--record", action="store_true", help="append the tables to docs/benchmarks.md")
    arguments = parser.parse_args()
    engines = ["onnxruntime", *(["openvino"] if has_openvino() else [])]
    tables = {
        "Encoding, a picture": pictures_table(engines, arguments.rounds),
        "Encoding beside the bare session of ONNX Runtime": added_table(arguments.rounds),
        "Encoding single pictures and texts that come at the same time": merging_table(arguments.rounds),
        "Starting an encoder": start_table(engines),
    }
    if isinstance(load_encoder("mini"), TextEncoder):
        tables["Encoding, a text"] = texts_table(engines, arguments.rounds)
    if len(engines) > 1:
        tables["One picture, two engines: cosine of the vectors"] = cosines_table(engines)
    for title, table in tables.items():
        print(f"\n{title}\n\n{table}")
        if arguments.record:
            record(title, table)


def pictures_table(engines: list[str], rounds: int) -> Table:
    """Compare the engines by batch and threads."""
    encoders = [load_encoder("mini", engine) for engine in engines]
    pictures = [draw_picture(seed, (encoders[0].fit.size,) * 2) for seed in range(32)]
    table = Table(
        ["batch", "threads", *(f"{engine}, {kind}" for engine in engines for kind in ("wall", "CPU")), "ratio"]
    )
    for batch in (1, 8, 32):
        jobs = [partial(encoder.encode, pictures[:batch]) for encoder in encoders]
        for threads in (1, 2):
            costs = alternate(jobs, batch, threads, rounds)
            figures = [f"{1e3 * s:.2f} ms" for cost in costs for s in (cost.wall_s, cost.cpu_s)]
            table.row(str(batch), str(threads), *figures, f"{costs[0].cpu_s / costs[-1].cpu_s:.2f}")
    return table


def added_table(rounds: int) -> Table:
    """Compare the encoder, pixels in and unit vectors out, with its network alone on a batch that is ready."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    model = (files("lookalike.encoders") / "mini" / "mini.onnx").read_bytes()
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    encoder = load_encoder("mini", "cpu")
    card = read_card((files("lookalike.encoders") / "mini" / "mini.toml").read_bytes(), "mini.toml")
    heads, (taken,) = [head.output for head in card.heads], session.get_inputs()
    pictures = [draw_picture(seed, (encoder.fit.size,) * 2) for seed in range(32)]
    table = Table(["batch", "bare, CPU", "encoder, CPU", "added"])
    for batch in (1, 8, 32):
        # The encoder goes eight by eight, which is quicker than all at once; so does the session, to compare like.
        ready = [np.stack(pictures[start : min(batch, start + 8)]) for start in range(0, batch, 8)]
        bare = partial(_run_all, session, heads, taken.name, ready)
        costs = alternate([bare, partial(encoder.encode, pictures[:batch])], batch, 1, rounds)
        one, other = (cost.cpu_s for cost in costs)
        table.row(str(batch), f"{1e3 * one:.2f} ms", f"{1e3 * other:.2f} ms", f"{100 * (other / one - 1):.1f} %")
    return table


def _run_all(session: onnxruntime.InferenceSession, heads: list[str], taken: str, ready: list[np.ndarray]) -> None:
    for numbers in ready:
        session.run(heads, {taken: numbers})


def merging_table(rounds: int) -> Table:
    """Compare callers who each bring one picture or text with such as share passes of the network."""
    encoder = load_encoder("mini")
    shared = merged(encoder)
    pictures = [draw_picture(seed, (encoder.fit.size,) * 2) for seed in range(64)]
    table = Table(["what", "callers", "alone, CPU", "together, CPU", "ratio"])
    for callers in (1, 4, 16):
        table.row("picture", str(callers), *_together(encoder.encode, shared.encode, pictures, callers, rounds))
    if isinstance(encoder, TextEncoder) and isinstance(shared, TextEncoder):
        for callers in (1, 4, 16):
            ways = encoder.encode_text, shared.encode_text
            table.row("text", str(callers), *_together(*ways, [TEXTS[1]] * 64, callers, rounds))
    return table


def _together(
    alone: Callable[..., object], shared: Callable[..., object], given: list[Any], callers: int, rounds: int
) -> list[str]:
    """Give the processor time of one of many single calls, both ways, and how they compare."""
    costs: tuple[list[float], list[float]] = ([], [])
    with ThreadPoolExecutor(callers) as threads:
        for _ in range(rounds):
            for encode, cost in zip((alone, shared), costs, strict=True):
                before = time.process_time()
                list(threads.map(encode, [[one] for one in given]))
                cost.append((time.process_time() - before) / len(given))
    single, together = map(median, costs)
    return [f"{1e3 * single:.2f} ms", f"{1e3 * together:.2f} ms", f"{single / together:.2f}"]


def texts_table(engines: list[str], rounds: int) -> Table:
    """Compare the engines on one text at a time."""
    table = Table(["text", *(f"{engine}, CPU" for engine in engines)])
    encoders = [load_encoder("mini", engine) for engine in engines]
    for text in TEXTS:
        jobs = [partial(encoder.encode_text, [text]) for encoder in encoders if isinstance(encoder, TextEncoder)]
        costs = alternate(jobs, 1, 1, rounds)
        table.row(f"{len(text.split())} words", *(f"{1e3 * cost.cpu_s:.2f} ms" for cost in costs))
    return table


def start_table(engines: list[str]) -> Table:
    """Start each engine twice in processes of their own, with a cache folder of their own."""
    table = Table(["engine", "time", "wall", "CPU", "memory"])
    for engine in engines:
        with tempfile.TemporaryDirectory() as cache:
            for turn in ("first", "again"):
                done = subprocess.run(
                    [sys.executable, "-c", START, engine],
                    env=os.environ | {"XDG_CACHE_HOME": cache},
                    capture_output=True,
                    text=True,
                    check=True,
                )
                wall, cpu, megabytes = json.loads(done.stdout)
                table.row(engine, turn, f"{1e3 * wall:.0f} ms", f"{1e3 * cpu:.0f} ms", f"{megabytes:.0f} MB")
    return table


def cosines_table(engines: list[str]) -> Table:
    """Say how alike the engines' vectors are."""
    pictures = [draw_picture(seed, (320, 240)) for seed in range(64)]
    one, other = (load_encoder("mini", engine).encode(pictures) for engine in engines)
    table = Table(["space", "mean", "least"])
    for space, vectors in one.items():
        found = (vectors * other[space]).sum(axis=1)
        table.row(space, f"{found.mean():.4f}", f"{found.min():.4f}")
    return table


@dataclass(frozen=True)
class Cost:
    """Seconds for one picture or text."""

    wall_s: float
    cpu_s: float


def alternate(jobs: list[Callable[[], object]], batch: int, threads: int, rounds: int) -> list[Cost]:
    """Give the median cost of each job."""
    repeats = max(2, 64 // batch)
    costs: list[list[Cost]] = [[] for _ in jobs]
    with ThreadPoolExecutor(threads) as pool:
        for job in jobs:  # until every thread has what it needs
            for done in [pool.submit(job) for _ in range(2 * threads)]:
                done.result()
        for _ in range(rounds):
            for job, taken in zip(jobs, costs, strict=True):
                wall, cpu = time.perf_counter(), time.process_time()
                for done in [pool.submit(job) for _ in range(repeats)]:
                    done.result()
                n = repeats * batch
                taken.append(Cost((time.perf_counter() - wall) / n, (time.process_time() - cpu) / n))
    return [Cost(median([one.wall_s for one in taken]), median([one.cpu_s for one in taken])) for taken in costs]


if __name__ == "__main__":
    main()
