"""Where do records, vectors and failures live? The Gallery protocol; `opening` finds who keeps to it, by URL."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, Self, runtime_checkable

import numpy as np
from jaxtyping import Int64, UInt8

from lookalike.gallery.opening import SERVERS, are_apart, is_on_server, open_gallery, shown_url
from lookalike.gallery.serving import Embedded, Serving, Turn
from lookalike.types import Embedding, Embeddings, Failure, ImageRecord, Learned, Neighbors, Scores, Space

if TYPE_CHECKING:
    from lookalike.gallery.filters import Filter
    from lookalike.gallery.suiting import Term

__all__ = [
    "PAGE_KEYS",
    "SERVERS",
    "Change",
    "FingerprintPage",
    "Gallery",
    "Merge",
    "OnServer",
    "Page",
    "State",
    "are_apart",
    "is_on_server",
    "open_gallery",
    "shown_url",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A run of records in a sort order, and where the next one starts."""

    records: tuple[ImageRecord, ...]
    after: str
    """Give it to `scan` to go on; empty at the end. Stable under additions and deletions."""


Merge = Callable[[ImageRecord, ImageRecord], ImageRecord]
"""Gives what is stored, of the record that is there and the one that comes in."""

Change = Callable[[ImageRecord], ImageRecord]
"""Gives a record with other words."""

Others = Callable[[], Collection[str]]
"""Names records by their ids. It is called last, if at all, so that another thread may look for them meanwhile."""

PAGE_KEYS = 1_024
"""How many keys a page of fingerprints spans."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What tells whether something derived from a gallery is still true of it."""

    identity: str
    """Of the gallery: another one for each gallery made, and for each backup."""
    revision: int
    """Grows with every change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FingerprintPage:
    """What has changed among the records whose keys lie within the page."""

    number: int
    """Keys from `number` × PAGE_KEYS on lie within it."""
    held: Int64[np.ndarray, " held"]
    """Of all records there: what stands for each within this gallery as long as the record is there."""
    keys: Int64[np.ndarray, " n"]
    """Of those whose fingerprints have changed, or may have; what follows is theirs."""
    perceptual: UInt8[np.ndarray, "n 32"]
    """Zero where there is none; then the quality is 0, too."""
    quality: UInt8[np.ndarray, " n"]
    features: tuple[bytes, ...]
    """Packed local features; empty where there are none."""


class Gallery(Protocol):
    """The set searched. One object may be shared by threads; several processes may open one gallery."""

    url: str

    @property
    def spaces(self) -> Mapping[str, Space]:
        """The spaces that hold vectors, by name."""
        ...

    def add_space(self, space: Space) -> None:
        """Make room for a space; nothing happens where it is there already.

        Raises:
            GalleryError: a space of that name has another dimension or weights digest; the fix is named.
        """
        ...

    def drop_space(self, name: str) -> None:
        """Forget a space with all vectors in it; nothing happens where there is none of that name.

        What was to be filled, or gone back to, with it is given up.

        Raises:
            Conflict: it answers queries.
        """
        ...

    @property
    def serving(self) -> Serving:
        """Which spaces answer queries; until `serve` is first called, those of the encoder that came first."""
        ...

    def serve(self, change: Turn) -> Serving:
        """Change durably which spaces answer queries, and give what holds then.

        `change` may be asked more than once. Other processes see it without opening again.

        Raises:
            GalleryError: a space that the gallery does not hold, disk full, or read-only.
        """
        ...

    def embed(self, made: Sequence[Embedded]) -> list[str]:
        """Add vectors to records, or replace them, all durably or none; gives the ids of the records that took them.

        What else is known of a record stays as it is, vectors in other spaces included. Unknown ids are passed over,
        and so are those whose record is of other bytes now; of one whose bytes are not known, any are taken. An id may
        come once.

        Raises:
            BadInput: a vector that is not of unit length.
            GalleryError: unknown space, wrong dimension, disk full, or read-only.
        """
        ...

    def lacking(self, spaces: Collection[str], after: str = "", limit: int = 512) -> Page:
        """List the records that lack a vector in one of some spaces, in an order of the gallery's own.

        Raises:
            BadInput: an `after` that did not come from here.
            GalleryError: no such space.
        """
        ...

    def count_lacking(self, spaces: Collection[str]) -> int:
        """Count the records that lack a vector in one of some spaces.

        Raises:
            GalleryError: no such space.
        """
        ...

    def calibrate(self, space: str, learned: Learned | None) -> None:
        """Keep what was learned about the scores in a space, in place of the encoder's own; None forgets it.

        Raises:
            GalleryError: no such space, disk full, or read-only.
        """
        ...

    def put(
        self, records: Sequence[ImageRecord], failures: Sequence[Failure] = (), *, merge: Merge | None = None
    ) -> None:
        """Insert or replace records by id, and failures by uri: all of them durably, or none.

        A record that comes in clears the failure of its uri; a failure leaves an older record as it is.
        `added_at` of a replaced record is kept, and whatever else `merge` keeps, which gets the replaced record as it
        is at that very moment, as `get` gives it without embeddings. If the bytes are the same after merging, vectors
        in spaces that are not named stay, too, and local features where none come in: nobody need make them again.

        Raises:
            GalleryError: unknown space, wrong dimension, disk full, or read-only.
        """
        ...

    def describe(self, ids: Collection[str], change: Change) -> list[ImageRecord]:
        """Change what is said of records, all of them durably or none; returns those that are there, as they are now.

        `change` gets each record as it is at that very moment, as `get` gives it without embeddings. Of what it
        returns, the fields of `Described`, `recognised`, `edited` and `version` count; all else stays as it is. It
        must be quick, and may be asked more than once. Unknown ids are passed over.

        Raises:
            BadInput: a value that cannot be kept.
            GalleryError: disk full, or read-only.
        """
        ...

    def delete(self, ids: Collection[str]) -> int:
        """Forget records durably; returns how many there were. Unknown ids are passed over."""
        ...

    def get(self, ids: Sequence[str], *, embeddings: bool = False) -> list[ImageRecord]:
        """Fetch records in the order asked; unknown ids are left out.

        With `embeddings` they come with all that was worked out from the pixels: embeddings and local features.
        """
        ...

    @property
    def state(self) -> State:
        """What the gallery is now; an index derived from it remembers which state it is of."""
        ...

    def fingerprints(self, since: int = -1) -> Iterator[FingerprintPage]:
        """Give what an index of fingerprints must take in to be up to date: the pages that changed after a revision.

        They come in ascending order, each with the keys of all records that it holds, but only with those fingerprints
        that may have changed; one that holds no record any more comes empty.
        """
        ...

    def ids(self, keys: Collection[int]) -> dict[int, str]:
        """Map the keys that `fingerprints` gave to ids; those of records that have gone are left out."""
        ...

    def find(self, field: Literal["sha256", "pixels"], values: Collection[str]) -> dict[str, list[str]]:
        """Map each value that occurs to the ids of the records that carry it, oldest first."""
        ...

    def scan(
        self,
        where: "Filter | None" = None,
        *,
        order: str = "-added",
        after: str = "",
        limit: int = 100,
        embeddings: bool = False,
    ) -> Page:
        """List the records that pass `where`, in `order` (a field of the filter language, `-` for descending).

        Raises:
            BadInput: no such order, or an `after` that did not come from this order.
        """
        ...

    def count(self, where: "Filter | None" = None) -> int:
        """Count the records that pass `where`."""
        ...

    def facets(self, field: str, where: "Filter | None" = None, limit: int = 50, *, like: str = "") -> dict[str, int]:
        """Count records by the values of `label`, `tag`, `owner`, `format`, `folder` or `year`, commonest first.

        With `like`, only by values that hold this text, in whatever case.
        """
        ...

    def nearest(self, space: str, vectors: Embeddings, k: int, where: "Filter | None" = None) -> list[Neighbors]:
        """Find the k nearest records to each unit vector by cosine; never fewer than k if k pass `where`.

        Raises:
            GalleryError: no such space, or another dimension.
        """
        ...

    def similarity(self, space: str, vector: Embedding, ids: Sequence[str]) -> Scores:
        """Give the cosine of some records with a unit vector; NaN where there is no such record, or no vector of it.

        Raises:
            GalleryError: no such space, or another dimension.
        """
        ...

    def match_text(
        self, text: "str | Sequence[Term]", k: int, where: "Filter | None" = None, *, also: Others | None = None
    ) -> Neighbors:
        """Find the k records that suit some words best by BM25 over title, caption, tags, name, metadata and classes.

        Scores lie between 0 and 1, as `lookalike.gallery.suiting` defines them; records that hold all the words come
        before those that hold some. A text stands for its words, the last of them unfinished. The records that
        `also` names are scored, too, and come along where they hold any of the words; they need not pass `where`.
        """
        ...

    def versions(self, prefix: str) -> Iterator[tuple[str, str]]:
        """List (uri, version) of every record and failure whose uri starts with `prefix`."""
        ...

    def failures(self) -> list[Failure]:
        """List what could not be taken in, by uri."""
        ...

    def drop_failures(self, uris: Collection[str]) -> int:
        """Forget failures; returns how many there were."""
        ...

    def size_bytes(self) -> int:
        """Give the bytes that the gallery takes on disk."""
        ...

    def backup(self, path: Path) -> None:
        """Write a consistent copy to a new file while others read and write."""
        ...

    def check(self) -> list[str]:
        """Look for damage; each finding is a sentence, none means sound."""
        ...

    def close(self) -> None:
        """Let go of files and memory; the object is of no use afterwards."""
        ...

    def __enter__(self) -> Self: ...  # noqa: D105

    def __exit__(self, *_: object) -> None: ...  # noqa: D105


@runtime_checkable
class OnServer(Protocol):
    """A gallery that a server holds."""

    @property
    def server(self) -> str:
        """What the server calls itself, and what it can do."""
        ...

    def tidy(self) -> int:
        """Delete what belongs to no record any more; returns how many vectors that were."""
        ...

    def lost(self) -> list[str]:
        """Name the spaces whose vectors the server has lost, all of them; `add_space` has them begin empty."""
        ...

    def outgrown(self) -> list[str]:
        """Name the spaces whose vectors are all compared in each search, though they are too many for that by now."""
        ...
