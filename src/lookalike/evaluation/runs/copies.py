"""How well do edited copies find what they were made of? Made on the spot, of the gallery's own pictures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import lcm

import numpy as np
from PIL import Image

from lookalike.errors import BadInput, LookalikeError, NotFound
from lookalike.evaluation.edits import EDITS, Edit
from lookalike.evaluation.figures import Asked
from lookalike.evaluation.judged import SHOWN, Judged
from lookalike.evaluation.runs import Plan
from lookalike.evaluation.runs.asking import Expected, Twins, ask, pixels_of, to_jpeg
from lookalike.evaluation.subject import Subject
from lookalike.search import Query
from lookalike.types import ImageRecord

COPIES = 400
"""Edited copies that are asked for where nothing else is said: nine of each kind."""
_HELD_OUT = 4
"""One query in five is of a picture that is held out: it must find nothing."""
_TRIES = 20
"""Pictures that may be missing in a row before a run is given up."""


def by_copies(subject: Subject, *, queries: int = COPIES, seed: int = 0, edits: Sequence[Edit] = EDITS) -> Plan:
    """Edit some of the gallery's own pictures, and search with the copies for the originals among everything.

    One query in five is held out: its original takes no part, and nothing should be called the same. Pictures that the
    gallery holds more than once are neither right nor wrong where another of them is meant.
    """
    random = np.random.default_rng(seed)
    ids = subject.askable(subject.records)
    if not ids:
        raise BadInput("The two galleries hold no picture in common.", "Index the same files into both.")
    originals = [ids[place] for place in random.permutation(len(ids)).tolist()]
    every = len(ids) * len(edits)
    copies = min(queries or every, every)
    total = copies + copies // _HELD_OUT
    return Plan(
        title="Edited copies",
        says=f"{copies:,} copies, edited in {len(edits)} ways, ask for their originals among "
        f"{len(subject.records):,} pictures; "
        f"{total - copies:,} more are of pictures that are held out, and should find nothing.",
        total=total,
        queries=_ask_copies(subject, originals, total, edits, seed),
        asked=Asked(
            per_query=("success@1", "recognised", "success@10", "MRR"),
            pooled=("micro AP", "recall at precision 90 %", "calibration error of copies"),
            by_group=("recognised", "success@1"),
        ),
        group_word="edit",
    )


def _ask_copies(
    subject: Subject, originals: Sequence[str], total: int, edits: Sequence[Edit], seed: int
) -> Iterator[Judged]:
    """Ask one copy after the other; what cannot be read any more is passed over, and others are asked instead."""
    missing = number = turn = 0
    twins = Twins(subject)
    asked, held = _pairs(originals, edits), _pairs(originals[::-1], edits)
    while number < total:
        held_out = number % (_HELD_OUT + 1) == _HELD_OUT
        random = np.random.default_rng([seed, turn])
        pair = next(held if held_out else asked, None)
        if pair is None:  # what else there was cannot be read
            return
        original, edit = pair
        record = subject.records[original]
        other = subject.records[originals[int(random.integers(len(originals)))]]
        turn += 1
        try:
            picture = _picture(subject, record)
            beside = _picture(subject, other) if edit.uses_other else picture
        except LookalikeError as error:
            missing += 1
            if missing >= _TRIES:
                raise NotFound(
                    f"Of {_TRIES} pictures in a row none could be read any more: {error.what}",
                    "Mount their drive, or bring the gallery up to date with `lookalike index`.",
                ) from error
            continue
        missing = 0
        jpeg = to_jpeg(np.asarray(edit.apply(random, picture, beside)))
        query = _Copy(record, other, edit, jpeg, held_out)
        yield _ask_copy(subject, query, twins)
        number += 1


def _pairs(originals: Sequence[str], edits: Sequence[Edit]) -> Iterator[tuple[str, Edit]]:
    """Pair each picture with each edit, once, every edit as often as any."""
    whole = lcm(len(originals), len(edits))  # after so many, the same pairs would come as before
    for turn in range(len(originals) * len(edits)):
        yield originals[(turn + turn // whole) % len(originals)], edits[turn % len(edits)]


@dataclass(frozen=True, slots=True)
class _Copy:
    """An edited copy, and what it was made of."""

    record: ImageRecord
    other: ImageRecord
    """Part of the copy, too, where the edit lays one on the other."""
    edit: Edit
    jpeg: bytes
    held_out: bool


def _ask_copy(subject: Subject, copy: _Copy, twins: Twins) -> Judged:
    record = copy.record
    name = f"{record.path} · {copy.edit.name}{' · held out' if copy.held_out else ''}"
    beside = twins.of(copy.other.id) if copy.edit.uses_other else set()
    ignored = (twins.of(record.id) | beside) - {record.id}
    expected = Expected(
        relevant=() if copy.held_out else (record.id,),
        ignored=ignored,
        absent=record.id if copy.held_out else "",
        depth=SHOWN,
        made_of=(record.id, copy.other.id) if copy.edit.uses_other else (record.id,),
        twins=twins,
    )
    group = "" if copy.held_out else copy.edit.name
    return ask(subject, Query(data=copy.jpeg, where=subject.where), expected, name, jpeg=copy.jpeg, group=group)


def _picture(subject: Subject, record: ImageRecord) -> Image.Image:
    return Image.fromarray(pixels_of(subject, subject.library.original(Query(id=record.id))))
