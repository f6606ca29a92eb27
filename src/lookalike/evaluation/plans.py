"""Which runs does a person ask for? What is not said is taken from what the gallery holds."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lookalike.errors import BadInput
from lookalike.evaluation.runs import QUERIES, Plan
from lookalike.evaluation.runs.copies import COPIES, by_copies
from lookalike.evaluation.runs.pairs import by_pairs
from lookalike.evaluation.runs.vectors import by_caption, by_label, by_name
from lookalike.evaluation.subject import Subject
from lookalike.evaluation.truth.captions import read_captions
from lookalike.evaluation.truth.labels import check_by, read_labels
from lookalike.evaluation.truth.pairs import Difficulty, read_pairs
from lookalike.evaluation.truth.tables import Told, read_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a person wants to know; with nothing said, all that the gallery's own labels and captions tell."""

    by: str = ""
    """What makes pictures relevant to one another: `label`, `folder`, `owner`, `title` or `meta.NAME`."""
    names: bool = False
    """Ask by the names of the classes, too."""
    captions: bool = False
    copies: bool = False
    pairs: Path | None = None
    images: Path | None = None
    """Where the pictures lie that the pairs' queries name; else beside their file."""
    difficulty: Difficulty = "medium"
    truth: Path | None = None
    """A table with labels or captions of the gallery's pictures."""
    queries: int | None = None
    """How many are asked; 0 for all, None for as many as suit the run."""
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what no gallery can be asked.

        Raises:
            BadInput: names of nothing, or no such field.
        """
        if self.names and not self.by:
            raise BadInput("--names asks by the names of classes.", "Say which: --by label --names.")
        if self.by:
            check_by(self.by)

    @property
    def is_open(self) -> bool:
        """Whether nothing was said of what to ask."""
        return not (self.by or self.captions or self.copies or self.pairs)

    def at_most(self, usual: int) -> int:
        """Give how many queries to ask."""
        return usual if self.queries is None else self.queries


def labels_of(subject: Subject, wanted: Wanted) -> dict[str, str]:
    """Map records to the classes that are asked by; none where that is not asked. Raises as `read_labels` does."""
    by = wanted.by or ("label" if wanted.is_open else "")
    return read_labels(subject.records.values(), by, _told(subject, wanted), alone=wanted.names) if by else {}


def plans_of(subject: Subject, wanted: Wanted) -> list[Plan]:
    """Plan all that was asked for, in a fixed order.

    Raises:
        BadInput: the gallery holds nothing to ask by, or a file of ground truth cannot be used.
        NotFound: such a file is not there.
    """
    if wanted.is_open:
        return list(_whatever_there_is(subject, wanted))
    return list(_asked_for(subject, wanted))


def _asked_for(subject: Subject, wanted: Wanted) -> Iterator[Plan]:
    told = _told(subject, wanted)
    queries, seed = wanted.at_most(QUERIES), wanted.seed
    if wanted.by:
        labels = read_labels(subject.records.values(), wanted.by, told, alone=wanted.names)
        if len(set(labels.values())) < len(labels):
            yield by_label(subject, labels, by=wanted.by, queries=queries, seed=seed)
        if wanted.names:
            yield from by_name(subject, labels, queries=queries, seed=seed)
    if wanted.captions:
        yield from by_caption(subject, read_captions(subject.records.values(), told), queries=queries, seed=seed)
    if wanted.pairs:
        truths = read_pairs(wanted.pairs, wanted.difficulty)
        images = wanted.images or wanted.pairs.parent
        yield by_pairs(subject, truths, images, queries=wanted.at_most(0), seed=wanted.seed)
    if wanted.copies:
        yield by_copies(subject, queries=wanted.at_most(COPIES), seed=wanted.seed)


def _whatever_there_is(subject: Subject, wanted: Wanted) -> Iterator[Plan]:
    """Ask by labels and captions where there are any, and by copies, which need nothing."""
    told = _told(subject, wanted)
    queries, seed = wanted.at_most(QUERIES), wanted.seed
    with suppress(BadInput):  # there are no labels
        yield by_label(subject, read_labels(subject.records.values(), "label", told), queries=queries, seed=seed)
    with suppress(BadInput):  # there are no captions, or the encoder knows no words
        captions = read_captions(subject.records.values(), told)
        yield from by_caption(subject, captions, queries=queries, seed=seed)
    yield by_copies(subject, queries=wanted.at_most(COPIES), seed=wanted.seed)


def _told(subject: Subject, wanted: Wanted) -> dict[str, Told]:
    return read_table(wanted.truth, subject.names) if wanted.truth else {}
