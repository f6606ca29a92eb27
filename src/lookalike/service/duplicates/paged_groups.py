"""How are groups of duplicates shown, a page at a time, as they are now?"""

from lookalike.duplicates import Group
from lookalike.service.duplicates.groups import Groups
from lookalike.service.duplicates.plans import standing_groups
from lookalike.service.parts import Parts
from lookalike.service.schemas.duplicates import DuplicateGroup, DuplicatePage, Spare
from lookalike.service.schemas.images import Image
from lookalike.types import Tier


def page_of_groups(
    parts: Parts, groups: Groups, after: int, limit: int, tier: Tier | None = None, *, may_undo: bool
) -> DuplicatePage:
    """Give the groups behind a number, of all tiers or of one.

    Raises:
        NotFound: nobody has looked for duplicates.
    """
    finding = groups.finding()
    found = groups.after(after, limit, tier)
    return DuplicatePage(
        groups=[_described(number, group) for number, group in standing_groups(parts, found).items()],
        total=finding.total,
        tiers=dict(finding.tiers),
        job=finding.job,
        found_at=finding.at,
        may_undo=may_undo,
        cursor=str(found[-1].number) if len(found) == limit else "",
    )


def _described(number: int, group: Group) -> DuplicateGroup:
    return DuplicateGroup(
        number=number,
        tier=group.tier,
        keep=Image.of(group.keep),
        kept_for=group.kept_for,
        spare=[Spare(**Image.fields_of(one), reason=group.reasons[one.id]) for one in group.others],
        spare_bytes=group.spare_bytes,
    )
