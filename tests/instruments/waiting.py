"""Does what others do in the background come true? A test that waits for it looks until it does, never just once."""

import time
from collections.abc import Callable


def eventually(condition: Callable[[], bool], *, within_s: float = 60) -> bool:
    """Say whether a condition holds within a time that is long enough for a busy machine."""
    end = time.monotonic() + within_s
    while not (holds := condition()) and time.monotonic() < end:
        time.sleep(0.02)
    return holds
