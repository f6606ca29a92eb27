"""What does a table say of pictures? Any that `lookalike index --table` reads: CSV, COCO, Flickr8k, Karpathy…"""

from dataclasses import dataclass
from pathlib import Path

from lookalike.errors import BadInput
from lookalike.evaluation.truth.naming import Names
from lookalike.sources.table.columns import Columns
from lookalike.sources.table.reading import open_table
from lookalike.sources.table.rows import BadRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a table says of one picture."""

    label: str = ""
    captions: tuple[str, ...] = ()


def read_table(path: Path, names: Names, encoding: str = "utf-8") -> dict[str, Told]:
    """Map ids of records to what a table says of them; rows about other pictures are passed over.

    Raises:
        NotFound: the table is not there.
        BadInput: it is no table, a row of it cannot be understood, or it says nothing of this gallery.
    """
    told: dict[str, Told] = {}
    rows = 0
    with open_table(path, encoding) as table:
        columns = Columns({})
        if table.header:
            columns.check(table.header, str(path))
        for row in table.rows:
            if isinstance(row, BadRow):
                raise BadInput(f"{path}, {row.place}: {row.reason}.", "Correct it.")
            try:
                said = columns.read(row.values)
            except ValueError as error:
                raise BadInput(f"{path}, {row.place}: {error}.", "Correct it.") from error
            rows += 1
            id_ = names.find(said.image)
            if id_ is not None:
                known = told.get(id_, Told())
                captions = tuple(dict.fromkeys((*known.captions, *said.captions)))
                told[id_] = Told(label=known.label or said.words["label"], captions=captions)
    if not told:
        raise BadInput(
            f"None of the {rows:,} rows of {path} is about a picture of the gallery.",
            "Index the pictures first; the table should name them by path or file name.",
        )
    return told
