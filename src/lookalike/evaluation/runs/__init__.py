"""What is asked of a subject? Each run is a plan: which queries, and what judges their answers, one by one.

vectors   by label, by the names of labels, by captions: rankings by cosine
pairs     by pairs that a file names
copies    by edited copies of the gallery's own pictures
asking    whole searches, as people get them
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lookalike.evaluation.figures import Asked
from lookalike.evaluation.judged import Judged

QUERIES = 1_000
"""How many are asked where nothing else is said: a share is then known to about three in a hundred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Queries to be asked, and what is to be told of them."""

    title: str
    says: str
    """What is asked, of how much, in a sentence."""
    total: int
    """How many queries there are."""
    queries: Iterator[Judged]
    """Asks one after the other, as it is used. The order is by chance, so that the first of them stand for all."""
    asked: Asked
    group_word: str = ""
    """What a group is: `class`, `edit`; empty where there are none."""
    group_of: Mapping[str, str] = field(default_factory=dict)
    """Record → group."""


__all__ = ["QUERIES", "Plan"]
