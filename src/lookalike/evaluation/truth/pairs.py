"""Which pictures answer which query? Read from CSV, from DISC's ground truth, and from ROxford's.

- CSV and TSV with columns `query` and `relevant`, a row a pair; several in one cell are separated by `;`. A query
  with nothing relevant is a distractor, which nothing should answer. Headings such as `query_image` mean pictures.
- DISC: two columns of ids and no heading, `Q00003,R123456`; no second id for a distractor.
  Source: Douze et al., The 2021 Image Similarity Dataset and Challenge, section 3.
- ROxford and RParis as JSON: `{"imlist": […], "qimlist": […], "gnd": [{"bbx": […], "easy": […], "hard": […],
  "junk": […]}]}`; the pickle they come as can carry code, and is refused.
  Source: Radenović et al., Revisiting Oxford and Paris (2018), section 3.
- JSON of a mapping: `{"query": ["relevant", …]}`.
"""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, Literal

from lookalike.errors import BadInput, NotFound

Difficulty = Literal["easy", "medium", "hard"]

_RIGHT: dict[str, tuple[str, ...]] = {"easy": ("easy",), "medium": ("easy", "hard"), "hard": ("hard",)}
_PICTURES = ("query_id", "query_image", "image1", "a")
"""Headings of queries that are pictures, never words."""
_QUERY = ("query", *_PICTURES)
_RELEVANT = ("relevant", "relevant_id", "reference", "reference_id", "positive", "match", "image2", "b")
_MAX_CHARACTERS = 300_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """One query, and what is right, by the names the file gives."""

    query: str
    relevant: tuple[str, ...]
    ignored: tuple[str, ...] = ()
    """Neither right nor wrong: as if it were not there."""
    among: tuple[str, ...] = ()
    """The pictures that are searched; whatever else the gallery holds is neither right nor wrong. Empty for all."""
    box: tuple[float, float, float, float] | None = None
    """The part of the picture that is searched with: left, top, right, bottom, in its pixels."""
    bare: bool = False
    """Whether the query is a picture, perhaps without its file's ending; else such a name is words."""


def read_pairs(path: Path, difficulty: Difficulty = "medium") -> list[Truth]:
    """Read a file of ground truth; each query once, in the order of the file.

    Raises:
        NotFound: it is not there.
        BadInput: a pickle, or laid out in another way.
    """
    if path.suffix.lower() in {".pkl", ".pickle"}:
        raise BadInput(
            f"{path} is a pickle, which can carry code.",
            f"Write it as JSON once: python -c \"import json, pickle; json.dump(pickle.load(open('{path.name}', 'rb')),"
            f" open('{path.stem}.json', 'w'), default=list)\"",
        )
    if path.is_dir():
        raise BadInput(f"{str(path)!r} is a folder, not a file of pairs.", "Name the file.")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            text = file.read(_MAX_CHARACTERS + 1)
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {str(path)!r}.", "Check the spelling.") from error
    except (OSError, UnicodeError) as error:
        raise BadInput(f"{str(path)!r} cannot be read: {error}.", "Write it in UTF-8.") from error
    if len(text) > _MAX_CHARACTERS:
        raise BadInput(f"{path} is too large to be read at once.", "Leave some queries out.")
    truths = _json(text, path, difficulty) if path.suffix.lower() == ".json" else _rows(text, path)
    if not truths:
        raise BadInput(f"{path} names no query.", "Write rows of query,relevant.")
    return truths


def _rows(text: str, path: Path) -> list[Truth]:
    first = text.partition("\n")[0]
    delimiter = "\t" if path.suffix.lower() == ".tsv" or "\t" in first else ","
    if ";" in first and delimiter not in first:  # as spreadsheets write it where the comma parts decimals
        delimiter = ";"
    try:
        parsed = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
        rows = [row for row in parsed if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise BadInput(f"{path} cannot be read: {error}.") from error
    query, relevant = _columns(rows[0] if rows else [], path)
    found: dict[str, list[str]] = {}
    for row in rows if query is None else rows[1:]:
        name, cell = (row[place].strip() if place < len(row) else "" for place in (query or 0, relevant))
        if name:
            found.setdefault(name, []).extend(one.strip() for one in cell.split(";") if one.strip())
    bare = query is None or rows[0][query].strip().casefold() in _PICTURES
    return [Truth(query=name, relevant=tuple(dict.fromkeys(names)), bare=bare) for name, names in found.items()]


def _columns(first: Sequence[str], path: Path) -> tuple[int | None, int]:
    """Give where queries and what is relevant stand; None for the queries where there is no heading."""
    heads = [cell.strip().casefold() for cell in first]
    query = next((heads.index(name) for name in _QUERY if name in heads), None)
    relevant = next((heads.index(name) for name in _RELEVANT if name in heads), None)
    if query is not None and relevant is not None:
        return query, relevant
    if query is not None or relevant is not None or len(heads) > 2:
        raise BadInput(f"{path} has the columns {', '.join(heads)[:300]}.", "Name two of them query and relevant.")
    return None, 1


def _json(text: str, path: Path, difficulty: Difficulty) -> list[Truth]:
    try:
        found = json.loads(text)
        if isinstance(found, dict) and "gnd" in found:
            return list(_landmarks(found, difficulty))
        if isinstance(found, dict):
            return [Truth(query=name, relevant=tuple(map(str, _list(found[name])))) for name in found]
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError) as error:
        raise BadInput(f"{path} is no ground truth that is understood: {error!r}.") from error
    raise BadInput(f"{path} holds no mapping.", 'Write {"query": ["relevant", …]}, or ROxford\'s imlist, qimlist, gnd.')


def _landmarks(found: dict[str, Any], difficulty: Difficulty) -> Iterator[Truth]:
    pictures = tuple(str(one) for one in _list(found["imlist"]))
    for query, truth in zip(_list(found["qimlist"]), _list(found["gnd"]), strict=True):
        right = [number for kind in _RIGHT[difficulty] for number in _list(truth[kind])]
        others = [kind for kind in ("easy", "hard") if kind not in _RIGHT[difficulty]]
        junk = [number for kind in (*others, "junk") for number in _list(truth.get(kind, []))]
        box = [float(side) for side in _list(truth["bbx"])] if truth.get("bbx") else []
        yield Truth(
            query=str(query),
            relevant=tuple(_at(pictures, number) for number in right),
            ignored=tuple(_at(pictures, number) for number in junk),
            among=pictures,
            box=(box[0], box[1], box[2], box[3]) if box else None,
            bare=True,
        )


def _at(pictures: Sequence[str], number: Any) -> str:
    if int(number) < 0:
        raise IndexError(f"{number} is no place in imlist")
    return pictures[int(number)]


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{str(value)[:60]!r} is no list")
    return value
