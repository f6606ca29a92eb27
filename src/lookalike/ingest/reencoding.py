"""How do the pictures of a gallery get into the spaces of another encoder? Original → decode → encode → vectors."""

import time
from collections.abc import Generator, Iterator
from contextlib import closing
from functools import partial
from math import inf

import numpy as np

from lookalike.decode import DecodePool
from lookalike.encoders import Encoder
from lookalike.errors import BadInput, Conflict, GalleryError
from lookalike.fetch import Fetcher
from lookalike.gallery import Gallery, OnServer
from lookalike.gallery.serving import Embedded
from lookalike.gallery.walking import each_record
from lookalike.ingest.batching import in_batches
from lookalike.ingest.decoding import Done, Picture
from lookalike.ingest.listing import Task, item_of
from lookalike.ingest.reopening import decoded_again
from lookalike.ingest.storing import NewVectors, commit
from lookalike.types import Ingested
from lookalike.uris import image_id

_BATCH = 16
_PAGE = 512


def reencode(
    gallery: Gallery,
    encoder: Encoder,
    decoder: DecodePool,
    fetcher: Fetcher,
    *,
    throttle: float | None = None,
    failed: set[str] | None = None,
) -> Generator[Ingested]:
    """Fill the spaces of an encoder, yielding what became of each picture once that is safely stored.

    Only pictures that lack vectors there are looked at, so that stopping at any point costs nothing: the next run goes
    on from there. Pictures that come in meanwhile are taken along. One whose original cannot be had, or has changed,
    fails, and keeps what it has. With `throttle` no more pictures a second are encoded. `failed` are the uris of those
    that are let be because they failed before, and gets those that fail now. Last, a server is tidied.

    Raises:
        BadInput: as `require_pace` says.
        Conflict: somebody has dropped these spaces meanwhile.
        GalleryError: the gallery cannot store, or holds other spaces of these names.
    """
    require_pace(throttle)
    for space in encoder.spaces.values():
        gallery.add_space(space)
    failed = set() if failed is None else failed
    pace = _Pace(throttle)
    encode = partial(_vectors, encoder, pace)
    news = True
    while news:
        news = False
        tasks = _tasks(gallery, encoder, failed)
        with (
            decoded_again(tasks, decoder, fetcher, encoder.fit) as decoded,
            closing(in_batches(decoded, encode, size=pace.batch, ahead=throttle is None)) as vectors,
        ):
            for one in _committed(vectors, gallery, encoder):
                news = True
                if one.outcome.failed:
                    failed.add(one.uri)
                yield one
    if isinstance(gallery, OnServer):
        gallery.tidy()


def require_pace(throttle: float | None) -> None:
    """Refuse a throttle that is none.

    Raises:
        BadInput: it is not more than 0, or has no end.
    """
    if throttle is not None and not 0 < throttle < inf:
        raise BadInput(f"The throttle is {throttle:g}.", "Give the pictures a second, more than 0; or leave it away.")


def _committed(vectors: Iterator[NewVectors | Done], gallery: Gallery, encoder: Encoder) -> Iterator[Ingested]:
    try:
        yield from commit(vectors, gallery)
    except GalleryError:
        if encoder.spaces.keys() <= gallery.spaces.keys():
            raise
        what = f"The vectors of {encoder.name} were dropped while they were made."
        raise Conflict(what, "Begin again, if they are still wanted: name it with --encoder.") from None


class _Pace:
    """Holds batches back so that no more pictures a second are begun than wanted."""

    def __init__(self, rate: float | None) -> None:
        self.rate = rate
        self.batch = _BATCH if rate is None else max(1, min(_BATCH, int(rate)))
        """Pictures in a batch: few where one a second would otherwise mean a long silence."""
        self._due = time.monotonic()

    def wait(self, count: int) -> None:
        """Wait until so many may be begun."""
        if self.rate is not None:
            time.sleep(max(0.0, self._due - time.monotonic()))
            self._due = max(self._due, time.monotonic()) + count / self.rate


def _tasks(gallery: Gallery, encoder: Encoder, failed: set[str]) -> Iterator[Task]:
    """Give what lacks vectors at the moment, and has not failed yet."""
    for record in each_record(lambda after: gallery.lacking(encoder.spaces, after, _PAGE)):
        if record.uri not in failed:
            yield Task(item_of(record), known=True)


def _vectors(encoder: Encoder, pace: _Pace, batch: list[Picture]) -> list[NewVectors]:
    pace.wait(len(batch))
    made = encoder.encode([picture.decoded.pixels for picture in batch])
    stored = {name: rows.astype(np.float16) for name, rows in made.items()}
    return [
        NewVectors(
            picture.task.item.uri,
            Embedded(
                id=image_id(picture.task.item.uri),
                sha256=picture.decoded.sha256,
                embeddings={name: rows[place] for name, rows in stored.items()},
            ),
        )
        for place, picture in enumerate(batch)
    ]
