"""Which pictures lie in these files and folders, now?"""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from copy import copy
from pathlib import Path
from typing import Self
from urllib.parse import quote_from_bytes

from lookalike.errors import NotFound
from lookalike.sources.excluding import SKIPPED
from lookalike.sources.fence import Fence
from lookalike.sources.files import (
    emptied_at,
    is_dangling,
    is_missing,
    lies_beside,
    may_be_a_picture,
    offered,
    standing,
    unreachable,
    uri_of,
)
from lookalike.types import EmptyFolder, Failure, Item
from lookalike.uris import local_path

_LEADS_OUT = "the link leads out of the folders that may be indexed"


class FolderSource:
    """Offers every file in files and folders but what lies beside pictures; what is a picture is told by its bytes.

    Links to files are followed, where they may lead; links to folders are not, so that loops cannot be. Names are
    handled as bytes.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        exclude: Sequence[str] = (),
        *,
        apart_from: Sequence[Path] = (),
        moved_away: Callable[[], Iterable[Path]] = tuple,
        may_be_missing: bool = False,
        within: Sequence[Path] = (),
    ) -> None:
        """Plan to list `paths`, each file once; with `may_be_missing`, those that are not there have vanished.

        `exclude` holds globs against a name (`*.png`) or, with a slash, against the path below the folder given
        (`trash/*`; of folders within one another, below the inner one) or the whole path (`~/photos/trash`), all
        without regard to case; `apart_from` holds single files and folders to pass over, and `moved_away` gives files
        whenever a listing begins, which are passed over while they are there, in the spelling of `paths`. Links may
        lead anywhere, unless `within` names the folders that none may lead out of: one that does is a Failure.

        Raises:
            BadInput: a glob in `exclude` can match nothing.
        """
        roots = list(dict.fromkeys(Path(os.path.abspath(path)) for path in paths))  # noqa: PTH100 - resolve() would follow links
        self._aim_at([(root, root) for root in roots])
        self._fence = Fence(roots, exclude, apart_from, moved_away, within).anew()
        self._may_be_missing = may_be_missing

    def only(self, changed: Iterable[Path]) -> Self:
        """Give a source of just these paths below the same folders; those that are not there have vanished.

        What the whole passes over, or never reaches because it lies behind a link to a folder, this passes over, too.
        """
        part = copy(self)
        part._may_be_missing = True
        part._fence = self._fence.anew()
        given = set(changed)
        roots = {root for root in self.roots if not is_missing(root)}  # a drive that has gone takes nothing with it
        targets = {
            path: root
            for path in sorted(given)
            for root in (_innermost((path, *path.parents), roots),)
            if root is not None and not part._fence.hides(path, root) and given.isdisjoint(path.parents)
        }
        part._aim_at(list(targets.items()))
        return part

    def there(self) -> Self:
        """Give a source without the files and folders asked for that are not there now, as on a drive that has gone."""
        return self.only(self.roots) if any(map(is_missing, self.roots)) else self

    def _aim_at(self, targets: Sequence[tuple[Path, Path]]) -> None:
        self._targets = targets
        self._asked = frozenset(path for path, _ in targets)

    @property
    def roots(self) -> tuple[Path, ...]:
        """The files and folders asked for, as absolute paths."""
        return tuple(root for _, root in self._targets)

    def folders(self) -> Iterator[Path]:
        """Give the folders that a listing enters."""
        pending = [
            (path, root)
            for path, root in self._targets
            if os.path.isdir(path) and not self._fence.leads_out(path)  # noqa: PTH112 - as below
        ]
        while pending:
            here, root = pending.pop()
            below = here.relative_to(root).as_posix()
            try:
                with os.scandir(here) as listing:
                    found = [one for one in listing if _is_folder(one)]
            except OSError:
                continue
            yield here
            kept = [
                Path(one.path)
                for one in found
                if not self._fence.passes_over(one.name, below, root) and not self._fence.sets_apart(one.path)
            ]
            pending += [(path, self._fence.root_of(path, root)) for path in kept]

    @property
    def prefixes(self) -> tuple[str, ...]:
        """The folders' uris with a slash; the whole uri besides, for a path that may have vanished."""
        found: list[str] = []
        for path, _ in self._targets:
            uri = uri_of(path)
            if self._may_be_missing:
                found.append(uri)
            if not os.path.isfile(path):  # noqa: PTH113 - Path.is_file raises where a folder above may not be entered
                found.append(uri + "/")
        return tuple(found)

    def items(self) -> Iterator[Item | Failure | EmptyFolder]:
        """List files in the order of their names, folder by folder.

        A folder that may not be read is a Failure, and so is a folder that was asked for by name and is empty, or
        has gone when the listing ends: it is more often a drive that is not mounted than a collection thrown away.
        Other folders that are empty then, hidden files apart, are each an EmptyFolder.

        Raises:
            NotFound: one of the paths is not there; said before anything is listed.
        """
        self._fence = self._fence.anew()
        missing = [path for path, _ in self._targets if is_missing(path)]
        if missing and not self._may_be_missing:
            raise NotFound(
                f"There is no file or folder {str(missing[0])!r}.", "Check the spelling, or mount the drive."
            )
        roots = (path for path, root in self._targets if path == root)
        folders = {root for root in roots if os.path.isdir(root) and not self._fence.leads_out(root)}  # noqa: PTH112 - as above
        doubtful: set[Path] = set()
        for path, root in self._targets:
            if self._is_listed_with(path, folders):
                continue
            if self._fence.leads_out(path):
                yield unreachable(uri_of(path), _LEADS_OUT)
            elif os.path.isdir(path):  # noqa: PTH112 - as above
                yield from self._folder(path, root, doubtful)
            elif (path == root or not lies_beside(path)) and (found := offered(path, uri_of(path))):
                yield found
        for folder in sorted(folders):
            if self._is_empty(folder):
                reason = "the folder is empty or has gone; if a drive should be here, it is not mounted"
                yield unreachable(uri_of(folder) + "/", reason)
        for folder in sorted({standing(folder) for folder in doubtful} - folders):
            if self._is_empty(folder):
                reason = (
                    "the folder is empty; if a drive should be here, it is not mounted; if its pictures are to be "
                    "forgotten, delete the folder, too"
                )
                yield EmptyFolder(unreachable(uri_of(folder) + "/", reason), emptied_at(folder))

    def passes_over(self, uri: str, stamp: str = "") -> bool:
        """Say whether a uri came from another source: a hidden, linked or own folder, or a table that found no bytes.

        So is what cannot be told now: a link whose drive may come back, and what is called like something else than a
        picture and cannot be read. Of a table that has gone, lines are not passed over, nor is a file it named that was
        asked for and is not there.
        """
        path = local_path(uri)
        if stamp.startswith("- "):
            if path is not None and uri.endswith("/"):
                return any(os.path.isfile(table) for table in (path, path.parent))  # noqa: PTH113 - as above
            return not (self._may_be_missing and path in self._asked and is_missing(path))
        if path is None:
            return False
        is_reached = any(
            step in self._asked and not self._fence.is_foreign(path, step) for step in (path, *path.parents)
        )
        return not is_reached or is_dangling(path) or may_be_a_picture(path)

    def open(self, item: Item) -> Path | bytes:
        """Give the path, which the decoder opens itself."""
        path = local_path(item.uri)
        assert path is not None, f"{item.uri} did not come from a FolderSource"  # noqa: S101
        return path

    def _is_listed_with(self, path: Path, folders: set[Path]) -> bool:
        """Whether the listing of another of some folders asked for offers a path, or all that lies in it."""
        above = _innermost(path.parents, folders)
        if above is None or self._fence.hides(path, above):
            return False
        return os.path.isdir(path) or not lies_beside(path)  # noqa: PTH112 - as above

    def _folder(self, folder: Path, root: Path, doubtful: set[Path]) -> Iterator[Item | Failure]:
        """List a folder, noting those that are empty, or from which something vanished meanwhile."""
        pending = [(folder, root)]
        while pending:
            here, root = pending.pop()
            try:
                with os.scandir(here) as listing:
                    entries = sorted(listing, key=lambda entry: os.fsencode(entry.name))
            except FileNotFoundError:
                doubtful.add(here)
                continue
            except OSError as error:
                yield unreachable(uri_of(here) + "/", f"the folder cannot be listed: {error.strerror}")
                continue
            if all(SKIPPED.match(entry.name) for entry in entries):
                doubtful.add(here)
            uri, below = uri_of(here), here.relative_to(root).as_posix()
            folders: list[tuple[Path, Path]] = []
            for entry in entries:
                if self._fence.passes_over(entry.name, below, root) or self._fence.sets_apart(entry.path):
                    continue
                named = f"{uri}/{quote_from_bytes(os.fsencode(entry.name))}"
                try:
                    is_folder, is_link = entry.is_dir(follow_symlinks=False), entry.is_symlink()
                except OSError as error:  # on disks whose listings say only names
                    yield unreachable(named, f"it cannot be looked at: {error.strerror}")
                    continue
                if is_folder:
                    path = Path(entry.path)
                    folders.append((path, self._fence.root_of(path, root)))
                elif is_link and self._fence.leads_out(Path(entry.path)):
                    yield unreachable(named, _LEADS_OUT)
                elif not lies_beside(entry):
                    if found := offered(entry, named):
                        yield found
                    else:
                        doubtful.add(here)
            pending += reversed(folders)

    def _is_empty(self, folder: Path) -> bool:
        """Whether a folder has gone, or all that lies in it is hidden; one that cannot be listed has been told of."""
        try:
            with os.scandir(folder) as listing:
                return all(SKIPPED.match(entry.name) or self._fence.sets_apart(entry.path) for entry in listing)
        except (FileNotFoundError, NotADirectoryError):
            return True
        except OSError:
            return False


def _innermost(steps: Iterable[Path], folders: Collection[Path]) -> Path | None:
    """Give the first of some steps upwards that is one of these folders; of those within one another, the inner."""
    return next((one for one in steps if one in folders), None)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a folder, and no link to one; what cannot be looked at is none."""
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False
