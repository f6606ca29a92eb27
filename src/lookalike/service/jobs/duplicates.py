"""How are groups of the same picture found, acted upon and put back, in the background?"""

import os
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from lookalike.duplicates import (
    Action,
    Journal,
    KeepRules,
    Looking,
    OriginalsVerifier,
    carry_out,
    find_groups,
    put_back,
    undo,
)
from lookalike.errors import BadInput, GalleryError, NotFound
from lookalike.gallery.filters import parse_filter
from lookalike.ingest.inheriting import pass_on_to_kept
from lookalike.service.duplicates.groups import Finding, FoundGroup, Groups
from lookalike.service.duplicates.plans import Planned
from lookalike.service.jobs.indexing import take_in
from lookalike.service.jobs.job import Job
from lookalike.service.jobs.reencoding import encode_what_lacks
from lookalike.service.jobs.running import Jobs, Work
from lookalike.service.parts import Parts
from lookalike.service.pictures.trash import Trash
from lookalike.service.roots import Roots
from lookalike.service.schemas.jobs import DuplicatesRequest
from lookalike.types import ImageRecord, Outcome, Tier
from lookalike.uris import image_id, shown_path

FORGOTTEN, ACTED = "forgotten duplicates", "files of duplicates"
"""Why records are in the trash; the first is followed by the job that threw them."""
_BATCH = 100


def protected_folders(parts: Parts, folders: Sequence[str]) -> list[Path]:
    """Read the folders in which nothing may be touched.

    Raises:
        NotAllowed: one lies where nothing is touched anyway; nobody learns here what else there is on this machine.
        BadInput: one is not there, so that its name is surely misspelt.
    """
    roots = Roots(parts.index_roots)
    paths = [roots.allowed(folder) for folder in folders]
    for path in paths:
        if not os.path.exists(path):  # noqa: PTH110 - Path's own fails on names that are too long
            raise BadInput(f"There is no folder {str(path)[:200]!r} to protect.", "Correct its name.")
    return paths


def look_for_groups(parts: Parts, groups: Groups, asked: DuplicatesRequest) -> Work:
    """Plan to look for groups, which then stand in for those found before.

    Raises:
        BadInput: a wrong rule, folder or filter.
    """
    rules, where = KeepRules.parse(asked.keep, protected_folders(parts, asked.protect)), parse_filter(asked.where)

    def work(job: Job) -> None:
        found: list[FoundGroup] = []
        with parts.library.make_decoder() as decoder:
            verify, is_stopped = OriginalsVerifier(decoder, parts.library.thumbnails.grey_at_hand), job.cancelled.is_set
            how = Looking(rules=rules, verify=verify, likeness=asked.likeness, is_stopped=is_stopped)
            with closing(find_groups(parts.gallery, asked.tier, where, how)) as running:
                for number, group in enumerate(running, start=1):
                    found.append(FoundGroup.of(number, group))
                    job.add("group", {"number": number, "tier": group.tier, "ids": list(found[-1].ids)})
        if job.cancelled.is_set():
            return
        told = Finding(
            job=job.id,
            at=datetime.now(UTC).isoformat(),
            total=len(found),
            tiers={tier: sum(group.tier is tier for group in found) for tier in Tier},
            keep=asked.keep,
            protect=tuple(asked.protect),
        )
        groups.replace(found, told)
        _tell_missing(job, verify.missing, parts)

    return work


def _tell_missing(job: Job, missing: Mapping[str, str], parts: Parts) -> None:
    """Name the pictures that were compared with nothing, and of which copies may be missing among the groups."""
    ids = list(missing)
    for start in range(0, len(ids), _BATCH):
        for record in parts.gallery.get(ids[start : start + _BATCH]):
            facts = {"id": record.id, "path": record.path, "outcome": Outcome.UNREACHABLE, "reason": missing[record.id]}
            job.add(Outcome.UNREACHABLE, facts, failed=True)


def forget_spares(parts: Parts, trash: Trash, planned: Sequence[Planned]) -> Work:
    """Plan to take pictures out of the gallery, each while it and the one that is kept for it are still there."""

    def work(job: Job) -> None:
        job.total = len(planned)
        for start in range(0, len(planned), _BATCH):
            if job.cancelled.is_set():
                return
            batch = planned[start : start + _BATCH]
            ids = {record.id for one in batch for record in (one.record, one.kept)}
            there = {record.id: record for record in parts.gallery.get(list(ids))}
            obstacles = [one.obstacle or _danger(one.kept, there) or _danger(one.record, there) for one in batch]
            gone = [one for one, why in zip(batch, obstacles, strict=True) if not why]
            _throw(gone, _forgotten_by(job.id), parts, trash)
            for one, why in zip(batch, obstacles, strict=True):
                _tell(job, one, why)

    return work


def act_on_spares(parts: Parts, trash: Trash, planned: Sequence[Planned]) -> Work:
    """Plan to do with files what was planned; the gallery forgets what is not there any more."""
    journal = Journal(parts.library.journal)
    by_id = {one.record.id: one for one in planned}
    steps = [one.step for one in planned if one.step is not None and not one.obstacle]

    def work(job: Job) -> None:
        job.total = len(planned)
        for one in planned:
            if one.obstacle:
                _tell(job, one, one.obstacle)
        gone: list[Planned] = []
        try:
            with closing(carry_out(steps, journal, job.id)) as running:
                for done in running:
                    _tell(job, by_id[done.step.record.id], done.obstacle)
                    if not done.obstacle and done.step.action is not Action.HARDLINK:
                        gone.append(by_id[done.step.record.id])
                    if job.cancelled.is_set():
                        break
        finally:
            _throw(gone, ACTED, parts, trash)

    return work


def _throw(gone: Sequence[Planned], reason: str, parts: Parts, trash: Trash) -> None:
    """Take pictures out of the gallery; what a person wrote about them stays with those kept for them."""
    pass_on_to_kept(((one.record, one.kept) for one in gone), parts.gallery)
    trash.throw([one.record.id for one in gone], reason)


def may_undo(parts: Parts, trash: Trash) -> bool:
    """Tell whether something done about duplicates waits to be taken back; whether it still can be, trying tells."""
    if trash.holds_any(FORGOTTEN):
        return True
    try:
        return bool(Journal(parts.library.journal).deeds())
    except (GalleryError, OSError):  # no reason to show no groups: whoever tries to undo is told what is wrong with it
        return True


def take_back(parts: Parts, trash: Trash, jobs: Jobs, doer: str = "") -> Work:
    """Plan to take back what one job did about duplicates, or all of them, as far as it still can be.

    Cancelled, it has taken back the last of it. What comes back from before another encoder answered is encoded in a
    job of its own.

    Raises:
        NotFound: of what that job did nothing is left to take back.
    """
    journal = Journal(parts.library.journal)
    if doer and not (any(deed.job == doer for deed in journal.deeds()) or trash.holds_any(_forgotten_by(doer))):
        raise NotFound(
            f"Nothing that the job {doer!r} did can be taken back.",
            "It was taken back, or did nothing; pictures that were forgotten come back within the hour only.",
        )

    def work(job: Job) -> None:
        back: list[Path] = []
        restored: list[ImageRecord] = []
        with closing(undo(journal, job.cancelled.is_set, doer or None)) as running:
            for one in running:
                path, obstacle = Path(one.deed.path), one.obstacle
                facts = {"path": shown_path(path), "outcome": "left" if obstacle else "undone", "reason": obstacle}
                job.add(str(facts["outcome"]), facts, failed=bool(obstacle))
                if not obstacle:
                    back.append(path)
                    found = trash.restore([image_id(path.as_uri())])
                    if not found:  # the trash keeps whole records, but not for long
                        put_back(one.deed, parts.gallery)
                    restored += found
        if not job.cancelled.is_set():
            restored += trash.restore(reason=_forgotten_by(doer) if doer else FORGOTTEN)
        encode_what_lacks(restored, parts, jobs)
        for record in restored:
            job.add("restored", {"path": record.path, "outcome": "restored", "reason": "", "id": record.id})
        known = {record.uri for record in restored}
        fresh = [path for path in back if path.as_uri() not in known and parts.index_roots]
        if fresh and not job.cancelled.is_set():
            take_in(parts.library.folder_source(fresh, may_be_missing=True, within=parts.index_roots), parts, job)

    return work


def _forgotten_by(job: str) -> str:
    return f"{FORGOTTEN} {job}"


def _danger(seen: ImageRecord, there: Mapping[str, ImageRecord]) -> str:
    """Look once more, right before forgetting: is a picture still what it was when this was planned?

    The same plan, or one that keeps another copy, may have been carried out meanwhile.
    """
    now = there.get(seen.id)
    if now is None:
        return f"{seen.path} is not there any more."
    if now.sha256 != seen.sha256:
        return f"{seen.path} has changed since it was indexed."
    return ""


def _tell(job: Job, one: Planned, obstacle: str) -> None:
    outcome = "left" if obstacle else "done"
    facts = {"id": one.record.id, "path": one.record.path, "outcome": outcome, "reason": obstacle}
    job.add(outcome, facts, failed=bool(obstacle))
