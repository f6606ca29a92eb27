"""What must be done to bring a gallery up to date with a source? Its listing, compared with what the gallery knows."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from lookalike.decode.child import KILLED
from lookalike.describing import lacks_caption, reworded
from lookalike.gallery import Gallery
from lookalike.ingest.storing import BATCH_ROWS, NewWords
from lookalike.ingest.sweeping import Missed
from lookalike.sources import Source
from lookalike.stamps import bytes_version, holds, joined, source_of, words_mark
from lookalike.types import EmptyFolder, Failure, ImageRecord, Ingested, Item, Outcome
from lookalike.uris import image_id


@dataclass(frozen=True, slots=True)
class Task:
    """A picture to look at."""

    item: Item
    known: bool = False
    """Whether the gallery has everything of it but a caption."""
    has_killed: bool = False
    """Whether a decoder was killed when it was tried last, as it is now."""


class Listing:
    """Compares what a source offers with what the gallery knows."""

    def __init__(self, source: Source, gallery: Gallery, *, retry: bool) -> None:
        self._source = source
        self._gallery = gallery
        failures = gallery.failures()
        self._failed = {failure.uri: failure.version for failure in failures}
        self._killers = {(one.uri, bytes_version(one.version)) for one in failures if one.reason == KILLED}
        self._retry = {failure.uri for failure in failures if retry or failure.outcome is Outcome.UNREACHABLE}
        self.missed = Missed()
        for prefix in source.prefixes:
            for uri, version in gallery.versions(prefix):
                if prefix.endswith("/") or uri == prefix:
                    self.missed.known.setdefault(uri, set()).add(version)

    def news(self) -> Iterator[Task | Failure | Ingested | NewWords]:
        """Yield what must be looked at or described anew, and what need not be as `unchanged`."""
        for item in self._source.items():
            if isinstance(item, Failure):
                self.missed.unlisted.append(item.uri)
                self.missed.is_described |= " " in item.version
                yield item
            elif isinstance(item, EmptyFolder):
                self.missed.empty[item.failure.uri] = item
            else:
                self.missed.is_described |= bool(item.described)
                yield self._compare(item, self._versions(item.uri))

    def come_meanwhile(self) -> Iterator[Task | Ingested | NewWords]:
        """List once more, and yield what has come where the listing had passed, as what is moved while it runs does.

        What is back where it was missed is missed no more, but compared.
        """
        known = {uri for prefix in self._source.prefixes for uri, _ in self._gallery.versions(prefix)}
        for item in self._source.items():
            if isinstance(item, Failure):
                self.missed.unlisted.append(item.uri)
            elif isinstance(item, EmptyFolder):
                self.missed.empty[item.failure.uri] = item
            elif item.uri in self.missed.known:
                yield self._compare(item, self.missed.known.pop(item.uri))
            elif item.uri not in known:
                yield Task(item)

    def _compare(self, item: Item, stamps: set[str]) -> Task | Ingested | NewWords:
        """Say what an item needs, of which the gallery knows a record and a failure, either or none."""
        if self._must_retry(item) or item.version not in map(bytes_version, stamps):
            return Task(self._as_failed(item), has_killed=(item.uri, item.version) in self._killers)
        if item.described and item.uri not in self._failed and not any(holds(stamp, item.stamp) for stamp in stamps):
            return NewWords(item.uri, partial(reworded, item=item))
        if not item.described and any(joined(stamp, item.stamp, item.uri) != stamp for stamp in stamps):
            self.missed.in_folder.append(item.uri)
        return Ingested(uri=item.uri, outcome=Outcome.UNCHANGED, id=image_id(item.uri))

    def _as_failed(self, item: Item) -> Item:
        """Give an item that a table offered when it failed as that table's, which is asked for its words once more."""
        source = source_of(words_mark(self._failed.get(item.uri, "")))
        return item if item.described or not source else replace(item, described=source)

    def _must_retry(self, item: Item) -> bool:
        """Whether an item of a known version failed: as it is, or before it was put back to what its record says."""
        failed = self._failed.get(item.uri, item.version)
        return item.uri in self._retry or (failed != item.stamp and bytes_version(failed) != item.version)

    def _versions(self, uri: str) -> set[str]:
        """Take what is known of a uri off the list, so that what is left at the end has vanished."""
        if uri in self.missed.known:
            return self.missed.known.pop(uri)
        return {version for known, version in self._gallery.versions(uri) if known == uri}


def uncaptioned(
    news: Iterator[Task | Failure | Ingested | NewWords], gallery: Gallery
) -> Iterator[Task | Failure | Ingested | NewWords]:
    """Have those looked at, too, that are unchanged but lack a caption."""
    unchanged: list[Ingested] = []
    for new in news:
        if isinstance(new, Ingested) and new.outcome is Outcome.UNCHANGED:
            unchanged.append(new)
        else:
            yield new
        if len(unchanged) == BATCH_ROWS:
            yield from _lacking(unchanged, gallery)
            unchanged = []
    yield from _lacking(unchanged, gallery)


def _lacking(unchanged: list[Ingested], gallery: Gallery) -> Iterator[Task | Ingested]:
    records = {record.id: record for record in gallery.get([one.id for one in unchanged])}
    for one in unchanged:
        record = records.get(one.id)
        yield Task(item_of(record), known=True) if record and lacks_caption(record) else one


def item_of(record: ImageRecord) -> Item:
    """Give the item that a record was made of, without what its source said."""
    version, _, described = record.version.partition(" ")
    return Item(uri=record.uri, version=version, described=described)
