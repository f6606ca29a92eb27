"""How many records have each value of a field? Milvus counts one value after the other, as long as they are few."""

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from lookalike.errors import BadInput
from lookalike.gallery.milvus.codes import NO_TIME, all_of, holds_any, year_of
from lookalike.gallery.milvus.notes import Notes
from lookalike.gallery.milvus.schema import records_of
from lookalike.gallery.milvus.selecting import Selection
from lookalike.gallery.milvus.server import Server
from lookalike.gallery.milvus.walking import stream

_COUNTED_ONE_BY_ONE = 64
"""Values; more are counted by reading the field of every record that passes."""
_THREADS = 4
_FIELDS = {"label": "label", "tag": "tags", "owner": "owner", "format": "format", "folder": "folder", "year": "taken"}


def count_values(server: Server, notes: Notes, selection: Selection, field: str) -> Mapping[str, int]:
    """Count records by the values of a field.

    Raises:
        BadInput: records cannot be counted by this field.
    """
    if field not in _FIELDS:
        raise BadInput(f"Records cannot be counted by {field!r}.", f"Use one of {', '.join(_FIELDS)}.")
    if field == "year":
        counted = _by_reading(server, selection, "taken")
        years: Counter[str] = Counter()
        for moment, n in counted.items():
            if moment != NO_TIME:
                years[year_of(moment)] += n
        return years
    terms = {text: code for text, code in notes.vocabulary.terms(field).items() if text}
    column = _FIELDS[field]
    if len(terms) <= _COUNTED_ONE_BY_ONE:
        by_code = _by_asking(server, selection, column, list(terms.values()))
    else:
        by_code = _by_reading(server, selection, column)
    named = {_shown(field, text): by_code[code] for text, code in terms.items() if by_code.get(code)}
    return {text: n for text, n in named.items() if text}


def _by_asking(server: Server, selection: Selection, column: str, codes: list[int]) -> dict[int, int]:
    def count(code: int) -> int:
        test = holds_any(column, [code]) if column == "tags" else f"{column} == {code}"
        return sum(server.count(records_of(server.address.name), all_of([part, test])) for part in selection.parts)

    with ThreadPoolExecutor(_THREADS) as threads:
        return dict(zip(codes, threads.map(count, codes), strict=True))


def _by_reading(server: Server, selection: Selection, column: str) -> Counter[int]:
    counted: Counter[int] = Counter()
    for part in selection.parts:
        for rows in stream(server, records_of(server.address.name), part, (column,)):
            for row in rows:
                counted.update([row[column]] if isinstance(row[column], int) else list(row[column]))
    return counted


def _shown(field: str, text: str) -> str:
    return text.removesuffix("/") if field == "folder" else text
