"""How do pictures get into a gallery? source → decode → encode → gallery, bounded, resumable, one outcome an item."""

import time
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime

import numpy as np

from lookalike.copies import GREY_PX
from lookalike.copies.fingerprint import Fingerprinter
from lookalike.decode import Decoded, DecodePool, Fit
from lookalike.encoders import Encoder
from lookalike.errors import LookalikeError, TooLarge, Unreachable
from lookalike.gallery import Gallery
from lookalike.sources import Source
from lookalike.types import (
    Described,
    Failure,
    Fingerprint,
    ImageRecord,
    Ingested,
    Item,
    Outcome,
    StoredEmbedding,
    image_id,
)

_LOOK_AHEAD = 96
"""Pictures in the decoders' hands at a time: enough to keep them busy while a batch is stored, few enough that
memory does not grow with the source."""
_ENCODE_BATCH = 16
"""Past 16 a batch of the bundled encoder gets slower a picture, not quicker (`bench/encode_rate.py`)."""
_ENCODERS = 2
"""Batches encoded at a time; more only wait for the cores that the decoders use."""
_COMMIT_ROWS = 512
_COMMIT_S = 1.0
"""A batch is stored when it is this large or this old: few waits for the disk, little to do again after a crash."""


@dataclass(frozen=True, slots=True)
class _Picture:
    item: Item
    decoded: Decoded


@dataclass(frozen=True, slots=True)
class _Eyes:
    """What turns a picture into what the gallery keeps of it."""

    decoder: DecodePool
    encoder: Encoder
    fingerprinter: Fingerprinter

    @property
    def fit(self) -> Fit:
        """How pictures are decoded: for the encoder in colour, for the fingerprint in grey."""
        return replace(self.encoder.fit, grey=GREY_PX)


def ingest(
    source: Source,
    gallery: Gallery,
    encoder: Encoder,
    decoder: DecodePool,
    *,
    fingerprinter: Fingerprinter | None = None,
    retry: bool = False,
) -> Iterator[Ingested]:
    """Bring a gallery up to date with a source, yielding what became of each item once that is safely stored.

    Items whose version the gallery knows are `unchanged`; those that were unreachable and, with `retry`, all that
    failed are tried again. What the source no longer offers is `removed` at the end, unless the part of the source
    it lay in could not be listed.
    Stopping at any point loses nothing that was yielded; the next run goes on from there.

    Raises:
        NotFound: the source is not there.
        GalleryError: the gallery cannot store, or holds vectors of another encoder.
    """
    eyes = _Eyes(decoder, encoder, fingerprinter or Fingerprinter())
    for space in encoder.spaces.values():
        gallery.add_space(space)
    listing = _Listing(source, gallery, retry=retry)
    with (
        ThreadPoolExecutor(_ENCODERS, thread_name_prefix="encode") as threads,
        closing(_decode(listing.news(), source, eyes)) as decoded,
        closing(_encode(decoded, gallery, eyes, threads)) as encoded,
    ):
        yield from _commit(encoded, gallery)
    yield from listing.sweep()


class _Listing:
    """Compares what a source offers with what the gallery knows."""

    def __init__(self, source: Source, gallery: Gallery, *, retry: bool) -> None:
        self._source = source
        self._gallery = gallery
        failures = gallery.failures()
        self._failed = {failure.uri: failure.version for failure in failures}
        self._retry = {failure.uri for failure in failures if retry or failure.outcome is Outcome.UNREACHABLE}
        self._known: dict[str, set[str]] = {}
        for prefix in source.prefixes:
            for uri, version in gallery.versions(prefix):
                if prefix.endswith("/") or uri == prefix:
                    self._known.setdefault(uri, set()).add(version)
        self._unlisted: list[str] = []

    def news(self) -> Iterator[Item | Failure | Ingested]:
        """Yield what must be looked at, and what need not be as `unchanged`."""
        for item in self._source.items():
            if isinstance(item, Failure):
                self._unlisted.append(item.uri)
                yield item
            elif item.version in self._versions(item.uri) and not self._must_retry(item):
                yield Ingested(uri=item.uri, outcome=Outcome.UNCHANGED, id=image_id(item.uri))
            else:
                yield item

    def _must_retry(self, item: Item) -> bool:
        """Whether an item of a known version failed: as it is, or before it was put back to what its record says."""
        return item.uri in self._retry or self._failed.get(item.uri, item.version) != item.version

    def _versions(self, uri: str) -> set[str]:
        """Take what is known of a uri off the list, so that what is left at the end has vanished."""
        if uri in self._known:
            return self._known.pop(uri)
        return {version for known, version in self._gallery.versions(uri) if known == uri}

    def sweep(self) -> Iterator[Ingested]:
        """Forget what the source no longer offers."""
        unlisted, below = set(self._unlisted), tuple(f"{uri.rstrip('/')}/" for uri in self._unlisted)
        gone = [
            uri
            for uri in self._known
            if uri not in unlisted and not uri.startswith(below) and not self._source.passes_over(uri)
        ]
        for start in range(0, len(gone), _COMMIT_ROWS):
            uris = gone[start : start + _COMMIT_ROWS]
            self._gallery.delete([image_id(uri) for uri in uris])
            self._gallery.drop_failures(uris)
            for uri in uris:
                if not uri.endswith("/"):  # a folder that could not be listed, and now can
                    yield Ingested(uri=uri, outcome=Outcome.REMOVED, id=image_id(uri))


def _decode(
    news: Iterator[Item | Failure | Ingested], source: Source, eyes: _Eyes
) -> Generator[_Picture | Failure | Ingested]:
    """Decode ahead, and give back in the order offered."""
    waiting: deque[tuple[Item, Future[Decoded]] | Failure | Ingested] = deque()
    try:
        for new in news:
            waiting.append((new, _submit(new, source, eyes)) if isinstance(new, Item) else new)
            while len(waiting) >= _LOOK_AHEAD or (waiting and isinstance(waiting[0], Failure | Ingested)):
                yield _finish(waiting.popleft())
        while waiting:
            yield _finish(waiting.popleft())
    finally:
        for job in waiting:
            if isinstance(job, tuple):
                job[1].cancel()


def _submit(item: Item, source: Source, eyes: _Eyes) -> Future[Decoded]:
    try:
        return eyes.decoder.submit(source.open(item), eyes.fit)
    except LookalikeError as error:
        failed: Future[Decoded] = Future()
        failed.set_exception(error)
        return failed


def _finish(job: tuple[Item, Future[Decoded]] | Failure | Ingested) -> _Picture | Failure | Ingested:
    if isinstance(job, Failure | Ingested):
        return job
    item, future = job
    try:
        return _Picture(item, future.result())
    except LookalikeError as error:
        return Failure(
            uri=item.uri,
            version=item.version,
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


def _encode(
    decoded: Iterator[_Picture | Failure | Ingested],
    gallery: Gallery,
    eyes: _Eyes,
    threads: ThreadPoolExecutor,
) -> Generator[ImageRecord | Failure | Ingested]:
    """Encode in batches, a few at a time; what needs no encoding overtakes."""
    batch: list[_Picture] = []
    running: deque[Future[list[ImageRecord]]] = deque()
    for new in decoded:
        if not isinstance(new, _Picture):
            yield new
            continue
        batch.append(new)
        if len(batch) == _ENCODE_BATCH:
            running.append(threads.submit(_records, batch, gallery, eyes))
            batch = []
        if len(running) > _ENCODERS:
            yield from running.popleft().result()
    if batch:
        running.append(threads.submit(_records, batch, gallery, eyes))
    for future in running:
        yield from future.result()


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is worked out from a picture's pixels."""

    fingerprint: Fingerprint
    embeddings: dict[str, StoredEmbedding]


def _records(pictures: list[_Picture], gallery: Gallery, eyes: _Eyes) -> list[ImageRecord]:
    """Make records, working out only what the gallery does not know already under another name."""
    seen = _known([picture.decoded.sha256 for picture in pictures], gallery, eyes.encoder)
    new = {picture.decoded.sha256: picture.decoded for picture in pictures if picture.decoded.sha256 not in seen}
    vectors = eyes.encoder.encode([decoded.pixels for decoded in new.values()])
    for place, (sha256, decoded) in enumerate(new.items()):
        embeddings = {space: rows[place].astype(np.float16) for space, rows in vectors.items()}
        seen[sha256] = _Seen(_fingerprint(decoded, eyes.fingerprinter), embeddings)
    return [_record(picture, seen[picture.decoded.sha256]) for picture in pictures]


def _known(digests: list[str], gallery: Gallery, encoder: Encoder) -> dict[str, _Seen]:
    same = {sha256: ids[0] for sha256, ids in gallery.find("sha256", set(digests)).items()}
    records = gallery.get(list(same.values()), embeddings=True)
    return {
        record.sha256: _Seen(record.fingerprint, {space: record.embeddings[space] for space in encoder.spaces})
        for record in records
        if encoder.spaces.keys() <= record.embeddings.keys() and record.fingerprint.perceptual
    }


def _fingerprint(decoded: Decoded, fingerprinter: Fingerprinter) -> Fingerprint:
    assert decoded.grey is not None  # noqa: S101 - `_Eyes.fit` asks for it
    return fingerprinter.fingerprint(decoded.grey, decoded.pixel_hash)


def _record(picture: _Picture, seen: _Seen) -> ImageRecord:
    item, decoded = picture.item, picture.decoded
    return ImageRecord(
        **{field.name: getattr(item, field.name) for field in fields(Described)},
        id=image_id(item.uri),
        uri=item.uri,
        version=item.version,
        sha256=decoded.sha256,
        width=decoded.width,
        height=decoded.height,
        format=decoded.format,
        bytes=decoded.bytes,
        taken_at=decoded.taken_at,
        added_at=datetime.now(UTC),
        fingerprint=seen.fingerprint,
        embeddings=seen.embeddings,
    )


def _commit(encoded: Iterator[ImageRecord | Failure | Ingested], gallery: Gallery) -> Iterator[Ingested]:
    """Store in batches, and only then say so."""
    records: list[ImageRecord] = []
    failures: list[Failure] = []
    since = time.monotonic()
    for new in encoded:
        match new:
            case Ingested():
                yield new
            case Failure():
                failures.append(new)
            case ImageRecord():
                records.append(new)
        if len(records) + len(failures) >= _COMMIT_ROWS or time.monotonic() - since > _COMMIT_S:
            yield from _store(records, failures, gallery)
            records, failures, since = [], [], time.monotonic()
    yield from _store(records, failures, gallery)


def _store(records: list[ImageRecord], failures: list[Failure], gallery: Gallery) -> Iterator[Ingested]:
    if not records and not failures:
        return
    before = {record.id for record in gallery.get([record.id for record in records])}
    gallery.put(records, failures)
    for record in records:
        outcome = Outcome.UPDATED if record.id in before else Outcome.ADDED
        yield Ingested(uri=record.uri, outcome=outcome, id=record.id)
    for failure in failures:
        yield Ingested(uri=failure.uri, outcome=failure.outcome, reason=failure.reason)
