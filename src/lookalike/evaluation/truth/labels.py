"""Which class does each picture belong to? By its label, its folder, its owner, or anything its metadata says."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from lookalike.errors import BadInput
from lookalike.evaluation.truth.tables import Told
from lookalike.types import ImageRecord

BY: Mapping[str, Callable[[ImageRecord], str]] = {
    "label": lambda record: record.label,
    "folder": lambda record: record.path.rpartition("/")[0].rpartition("/")[2],
    "owner": lambda record: record.owner,
    "title": lambda record: record.title,
}
"""What one may ask by → what it is of a record; besides these, `meta.NAME`."""


def read_labels(
    records: Iterable[ImageRecord], by: str, told: Mapping[str, Told], *, alone: bool = False
) -> dict[str, str]:
    """Map ids to classes; what a table told stands before the record's own label. Pictures without one are left out.

    Raises:
        BadInput: nothing of that name can be asked by, or no two pictures share a class; with `alone`, none has one.
    """
    value = _reader(by)
    labels = {record.id: _label(record, by, told, value) for record in records}
    labels = {id_: label for id_, label in labels.items() if label}
    if not labels:
        raise BadInput(
            f"No picture of the gallery has a {by}.",
            "Try --by folder, name a table with the labels by --truth, or label pictures with a table: "
            "`lookalike index --table labels.csv`.",
        )
    if len(set(labels.values())) < 2:
        raise BadInput(f"All pictures have the same {by}.", "It takes two to be told apart; try another --by.")
    if not alone and max(Counter(labels.values()).values()) < 2:
        raise BadInput(
            f"No two pictures share a {by}.",
            "Ask by the names of the classes, with --names, or look for copies: --copies.",
        )
    return labels


def check_by(by: str) -> None:
    """Refuse what pictures cannot be told apart by, whatever is said of them.

    Raises:
        BadInput: it is no field.
    """
    _reader(by)


def in_words(label: str) -> str:
    """Give a class as people would say it: `golden_retriever` and `Golden-Delicious` lose their signs."""
    return re.sub(r"\s+", " ", re.sub(r"[_\-./]+", " ", label)).strip().lower()


def _reader(by: str) -> Callable[[ImageRecord], str]:
    if by.startswith("meta.") and len(by) > len("meta."):
        return lambda record: _plain(record.metadata.get(by.removeprefix("meta."), ""))
    if by not in BY:
        raise BadInput(f"Pictures cannot be told apart by {by!r}.", f"Use {', '.join(BY)} or meta.NAME.")
    return BY[by]


def _label(record: ImageRecord, by: str, told: Mapping[str, Told], value: Callable[[ImageRecord], str]) -> str:
    said = told[record.id].label if by == "label" and record.id in told else ""
    return said or value(record)


def _plain(value: object) -> str:
    return str(value) if isinstance(value, str | int | float) else ""
