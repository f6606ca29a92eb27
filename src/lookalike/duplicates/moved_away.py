"""Where do pictures lie that were moved out of the way? They are no new pictures, whatever folder they are in."""

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import Any

from lookalike.duplicates.journal import Action, Journal
from lookalike.threads import holding

Places = tuple[Path, ...]


class MovedAway:
    """Tells where a journal says that files were moved to, and not back; reads what came to it since it last looked.

    No file is touched but the journal and the folders asked for: a drive that files were moved to may hang. May be
    shared by threads.
    """

    def __init__(self, journal: Path, asked: Sequence[Path]) -> None:
        """Leave out what lies in folders that somebody asks for by name, as absolute paths, and outside of `asked`."""
        self._journal = Journal(journal)
        self._asked = [(folder, Path(os.path.realpath(folder))) for folder in asked]
        self._above = {one for pair in self._asked for spelt in pair for one in (spelt, *spelt.parents)}
        self._roots: dict[Path, set[Path]] = defaultdict(set)
        for folder, real in self._asked:
            self._roots[folder].add(folder)
            self._roots[real].add(folder)
        self._is: tuple[int, int] | None = None
        self._read = 0
        self._places: dict[int, Places] = {}
        self._reading = Lock()

    def __call__(self) -> frozenset[Path]:
        """Give the files as a listing of the folders spells them.

        Of a journal that cannot be read, what was known before: `undo` says what is wrong.
        """
        with holding(self._reading):
            self._read_on()
            return frozenset(chain.from_iterable(self._places.values()))

    def _read_on(self) -> None:
        with suppress(OSError, ValueError, TypeError, LookupError, AttributeError):
            found = self._journal.path.stat()
            if (found.st_dev, found.st_ino) != self._is or found.st_size < self._read:
                self._is, self._read, self._places = (found.st_dev, found.st_ino), 0, {}
            if found.st_size > self._read:
                for read, line in self._journal.lines_after(self._read):
                    self._learn(line)
                    self._read = read

    def _learn(self, line: Mapping[str, Any]) -> None:
        if "undone" in line:
            self._places.pop(line["undone"], None)
        elif line.get("action") == Action.MOVE and (places := self._listed(_plain(line["path"]), _plain(line["to"]))):
            self._places[line["number"]] = places

    def _listed(self, path: Path, to: Path) -> Places:
        """Spell the place of a file as it is listed; nothing where it is not, or where it is asked for.

        It is where the folder to which the file was moved is asked for, and the one from which it came is not.
        """
        folder = to.parents[len(path.parts) - 2]  # the file's folders are repeated below it
        if folder in self._above and any(
            any(one.is_relative_to(folder) for one in asked) and not any(path.is_relative_to(one) for one in asked)
            for asked in self._asked
        ):
            return ()
        above = (to, *to.parents)
        return tuple(root / to.relative_to(spelt) for spelt in above for root in self._roots.get(spelt, ()))


def _plain(text: str) -> Path:
    return Path(os.path.normpath(text))
