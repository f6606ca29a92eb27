"""How does one SQLite file keep a gallery? Its calls, each a transaction handed to those who know how."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from lookalike.errors import BadInput
from lookalike.gallery import Change, FingerprintPage, Merge, Others, Page, State
from lookalike.gallery.counting import commonest
from lookalike.gallery.filters import Filter
from lookalike.gallery.order import Edge, Order
from lookalike.gallery.serving import Embedded, Serving, Turn, checked_turn
from lookalike.gallery.sqlite import checking, embedding, facets, fetching, fingerprints, rewording, searching, writing
from lookalike.gallery.sqlite.backup import write_copy
from lookalike.gallery.sqlite.database import Database
from lookalike.gallery.sqlite.listing import list_keys
from lookalike.gallery.sqlite.opening import gallery_path, open_database
from lookalike.gallery.sqlite.scanning import Sizes
from lookalike.gallery.sqlite.selection import passing, select
from lookalike.gallery.sqlite.spaces import (
    calibrate,
    delete_space,
    holds,
    insert_space,
    load_spaces,
    read_serving,
    write_serving,
)
from lookalike.gallery.sqlite.view import Memory
from lookalike.gallery.suiting import Term, as_terms
from lookalike.types import Embedding, Embeddings, Failure, ImageRecord, Learned, Neighbors, Scores, Space

_BUSY_TIMEOUT_S = 30.0
"""How long to wait for another process that writes: longer than any batch, or measuring a million codes, takes."""


class SqliteGallery:
    """A gallery in one file. Threads may share it; several processes may open it, each for itself after a fork."""

    def __init__(self, database: Database, sizes: Sizes) -> None:
        """Take over an open database."""
        self.url = str(database.path)
        self._database = database
        self._memory = Memory(database, sizes)
        self._sizes = sizes

    @classmethod
    def open(
        cls,
        url: str | Path = "",
        *,
        create: bool = True,
        sizes: Sizes | None = None,
        busy_timeout_s: float = _BUSY_TIMEOUT_S,
    ) -> "SqliteGallery":
        """Open the gallery at a path; empty for `default.gallery` in the user-data folder.

        Raises:
            NotFound: nothing lies there and `create` is off.
            GalleryError: the file is no gallery, is newer than this program, or cannot be made or read.
        """
        database = open_database(gallery_path(url), create=create, busy_timeout_s=busy_timeout_s)
        return cls(database, sizes or Sizes())

    @property
    def spaces(self) -> Mapping[str, Space]:
        """The spaces that hold vectors, by name, oldest first."""
        with self._database.reading() as connection:
            return {name: stored.space for name, stored in load_spaces(connection).items()}

    def add_space(self, space: Space) -> None:
        """Make room for a space; nothing happens where it is there already.

        Raises:
            GalleryError: a space of that name has another dimension or weights digest; the fix is named.
        """
        with self._database.reading() as connection:
            if holds(load_spaces(connection), space):
                return
        with self._database.writing() as connection:
            if not holds(load_spaces(connection), space):
                insert_space(connection, space)

    def drop_space(self, name: str) -> None:
        """Forget a space with all vectors in it, and give their room back where that keeps nobody waiting for long.

        Raises:
            Conflict: it answers queries.
            GalleryError: disk full, or read-only.
        """
        with self._database.writing() as connection:
            delete_space(connection, name, writing.next_revision(connection))
        self._database.shrink()

    @property
    def serving(self) -> Serving:
        """Which spaces answer queries."""
        with self._database.reading() as connection:
            return read_serving(load_spaces(connection))

    def serve(self, change: Turn) -> Serving:
        """Change durably which spaces answer queries, and give what holds then.

        Raises:
            GalleryError: a space that the gallery does not hold, disk full, or read-only.
        """
        with self._database.writing() as connection:
            spaces = load_spaces(connection)
            known = {name: stored.space for name, stored in spaces.items()}
            write_serving(connection, checked_turn(change, read_serving(spaces), known))
        return self.serving

    def embed(self, made: Sequence[Embedded]) -> list[str]:
        """Add vectors to records, all durably or none; gives the ids of the records that took them.

        Raises:
            BadInput: a vector that is not of unit length.
            GalleryError: unknown space, wrong dimension, disk full, or read-only.
        """
        if not made:
            return []
        with self._database.writing() as connection:
            return embedding.embed(connection, self._memory.latest(connection), made, self._sizes)

    def lacking(self, spaces: Collection[str], after: str = "", limit: int = 512) -> Page:
        """List the records that lack a vector in one of some spaces.

        Raises:
            BadInput: an `after` that did not come from here.
            GalleryError: no such space.
        """
        _check_positive("limit", limit)
        with self._memory.view() as view:
            return embedding.lacking(view, spaces, after, limit)

    def count_lacking(self, spaces: Collection[str]) -> int:
        """Count the records that lack a vector in one of some spaces.

        Raises:
            GalleryError: no such space.
        """
        with self._memory.view() as view:
            return embedding.count_lacking(view, spaces)

    def calibrate(self, space: str, learned: Learned | None) -> None:
        """Keep what was learned about the scores in a space, in place of the encoder's own; None forgets it.

        Raises:
            GalleryError: no such space, disk full, or read-only.
        """
        with self._database.writing() as connection:
            calibrate(connection, space, learned)

    def put(
        self, records: Sequence[ImageRecord], failures: Sequence[Failure] = (), *, merge: Merge | None = None
    ) -> None:
        """Insert or replace records by id, and failures by uri: all of them durably, or none.

        Raises:
            BadInput: a value that cannot be kept: a vector not of unit length, a hash not hexadecimal…
            GalleryError: unknown space, wrong dimension, disk full, or read-only.
        """
        if records or failures:
            with self._database.writing() as connection:
                columns = self._memory.latest(connection)
                writing.put(connection, columns, records, failures, self._sizes, merge)

    def describe(self, ids: Collection[str], change: Change) -> list[ImageRecord]:
        """Change what is said of records, all of them durably or none; vectors and fingerprints are not touched.

        Raises:
            BadInput: a value that cannot be kept.
            GalleryError: disk full, or read-only.
        """
        if not ids:
            return []
        with self._database.writing() as connection:
            return rewording.describe(connection, self._memory.latest(connection), ids, change)

    def delete(self, ids: Collection[str]) -> int:
        """Forget records durably; returns how many there were."""
        with self._database.writing() as connection:
            return writing.delete(connection, self._memory.latest(connection), ids)

    def get(self, ids: Sequence[str], *, embeddings: bool = False) -> list[ImageRecord]:
        """Fetch records in the order asked; unknown ids are left out."""
        if not ids:
            return []
        with self._memory.view() as view:
            return fetching.records_with_ids(view, ids, embeddings=embeddings)

    def fingerprints(self, since: int = -1) -> Iterator[FingerprintPage]:
        """Give the pages that changed after a revision, with the fingerprints that did."""
        return fingerprints.pages_since(self._database, since)

    @property
    def state(self) -> State:
        """What the gallery is now."""
        with self._database.reading() as connection:
            identity, revision = connection.execute("SELECT identity, revision FROM gallery").get
        return State(identity=identity, revision=revision)

    def ids(self, keys: Collection[int]) -> dict[int, str]:
        """Map keys to ids; those of records that have gone are left out."""
        with self._database.reading() as connection:
            return fetching.ids_of_keys(connection, np.array(list(keys), np.int64))

    def find(self, field: Literal["sha256", "pixels"], values: Collection[str]) -> dict[str, list[str]]:
        """Map each value that occurs to the ids of the records that carry it, oldest first."""
        if not values:
            return {}
        with self._memory.view() as view:
            return fetching.ids_by_hash(view, field, values)

    def scan(
        self,
        where: Filter | None = None,
        *,
        order: str = "-added",
        after: str = "",
        limit: int = 100,
        embeddings: bool = False,
    ) -> Page:
        """List the records that pass, in an order: a field of the filter language but `tag`, `sha256` and `meta.…`.

        Raises:
            BadInput: no such order, or an `after` that did not come from this order.
        """
        _check_positive("limit", limit)
        by = Order.parse(order)
        edge = Edge.read(after, by, int)
        with self._memory.view() as view:
            found = list_keys(view, select(view, where), by, edge, limit + 1)
            keys = [one.mark for one in found[:limit]]
            records = fetching.records_with_keys(view.connection, keys, embeddings=embeddings)
        return Page(records=tuple(records), after=found[limit - 1].write(by) if len(found) > limit else "")

    def count(self, where: Filter | None = None) -> int:
        """Count the records that pass."""
        with self._memory.view() as view:
            return int(np.count_nonzero(select(view, where)))

    def facets(self, field: str, where: Filter | None = None, limit: int = 50, *, like: str = "") -> dict[str, int]:
        """Count records by the values of `label`, `tag`, `owner`, `format`, `folder` or `year`, commonest first.

        With `like`, only by values that hold this text, in whatever case.

        Raises:
            BadInput: records cannot be counted by this field.
        """
        with self._memory.view() as view:
            counts = facets.count_values(view, select(view, where), field)
        return commonest(counts, field, limit, like)

    def nearest(self, space: str, vectors: Embeddings, k: int, where: Filter | None = None) -> list[Neighbors]:
        """Find the k nearest records to each unit vector by cosine; never fewer than k if k pass.

        Raises:
            GalleryError: no such space, or another dimension.
        """
        _check_positive("k", k)
        with self._memory.view() as view:
            return searching.nearest(view, space, vectors, k, passing(view, where))

    def similarity(self, space: str, vector: Embedding, ids: Sequence[str]) -> Scores:
        """Give the cosine of some records with a unit vector; NaN where there is no such record, or no vector of it.

        Raises:
            GalleryError: no such space, or another dimension.
        """
        with self._memory.view() as view:
            return searching.similarity(view, space, vector, ids)

    def match_text(
        self, text: str | Sequence[Term], k: int, where: Filter | None = None, *, also: Others | None = None
    ) -> Neighbors:
        """Find the k records that suit some words best by BM25 over all their texts."""
        _check_positive("k", k)
        with self._memory.view() as view:
            return searching.matching(view, as_terms(text), k, passing(view, where), also)

    def versions(self, prefix: str) -> Iterator[tuple[str, str]]:
        """List (uri, version) of every record and failure whose uri starts with `prefix`."""
        return fetching.versions(self._database, prefix)

    def failures(self) -> list[Failure]:
        """List what could not be taken in, by uri."""
        with self._database.reading() as connection:
            return fetching.failures(connection)

    def drop_failures(self, uris: Collection[str]) -> int:
        """Forget failures; returns how many there were."""
        with self._database.writing() as connection:
            return writing.drop_failures(connection, uris)

    def size_bytes(self) -> int:
        """Give the bytes that the gallery takes on disk, what is not yet merged included."""
        files = (self._database.path.with_name(self._database.path.name + suffix) for suffix in ("", "-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def backup(self, path: Path) -> None:
        """Write a consistent copy to a new file while others read and write.

        Raises:
            BadInput: something has that name already, or SQLite cannot take it.
            GalleryError: the folder cannot be written, or the disk is full.
        """
        write_copy(self._database, gallery_path(path))

    def check(self) -> list[str]:
        """Look for damage; each finding is a sentence, none means sound."""
        with self._database.reading() as connection:
            return list(checking.findings(connection))

    def close(self) -> None:
        """Let go of files and memory; the object is of no use afterwards."""
        self._database.close()
        self._memory.clear()

    def __enter__(self) -> "SqliteGallery":
        """Give the gallery itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()


def _check_positive(name: str, value: int) -> None:
    if value < 1:
        raise BadInput(f"{name} is {value}.", "It must be 1 or more.")
