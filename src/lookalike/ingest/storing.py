"""When is what became of an item safe to say? Once the batch that holds it is stored."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from lookalike.describing import reindexed
from lookalike.gallery import Change, Gallery
from lookalike.gallery.serving import Embedded
from lookalike.types import Failure, ImageRecord, Ingested, Outcome
from lookalike.uris import image_id

BATCH_ROWS = 512
_BATCH_S = 1.0
"""A batch is stored when it is this large or this old: few waits for the disk, little to do again after a crash."""
_CHANGED = "Its file has changed since it was indexed, or it was forgotten meanwhile: index its folder again."


@dataclass(frozen=True, slots=True)
class NewWords:
    """A record of which other things are said now."""

    uri: str
    change: Change


@dataclass(frozen=True, slots=True)
class NewVectors:
    """A record that gets vectors in further spaces."""

    uri: str
    embedded: Embedded


def commit(
    made: Iterator[ImageRecord | Failure | Ingested | NewWords | NewVectors], gallery: Gallery
) -> Iterator[Ingested]:
    """Store in batches, and only then say so."""
    batch: list[ImageRecord | Failure | NewWords | NewVectors] = []
    since = time.monotonic()
    for new in made:
        if isinstance(new, Ingested):
            yield new
        else:
            batch.append(new)
        if len(batch) >= BATCH_ROWS or time.monotonic() - since > _BATCH_S:
            yield from _store(batch, gallery)
            batch, since = [], time.monotonic()
    yield from _store(batch, gallery)


def _store(batch: list[ImageRecord | Failure | NewWords | NewVectors], gallery: Gallery) -> Iterator[Ingested]:
    records = [one for one in batch if isinstance(one, ImageRecord)]
    failures = [one for one in batch if isinstance(one, Failure)]
    changes = {image_id(one.uri): one for one in batch if isinstance(one, NewWords)}
    before = {record.id for record in gallery.get([record.id for record in records])}
    if records or failures:
        gallery.put(records, failures, merge=reindexed)
    vectors = [one for one in batch if isinstance(one, NewVectors)]
    taken = set(gallery.embed([one.embedded for one in vectors])) if vectors else set()
    left: set[str] = set()

    def change(record: ImageRecord) -> ImageRecord:
        new = changes[record.id].change(record)
        if new is record:
            left.add(record.id)
        return new

    described = gallery.describe(list(changes), change) if changes else []
    for record in records:
        outcome = Outcome.UPDATED if record.id in before else Outcome.ADDED
        yield Ingested(uri=record.uri, outcome=outcome, id=record.id)
    for failure in failures:
        yield Ingested(uri=failure.uri, outcome=failure.outcome, reason=failure.reason)
    for one in vectors:
        yield _embedded(one, is_taken=one.embedded.id in taken)
    for record in described:
        outcome = Outcome.UNCHANGED if record.id in left else Outcome.UPDATED
        yield Ingested(uri=record.uri, outcome=outcome, id=record.id)
    there = {record.id for record in described}
    for gone in (one for id_, one in changes.items() if id_ not in there):
        yield Ingested(uri=gone.uri, outcome=Outcome.UNREACHABLE, reason=_CHANGED)


def _embedded(one: NewVectors, *, is_taken: bool) -> Ingested:
    if is_taken:
        return Ingested(uri=one.uri, outcome=Outcome.UPDATED, id=one.embedded.id)
    return Ingested(uri=one.uri, outcome=Outcome.UNREADABLE, reason=_CHANGED, id=one.embedded.id)
