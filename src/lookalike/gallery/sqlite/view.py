"""What does one call see? A transaction, and what this process keeps in memory as of that very transaction."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from threading import Lock

import apsw

from lookalike.errors import GalleryError
from lookalike.gallery.sqlite import columns as columns_of_pages
from lookalike.gallery.sqlite import scanning
from lookalike.gallery.sqlite.columns import Columns
from lookalike.gallery.sqlite.database import Database, replaced
from lookalike.gallery.sqlite.scanning import Sizes, SpaceIndex
from lookalike.gallery.sqlite.spaces import StoredSpace, load_spaces
from lookalike.recent import Recent

_WORDS = 10_000
"""Of which it is remembered how many records hold them."""


class Memory:
    """Columns, terms and codes, shared by the threads of a process and refreshed when a reader finds them old."""

    def __init__(self, database: Database, sizes: Sizes) -> None:
        """Begin empty; everything loads when it is first needed."""
        self.database = database
        self.sizes = sizes
        self._identity = ""
        self._columns = Columns()
        self._terms: dict[str, list[str]] = {}
        self._indexes: dict[str, SpaceIndex] = {}
        self.holders: Recent[float] = Recent(_WORDS)
        """How many records hold a word, by revision and word."""
        self._refreshing = Lock()
        database.when_changed = self.clear

    def latest(self, writer: apsw.Connection) -> Columns:
        """Give the columns that a writer sees before it changes anything, when nobody else can."""
        columns = self._columns_at(writer, self._revision(writer, self._columns.revision))
        assert columns is not None  # noqa: S101 - nobody can have gone on to a later revision
        return columns

    @contextmanager
    def view(self) -> Iterator["View"]:
        """Give a view of the latest revision.

        The revision is read inside the transaction, which tells what `PRAGMA data_version` would tell, and more: to
        which state of the pages the rows belong. Where another thread has meanwhile gone on to a later revision, the
        transaction begins anew.

        Raises:
            GalleryError: the file holds another gallery than before, or an older state of it.
        """
        while True:
            known = self._columns.revision
            with self.database.reading() as connection:
                revision = self._revision(connection, known)
                columns = self._columns_at(connection, revision)
                if columns is not None:
                    yield View(self, connection, columns)
                    return

    def _revision(self, connection: apsw.Connection, known: int) -> int:
        """Give the revision that a connection sees, which is that of the same gallery, and no lower than one known."""
        identity, revision = connection.execute("SELECT identity, revision FROM gallery").get
        self._identity = self._identity or identity
        if identity != self._identity or revision < known:
            raise replaced(self.database.path)
        return int(revision)

    def _columns_at(self, connection: apsw.Connection, revision: int) -> Columns | None:
        """Give the columns of this revision; None where they are of a later one already."""
        columns = self._columns
        if columns.revision < revision:
            with self._refreshing:
                if self._columns.revision < revision:
                    self._columns = columns_of_pages.refreshed(self._columns, connection, revision)
                columns = self._columns
        return columns if columns.revision == revision else None

    def clear(self) -> None:
        """Let go of everything."""
        with self._refreshing:
            self._columns = Columns()
            self._terms.clear()
            self._indexes.clear()
            self.holders = Recent(_WORDS)

    def terms(self, connection: apsw.Connection, field: str) -> tuple[str, ...]:
        """Give the values of a field, each at the place of its code; the empty value has the code 0.

        Codes are never given twice, so what is known only grows, and may hold more than the connection sees.
        """
        with self._refreshing:
            known = self._terms.setdefault(field, [""])
            query = "SELECT value FROM term WHERE field = ? AND code >= ? ORDER BY code"
            known.extend(value for (value,) in connection.execute(query, (field, len(known))))
            return tuple(known)

    def index(self, connection: apsw.Connection, space: StoredSpace, revision: int) -> SpaceIndex:
        """Give the codes of a space, of this revision or a later one.

        They only say which keys come into question. What counts, which records pass and how near they are, is read
        from the columns and the embeddings of the view itself.
        """
        with self._refreshing:
            old = self._indexes.get(space.space.name)
            index = scanning.refreshed(old, connection, space, revision, self.sizes)
            self._indexes[space.space.name] = index
            return index

    def keep_only(self, spaces: Collection[str]) -> None:
        """Let go of the codes of spaces that are gone."""
        with self._refreshing:
            for name in self._indexes.keys() - set(spaces):
                del self._indexes[name]


@dataclass(frozen=True)
class View:
    """One moment of the gallery."""

    memory: Memory
    connection: apsw.Connection
    columns: Columns

    @cached_property
    def spaces(self) -> dict[str, StoredSpace]:
        """The spaces by name."""
        return load_spaces(self.connection)

    def space(self, name: str, dim: int) -> StoredSpace:
        """Give a space.

        Raises:
            GalleryError: it is not there, or of another dimension.
        """
        found = self.spaces.get(name)
        if found is None:
            known = ", ".join(self.spaces) or "none"
            raise GalleryError(
                f"The gallery {self.memory.database.path} has no space {name!r}, only: {known}.",
                "Index with the encoder of that space, or search with the one that the gallery was made with.",
            )
        if found.space.dim != dim:
            raise GalleryError(
                f"The space {name!r} has {found.space.dim} dimensions, not {dim}.",
                f"Use --encoder {found.space.encoder}, or another --gallery.",
            )
        return found

    def terms(self, field: str) -> tuple[str, ...]:
        """Give the values of a field by their codes."""
        return self.memory.terms(self.connection, field)

    def holders(self, word: str, count: Callable[[], float]) -> float:
        """Give how many records hold a word; `count` is asked where this is not remembered of this very state."""
        return self.memory.holders.get_or_make(f"{self.columns.revision} {word}", count)

    def index(self, space: StoredSpace) -> SpaceIndex:
        """Give the codes of a space."""
        self.memory.keep_only(self.spaces)
        return self.memory.index(self.connection, space, self.columns.revision)
