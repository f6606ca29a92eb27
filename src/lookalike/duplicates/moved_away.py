"""Where do pictures lie that were moved out of the way? They are no new pictures, whatever folder they are in."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

from lookalike.duplicates.journal import Action, Deed, Journal
from lookalike.errors import GalleryError


class MovedAway:
    """Tells where a journal says that files were moved to, and not back; reads it again whenever it has changed."""

    def __init__(self, journal: Path, asked: Sequence[Path]) -> None:
        """Leave out what lies in folders that somebody asks for by name, as absolute paths."""
        self._journal = Journal(journal)
        self._asked = asked
        self._state: tuple[int, int] | None = None
        self._places: Collection[Path] = ()

    def __call__(self) -> Collection[Path]:
        """Give the files; of a journal that cannot be read, what was known before: `undo` says what is wrong."""
        with suppress(OSError, GalleryError):
            found = self._journal.path.stat()
            state = found.st_mtime_ns, found.st_size
            if state != self._state:
                moved = [deed for deed in self._journal.deeds() if deed.action is Action.MOVE]
                self._places = {Path(deed.to) for deed in moved if not self._is_asked_for(deed)}
                self._state = state
        return self._places

    def _is_asked_for(self, deed: Deed) -> bool:
        """Whether the folder to which the file was moved is asked for, and the one from which it came is not."""
        path = Path(deed.path)
        folder = Path(deed.to).parents[len(path.parts) - 2]  # the file's folders are repeated below it
        return any(asked.is_relative_to(folder) and not path.is_relative_to(asked) for asked in self._asked)
