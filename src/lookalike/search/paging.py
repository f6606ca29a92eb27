"""Where does the next page of answers start? After a tier, a score and an id, whatever came or went meanwhile."""

import base64
import hashlib
import json
import math
from dataclasses import dataclass

from lookalike.errors import BadInput
from lookalike.search.query import Query
from lookalike.types import Tier

_PLACE = {tier: place for place, tier in enumerate(Tier)}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record on its way to be a hit."""

    tier: Tier
    score: float
    id: str
    signal: str

    def order(self) -> tuple[int, float, str]:
        """Give the sort key: by tier, then by falling score, then by id."""
        return _PLACE[self.tier], -self.score, self.id


@dataclass(frozen=True, slots=True)
class Cursor:
    """The edge of the pages already given: how many hits they held, and the sort key of the last one."""

    seen: int = 0
    last: tuple[int, float, str] = (-1, 0.0, "")
    likely: bool = False
    """Whether a good answer was among them."""

    def before(self, candidate: Candidate) -> bool:
        """Whether a candidate comes after this edge."""
        return candidate.order() > self.last

    def beyond(self, page: list[Candidate], *, likely: bool = False) -> "Cursor":
        """Give the edge after one more page; `likely` says whether a good answer was on it."""
        return Cursor(self.seen + len(page), page[-1].order(), self.likely or likely)

    def write(self, query: Query, space: str = "") -> str:
        """Make the text that the caller hands back for the next page; `space` is the one that is searched."""
        values = [_digest(query, space), self.seen, *self.last, self.likely]
        return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()

    @classmethod
    def read(cls, text: str, query: Query, space: str = "") -> "Cursor":
        """Read that text again; the empty text is the start.

        Raises:
            BadInput: it was made for another query, in another space, or by nobody.
        """
        if not text:
            return cls()
        wrong = BadInput("The cursor does not belong to this query.", "Start again without a cursor.")
        try:
            digest, seen, tier, score, id_, *rest = json.loads(base64.urlsafe_b64decode(text.encode()))
            likely = bool(rest and rest[0])  # older cursors do not say it
            cursor = cls(int(seen), (int(tier), float(score), str(id_)), likely)
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            raise wrong from error
        if len(rest) > 1 or digest != _digest(query, space) or cursor.seen < 0 or not math.isfinite(cursor.last[1]):
            raise wrong
        return cursor


def _digest(query: Query, space: str) -> str:
    """Tell queries apart by what they search with and for, and in which space."""
    data = hashlib.sha256(query.data).hexdigest() if query.data is not None else ""
    parts = [str(query.file), data, query.url, query.id, str(query.region), query.where, query.min_score, query.effort]
    parts += [query.text, query.mode, space]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
