"""Who inherits what a person wrote about a picture that has vanished? The same bytes under another name."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from itertools import takewhile

from lookalike.describing import has_persons_words, inherited
from lookalike.gallery import Gallery
from lookalike.types import ImageRecord

Copies = Mapping[str, list[ImageRecord]]
"""Records by the digests of their bytes."""


def copies_of(records: Iterable[ImageRecord], gallery: Gallery, vanished: Collection[str]) -> Copies:
    """Find the records of the same bytes as some others, but for those whose ids are among the vanished."""
    digests = {record.sha256 for record in records if record.sha256}  # one that was imported may have none
    ids = [id_ for same in gallery.find("sha256", digests).values() for id_ in same if id_ not in vanished]
    found: dict[str, list[ImageRecord]] = defaultdict(list)
    for record in gallery.get(ids):
        found[record.sha256].append(record)
    return found


def pass_on(gone: Iterable[ImageRecord], copies: Copies, gallery: Gallery, since: datetime | None = None) -> int:
    """Give what a person wrote about pictures to copies of theirs that nobody has described; tells how many took it.

    Each goes to one: best to one that came `since` a time, as it was moved there; of these to the one whose path ends
    most like the old one, and then to the latest.
    """
    heirs: dict[str, ImageRecord] = {}
    for old in filter(has_persons_words, gone):
        free = [one for one in copies.get(old.sha256, ()) if one.id not in heirs and not has_persons_words(one)]
        if free:
            heir = max(free, key=lambda one: (_is_new(one, since), _likeness(one.uri, old.uri), one.added_at))
            heirs[heir.id] = old
    _describe(heirs, gallery)
    return len(heirs)


def _is_new(record: ImageRecord, since: datetime | None) -> bool:
    return since is not None and record.added_at >= since


def pass_on_to_kept(spares: Iterable[tuple[ImageRecord, ImageRecord]], gallery: Gallery) -> None:
    """Give what a person wrote about pictures that go to those that are kept for them, of the same bytes.

    Each is given beside the one that is kept, which stays as it is where a person has described it.
    """
    kept_for = {spare.id: kept for spare, kept in spares}
    heirs: dict[str, ImageRecord] = {}
    for spare in gallery.get(list(kept_for)):  # anew: a person may have written since they were looked for
        kept = kept_for[spare.id]
        if spare.sha256 and spare.sha256 == kept.sha256 and has_persons_words(spare):
            heirs.setdefault(kept.id, spare)
    _describe(heirs, gallery)


def _describe(heirs: Mapping[str, ImageRecord], gallery: Gallery) -> None:
    """Give each, by its id, the words of another."""
    if heirs:
        gallery.describe(list(heirs), lambda record: inherited(heirs[record.id], record))


def _likeness(one: str, other: str) -> int:
    """Count the steps of two uris that are the same from the end."""
    steps = zip(reversed(one.split("/")), reversed(other.split("/")), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], steps))
