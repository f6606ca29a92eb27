"""What does work with an encoder cost, on this machine?"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from lookalike.testing.pictures import draw_picture

if TYPE_CHECKING:
    from lookalike.encoders import Encoder
    from lookalike.types import Pixels

_PICTURES, _ROUNDS = 8, 3


def sample_pictures(encoder: "Encoder") -> "list[Pixels]":
    """Draw some pictures of the size that an encoder wants."""
    side = encoder.fit.size
    return [draw_picture(seed, (side, side)) for seed in range(_PICTURES)]


def milliseconds_a_picture(encoder: "Encoder") -> float:
    """Measure what one of several pictures takes when the encoder is warm.

    On a processor, time of this thread: what else runs does not count. On other devices, time of the clock.
    """
    pictures = sample_pictures(encoder)
    clock = time.thread_time if getattr(encoder, "device", "cpu") == "cpu" else time.perf_counter
    return milliseconds(lambda: encoder.encode(pictures), clock) / len(pictures)


def milliseconds(work: Callable[[], object], clock: Callable[[], float] = time.thread_time) -> float:
    """Measure what something takes at the least, once it is warm."""
    work()
    taken = []
    for _ in range(_ROUNDS):
        start = clock()
        work()
        taken.append(clock() - start)
    return min(taken) * 1000


def engine_of(encoder: "Encoder") -> str:
    """Say what runs an encoder: `onnxruntime`, or `onnxruntime on cuda`; empty where it does not tell."""
    device = getattr(encoder, "device", "cpu")
    return f"{getattr(encoder, 'engine', '')}{'' if device == 'cpu' else f' on {device}'}"
