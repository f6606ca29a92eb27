"""How sure is a figure?"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """A figure, and where it lies in 95 of 100 drawings of as many pictures or queries."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """Write `21.4 (20.3–22.5)`."""
        return f"{self.value:.1f} ({self.low:.1f}–{self.high:.1f})"
