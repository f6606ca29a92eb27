"""Which record of the gallery does a name in a file of ground truth mean?"""

from collections.abc import Iterable

from lookalike.types import ImageRecord


class Names:
    """Knows records by id, uri, path, the end of a path, file name, and file name without its ending."""

    def __init__(self, records: Iterable[ImageRecord]) -> None:
        """Learn the names; one that several records share means none of them, unless it is exact."""
        self._exact: dict[str, str] = {}
        self._loose: dict[str, str | None] = {}
        for record in records:
            for name in (record.id, record.uri, record.path):
                self._exact.setdefault(name, record.id)
            for name in _endings(record.path):
                self._loose[name] = None if name in self._loose else record.id

    def find(self, name: str) -> str | None:
        """Give a record's id; None where no record, or more than one, is meant."""
        return self._exact.get(name) or self._loose.get(name.replace("\\", "/").removeprefix("./"))


def _endings(path: str) -> list[str]:
    """Give the last one, two and three parts of a path, with and without the file's ending."""
    parts = path.strip("/").split("/")
    whole = ["/".join(parts[-count:]) for count in range(1, min(3, len(parts)) + 1)]
    bare = [name.rpartition(".")[0] for name in whole]
    return list(dict.fromkeys(name for name in [*whole, *bare] if name))
