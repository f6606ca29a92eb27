"""How are pictures decoded ahead of those who look at them? Bounded, in the order offered; a bad one is a failure."""

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lookalike.decode import Decoded, DecodePool, Fit
from lookalike.errors import LookalikeError, NotFound, Overloaded, TooLarge, Unreachable
from lookalike.ingest.listing import Task
from lookalike.ingest.storing import NewWords
from lookalike.types import Failure, Ingested, Outcome, Pixels
from lookalike.uris import image_id, local_path

_LOOK_AHEAD = 96
"""Pictures in the decoders' hands at a time: enough to keep them busy while a batch is stored, few enough that
memory does not grow with the source."""
FETCHES = 8
"""Pictures fetched from the web at a time: enough to hide how long servers take to answer, few enough to be polite."""

Done = Failure | Ingested | NewWords
"""What needs no look at a picture, or no more."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture whose pixels are there."""

    task: Task
    decoded: Decoded
    view: Pixels | None = None
    """The same, cut for a captioner's own eyes; None where it looks at the other."""


@dataclass(frozen=True, slots=True)
class Opener:
    """How pictures are opened, and how they are cut."""

    open: Callable[[Task], Path | bytes]
    decoder: DecodePool
    fetchers: ThreadPoolExecutor
    fit: Fit
    view: Fit | None = None
    """How a captioner wants those cut that may need a caption; None where it takes the others."""

    def begin(self, task: Task) -> "Future[Picture] | _Decoding":
        """Have a picture fetched where it is far, and decoded."""
        if local_path(task.item.uri) is None:
            return self.fetchers.submit(lambda: self._decode(task).result())
        try:
            return self._decode(task)
        except LookalikeError as error:
            failed: Future[Picture] = Future()
            failed.set_exception(error)
            return failed

    def _decode(self, task: Task) -> "_Decoding":
        source = self.open(task)
        whole = self.decoder.submit(source, self.fit)
        wanted = self.view if not task.item.caption else None
        return _Decoding(task, whole, self.decoder.submit(source, wanted) if wanted else None)


@dataclass(frozen=True, slots=True)
class _Decoding:
    """A picture in the decoders' hands, perhaps twice."""

    task: Task
    whole: Future[Decoded]
    view: Future[Decoded] | None

    def result(self) -> Picture:
        """Wait for it. What can be decoded only once is captioned by that."""
        decoded = self.whole.result()
        has_view = self.view is not None and self.view.exception() is None
        return Picture(self.task, decoded, self.view.result().pixels if self.view and has_view else None)

    def cancel(self) -> None:
        """Take it out of the queue, if it still waits there."""
        self.whole.cancel()
        if self.view is not None:
            self.view.cancel()


def decode_ahead(news: Iterator[Task | Done], opener: Opener) -> Generator[Picture | Done]:
    """Decode ahead, and give back in the order offered; what is no task is passed on."""
    waiting: deque[tuple[Task, Future[Picture] | _Decoding] | Done] = deque()
    try:
        for new in news:
            waiting.append((new, opener.begin(new)) if isinstance(new, Task) else new)
            while len(waiting) >= _LOOK_AHEAD or (waiting and not isinstance(waiting[0], tuple)):
                yield _finish(waiting.popleft())
        while waiting:
            yield _finish(waiting.popleft())
    finally:
        for job in waiting:
            if isinstance(job, tuple):
                job[1].cancel()


def _finish(job: tuple[Task, Future[Picture] | _Decoding] | Done) -> Picture | Done:
    if not isinstance(job, tuple):
        return job
    task, decoding = job
    try:
        return decoding.result()
    except LookalikeError as error:
        uri, outcome, reason = task.item.uri, _outcome(error, task), error.what
        if task.known:  # it stays in the gallery, and is said to be no failure there
            return Ingested(uri=uri, outcome=outcome, reason=reason, id=image_id(uri))
        return Failure(uri=uri, version=task.item.stamp, outcome=outcome, reason=reason, at=datetime.now(UTC))


def _outcome(error: LookalikeError, task: Task) -> Outcome:
    match error:
        case TooLarge():
            return Outcome.TOO_LARGE
        case Overloaded() if task.has_killed:
            return Outcome.TOO_LARGE
        case Unreachable() | NotFound() | Overloaded():
            return Outcome.UNREACHABLE
        case _:
            return Outcome.UNREADABLE
