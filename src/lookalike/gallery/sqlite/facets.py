"""How many records carry each value of a field?"""

from collections.abc import Mapping

import numpy as np

from lookalike.errors import BadInput
from lookalike.gallery.sqlite.pages import NO_TIME
from lookalike.gallery.sqlite.view import View

FIELDS = ("label", "tag", "owner", "format", "folder", "year")


def count_values(view: View, passing: np.ndarray, field: str) -> Mapping[str, int]:
    """Count the values of passing records.

    Raises:
        BadInput: records cannot be counted by this field.
    """
    if field not in FIELDS:
        raise BadInput(f"Records cannot be counted by {field!r}.", f"Use one of {', '.join(FIELDS)}.")
    return _years(view, passing) if field == "year" else _terms(view, passing, field)


def _terms(view: View, passing: np.ndarray, field: str) -> Mapping[str, int]:
    terms = view.terms(field)
    totals = np.zeros(len(terms), np.int64)
    for block in view.columns.blocks:
        inside = passing[block.start : block.start + block.rows]
        if field == "tag":
            codes, rows = block.tags()
            codes = codes[inside[rows]]
        else:
            codes = block.column(field)[inside]
        totals += np.bincount(codes, minlength=len(terms))
    values = (value.removesuffix("/") for value in terms) if field == "folder" else iter(terms)
    return {value: int(total) for value, total in zip(values, totals, strict=True) if value and total}


def _years(view: View, passing: np.ndarray) -> Mapping[str, int]:
    taken = view.columns.values("taken", np.flatnonzero(passing))
    years = taken[taken != NO_TIME].view("datetime64[us]").astype("datetime64[Y]").astype(np.int64) + 1970
    return {f"{year:04}": int(total) for year, total in zip(*np.unique(years, return_counts=True), strict=True)}
