"""How do the pictures of a gallery get into the spaces of another encoder? Original → decode → encode → vectors."""

from collections.abc import Generator, Iterator
from contextlib import closing
from functools import partial

import numpy as np

from lookalike.decode import DecodePool
from lookalike.encoders import Encoder
from lookalike.errors import Conflict, GalleryError
from lookalike.fetch import Fetcher
from lookalike.gallery import Gallery, OnServer
from lookalike.gallery.serving import Embedded
from lookalike.gallery.walking import each_record
from lookalike.ingest.batching import in_batches
from lookalike.ingest.decoding import Done, Picture
from lookalike.ingest.listing import Task, item_of
from lookalike.ingest.pacing import Pace
from lookalike.ingest.reopening import decoded_again
from lookalike.ingest.storing import NewVectors, commit
from lookalike.types import Ingested
from lookalike.uris import image_id

_PAGE = 512


def reencode(
    gallery: Gallery,
    encoder: Encoder,
    decoder: DecodePool,
    fetcher: Fetcher,
    *,
    pace: Pace | None = None,
    failed: set[str] | None = None,
) -> Generator[Ingested]:
    """Fill the spaces of an encoder, yielding what became of each picture once that is safely stored.

    Only pictures that lack vectors there are looked at, so that stopping at any point costs nothing: the next run goes
    on from there. Pictures that come in meanwhile are taken along. One whose original cannot be had, or has changed,
    fails, and keeps what it has. `failed` are the uris of those that are let be because they failed before, and gets
    those that fail now. Last, a server is tidied.

    Raises:
        Conflict: somebody has dropped these spaces meanwhile.
        GalleryError: the gallery cannot store, or holds other spaces of these names.
    """
    pace = pace or Pace()
    for space in encoder.spaces.values():
        gallery.add_space(space)
    failed = set() if failed is None else failed
    encode, hold = partial(_vectors, encoder), pace.wait if pace.rate else None
    news = True
    while news:
        news = False
        tasks = _tasks(gallery, encoder, failed)
        with (
            decoded_again(tasks, decoder, fetcher, encoder.fit) as decoded,
            closing(in_batches(decoded, encode, size=pace.batch, hold=hold)) as vectors,
        ):
            for one in _committed(vectors, gallery, encoder):
                news = True
                if one.outcome.failed:
                    failed.add(one.uri)
                yield one
    if isinstance(gallery, OnServer):
        gallery.tidy()


def _committed(vectors: Iterator[NewVectors | Done], gallery: Gallery, encoder: Encoder) -> Iterator[Ingested]:
    try:
        yield from commit(vectors, gallery)
    except GalleryError:
        if encoder.spaces.keys() <= gallery.spaces.keys():
            raise
        what = f"The vectors of {encoder.name} were dropped while they were made."
        raise Conflict(what, "Begin again, if they are still wanted: name it with --encoder.") from None


def _tasks(gallery: Gallery, encoder: Encoder, failed: set[str]) -> Iterator[Task]:
    """Give what lacks vectors at the moment, and has not failed yet."""
    for record in each_record(lambda after: gallery.lacking(encoder.spaces, after, _PAGE)):
        if record.uri not in failed:
            yield Task(item_of(record), known=True)


def _vectors(encoder: Encoder, batch: list[Picture]) -> list[NewVectors]:
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
