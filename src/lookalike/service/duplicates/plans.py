"""What would be done about duplicates? The same question gives the same plan, which has a name of its own."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lookalike.duplicates import Action, Group, KeepRules, Step, plan_steps
from lookalike.errors import BadInput
from lookalike.service.duplicates.groups import FoundGroup, Groups
from lookalike.service.parts import Parts
from lookalike.service.roots import Roots
from lookalike.service.schemas.duplicates import Deed, Plan, PlannedStep, PlanRequest
from lookalike.service.wordings import wording_of
from lookalike.types import ImageRecord, Tier
from lookalike.uris import local_path, shown_path

_SHOWN = 500
_ALL = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What is to become of one spare picture."""

    record: ImageRecord
    kept: ImageRecord
    step: Step | None = None
    """What is done with its file; None where only the gallery forgets it."""
    obstacle: str = ""
    """Why it must be left alone; empty where nothing stands in the way."""


def standing_groups(parts: Parts, found: Sequence[FoundGroup]) -> dict[int, Group]:
    """Give groups by their numbers, as they are now: without pictures that have gone, and those that are none now."""
    records = {one.id: one for one in parts.gallery.get([id_ for group in found for id_ in group.ids])}
    standing = {}
    for group in found:
        there = tuple(records[id_] for id_ in group.ids if id_ in records)
        if len(there) > 1 and there[0].id == group.ids[0]:
            reasons = {one.id: group.reasons.get(one.id, "") for one in there[1:]}
            standing[group.number] = Group(
                tier=group.tier, keep=there[0], kept_for=group.kept_for, records=there, reasons=reasons
            )
    return standing


def make_plan(parts: Parts, groups: Groups, asked: PlanRequest, protected: Sequence[Path]) -> list[Planned]:
    """Say what would be done; nothing is touched.

    Raises:
        NotFound: nobody has looked for duplicates.
        BadInput: there is no such group, or no folder to move to.
        NotAllowed: files would be moved to where the service may not work.
    """
    groups.finding()
    found = groups.numbered(asked.groups) if asked.groups else groups.after(0, _ALL)
    chosen = [_keeping(group, asked.keep.get(str(group.number), "")) for group in found]
    roots, standing = Roots(parts.index_roots), list(standing_groups(parts, chosen).values())
    if asked.action is Deed.FORGET:
        return _wanted(asked, [Planned(record=one, kept=group.keep) for group in standing for one in group.others])
    if asked.action is Deed.MOVE and not asked.to:
        raise BadInput("Where are the pictures to be moved to?", "Name a folder as `to`.")
    folder = roots.allowed(asked.to) if asked.action is Deed.MOVE else None
    if asked.action is Deed.DELETE:
        standing = [group for group in standing if group.tier is not Tier.SIMILAR]
    steps = plan_steps(standing, Action(asked.action), KeepRules(protected=tuple(protected)), folder)
    planned = [Planned(record=one.record, kept=one.kept, step=one, obstacle=one.obstacle) for one in steps]
    return _wanted(asked, [_guarded(one, parts, roots) for one in planned])


def name_of(planned: Sequence[Planned], asked: PlanRequest) -> str:
    """Name a plan: another name whenever anything about it is different."""
    facts = [
        (one.record.id, one.record.sha256, one.kept.id, str(one.step.to) if one.step else "", one.obstacle)
        for one in planned
    ]
    return hashlib.sha256(json.dumps([asked.action, facts]).encode()).hexdigest()[:32]


def describe_plan(planned: Sequence[Planned], asked: PlanRequest) -> Plan:
    """Describe a plan, and its first steps."""
    acted = [one for one in planned if not one.obstacle]
    return Plan(
        steps=[
            PlannedStep(
                id=one.record.id,
                path=one.record.path,
                kept=one.kept.id,
                to=shown_path(one.step.to) if one.step and one.step.to else "",
                bytes=one.record.bytes,
                obstacle=one.obstacle,
                wording=wording_of(one.obstacle),
            )
            for one in planned[:_SHOWN]
        ],
        total=len(acted),
        left_alone=len(planned) - len(acted),
        bytes=sum(one.record.bytes for one in acted),
        plan=name_of(planned, asked),
    )


def _keeping(group: FoundGroup, id_: str) -> FoundGroup:
    """Put the picture that a person wants to keep first.

    Raises:
        BadInput: it is not of the group.
    """
    if not id_ or id_ == group.ids[0]:
        return group
    if id_ not in group.ids:
        raise BadInput(f"The picture {id_!r} is not in group {group.number}.", "Keep one of the group's.")
    reasons = {**group.reasons, group.ids[0]: group.reasons[id_]}
    ids = (id_, *(one for one in group.ids if one != id_))
    return replace(group, ids=ids, reasons=reasons, kept_for="chosen by a person")


def _wanted(asked: PlanRequest, planned: list[Planned]) -> list[Planned]:
    named = set(asked.spare)
    return [one for one in planned if not named or one.record.id in named]


def _guarded(one: Planned, parts: Parts, roots: Roots) -> Planned:
    """Keep off files that the service may not act on."""
    path = local_path(one.record.uri)
    if one.obstacle or path is None:
        return one
    if path.is_relative_to(parts.library.uploads.absolute()):
        return replace(one, obstacle="It was uploaded; take it out with the action forget.")
    if not roots.hold(path.parent):
        return replace(one, obstacle="It lies outside of the folders that index_roots names.")
    return one
