"""How do pictures get into a gallery? source → decode → look → gallery, bounded, resumable, one outcome an item.

listing  what is new, what has other words, what has vanished
looking  pixels → records
storing  records and words → gallery
"""

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime

from lookalike.captioners import Captioner
from lookalike.copies.fingerprint import Fingerprinter
from lookalike.decode import Decoded, DecodePool
from lookalike.encoders import Encoder
from lookalike.errors import LookalikeError, TooLarge, Unreachable
from lookalike.gallery import Gallery
from lookalike.ingest.listing import Listing, Task, uncaptioned
from lookalike.ingest.looking import Eyes, Gate, Picture, make_records
from lookalike.ingest.storing import NewWords, commit
from lookalike.sources import Source
from lookalike.types import Failure, ImageRecord, Ingested, Outcome, local_path

__all__ = ["Gate", "ingest"]

_LOOK_AHEAD = 96
"""Pictures in the decoders' hands at a time: enough to keep them busy while a batch is stored, few enough that
memory does not grow with the source."""
_FETCHES = 8
"""Pictures fetched from the web at a time: enough to hide how long servers take to answer, few enough to be polite."""
_ENCODE_BATCH = 16
"""Past 16 a batch of the bundled encoder gets slower a picture, not quicker (`bench/encode_rate.py`)."""
_ENCODERS = 2
"""Batches encoded at a time; more only wait for the cores that the decoders use."""

_Done = Failure | Ingested | NewWords
"""What needs no look at a picture, or no more."""


def ingest(  # noqa: PLR0913 - each is a part that stands for itself
    source: Source,
    gallery: Gallery,
    encoder: Encoder,
    decoder: DecodePool,
    *,
    fingerprinter: Fingerprinter | None = None,
    captioner: Captioner | None = None,
    gate: Gate | None = None,
    retry: bool = False,
) -> Generator[Ingested]:
    """Bring a gallery up to date with a source, yielding what became of each item once that is safely stored.

    Items whose version the gallery knows are `unchanged`; those that were unreachable and, with `retry`, all that
    failed are tried again. Where only the source's words have changed, the picture is not looked at again. With a
    captioner, pictures without a caption get one, also those that are unchanged otherwise. What a person wrote stays
    in any case. What the gate objects to is `blocked`. What the source no longer offers is `removed` at the end, unless
    the part of the source it lay in could not be listed.
    Stopping at any point loses nothing that was yielded; the next run goes on from there.

    Raises:
        NotFound: the source is not there.
        GalleryError: the gallery cannot store, or holds vectors of another encoder.
    """
    eyes = Eyes(decoder, encoder, fingerprinter or Fingerprinter(), captioner, gate)
    for space in encoder.spaces.values():
        gallery.add_space(space)
    listing = Listing(source, gallery, retry=retry)
    news = listing.news()
    with (
        ThreadPoolExecutor(_ENCODERS, thread_name_prefix="encode") as encoders,
        ThreadPoolExecutor(_FETCHES, thread_name_prefix="fetch") as fetchers,
        closing(_decode(uncaptioned(news, gallery) if captioner else news, source, eyes, fetchers)) as decoded,
        closing(_look(decoded, gallery, eyes, encoders)) as looked,
    ):
        yield from commit(looked, gallery)
    yield from listing.sweep()


def _decode(
    news: Iterator[Task | _Done], source: Source, eyes: Eyes, fetchers: ThreadPoolExecutor
) -> Generator[Picture | _Done]:
    """Decode ahead, and give back in the order offered."""
    waiting: deque[tuple[Task, Future[Decoded]] | _Done] = deque()
    try:
        for new in news:
            waiting.append((new, _submit(new, source, eyes, fetchers)) if isinstance(new, Task) else new)
            while len(waiting) >= _LOOK_AHEAD or (waiting and isinstance(waiting[0], _Done)):
                yield _finish(waiting.popleft())
        while waiting:
            yield _finish(waiting.popleft())
    finally:
        for job in waiting:
            if isinstance(job, tuple):
                job[1].cancel()


def _submit(task: Task, source: Source, eyes: Eyes, fetchers: ThreadPoolExecutor) -> Future[Decoded]:
    if local_path(task.item.uri) is None:
        return fetchers.submit(lambda: eyes.decoder.decode(source.open(task.item), eyes.fit))
    try:
        return eyes.decoder.submit(source.open(task.item), eyes.fit)
    except LookalikeError as error:
        failed: Future[Decoded] = Future()
        failed.set_exception(error)
        return failed


def _finish(job: tuple[Task, Future[Decoded]] | _Done) -> Picture | _Done:
    if not isinstance(job, tuple):
        return job
    task, future = job
    try:
        return Picture(task, future.result())
    except LookalikeError as error:
        return Failure(
            uri=task.item.uri,
            version=task.item.stamp,
            outcome=_outcome(error),
            reason=error.what,
            at=datetime.now(UTC),
        )


def _outcome(error: LookalikeError) -> Outcome:
    match error:
        case TooLarge():
            return Outcome.TOO_LARGE
        case Unreachable():
            return Outcome.UNREACHABLE
        case _:
            return Outcome.UNREADABLE


def _look(
    decoded: Iterator[Picture | _Done], gallery: Gallery, eyes: Eyes, threads: ThreadPoolExecutor
) -> Generator[ImageRecord | _Done]:
    """Look at pictures in batches, a few at a time; what needs no look overtakes."""
    batch: list[Picture] = []
    running: deque[Future[list[ImageRecord | Failure | NewWords]]] = deque()
    for new in decoded:
        if not isinstance(new, Picture):
            yield new
            continue
        batch.append(new)
        if len(batch) == _ENCODE_BATCH:
            running.append(threads.submit(make_records, batch, gallery, eyes))
            batch = []
        if len(running) > _ENCODERS:
            yield from running.popleft().result()
    if batch:
        running.append(threads.submit(make_records, batch, gallery, eyes))
    for future in running:
        yield from future.result()
