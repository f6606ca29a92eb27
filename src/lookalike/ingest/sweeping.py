"""What is forgotten at the end? What a source no longer offers, unless its drive may only be away."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from lookalike.describing import has_persons_words, unworded
from lookalike.gallery import Change, Gallery
from lookalike.ingest.inheriting import Copies, copies_of, pass_on
from lookalike.ingest.storing import BATCH_ROWS
from lookalike.sources import Source
from lookalike.stamps import bytes_version, is_in_folder, joined
from lookalike.types import EmptyFolder, Failure, ImageRecord, Ingested, Outcome
from lookalike.uris import image_id, local_path

_TICK = timedelta(seconds=2)
"""How coarsely a disk notes times; FAT's are the coarsest."""
_READ = {Outcome.UNREADABLE, Outcome.BLOCKED}
"""Failures of what is known to be no picture, or not wanted."""


@dataclass(slots=True)
class Missed:
    """What a source has not offered so far, and what it could not list."""

    known: dict[str, set[str]] = field(default_factory=dict)
    """Stamps of records and failures by their uris."""
    unlisted: list[str] = field(default_factory=list)
    empty: dict[str, EmptyFolder] = field(default_factory=dict)
    since: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    """When the listing began."""
    is_described: bool = False
    """Whether the source says something about its pictures, as tables do."""
    in_folder: list[str] = field(default_factory=list)
    """Uris that a folder offered, of records that do not say so yet."""


class Sweep:
    """Tells what has vanished from what may be back, and forgets it."""

    def __init__(self, source: Source, gallery: Gallery, missed: Missed) -> None:
        self._source = source
        self._gallery = gallery
        self._missed = missed

    def must_look_again(self) -> bool:
        """Whether to list once more before anything is forgotten, as what was not offered may be there.

        A file that is replaced may not have been in the moment when its folder was looked at. It is found by its name,
        but only a listing tells it from what is excluded, or has got that name in another case.
        """
        missing = self._missing()
        return self._sees(missing) or self._would_lose_words(missing)

    def _sees(self, missing: Sequence[str]) -> bool:
        """Whether there is a file among what no folder offered; a table need not name what is there."""
        return not self._missed.is_described and any(path and os.path.isfile(path) for path in map(local_path, missing))  # noqa: PTH113 - Path.is_file raises where a folder above may not be entered

    def _would_lose_words(self, missing: Sequence[str]) -> bool:
        """Whether a person wrote about a picture that has vanished, and no copy of it is there to inherit the words."""
        gone = [uri for uri in missing if not self._is_held(uri) and not self._empty_above(uri)]
        vanished = {image_id(uri) for uri in gone}
        for start in range(0, len(gone), BATCH_ROWS):
            records = self._gallery.get([image_id(uri) for uri in gone[start : start + BATCH_ROWS]])
            described = [record for record in records if has_persons_words(record)]
            copies = copies_of(described, self._gallery, vanished)
            if any(record.sha256 not in copies for record in described):
                return True
        return False

    def sweep(self) -> Iterator[Ingested]:
        """Forget what the source no longer offers, and pass on what a person wrote about it."""
        missing = self._missing()
        held = [uri for uri in missing if self._is_held(uri)]
        gone = [uri for uri in missing if not self._is_held(uri)]
        self._note(self._missed.in_folder, _noted_in_folder)
        self._note(held, unworded)
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

    def _missing(self) -> list[str]:
        """Give what was neither offered nor lies where nothing could be listed, and came from this source."""
        unlisted = set(self._missed.unlisted)
        below = tuple(f"{uri.rstrip('/')}/" for uri in unlisted)
        return [
            uri
            for uri, stamps in self._missed.known.items()
            if uri not in unlisted and not uri.startswith(below) and not self._passed_over(uri, stamps)
        ]

    def _is_held(self, uri: str) -> bool:
        """Whether a folder holds what a table does not name any more; what a folder misses, nobody has."""
        return self._missed.is_described and any(is_in_folder(stamp, uri) for stamp in self._missed.known[uri])

    def _note(self, uris: Sequence[str], change: Change) -> None:
        """Write into records which sources give them."""
        for start in range(0, len(uris), BATCH_ROWS):
            self._gallery.describe([image_id(uri) for uri in uris[start : start + BATCH_ROWS]], change)

    def _forget(self, uris: list[str], records: list[ImageRecord], copies: Copies) -> Iterator[Ingested]:
        forgotten = set(uris)
        gone = (record for record in records if record.uri in forgotten)
        pass_on(gone, copies, self._gallery, self._missed.since)
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
        return not same and bytes_version(record.version) in unread

    def _was_taken_out(self, record: ImageRecord, folder: EmptyFolder, same: Sequence[ImageRecord]) -> bool:
        """Whether a person emptied a folder, of which nobody can tell else: it changed, or its pictures are elsewhere.

        A folder that a drive is mounted on was there, and empty, before the drive's pictures were taken in; but that is
        not sure enough where a person's words would be lost, as it may have been made anew since.
        """
        if any(copy.added_at >= self._missed.since for copy in same):
            return True
        changed = folder.emptied_at is not None and folder.emptied_at + _TICK > record.added_at
        return changed and not has_persons_words(record)

    def _unread(self) -> set[str]:
        """Give the versions of files that are there but could not be read: one may be a file that vanished, renamed."""
        failures = (one for one in self._gallery.failures() if one.uri not in self._missed.known)
        return {
            bytes_version(one.version) for one in failures if one.uri.startswith("file:") and one.outcome not in _READ
        }

    def _empty_above(self, uri: str) -> EmptyFolder | None:
        """Give the empty folder that a uri lies below, if there is one."""
        empty = self._missed.empty
        ends = (place + 1 for place, letter in enumerate(uri[:-1]) if letter == "/") if empty else ()
        return next((empty[uri[:end]] for end in ends if uri[:end] in empty), None)

    def _passed_over(self, uri: str, stamps: set[str]) -> bool:
        """Whether it came from elsewhere; beside a record, a failure for which no bytes were found does not count."""
        counting = [stamp for stamp in stamps if not stamp.startswith("- ")] or stamps
        return any(self._source.passes_over(uri, stamp) for stamp in counting)


def _noted_in_folder(record: ImageRecord) -> ImageRecord:
    return replace(record, version=joined(record.version, bytes_version(record.version), record.uri))
