"""Which of several pictures that are the same is worth keeping?"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from lookalike.disk import expand_home, identity_of
from lookalike.errors import BadInput
from lookalike.types import ImageRecord
from lookalike.uris import local_path

_FORMATS = ("raw", "tiff", "png", "heic", "avif", "webp", "jpeg", "bmp", "gif")
"""Best first: what came out of a camera or lost nothing, then what compresses well; a GIF has lost its colours."""
_ALWAYS = datetime.max  # noqa: DTZ901 - a camera's clock has no zone


class Rule(StrEnum):
    """By what two pictures differ, and which one is better."""

    RESOLUTION = "resolution"
    """More pixels."""
    BYTES = "bytes"
    """The larger file: less was lost."""
    FORMAT = "format"
    """Raw and lossless before lossy."""
    AGE = "age"
    """Taken earlier; with a date before without; then added earlier."""


DEFAULT_ORDER = (Rule.RESOLUTION, Rule.BYTES, Rule.FORMAT, Rule.AGE)

Key = tuple[Any, ...]
"""Lower is better."""


@dataclass(frozen=True)
class KeepRules:
    """How to choose: pictures in protected folders first, then rule by rule; last, the shorter and earlier uri."""

    order: tuple[Rule, ...] = DEFAULT_ORDER
    protected: tuple[Path, ...] = ()
    """Folders in which nothing may be touched."""

    @classmethod
    def parse(cls, order: str = "", protected: Sequence[Path] = ()) -> "KeepRules":
        """Read rules like `resolution,age`; those not named come after, as usual. Folders become absolute.

        Raises:
            BadInput: no such rule.
        """
        named = [word.strip() for word in order.split(",") if word.strip()]
        unknown = next((word for word in named if word not in set(Rule)), None)
        if unknown is not None:
            raise BadInput(f"There is no rule {unknown!r}.", f"Use {', '.join(Rule)}, in any order, between commas.")
        first = tuple(dict.fromkeys(Rule(word) for word in named))
        folders = tuple(expand_home(path).absolute() for path in protected)
        return cls((*first, *(rule for rule in DEFAULT_ORDER if rule not in first)), folders)

    def is_protected(self, record: ImageRecord) -> bool:
        """Say whether a picture lies in a protected folder: by its name, by where links lead, or by any other spelling.

        Many disks do not tell `albums` from `Albums`; the folder itself is the same under all of its names.
        """
        path = local_path(record.uri) if self.protected else None
        if path is None:
            return False
        if path in self._folders or self._holds(path.parent):
            return True
        target = path.resolve() if os.path.islink(path) else path  # noqa: PTH114 - Path's own fails on a lost drive
        return target in self._folders or self._holds(target.parent)

    def _holds(self, folder: Path) -> bool:
        """Say whether all that lies in a folder is protected; looks at each folder once."""
        if folder not in self._known:
            places = {folder, folder.resolve()}
            above = {one for place in places for one in (place, *place.parents)}
            is_named = any(one in self._folders for one in above)
            self._known[folder] = is_named or any(identity_of(one) in self._identities for one in above)
        return self._known[folder]

    @cached_property
    def _known(self) -> dict[Path, bool]:
        """Folder → what `_holds` says of it."""
        return {}

    @cached_property
    def _folders(self) -> frozenset[Path]:
        """The protected folders, by their names and by where links lead."""
        return frozenset(one for folder in self.protected for one in (folder, folder.resolve()))

    @cached_property
    def _identities(self) -> frozenset[tuple[int, int]]:
        """The protected folders that are there, as their disks know them."""
        return frozenset(filter(None, map(identity_of, self.protected)))

    def key(self, record: ImageRecord) -> Key:
        """Give what to sort by; the picture to keep comes first, and no two pictures are equal."""
        values = (_VALUES[rule](record) for rule in self.order)
        return (not self.is_protected(record), *values, len(record.uri), record.uri)

    def reason(self, records: Sequence[ImageRecord]) -> str:
        """Say why the chosen one is kept: the first rule that sets it apart from the next best."""
        first, *rest = sorted(records, key=self.key)
        if not rest:
            return "the only one"
        if self.is_protected(first):
            return "in a protected folder"
        for rule in self.order:
            if _VALUES[rule](first) != _VALUES[rule](rest[0]):
                return f"{_WORDS[rule]}: {_SAID[rule](first)}"
        return "the shortest name"


def _format_rank(record: ImageRecord) -> int:
    return _FORMATS.index(record.format) if record.format in _FORMATS else len(_FORMATS)


def _age(record: ImageRecord) -> Key:
    return (record.taken_at or _ALWAYS, record.added_at)


_VALUES: Mapping[Rule, Callable[[ImageRecord], Any]] = {
    Rule.RESOLUTION: lambda record: -record.width * record.height,
    Rule.BYTES: lambda record: -record.bytes,
    Rule.FORMAT: _format_rank,
    Rule.AGE: _age,
}
_WORDS = {
    Rule.RESOLUTION: "most pixels",
    Rule.BYTES: "largest file",
    Rule.FORMAT: "best format",
    Rule.AGE: "oldest",
}
_SAID: Mapping[Rule, Callable[[ImageRecord], str]] = {
    Rule.RESOLUTION: lambda record: f"{record.width} × {record.height}",
    Rule.BYTES: lambda record: f"{record.bytes:,} bytes",
    Rule.FORMAT: lambda record: record.format,
    Rule.AGE: lambda record: f"{record.taken_at or record.added_at:%Y-%m-%d}",
}
