"""How do pictures that are in the gallery get other captions? Original → decode → captioner → words."""

from collections.abc import Generator, Iterator
from contextlib import closing
from functools import partial

from lookalike.captioners import Batching, Captioner
from lookalike.decode import DecodePool
from lookalike.describing import captioned, is_settled
from lookalike.errors import BadInput
from lookalike.fetch import Fetcher
from lookalike.gallery import Gallery
from lookalike.gallery.filters import Filter
from lookalike.gallery.walking import each_record
from lookalike.ingest.batching import in_batches
from lookalike.ingest.decoding import Done, Picture
from lookalike.ingest.listing import Task, item_of
from lookalike.ingest.reopening import decoded_again
from lookalike.ingest.storing import NewWords, commit
from lookalike.types import ImageRecord, Ingested, Outcome

_BATCH = 4
"""A captioner with a network of its own may take seconds a picture, and whoever stops it waits for the batch."""
_PAGE = 500


def recaption(
    gallery: Gallery,
    captioner: Captioner,
    decoder: DecodePool,
    fetcher: Fetcher,
    where: Filter | None = None,
    *,
    anew: bool = False,
) -> Generator[Ingested]:
    """Have pictures of the gallery captioned again, yielding what became of each once that is safely stored.

    Those whose caption is by a person, by their source or, unless `anew`, by this very captioner are `unchanged`, so
    that stopping at any point costs nothing: the next run goes on from there. A picture whose original cannot be
    had keeps its caption. So does one of which the captioner would only guess, if another captioner wrote it; each run
    asks for it again.

    Raises:
        BadInput: the captioner cannot look for itself.
        GalleryError: the gallery cannot store.
    """
    if captioner.fit is None:
        raise BadInput(f"The captioner {captioner.name} has no eyes of its own.", "Give it some when it is loaded.")
    tasks = _tasks(gallery, captioner, where, anew=anew)
    with (
        decoded_again(tasks, decoder, fetcher, captioner.fit) as decoded,
        closing(in_batches(decoded, partial(_write, captioner), size=caption_batch(captioner))) as made,
    ):
        yield from commit(made, gallery)


def caption_batch(captioner: Captioner) -> int:
    """Say how many pictures to give a captioner at a time: few, unless its user wants more."""
    wanted = captioner.batch if isinstance(captioner, Batching) else None
    return max(_BATCH, wanted or 0)


def _tasks(gallery: Gallery, captioner: Captioner, where: Filter | None, *, anew: bool) -> Iterator[Task | Done]:
    for record in each_record(lambda after: gallery.scan(where, order="added", after=after, limit=_PAGE)):
        if is_settled(record) or (record.caption_source == captioner.name and not anew):
            yield _unchanged(record)
        else:
            yield Task(item_of(record), known=True)


def _unchanged(record: ImageRecord) -> Ingested:
    return Ingested(uri=record.uri, outcome=Outcome.UNCHANGED, id=record.id)


def _write(captioner: Captioner, batch: list[Picture]) -> list[NewWords]:
    captions = captioner.caption([picture.decoded.pixels for picture in batch])
    return [
        NewWords(picture.task.item.uri, partial(captioned, caption=caption, captioner=captioner.name))
        for picture, caption in zip(batch, captions, strict=True)
    ]
