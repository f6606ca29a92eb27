"""Which folders of this machine may callers have worked on? Those that its owner named, and nothing else."""

from collections.abc import Sequence
from pathlib import Path

from lookalike.disk import expand_home
from lookalike.errors import OutOfBounds

_FIX = "Name a folder above it in the setting index_roots, or with `lookalike serve FOLDER`."


class Roots:
    """Folders below which work may be done. Links are followed first, so that none leads out of them."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = [expand_home(folder).absolute() for folder in folders]

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._folders)

    def __str__(self) -> str:
        """Name them."""
        return ", ".join(map(str, self._folders))

    def allowed(self, text: str) -> Path:
        """Give the path that a caller names, as it is spelt from its folder: by whatever way, a file has one name.

        Raises:
            OutOfBounds: it is not below one of the folders, whether there is such a path or not.
        """
        path = Path(text)
        found = None if "\0" in text or not path.is_absolute() else self._spelt(path)
        if found is None:
            raise OutOfBounds(f"The service may not work on {text[:200]!r}.", _FIX)
        return found

    def hold(self, path: Path) -> bool:
        """Tell whether a path lies below one of the folders, wherever links lead."""
        return self._spelt(path) is not None

    def _spelt(self, path: Path) -> Path | None:
        try:
            real = path.resolve()
        except (OSError, RuntimeError):  # a loop of links
            return None
        held = ((folder, folder.resolve()) for folder in self._folders)
        return next((folder / real.relative_to(there) for folder, there in held if real.is_relative_to(there)), None)
