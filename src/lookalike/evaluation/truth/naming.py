"""Which record of the gallery does a name in a file of ground truth mean?"""

from collections.abc import Callable, Iterable
from unicodedata import normalize

from lookalike.types import ImageRecord

_PARTS = 3
"""Parts of a path by which it is looked up; whether longer names agree is seen in the path itself."""

Known = dict[str, str | list[str]]
"""The end of a path → the record, or the records, that it may mean."""


class Names:
    """Knows records by id, uri, path, the end of a path, file name, and file name without its ending.

    Names are one in NFC: where a Mac writes `é` as two characters, tables have one.
    """

    def __init__(self, records: Iterable[ImageRecord]) -> None:
        """Learn the names; one that several records share means none of them, unless it is exact."""
        self._exact: dict[str, str] = {}
        self._paths: dict[str, str] = {}
        self._whole: Known = {}
        self._bare: Known = {}
        for record in records:
            path = self._paths[record.id] = record.path
            for name in (record.id, record.uri, path):
                self._exact.setdefault(name, record.id)
            for known, shape in ((self._whole, _plain), (self._bare, _bare)):
                _learn(known, shape(path), record.id)

    def find(self, name: str, *, bare: bool = True) -> str | None:
        """Give a record's id; None where no record, or more than one, is meant.

        A file's whole name comes before that of another one without the ending, as where `1.jpg` lies beside
        `1.jpg.webp`. Without `bare` the latter means no file: it may be a word.
        """
        exact, name = self._exact.get(name), _plain(name)
        if exact or not name:
            return exact
        meant = self._meant(name, self._whole, _plain)
        if not meant and bare:
            meant = self._meant(name, self._bare, _bare)
        return meant[0] if len(meant) == 1 else None

    def _meant(self, name: str, known: Known, shape: Callable[[str], str]) -> list[str]:
        """Give the records whose paths, in this shape, end with a name."""
        end = _ends(name)[-1]
        ids = known.get(end, [])
        ids = [ids] if isinstance(ids, str) else ids
        return ids if end == name else [id_ for id_ in ids if f"/{shape(self._paths[id_])}".endswith(f"/{name}")]


def _learn(known: Known, path: str, id_: str) -> None:
    for end in filter(None, _ends(path)):
        before = known.setdefault(end, id_)
        if isinstance(before, list):
            before.append(id_)
        elif before != id_:
            known[end] = [before, id_]


def _ends(path: str) -> list[str]:
    """Give the last parts of a path: one, two and so on."""
    parts = path.split("/")
    return ["/".join(parts[-count:]) for count in range(1, min(_PARTS, len(parts)) + 1)]


def _plain(name: str) -> str:
    """Write a name as they are compared, whatever the system and wherever it begins."""
    return normalize("NFC", name).replace("\\", "/").removeprefix("./").lstrip("/")


def _bare(path: str) -> str:
    """Give a path without the file's ending; nothing where it has none."""
    folder, slash, name = _plain(path).rpartition("/")
    stem = name.rpartition(".")[0]
    return f"{folder}{slash}{stem}" if stem else ""
