"""Which pictures of the gallery are the query, edited, or share a part with it? Candidates first, then proof."""

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Self

import numpy as np

from lookalike.copies.index import Candidate, CopyIndex
from lookalike.copies.packing import unpack
from lookalike.copies.plane import facing
from lookalike.copies.verifier import Comparison, QueryPicture, Verifier
from lookalike.errors import LookalikeError
from lookalike.gallery import Gallery
from lookalike.gallery.filters import Filter
from lookalike.search.admitting import Admission
from lookalike.search.effort import CLEAR, PLANS, Effort, Plan, Progress, Suspect
from lookalike.search.following import FollowingIndex, readable
from lookalike.search.leads import Leads, admitted_votes, leads_to, votes_for
from lookalike.threads import usable_cores
from lookalike.types import Grey, ImageRecord, MatchedRegion, Neighbors, Region, Relation
from lookalike.uris import local_path

_STANDS_OUT = 0.1
"""How much nearer than what is near by chance a copy's vector is.

Measured: among 20,000 pictures the first neighbour of 971 of 1,000 copies is, and that of 20 of 100 unknown pictures.
"""
_FEW_POINTS = 60
Votes = Future[list[Candidate]]
"""Of local features for pictures, being counted."""
_NONE = Neighbors(ids=(), scores=np.zeros(0, np.float32))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What copies are looked for."""

    picture: QueryPicture
    alike: Neighbors = _NONE
    """What the copy vector holds for copies, and some that are near by chance; none of them known, all pass."""
    known: Collection[str] = ()
    """Ids that need not be looked at."""
    is_known: bool = False
    """Whether the very picture was found already, so that nobody waits for close looks at unlikely ones."""
    effort: Effort | Literal[""] = ""
    votes: Votes | None = None
    """What `CopyFinder.begin` gave for this picture and effort, where somebody asked before; else it is asked now."""


def placed(comparison: Comparison, region: Region | None) -> Comparison:
    """Tell of the whole query picture what was found out about a region of it."""
    if region is None:
        return comparison
    inward = np.diag([1 / region.width, 1 / region.height, 1.0]) @ np.array(
        [[1, 0, -region.x], [0, 1, -region.y], [0, 0, 1]]
    )
    return replace(comparison, regions=tuple(_placed(one, region, inward) for one in comparison.regions))


def _placed(matched: MatchedRegion, region: Region, inward: np.ndarray) -> MatchedRegion:
    query = tuple((region.x + x * region.width, region.y + y * region.height) for x, y in matched.query)
    homography = facing(np.reshape(matched.homography, (3, 3)) @ inward, np.array(query))
    return replace(matched, query=query, homography=tuple(homography.ravel().tolist()))


class CopyFinder:
    """Finds edited copies in one gallery, with an index of its own that follows the gallery. Threads may share it."""

    def __init__(
        self,
        gallery: Gallery,
        picture_of: Callable[[ImageRecord], Grey],
        folder: Path | None = None,
        effort: Effort = "normal",
        cached: Callable[[ImageRecord], Grey | None] = lambda _: None,
    ) -> None:
        """Look at the gallery's pictures through `picture_of`; keep the index in `folder`, which may go at any time.

        Without a folder the index is made anew by each process. `effort` is for queries that ask for none. `cached`
        gives at once what there is of pictures that others keep one waiting for.
        """
        self._gallery = gallery
        self._picture_of = picture_of
        self._effort = effort
        self._cached = cached
        self._following = FollowingIndex(gallery, folder)
        self._verifier = Verifier()
        self._beside = ThreadPoolExecutor(usable_cores(), "copies")

    def begin(self, picture: QueryPicture, effort: Effort | Literal[""] = "") -> Votes:
        """Look local features up in a thread of their own, while the caller works out what else is asked."""
        plan = PLANS[effort or self._effort]
        return self._beside.submit(lambda: votes_for(self.refresh(), lambda: picture.features, plan))

    def find(self, wanted: Wanted, where: Filter) -> dict[str, Comparison]:
        """Compare the likeliest candidates that pass, and give those that are the same picture or share a region."""
        search = Progress(PLANS[wanted.effort or self._effort])
        votes = wanted.votes or self.begin(wanted.picture, wanted.effort)
        admission = Admission(self._gallery, where, wanted.known)
        leads = leads_to(self.refresh(), wanted.picture, search.plan, votes.result, admission)
        likely = leads.suspects(search.plan)
        self._compare_all(search, wanted.picture, likely)
        search.missed = 0
        if search.plan.closer and not search.same and not wanted.is_known:
            self._compare_all(search, wanted.picture, _look_again(wanted, likely, search.plan, leads))
        elif search.plan.closer and len(search.same) > 1:
            self._compare_all(search, wanted.picture.closer, self._look_beside(wanted, search, admission))
        return search.found

    def picture_of(self, record: ImageRecord) -> Grey | None:
        """Give a record's picture in grey; None where it cannot be had any more."""
        try:
            return self._picture_of(record)
        except LookalikeError:
            return None

    def refresh(self) -> CopyIndex:
        """Bring the index up to date with the gallery, and give it."""
        return self._following.refresh()

    def close(self) -> None:
        """Read the gallery no more, so that it can be closed; the object is of no use afterwards."""
        self._following.close()

    def __enter__(self) -> Self:
        """Use as a context manager: `close` at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def _look_beside(self, wanted: Wanted, search: Progress, admission: Admission) -> list[Suspect]:
        """Give candidates for the rest of a query that holds several pictures: the small ones had few points."""
        covered = [one.regions[0].query for one in search.same if one.regions]
        votes = votes_for(self.refresh(), lambda: wanted.picture.beside(covered), search.plan)
        suspects = [
            Suspect(admission.id_of(one.key), one.score)
            for one in admitted_votes(votes, search.plan, admission)
            if one.score >= CLEAR
        ]
        return [one for one in suspects if one.id not in search.found]

    def _present(self, candidates: list[Suspect]) -> Iterator[tuple[Suspect, ImageRecord]]:
        ids = [one.id for one in candidates]
        records = {record.id: record for record in self._gallery.get(ids, embeddings=True)}
        for candidate in candidates:
            record = records.get(candidate.id)
            if record is not None:
                yield candidate, record

    def _compare_all(self, search: Progress, query: QueryPicture, candidates: list[Suspect]) -> None:
        """Compare candidate after candidate until the search has enough; those of the same pixels once."""
        compared: dict[str, Comparison] = {}
        for candidate, record in self._present(candidates):
            same = record.fingerprint.pixels or record.id  # imported pictures' pixels need not be known
            if same in compared:
                if compared[same].relation is not Relation.UNRELATED:  # to know it already takes no patience
                    search.take(record.id, compared[same])
                continue
            if search.is_over or not search.wants(candidate):
                continue
            with search.spending():
                thorough = search.plan.thorough or candidate.alike
                if not thorough and candidate.score < CLEAR and self._is_ruled_out(query, record):
                    continue
                picture = self._fetch(search, record)
                if picture is None:
                    continue
                comparison = self._verifier.compare(query, picture, thorough=thorough)
                compared[same] = comparison
                search.take(record.id, comparison)

    def _fetch(self, search: Progress, record: ImageRecord) -> Grey | None:
        here = local_path(record.uri) is not None
        get = self.picture_of if search.may_wait(here=here) else self._cached
        return search.fetch(lambda: get(record), here=here)

    def _is_ruled_out(self, query: QueryPicture, record: ImageRecord) -> bool:
        """Say whether the stored features speak against a candidate, where they were stored in full."""
        packed = readable(record.fingerprint.features)
        features = unpack(packed).features if packed else None
        return features is not None and self._verifier.rules_out(query, features)


def _look_again(wanted: Wanted, likely: list[Suspect], plan: Plan, leads: Leads) -> list[Suspect]:
    """Give what is looked at closely where nothing was found: the nearest hashes, and the first of the others."""
    voted = [one.id for one in likely if one.score >= CLEAR][:1]
    ordered = dict.fromkeys([*leads.near(plan.closer), *voted, *wanted.alike.ids[: _trusted(wanted, plan, leads)]])
    done = {one.id for one in likely if one.alike or plan.thorough}
    return [Suspect(id_, alike=True) for id_ in ordered if id_ not in done]


def _trusted(wanted: Wanted, plan: Plan, leads: Leads) -> int:
    """Say how many of the copy vector's neighbours are worth a close look.

    Where the query's points, if they are many, agree with nothing, only one that stands out is.
    """
    if plan.thorough:
        return plan.closer
    if not _stands_out(wanted.alike) and not (leads.has_features and len(wanted.picture.features) < _FEW_POINTS):
        return 0
    return 1 if leads.has_features else plan.closer


def _stands_out(alike: Neighbors) -> bool:
    """Say whether the first is much nearer than the farther half, which is near by chance."""
    by_chance = alike.scores[max(1, len(alike.ids) // 2) :]
    return len(by_chance) == 0 or bool(alike.scores[0] - by_chance.mean() >= _STANDS_OUT)
