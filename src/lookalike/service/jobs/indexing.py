"""How do folders get into the gallery while the service goes on answering?"""

from collections import deque
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event as Flag
from threading import Thread

from lookalike.errors import LookalikeError
from lookalike.ingest.switching import answers
from lookalike.service.jobs.job import Job
from lookalike.service.jobs.reencoding import catch_up
from lookalike.service.jobs.running import Work
from lookalike.service.parts import Parts
from lookalike.sources import Source
from lookalike.types import Ingested, Item


def index_path(parts: Parts, path: Path) -> Work:
    """Plan to index a file or folder.

    Raises:
        NotFound: there is no such path.
    """
    source = parts.library.folder_source([path], within=parts.index_roots)
    next(iter(source.items()), None)  # says at once that there is no such path
    return lambda job: take_in(source, parts, job)


def retry_failures(parts: Parts) -> Work:
    """Plan to try again what could not be taken in.

    What its owner had indexed in the terminal need not lie where a caller may index, but no link is followed to there.
    """

    def work(job: Job) -> None:
        for source in parts.library.sources_to_retry(parts.index_roots):
            take_in(source, parts, job, retry=True)

    return work


def take_in(source: Source, parts: Parts, job: Job, *, retry: bool = False) -> None:
    """Bring the gallery up to date with a source, telling what becomes of each picture, until the job is cancelled."""
    deque(taking_in(source, parts, job, retry=retry), maxlen=0)


def taking_in(source: Source, parts: Parts, job: Job, *, retry: bool = False) -> Generator[Ingested]:
    """Do as `take_in` as the iterator is used, and yield what the job is told."""
    library, encoder = parts.library, parts.library.encoder
    with counted(source, job), library.make_decoder() as decoder:
        outcomes = library.ingest(source, retry=retry, decoder=decoder, catch_up=False)
        with closing(outcomes) as running:
            for one in running:
                job.add_ingested(one)
                yield one
                if job.cancelled.is_set():
                    return
    if not answers(library.gallery, encoder):  # switched meanwhile
        catch_up(parts, job, counted=False)


@contextmanager
def counted(source: Source, job: Job) -> Iterator[None]:
    """Learn meanwhile how much there is to do, by listing the source once more, which opens no file."""
    stop, before = Flag(), job.total or 0

    def count() -> None:
        try:
            total = 0
            for item in source.items():
                if stop.is_set():
                    return
                total += isinstance(item, Item)
            job.total = before + total
        except (LookalikeError, OSError):
            return  # ingest meets the same and says so

    thread = Thread(target=count, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
