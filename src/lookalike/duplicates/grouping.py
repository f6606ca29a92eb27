"""Which pictures of a gallery are the same, and which one of each is worth keeping?

Every picture of a group was compared with the one that is kept. There is no chain: if A is like B and B like C, then C
is with A only if it is like A.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import chain, islice, takewhile
from typing import Protocol

from lookalike.duplicates.keeping import KeepRules
from lookalike.duplicates.linking import Link, Linking, Links, Table
from lookalike.duplicates.stopping import IsStopped, never
from lookalike.gallery import Gallery
from lookalike.gallery.filters import Filter
from lookalike.types import ImageRecord, Relation, Tier

DEFAULT_LIKENESS = 0.95
"""Cosine from which on two pictures count as similar enough to be grouped."""
_THREADS = 2
_AHEAD = 16
"""Candidates whose pixels are looked at before their turn."""
_AT_ONCE = 4
"""Pictures that are looked at, or wait for it, beside one candidate."""
_PAGE = 64
_PATIENCE = 20
"""Pictures in a row that the pixels refuse, the nearest hashes first, before the farther ones are let be.

Thousands of forms of one kind are all near one another; a copy is nearer to its original than most of them.
"""
_ORDER = (Tier.IDENTICAL, Tier.EDITED, Tier.SIMILAR)


class Compared(Protocol):
    """What a look at the pixels of two pictures says."""

    @property
    def relation(self) -> Relation:
        """What they are to one another."""
        ...


Verify = Callable[[ImageRecord, ImageRecord], Compared | None]
"""Looks at the pixels of two pictures; None where one of them cannot be had. Several threads ask at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Pictures that are the same as the one that is kept."""

    tier: Tier
    """The loosest among the group's."""
    keep: ImageRecord
    kept_for: str
    """Why this one: `most pixels: 4000 × 3000`."""
    records: tuple[ImageRecord, ...]
    """All of the group, the best first; `keep` is the first."""
    reasons: Mapping[str, str]
    """Id of every other picture → why it is in the group: `same bytes`, `hashes differ in 6 of 256 bits`."""

    @property
    def others(self) -> tuple[ImageRecord, ...]:
        """All but the one that is kept."""
        return self.records[1:]

    @property
    def spare_bytes(self) -> int:
        """What the others take on disk."""
        return sum(record.bytes for record in self.others)


@dataclass(frozen=True, slots=True)
class Looking:
    """How to look for groups."""

    tier: Tier = Tier.EDITED
    """The loosest wanted: `edited` finds identical and edited ones."""
    rules: KeepRules = field(default_factory=KeepRules)
    verify: Verify | None = None
    """Asked wherever hashes are close; without it they decide alone, and two screenshots of one app may pass."""
    likeness: float = DEFAULT_LIKENESS
    is_stopped: IsStopped = never
    """From when on it is true, no more groups are found, and soon nothing is looked at."""


def find_groups(
    gallery: Gallery, tier: Tier = Tier.EDITED, where: Filter | None = None, how: Looking | None = None
) -> Generator[Group]:
    """Find the groups of a gallery, those of the best pictures first; each picture is in one group at most.

    `tier` stands in for that of `how`.

    Raises:
        GalleryError: `similar` is asked for and the gallery holds no embeddings.
    """
    looking = replace(how or Looking(), tier=tier)
    likeness = looking.likeness if tier is Tier.SIMILAR else None
    table = Table(gallery, where, looking.rules, likeness, looking.is_stopped)
    linkings = [table.identical()]
    if tier is not Tier.IDENTICAL:
        linkings.append(table.edited())
    if tier is Tier.SIMILAR:
        linkings.append(table.similar())
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="verify") as threads:
        yield from _Grouping(table, linkings, looking, threads).groups()


@dataclass(frozen=True, slots=True)
class _Looked:
    """What came of a look at one picture beside the one that may be kept."""

    link: Link | None
    """Why it is the same; None where it is not."""
    is_same: bool | None = None
    """What the pixels say; None where nobody looked at them, or they cannot be had."""


@dataclass(slots=True)
class _Candidate:
    """A picture that may be the best of a group, and what may belong to it."""

    row: int
    keep: ImageRecord | None = None
    """None until it is begun, and where it was deleted meanwhile."""
    found: Sequence[Links] = ()
    """What may be the same, by each kind of reason; the nearest hashes first."""
    pictures: Iterator[tuple[int, ImageRecord]] = field(default_factory=lambda: iter(()))
    """Those of them that are not begun yet."""
    begun: deque[tuple[int, ImageRecord, Future[_Looked]]] = field(default_factory=deque)
    refused: int = 0
    """How many pictures the pixels refused since they last agreed."""

    def may_hold(self, row: int) -> bool:
        """Say whether a picture may belong to it."""
        return any(row in links.rows for links in self.found)

    def counting(self) -> list[Links]:
        """Give what was found; when patience has run out, only what needs no look at the pixels."""
        return [links for links in self.found if links.sure or self.refused < _PATIENCE]


class _Grouping:
    """Lets each picture, the best first, gather what is the same and not gathered yet.

    Pixels are looked at a little ahead, in threads, but not for a picture that one before it may gather.
    """

    def __init__(self, table: Table, linkings: Sequence[Linking], looking: Looking, threads: Executor) -> None:
        self._table = table
        self._linkings = linkings
        self._looking = looking
        self._threads = threads
        self._done: set[int] = set()

    def groups(self) -> Iterator[Group]:
        """Find the groups as the iterator is used."""
        waiting: deque[_Candidate] = deque()
        for row in takewhile(lambda _: not self._looking.is_stopped(), self._table.order):
            if row in self._done:
                continue
            candidate = _Candidate(row)
            if not any(one.may_hold(row) for one in waiting):
                self._begin(candidate)
                if candidate.keep is None:
                    continue
            waiting.append(candidate)
            if len(waiting) > _AHEAD:
                yield from self._gather(waiting.popleft())
        while waiting:
            yield from self._gather(waiting.popleft())

    def _begin(self, candidate: _Candidate) -> None:
        """Learn what may be the same as a candidate, and have the likeliest looked at."""
        found = [self._ungathered(linking(candidate.row), candidate.row) for linking in self._linkings]
        kept = self._table.gallery.get([self._table.ids[candidate.row]]) if any(one.rows for one in found) else []
        if kept:  # else it was deleted meanwhile
            candidate.keep, candidate.found = kept[0], found
            candidate.pictures = self._pictures(candidate)
            self._go_on(candidate, kept[0])

    def _ungathered(self, links: Links, row: int) -> Links:
        """Leave out what comes before a picture, and what is settled."""
        places, done = self._table.places, self._done
        place = places[row]
        rows = dict.fromkeys(other for other in links.rows if places[other] > place and other not in done)
        return replace(links, rows=rows.keys())

    def _pictures(self, candidate: _Candidate) -> Iterator[tuple[int, ImageRecord]]:
        """Read the records of what may be the same, some at a time, but for what is settled or deleted by then."""
        rows = list(dict.fromkeys(chain.from_iterable(links.rows for links in candidate.found)))
        for start in range(0, len(rows), _PAGE):
            page = self._unsettled(candidate, rows[start : start + _PAGE])
            records = {one.id: one for one in self._table.gallery.get([self._table.ids[row] for row in page])}
            for row in page:
                record = records.get(self._table.ids[row])
                if record is not None and self._unsettled(candidate, [row]):
                    yield row, record

    def _unsettled(self, candidate: _Candidate, rows: Sequence[int]) -> list[int]:
        """Give those of some pictures that may still be looked at beside a candidate."""
        counting = candidate.counting()
        return [row for row in rows if row not in self._done and any(row in links.rows for links in counting)]

    def _go_on(self, candidate: _Candidate, keep: ImageRecord) -> None:
        """Have the next few pictures looked at."""
        for row, record in islice(candidate.pictures, _AT_ONCE - len(candidate.begun)):
            links = [one.link(row) for one in candidate.counting() if row in one.rows]
            look = self._threads.submit(_look, links, keep, record, self._looking)
            candidate.begun.append((row, record, look))

    def _gather(self, candidate: _Candidate) -> Iterator[Group]:
        """Put a group together, unless the picture or all that is like it was gathered meanwhile."""
        if candidate.row not in self._done and candidate.keep is None:
            self._begin(candidate)  # it was held back until now
        if candidate.row in self._done or candidate.keep is None:
            for *_, look in candidate.begun:
                look.cancel()
            return
        keep, same = candidate.keep, list(self._same(candidate, candidate.keep))
        if not same or self._looking.is_stopped():
            return
        self._done |= {candidate.row, *(link.other for _, link in same)}
        records = (keep, *sorted((record for record, _ in same), key=self._looking.rules.key))
        yield Group(
            tier=max((link.tier for _, link in same), key=_ORDER.index),
            keep=keep,
            kept_for=self._looking.rules.reason(records),
            records=records,
            reasons={record.id: link.reason for record, link in same},
        )

    def _same(self, candidate: _Candidate, keep: ImageRecord) -> Iterator[tuple[ImageRecord, Link]]:
        """Give what is the same as the candidate, while the next few are looked at."""
        while candidate.begun:
            row, record, look = candidate.begun.popleft()
            self._go_on(candidate, keep)
            if row in self._done:
                continue
            looked = look.result()
            if looked.is_same is not None:
                candidate.refused = 0 if looked.is_same else candidate.refused + 1
            if looked.link is not None:
                yield record, looked.link


def _look(links: Sequence[Link], keep: ImageRecord, other: ImageRecord, looking: Looking) -> _Looked:
    """Find the first link that holds; pixels are looked at once at most."""
    verify = looking.verify
    if looking.is_stopped():
        return _Looked(None)
    if links[0].sure or verify is None:
        return _Looked(links[0])
    compared = verify(keep, other)
    if compared is not None and compared.relation is Relation.SAME:
        return _Looked(links[0], is_same=True)
    sure = next((link for link in links if link.sure), None)
    return _Looked(sure, is_same=None if compared is None else False)
