"""Which record of the gallery does a name in a file of ground truth mean?"""

from collections.abc import Iterable
from unicodedata import normalize

from lookalike.types import ImageRecord


class Names:
    """Knows records by id, uri, path, the end of a path, file name, and file name without its ending.

    Names are one in NFC: where a Mac writes `é` as two characters, tables have one.
    """

    def __init__(self, records: Iterable[ImageRecord]) -> None:
        """Learn the names; one that several records share means none of them, unless it is exact."""
        self._exact: dict[str, str] = {}
        self._loose: dict[str, str | None] = {}
        self._bare: dict[str, str | None] = {}
        for record in records:
            for name in (record.id, record.uri, record.path):
                self._exact.setdefault(name, record.id)
            whole = [normalize("NFC", name) for name in (record.path, *_ends(record.path))]
            for names, known in ((whole, self._loose), ([*whole, *map(_without_ending, whole)], self._bare)):
                for name in dict.fromkeys(filter(None, names)):
                    known[name] = None if name in known else record.id

    def find(self, name: str, *, bare: bool = True) -> str | None:
        """Give a record's id; None where no record, or more than one, is meant.

        Without `bare` a file is not meant by its name without the ending, which may be a word.
        """
        known = self._bare if bare else self._loose
        return self._exact.get(name) or known.get(normalize("NFC", name).replace("\\", "/").removeprefix("./"))


def _ends(path: str) -> list[str]:
    """Give the last one, two and three parts of a path."""
    parts = path.strip("/").split("/")
    return ["/".join(parts[-count:]) for count in range(1, min(3, len(parts)) + 1)]


def _without_ending(name: str) -> str:
    return name.rpartition(".")[0]
