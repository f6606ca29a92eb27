"""Which version of which registered model is meant? `models:/photos@champion`, `models:/photos/3`, or both."""

import re
from dataclasses import dataclass, replace

from lookalike.errors import BadInput

_URI = re.compile(
    r"models:/(?P<name>[A-Za-z0-9_][A-Za-z0-9_. -]{0,199})(?:/(?P<version>[1-9][0-9]{0,8}))?"
    r"(?:@(?P<alias>[A-Za-z_][A-Za-z0-9_-]{0,99}))?"
)
"""Plain names only, which are folders here; MLflow itself allows more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A registered model and a version of it, or an alias, or both: this version, taken because of that alias."""

    name: str
    version: int = 0
    """0 where only the alias is said."""
    alias: str = ""

    def __str__(self) -> str:
        """Write it as `parse` reads it."""
        version = f"/{self.version}" if self.version else ""
        return f"models:/{self.name}{version}{'@' if self.alias else ''}{self.alias}"

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Read `models:/name@alias`, `models:/name/version` or `models:/name/version@alias`.

        Raises:
            BadInput: it is none of them.
        """
        found = _URI.fullmatch(text)
        if found is None or found["name"].endswith((".", " ")):
            what = f"{text[:200]!r} names no version of a registered model."
            raise BadInput(what, "Write models:/name@alias, or models:/name/3.")
        return cls(name=found["name"], version=int(found["version"] or 0), alias=found["alias"] or "")

    def pinned(self, version: int) -> "Address":
        """Give the address of a version, the alias kept."""
        return replace(self, version=version)
