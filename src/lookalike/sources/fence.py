"""Which paths does a listing of folders pass over, and which links lead out of where it may look?"""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from pathlib import Path
from typing import Self
from unicodedata import normalize

from lookalike.disk import expand_home
from lookalike.sources.excluding import SKIPPED, Exclusion


class Fence:
    """Stands around what is listed of some folders. Paths are spelt as a listing gives them."""

    def __init__(
        self,
        roots: Sequence[Path],
        exclude: Sequence[str],
        apart_from: Sequence[Path],
        moved_away: Callable[[], Iterable[Path]],
        within: Sequence[Path],
    ) -> None:
        """Put it up around folders; all else is as `FolderSource` says.

        Raises:
            BadInput: a glob in `exclude` can match nothing.
        """
        excluded = Exclusion(exclude)
        self._names, self._paths = excluded.names, {root: excluded.below(root) for root in roots}
        self._apart_from: dict[str, list[Path]] = defaultdict(list)
        for path in apart_from:
            self._apart_from[path.name].append(path)
        self._moved_away, self._moved = moved_away, frozenset[str]()
        self._within = [expand_home(folder).resolve() for folder in within]

    def anew(self) -> Self:
        """Give the same, knowing what was moved by now, spelt as in a listing: each file costs one look into a set."""
        fence = copy(self)
        fence._moved = frozenset(str(path) for path in self._moved_away())
        return fence

    def root_of(self, folder: Path, above: Path) -> Path:
        """Give what globs are below in a folder: itself where it was asked for, else what it was above."""
        return folder if folder in self._paths else above

    def passes_over(self, name: str, below: str, root: Path) -> bool:
        """Whether a name is, in the folder that lies `below` the root; every file passes here, so it must be quick."""
        if self._names.match(normalize("NFC", name)):
            return True
        return self._paths[root].match(normalize("NFC", name if below == "." else f"{below}/{name}")) is not None

    def sets_apart(self, path: str) -> bool:
        """Whether a path is one of those to pass over, however these are spelt; what was moved, while it is there."""
        if path in self._moved:
            return os.path.lexists(path)
        named_so = self._apart_from.get(os.path.basename(path), ())  # noqa: PTH119 - a Path would take longer to make
        return any(_is_one(path, apart) for apart in named_so)

    def hides(self, path: Path, root: Path) -> bool:
        """Whether the path, or a folder between it and the root, is passed over or a link to a folder."""
        steps = [path, *path.parents]
        return any(
            self.passes_over(step.name, step.parent.relative_to(root).as_posix(), root)
            or self.sets_apart(str(step))
            or (os.path.islink(step) and os.path.isdir(step))  # noqa: PTH112, PTH114 - Path raises where it may not look
            for step in steps[: steps.index(root)]
        )

    def is_foreign(self, path: Path, target: Path) -> bool:
        """Whether the listing of `target` never reaches a path; what the user excludes it would."""
        steps = [path, *path.parents]
        return any(
            SKIPPED.match(step.name) or self.sets_apart(str(step)) or (step != path and os.path.islink(step))  # noqa: PTH114 - as above
            for step in steps[: steps.index(target)]
        )

    def leads_out(self, path: Path) -> bool:
        """Whether a path leads, by links, to where nothing may be taken from."""
        if not self._within:
            return False
        try:
            real = path.resolve()
        except (OSError, RuntimeError):  # a loop of links
            return True
        return not any(real.is_relative_to(folder) for folder in self._within)


def _is_one(path: str, other: Path) -> bool:
    try:
        return Path(path).samefile(other)
    except OSError:
        return path == str(other)
