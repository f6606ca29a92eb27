"""Which groups of the same picture were found last? Kept until they are looked for again, also across restarts."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from lookalike.duplicates import Group
from lookalike.errors import BadInput, NotFound
from lookalike.service.ledger import Ledger
from lookalike.types import Tier

_NOTE = "duplicates"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundGroup:
    """A group, without what the gallery knows anyway."""

    number: int
    tier: Tier
    kept_for: str
    ids: tuple[str, ...]
    """The one to keep first."""
    reasons: Mapping[str, str]

    @classmethod
    def of(cls, number: int, group: Group) -> "FoundGroup":
        """Note a group."""
        ids = tuple(record.id for record in group.records)
        return cls(number=number, tier=group.tier, kept_for=group.kept_for, ids=ids, reasons=dict(group.reasons))


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """When groups were found, and how."""

    job: str
    at: str
    total: int
    tiers: Mapping[Tier, int]
    """How many of these are of which tier; every tier is named."""
    keep: str
    protect: tuple[str, ...]


class Groups:
    """The groups found last. May be shared by threads."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def replace(self, groups: Iterable[FoundGroup], finding: Finding) -> None:
        """Keep these instead of the last ones."""
        rows = [(group.number, json.dumps(asdict(group))) for group in groups]
        with self._ledger.transaction() as connection:
            connection.execute("DELETE FROM duplicate_groups")
            connection.executemany("INSERT INTO duplicate_groups VALUES (?, ?)", rows)
            connection.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (_NOTE, json.dumps(asdict(finding))))

    def finding(self) -> Finding:
        """Tell how the groups were found.

        Raises:
            NotFound: nobody has looked for them.
        """
        with self._ledger.transaction() as connection:
            text = connection.execute("SELECT text FROM notes WHERE name = ?", (_NOTE,)).get
        if not isinstance(text, str):
            raise NotFound("Nobody has looked for duplicates yet.", 'Start a job of the kind "duplicates".')
        found = json.loads(text)
        counted = found["tiers"] if "tiers" in found else self._counted()
        tiers = {tier: counted.get(tier, 0) for tier in Tier}
        return Finding(**{**found, "tiers": tiers, "protect": tuple(found["protect"])})

    def _counted(self) -> dict[str, int]:
        """Count the groups of each tier, which notes of older versions do not tell."""
        sql = "SELECT found ->> '$.tier', count(*) FROM duplicate_groups GROUP BY 1"
        with self._ledger.transaction() as connection:
            found: Any = connection.execute(sql).fetchall()
        return dict(found)

    def after(self, number: int, limit: int, tier: Tier | None = None) -> list[FoundGroup]:
        """Give the groups behind a number, of all tiers or of one."""
        sql = (
            "SELECT found FROM duplicate_groups WHERE number > ?1 AND (?3 IS NULL OR found ->> '$.tier' = ?3) "
            "ORDER BY number LIMIT ?2"
        )
        with self._ledger.transaction() as connection:
            rows = connection.execute(sql, (number, limit, tier)).fetchall()
        return [_read(str(text)) for (text,) in rows]

    def numbered(self, numbers: Collection[int]) -> list[FoundGroup]:
        """Give some groups by their numbers.

        Raises:
            BadInput: there is none of a number.
        """
        wanted = sorted(set(numbers))
        with self._ledger.transaction() as connection:
            sql = "SELECT found FROM duplicate_groups WHERE number = ?"
            texts = [connection.execute(sql, (number,)).get for number in wanted]
        for number, text in zip(wanted, texts, strict=True):
            if text is None:
                raise BadInput(f"There is no group {number}.", "Ask for the groups again: others were found meanwhile.")
        return [_read(str(text)) for text in texts]


def _read(text: str) -> FoundGroup:
    found = json.loads(text)
    return FoundGroup(**{**found, "tier": Tier(found["tier"]), "ids": tuple(found["ids"])})
