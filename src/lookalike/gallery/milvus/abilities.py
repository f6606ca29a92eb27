"""What can a server of some version do by itself, and what would a newer one do better?"""

import re
from dataclasses import dataclass

OLDEST = (2, 3)
"""The version that has upserts, counts and lists of numbers."""
_ASSUMED = "2.5"
"""Of a server that says no number: those in the cloud, and builds of Milvus's developers, are none of the oldest."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a server of some version does natively."""

    version: str
    half_precision: bool
    """Vectors of 16 bits, from 2.4."""
    inverted: bool
    """Inverted indexes of numbers and texts, from 2.4."""
    inverted_lists: bool
    """And of lists, from 2.5."""
    short_graphs: bool
    """Graphs over shortened vectors, from 2.5."""
    full_text: bool
    """BM25 over texts, from 2.5."""

    def __str__(self) -> str:
        """Say what there is, and what a newer server would do better."""
        bits = 16 if self.half_precision else 32
        missing = [] if self.half_precision else ["from 2.4 on, vectors take half of that"]
        missing += [] if self.full_text else ["from 2.5 on, words and tags have an index, and BM25 finds common words"]
        return "; ".join([f"Milvus {self.version}, vectors of {bits} bits a dimension", *missing])

    @classmethod
    def of(cls, version: str) -> "Abilities":
        """Read what a server calls itself: `v2.3.5-lite`, `2.5.4`, `milvus_lite-3.2.2`, `… compatible with Milvus 2.6`.

        One that says no number, `master-20250110-3be7e3e`, is taken for 2.5.
        """
        version = version if number_of(version) else f"{version or 'of no version'}, taken for {_ASSUMED}"
        lite = version.startswith("milvus_lite")
        number = number_of(version)
        return cls(
            version=version,
            half_precision=not lite and number >= (2, 4),
            inverted=lite or number >= (2, 4),
            inverted_lists=not lite and number >= (2, 5),
            short_graphs=not lite and number >= (2, 5),
            full_text=lite or number >= (2, 5),
        )


def number_of(version: str) -> tuple[int, ...]:
    """Give the first two numbers of a version, wherever they stand in it; none where it has none."""
    found = re.search(r"([0-9]+)\.([0-9]+)", version)
    return (int(found[1]), int(found[2])) if found else ()
