"""How are the pictures of a gallery looked at once more? Their originals are opened and decoded ahead."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

from lookalike.decode import DecodePool, Fit
from lookalike.fetch import Fetcher
from lookalike.ingest.decoding import FETCHES, Done, Opener, Picture, decode_ahead
from lookalike.ingest.listing import Task
from lookalike.sources import open_original


@contextmanager
def decoded_again(
    tasks: Iterator[Task | Done], decoder: DecodePool, fetcher: Fetcher, fit: Fit
) -> Iterator[Iterator[Picture | Done]]:
    """Have originals decoded ahead, cut as wanted; those that cannot be had are told, and stay in the gallery."""

    def original(task: Task) -> Path | bytes:
        return open_original(task.item.uri, fetcher, version=task.item.stamp)

    with (
        ThreadPoolExecutor(FETCHES, thread_name_prefix="fetch") as fetchers,
        closing(decode_ahead(tasks, Opener(original, decoder, fetchers, fit))) as decoded,
    ):
        yield decoded
