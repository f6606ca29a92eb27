"""Which pictures of a gallery are the same, and which one of each is worth keeping?

Every picture of a group was compared with the one that is kept. There is no chain: if A is like B and B like C, then C
is with A only if it is like A.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import Protocol

from lookalike.duplicates.keeping import KeepRules
from lookalike.duplicates.linking import Link, Links, Table
from lookalike.duplicates.stopping import IsStopped, never
from lookalike.gallery import Gallery
from lookalike.gallery.filters import Filter
from lookalike.types import ImageRecord, Relation, Tier

DEFAULT_LIKENESS = 0.95
"""Cosine from which on two pictures count as similar enough to be grouped."""
_THREADS = 2
_AHEAD = 16
"""Candidates whose pixels are looked at before their turn."""
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
    links = [table.identical()]
    if tier is not Tier.IDENTICAL:
        links.append(table.edited())
    if tier is Tier.SIMILAR:
        links.append(table.similar())
    yield from _groups(table, links, looking)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A picture that may be the best of a group, and what may belong to it."""

    row: int
    keep: ImageRecord
    same: Mapping[int, tuple[ImageRecord, Future[Link | None]]]
    """Row → the picture there, and why it is the same, if it is."""


def _groups(table: Table, links: Sequence[Links], looking: Looking) -> Iterator[Group]:
    """Let each picture, the best first, gather what is the same and not gathered yet.

    Pixels are looked at a little ahead, in threads, also for pictures that turn out to be gathered by then.
    """
    done: set[int] = set()
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="verify") as threads:
        waiting: deque[_Candidate] = deque()
        for candidate in _candidates(table, links, looking, threads, done):
            waiting.append(candidate)
            if len(waiting) > _AHEAD:
                yield from _gather(waiting.popleft(), done, looking)
        while waiting:
            yield from _gather(waiting.popleft(), done, looking)


def _candidates(
    table: Table, links: Sequence[Links], looking: Looking, threads: Executor, done: Collection[int]
) -> Iterator[_Candidate]:
    """Go through the pictures, the best first, passing over those without links and what is `done` by then."""
    before: set[int] = set()
    for row in takewhile(lambda _: not looking.is_stopped(), table.order):
        before.add(row)
        if row in done:
            continue
        found: dict[int, list[Link]] = defaultdict(list)
        for link in (link for source in links for link in source(row)):
            if link.other not in before and link.other not in done:
                found[link.other].append(link)
        if not found:
            continue
        records = {record.id: record for record in table.gallery.get([table.ids[one] for one in (row, *found)])}
        keep = records.get(table.ids[row])
        if keep is None:
            continue  # deleted meanwhile
        others = {one: records[table.ids[one]] for one in found if table.ids[one] in records}
        yield _Candidate(
            row=row,
            keep=keep,
            same={
                one: (record, threads.submit(_holding, found[one], keep, record, looking))
                for one, record in others.items()
            },
        )


def _gather(candidate: _Candidate, done: set[int], looking: Looking) -> Iterator[Group]:
    """Put a group together, unless the picture or all that is like it was gathered meanwhile."""
    if candidate.row in done:
        return
    held = {row: (record, why.result()) for row, (record, why) in candidate.same.items() if row not in done}
    same = {record.id: (record, link) for record, link in held.values() if link is not None}
    if not same or looking.is_stopped():
        return
    done |= {candidate.row, *(link.other for _, link in same.values())}
    records = (candidate.keep, *sorted((record for record, _ in same.values()), key=looking.rules.key))
    yield Group(
        tier=max((link.tier for _, link in same.values()), key=_ORDER.index),
        keep=candidate.keep,
        kept_for=looking.rules.reason(records),
        records=records,
        reasons={id_: link.reason for id_, (_, link) in same.items()},
    )


def _holding(links: Sequence[Link], keep: ImageRecord, other: ImageRecord, looking: Looking) -> Link | None:
    """Give the first link that holds; pixels are looked at once at most."""
    if looking.is_stopped():
        return None
    verify = looking.verify
    if links[0].sure or verify is None:
        return links[0]
    compared = verify(keep, other)
    is_same = compared is not None and compared.relation is Relation.SAME
    return links[0] if is_same else next((link for link in links if link.sure), None)
