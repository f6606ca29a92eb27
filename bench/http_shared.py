"""How many queries shared a pass of the server's encoder, and what did that save the processor?

The server counts passes and what they encoded (`/metrics`). What a picture or a text costs in passes of several sizes
is measured here, with the same encoder before the server starts: the median of rounds in which the sizes take turns.
"""

import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

import numpy as np

from lookalike.encoders import TextEncoder, load_encoder
from lookalike.testing import draw_picture

SIZES = (1, 2, 4, 8, 16)
_ROUNDS, _EACH = 7, 32

Costs = dict[str, list[float]]
"""`pictures` or `texts` → processor time of one, in passes of each of SIZES."""


@dataclass(frozen=True, slots=True)
class Passes:
    """What the encoder has done so far, or between two looks at it."""

    passes: float
    encoded: float

    def since(self, before: "Passes") -> "Passes":
        """What was done after another look."""
        return Passes(self.passes - before.passes, self.encoded - before.encoded)

    @property
    def shared_by(self) -> float:
        """How many went through a pass together."""
        return self.encoded / self.passes if self.passes else float("nan")

    def saved(self, costs: list[float]) -> float:
        """Which share of the processor time it saved that they did."""
        return 1 - float(np.interp(self.shared_by, SIZES, costs)) / costs[0]


def read_passes(url: str, what: str) -> Passes:
    """Ask a server how many passes over `pictures` or `texts` there were, and of how many."""
    with urllib.request.urlopen(f"{url}/metrics") as answer:  # noqa: S310 - our own server
        lines = dict(line.rsplit(" ", 1) for line in answer.read().decode().splitlines() if not line.startswith("#"))
    names = f'lookalike_encode_seconds_count{{what="{what}"}}', f'lookalike_encoded_total{{what="{what}"}}'
    return Passes(*(float(lines.get(name, 0)) for name in names))


def costs_of_passes(name: str) -> Costs:
    """Measure what an encoder costs in passes of each size."""
    encoder = load_encoder(name)
    pictures = [draw_picture(seed, (encoder.fit.size,) * 2) for seed in range(max(SIZES))]
    costs = {"pictures": _by_size(encoder.encode, pictures)}
    if isinstance(encoder, TextEncoder):
        costs["texts"] = _by_size(encoder.encode_text, ["two dogs playing in the snow"] * max(SIZES))
    return costs


def _by_size(encode: Callable[[Sequence[Any]], object], given: Sequence[Any]) -> list[float]:
    jobs = [partial(encode, given[:size]) for size in SIZES]
    taken: list[list[float]] = [[] for _ in jobs]
    for turn in range(_ROUNDS + 1):
        for job, size, seconds in zip(jobs, SIZES, taken, strict=True):
            before = time.process_time()
            for _ in range(_EACH // size):
                job()
            if turn:  # the first is to warm up
                seconds.append((time.process_time() - before) / _EACH)
    return [median(seconds) for seconds in taken]
