"""How is something done with many pictures? In batches, a few at a time; what needs nothing done overtakes."""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from lookalike.ingest.decoding import Done, Picture

Made = TypeVar("Made")


def in_batches(
    decoded: Iterator[Picture | Done],
    work: Callable[[list[Picture]], Sequence[Made]],
    *,
    size: int,
    at_once: int = 2,
    hold: Callable[[int], object] | None = None,
) -> Generator[Made | Done]:
    """Work on pictures in batches of `size`, in `at_once` threads, and give what that makes in their order.

    What is no picture is passed on at once. With `hold`, which is called with its size before each batch is begun, and
    may take its time, each is waited for before the next. Whoever stops early waits for the batches that are being
    worked on, for no others.
    """
    threads = ThreadPoolExecutor(at_once, thread_name_prefix="look")

    def begin(batch: list[Picture]) -> Future[Sequence[Made]]:
        if hold is not None:  # not in a thread, where whoever interrupts would wait for it to end
            hold(len(batch))
        return threads.submit(work, batch)

    try:
        batch: list[Picture] = []
        running: deque[Future[Sequence[Made]]] = deque()
        for new in decoded:
            if not isinstance(new, Picture):
                yield new
                continue
            batch.append(new)
            if len(batch) == size:
                running.append(begin(batch))
                batch = []
            if len(running) > (at_once if hold is None else 0):
                yield from running.popleft().result()
        if batch:
            running.append(begin(batch))
        for future in running:
            yield from future.result()
    finally:
        threads.shutdown(cancel_futures=True)
