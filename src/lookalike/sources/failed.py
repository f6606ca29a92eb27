"""How is tried again what could not be taken in? Files by their paths, pictures on the web by their addresses."""

import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from lookalike.fetch import Fetcher
from lookalike.types import Failure, Item, local_path

_WEB = ("http://", "https://")


def paths_to_retry(failed: Sequence[Failure], stored: Collection[str]) -> list[Path]:
    """Name the files that failed; folders, and what is `stored` all the same, only where they are there.

    A drive may be missing: what the gallery holds only indexing its folder takes away. A table, whose uri ends like a
    folder's, is tried again when it is indexed again.
    """
    found = [(one.uri, local_path(one.uri)) for one in failed]
    return [path for uri, path in found if path and _may_be_retried(uri, path, stored)]


def _may_be_retried(uri: str, path: Path, stored: Collection[str]) -> bool:
    if uri.endswith("/"):
        return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises where a folder above may not be entered
    return uri not in stored or os.path.lexists(path)


class WebRetrySource:
    """Offers pictures on the web that failed; what a table says of them comes when that is indexed again."""

    prefixes: tuple[str, ...] = ()

    def __init__(self, failed: Sequence[Failure], fetcher: Fetcher) -> None:
        """Offer those of `failed` that are on the web."""
        self._failed = [failure for failure in failed if failure.uri.startswith(_WEB)]
        self._fetcher = fetcher

    def __len__(self) -> int:
        """Count them."""
        return len(self._failed)

    def items(self) -> Iterator[Item]:
        """List them, without what the table said."""
        for failure in self._failed:
            yield Item(uri=failure.uri, version=failure.version.partition(" ")[0])

    def passes_over(self, uri: str, stamp: str) -> bool:  # noqa: ARG002
        """Pass everything over: what fails again is not forgotten."""
        return True

    def open(self, item: Item) -> Path | bytes:
        """Fetch one."""
        return self._fetcher.get(item.uri)
