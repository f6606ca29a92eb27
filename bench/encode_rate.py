"""What does a picture cost in the bundled encoder, and how much of that is ours?

The encoder is compared with its bare network: the same session settings, the same pictures already stacked and cut, no
normalising. Rounds of the two alternate, so that a busy machine slows both; the median of the rounds is given.
With two threads each takes half of the pictures. CPU time is what a picture costs all threads together, and what the
overhead is taken of: other work on the machine hardly moves it.
"""

import argparse
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from statistics import median

import numpy as np
import onnxruntime

from lookalike.encoders import load_encoder
from lookalike.encoders.session import session_options
from lookalike.testing import draw_picture
from report import Table, record


def main() -> None:
    """Measure and print; with --record append to docs/benchmarks.md."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--record", action="store_true", help="append the table to docs/benchmarks.md")
    arguments = parser.parse_args()
    encoder = load_encoder("mini")
    model = (files("lookalike.encoders") / "mini" / "mini.onnx").read_bytes()
    session = onnxruntime.InferenceSession(model, session_options(), providers=["CPUExecutionProvider"])
    pictures = [draw_picture(seed, (encoder.fit.size,) * 2) for seed in range(32)]

    def bare(batch: np.ndarray) -> None:
        session.run(None, {session.get_inputs()[0].name: batch})

    table = Table(
        ["batch", "threads", "network, wall", "encoder, wall", "network, CPU", "encoder, CPU", "overhead, CPU"]
    )
    for batch in (1, 8, 32):
        stacked = np.stack(pictures[:batch])
        jobs = [partial(bare, stacked), partial(encoder.encode, pictures[:batch])]
        for threads in (1, 2):
            network, whole = alternate(jobs, batch, threads, arguments.rounds)
            figures = [f"{1e3 * s:.2f} ms" for s in (network.wall_s, whole.wall_s, network.cpu_s, whole.cpu_s)]
            table.row(str(batch), str(threads), *figures, f"{100 * (whole.cpu_s / network.cpu_s - 1):+.1f} %")
    table.print()
    if arguments.record:
        record("Encoding, a picture", "python bench/encode_rate.py", table)


@dataclass(frozen=True)
class Cost:
    """Seconds for one picture."""

    wall_s: float
    cpu_s: float


def alternate(jobs: list[Callable[[], object]], batch: int, threads: int, rounds: int) -> list[Cost]:
    """Give the median cost of each job."""
    repeats = max(2, 64 // batch)
    costs: list[list[Cost]] = [[] for _ in jobs]
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(rounds):
            for job, taken in zip(jobs, costs, strict=True):
                wall, cpu = time.perf_counter(), time.process_time()
                for done in [pool.submit(job) for _ in range(repeats)]:
                    done.result()
                pictures = repeats * batch
                taken.append(Cost((time.perf_counter() - wall) / pictures, (time.process_time() - cpu) / pictures))
    return [Cost(median([one.wall_s for one in taken]), median([one.cpu_s for one in taken])) for taken in costs]


if __name__ == "__main__":
    main()
