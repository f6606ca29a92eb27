"""What does one check say?"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found."""

    state: Literal["ok", "warning", "error"]
    subject: str
    what: str
    fix: str = ""
