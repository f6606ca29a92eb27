"""How long does each of many calls take?"""

import time
from collections.abc import Callable, Iterable
from typing import TypeVar

Input = TypeVar("Input")


def timed(call: Callable[[Input], object], inputs: Iterable[Input]) -> list[float]:
    """Give the seconds that each call takes."""
    taken = []
    for one in inputs:
        start = time.perf_counter()
        call(one)
        taken.append(time.perf_counter() - start)
    return taken
