"""Where do pictures come from? The Source protocol and its families."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from lookalike.sources.folder import FolderSource
from lookalike.sources.originals import open_original
from lookalike.sources.table import TableSource
from lookalike.types import EmptyFolder, Failure, Item

__all__ = ["FolderSource", "Source", "TableSource", "open_original"]


class Source(Protocol):
    """Offers pictures one after the other, without opening them."""

    @property
    def prefixes(self) -> tuple[str, ...]:
        """Where what vanished is forgotten after a complete listing.

        That is uris that start with a prefix that ends in a slash, or that equal one that does not.
        """
        ...

    def items(self) -> Iterator[Item | Failure | EmptyFolder]:
        """List what is there now; a part that cannot be listed is a Failure, and nothing below its uri is forgotten.

        An EmptyFolder is none yet: pictures below it that a person did not take out are kept, and make it one.

        Raises:
            NotFound: the source itself is not there.
        """
        ...

    def passes_over(self, uri: str, stamp: str) -> bool:
        """Say whether a record or failure below a prefix came from elsewhere, so that it is not forgotten.

        `stamp` is that of the item that it was.
        """
        ...

    def open(self, item: Item) -> Path | bytes:
        """Say where the bytes are: a local file, which the decoder reads itself, or the bytes.

        Raises:
            Unreachable: they cannot be had now.
        """
        ...
