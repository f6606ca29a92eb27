"""What must be done to bring a gallery up to date with a source? Its listing, compared with what the gallery knows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from lookalike.decode.child import KILLED
from lookalike.describing import has_persons_words, lacks_caption, reworded
from lookalike.gallery import Gallery
from lookalike.ingest.inheriting import Copies, copies_of, pass_on
from lookalike.ingest.storing import BATCH_ROWS, NewWords
from lookalike.sources import Source
from lookalike.types import EmptyFolder, Failure, ImageRecord, Ingested, Item, Outcome
from lookalike.uris import image_id

_TICK = timedelta(seconds=2)
"""How coarsely a disk notes times; FAT's are the coarsest."""
_READ = {Outcome.UNREADABLE, Outcome.BLOCKED}
"""Failures of what is known to be no picture, or not wanted."""


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
        self._killers = {(failure.uri, failure.version) for failure in failures if failure.reason == KILLED}
        self._retry = {failure.uri for failure in failures if retry or failure.outcome is Outcome.UNREACHABLE}
        self._known: dict[str, set[str]] = {}
        for prefix in source.prefixes:
            for uri, version in gallery.versions(prefix):
                if prefix.endswith("/") or uri == prefix:
                    self._known.setdefault(uri, set()).add(version)
        self._unlisted: list[str] = []
        self._empty: dict[str, EmptyFolder] = {}
        self._since = datetime.now(UTC).replace(microsecond=0)

    def news(self) -> Iterator[Task | Failure | Ingested | NewWords]:
        """Yield what must be looked at or described anew, and what need not be as `unchanged`."""
        for item in self._source.items():
            if isinstance(item, Failure):
                self._unlisted.append(item.uri)
                yield item
            elif isinstance(item, EmptyFolder):
                self._empty[item.failure.uri] = item
            else:
                yield self._compare(item, self._versions(item.uri))

    def _compare(self, item: Item, stamps: set[str]) -> Task | Ingested | NewWords:
        """Say what an item needs, of which the gallery knows a record and a failure, either or none."""
        if self._must_retry(item) or (item.stamp not in stamps and item.version not in map(_version, stamps)):
            return Task(item, has_killed=(item.uri, item.stamp) in self._killers)
        if item.stamp in stamps or not item.described or item.uri in self._failed:
            return Ingested(uri=item.uri, outcome=Outcome.UNCHANGED, id=image_id(item.uri))
        return NewWords(item.uri, partial(reworded, item=item))

    def _must_retry(self, item: Item) -> bool:
        """Whether an item of a known version failed: as it is, or before it was put back to what its record says."""
        failed = self._failed.get(item.uri, item.version)
        return item.uri in self._retry or (failed != item.stamp and _version(failed) != item.version)

    def _versions(self, uri: str) -> set[str]:
        """Take what is known of a uri off the list, so that what is left at the end has vanished."""
        if uri in self._known:
            return self._known.pop(uri)
        return {version for known, version in self._gallery.versions(uri) if known == uri}

    def sweep(self) -> Iterator[Ingested]:
        """Forget what the source no longer offers, and pass on what a person wrote about it."""
        unlisted, below = set(self._unlisted), tuple(f"{uri.rstrip('/')}/" for uri in self._unlisted)
        gone = [
            uri
            for uri, stamps in self._known.items()
            if uri not in unlisted and not uri.startswith(below) and not self._passed_over(uri, stamps)
        ]
        vanished, unread = {image_id(uri) for uri in gone}, self._unread() if gone else set()
        unmounted: dict[str, Failure] = {}
        failed: dict[str, EmptyFolder] = {}
        for start in range(0, len(gone), BATCH_ROWS):
            batch = {image_id(uri): uri for uri in gone[start : start + BATCH_ROWS]}
            records = self._gallery.get(list(batch))
            empty = {uri: found for uri in batch.values() if (found := self._empty_above(uri))}
            wanted = [record for record in records if record.uri in empty or has_persons_words(record)]
            copies = copies_of(wanted, self._gallery, vanished)
            kept = {record.uri for record in wanted if self._is_kept(record, empty.get(record.uri), copies, unread)}
            unmounted |= {empty[uri].failure.uri: empty[uri].failure for uri in kept & empty.keys()}
            stored = {record.uri for record in records}
            failed |= {uri: folder for uri, folder in empty.items() if uri not in stored}
            going = set(batch.values()) - kept - failed.keys()
            yield from self._forget([uri for uri in batch.values() if uri in going], records, copies)
        yield from self._forget([uri for uri, folder in failed.items() if folder.failure.uri not in unmounted], [], {})
        if unmounted:
            self._gallery.put([], list(unmounted.values()))
        for failure in unmounted.values():
            yield Ingested(uri=failure.uri, outcome=failure.outcome, reason=failure.reason)

    def _forget(self, uris: list[str], records: list[ImageRecord], copies: Copies) -> Iterator[Ingested]:
        forgotten = set(uris)
        pass_on((record for record in records if record.uri in forgotten), copies, self._gallery, self._since)
        self._gallery.delete([image_id(uri) for uri in uris])
        self._gallery.drop_failures(uris)
        for uri in uris:
            if not uri.endswith("/"):  # a folder or a line that could not be read, and now can
                yield Ingested(uri=uri, outcome=Outcome.REMOVED, id=image_id(uri))

    def _is_kept(self, record: ImageRecord, folder: EmptyFolder | None, copies: Copies, unread: set[str]) -> bool:
        """Whether a record that has a person's words, or lies in an empty folder, stays though its file is gone."""
        same = copies.get(record.sha256, ())
        if folder:
            return not self._was_taken_out(record, folder, same)
        return not same and _version(record.version) in unread

    def _was_taken_out(self, record: ImageRecord, folder: EmptyFolder, same: Sequence[ImageRecord]) -> bool:
        """Whether a person emptied a folder, of which nobody can tell else: it changed, or its pictures are elsewhere.

        A folder that a drive is mounted on was there, and empty, before the drive's pictures were taken in; but that is
        not sure enough where a person's words would be lost, as it may have been made anew since.
        """
        if any(copy.added_at >= self._since for copy in same):
            return True
        changed = folder.emptied_at is not None and folder.emptied_at + _TICK > record.added_at
        return changed and not has_persons_words(record)

    def _unread(self) -> set[str]:
        """Give the versions of files that are there but could not be read: one may be a file that vanished, renamed."""
        failures = (one for one in self._gallery.failures() if one.uri not in self._known)
        return {_version(one.version) for one in failures if one.uri.startswith("file:") and one.outcome not in _READ}

    def _empty_above(self, uri: str) -> EmptyFolder | None:
        """Give the empty folder that a uri lies below, if there is one."""
        ends = (place + 1 for place, letter in enumerate(uri[:-1]) if letter == "/") if self._empty else ()
        return next((self._empty[uri[:end]] for end in ends if uri[:end] in self._empty), None)

    def _passed_over(self, uri: str, stamps: set[str]) -> bool:
        """Whether it came from elsewhere; beside a record, a failure for which no bytes were found does not count."""
        counting = [stamp for stamp in stamps if not stamp.startswith("- ")] or stamps
        return any(self._source.passes_over(uri, stamp) for stamp in counting)


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


def _version(stamp: str) -> str:
    """Give the part of an item's stamp that says whether its bytes have changed."""
    return stamp.partition(" ")[0]
