"""How is tried again what could not be taken in? Files by their paths, pictures on the web by their addresses."""

import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from lookalike.disk import expand_home
from lookalike.fetch import Fetcher
from lookalike.stamps import bytes_version
from lookalike.types import Failure, Item
from lookalike.uris import is_web, local_path


def paths_to_retry(
    failed: Sequence[Failure], stored: Collection[str], within: Sequence[Path] | None = None
) -> list[Path]:
    """Name the files that failed; what is `stored` all the same, only where it is there: a drive may be missing.

    Folders and tables wait until they are indexed again: nobody here knows what of a folder was to be left out. With
    `within`, files that lie outside of these folders are named, too, unless a link leads there.
    """
    found = ((one.uri, local_path(one.uri)) for one in failed)
    paths = [path for uri, path in found if path and _may_be_retried(uri, path, stored)]
    if within is None:
        return paths
    folders = [expand_home(folder).resolve() for folder in within]
    return [path for path in paths if is_unlinked(path) or _lies_in(path.parent, folders)]


def waits_for_indexing(uri: str) -> bool:
    """Whether a failure is one of a folder or a table."""
    return uri.endswith("/") and not is_web(uri)


def is_unlinked(path: Path) -> bool:
    """Whether no link is on the way to a path."""
    return os.path.realpath(path) == str(path)


def _may_be_retried(uri: str, path: Path, stored: Collection[str]) -> bool:
    if waits_for_indexing(uri) or os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises where a folder may not be entered
        return False
    return uri not in stored or os.path.lexists(path)


def _lies_in(path: Path, folders: Sequence[Path]) -> bool:
    try:
        real = path.resolve()
    except (OSError, RuntimeError):  # a loop of links
        return False
    return any(real.is_relative_to(folder) for folder in folders)


class WebRetrySource:
    """Offers pictures on the web that failed; what a table says of them comes when that is indexed again."""

    prefixes: tuple[str, ...] = ()

    def __init__(self, failed: Sequence[Failure], fetcher: Fetcher) -> None:
        """Offer those of `failed` that are on the web."""
        self._failed = [failure for failure in failed if is_web(failure.uri)]
        self._fetcher = fetcher

    def __len__(self) -> int:
        """Count them."""
        return len(self._failed)

    def items(self) -> Iterator[Item]:
        """List them, without what the table said."""
        for failure in self._failed:
            yield Item(uri=failure.uri, version=bytes_version(failure.version))

    def passes_over(self, uri: str, stamp: str) -> bool:  # noqa: ARG002
        """Pass everything over: what fails again is not forgotten."""
        return True

    def open(self, item: Item) -> Path | bytes:
        """Fetch one."""
        return self._fetcher.get(item.uri)
