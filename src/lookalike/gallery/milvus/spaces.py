"""Which spaces does a gallery on Milvus hold, which of them answer, and how is each searched?"""

import time
from collections.abc import Collection, Iterator, Mapping

from lookalike.errors import GalleryError
from lookalike.gallery.milvus import schema
from lookalike.gallery.milvus.notes import NotedSpace, Notes
from lookalike.gallery.milvus.planning import VectorIndex, index_for, is_outgrown
from lookalike.gallery.milvus.searching import VectorSearch
from lookalike.gallery.milvus.server import Server
from lookalike.gallery.serving import Serving, Turn, checked_turn, no_space, without
from lookalike.types import Learned, Space

_FRESH_S = 1.0
"""How long what is known of the spaces is believed; they change when an encoder does."""


class Spaces:
    """The spaces of one gallery: each has a collection of its own, and a note."""

    def __init__(self, server: Server, notes: Notes) -> None:
        self._server = server
        self._notes = notes
        self._read_at = float("-inf")
        self._noted: dict[str, NotedSpace] = {}
        self._held: dict[str, bool] = {}
        self._indexes: dict[tuple[str, int], VectorIndex] = {}
        """By the name and number of a space: one that another program made anew may have another index."""

    @property
    def known(self) -> Mapping[str, Space]:
        """Those that there are, by name, oldest first."""
        if time.monotonic() - self._read_at > _FRESH_S:
            self._learn(self._notes.spaces())
        return {name: one.space for name, one in self._noted.items()}

    @property
    def present(self) -> Mapping[str, Space]:
        """Those of them whose vectors the server has not lost."""
        return {name: space for name, space in self.known.items() if self._is_held(name)}

    def _is_held(self, name: str) -> bool:
        held = self._held
        if name not in held:
            held[name] = self._server.has(schema.space_of(self._server.address.name, name))
        return held[name]

    def add(self, space: Space) -> None:
        """Make room for a space; nothing happens where it is there already. One that the server has lost begins empty.

        Raises:
            GalleryError: a space of that name has another dimension or weights digest; the fix is named.
        """
        known = self.known
        found = known.get(space.name)
        if found is not None and (found.dim, found.digest) != (space.dim, space.digest):
            raise GalleryError(
                f"The space {space.name!r} of this gallery was made with the encoder {found.encoder!r} "
                f"({found.dim} dimensions), not with {space.encoder!r} ({space.dim} dimensions).",
                f"Use --encoder {found.encoder}, or another --gallery.",
            )
        if found is None or not self._server.has(schema.space_of(self._server.address.name, space.name)):
            self._make(space)
        if found is None:
            self._learn({**self._noted, space.name: self._notes.put_space(space)})

    def _make(self, space: Space) -> None:
        """Make a space's collection, with the index that suits the pictures there are, or as many as shall come."""
        server, records = self._server, schema.records_of(self._server.address.name)
        there = 0 if server.is_new(records) else server.count(records, "")
        index = index_for(max(server.address.pictures, there), server.abilities)
        schema.make_space(server, space.name, space.dim, index)
        self._indexes = {}
        self._held[space.name] = True

    def drop(self, name: str) -> None:
        """Forget a space with all vectors in it; nothing happens where there is none of that name.

        Where that is cut off, its vectors are lost, or all there: dropped again, it goes.

        Raises:
            Conflict: it answers queries.
        """
        known = self.known
        if name not in known:
            return
        self._notes.put_serving(without(name, self._notes.serving(known, latest=True)))
        collection = schema.space_of(self._server.address.name, name)
        if self._server.has(collection):
            self._server.drop(collection)
        self._held[name] = False
        self._notes.drop_space(name)
        self._learn({other: one for other, one in self._noted.items() if other != name})

    def teach(self, name: str, learned: Learned | None) -> None:
        """Keep what was learned about the scores in a space; None forgets it.

        Raises:
            GalleryError: no such space.
        """
        self._notes.teach(name, learned)
        self._learn(self._notes.spaces())

    @property
    def serving(self) -> Serving:
        """Which of them answer queries."""
        return self._notes.serving(self.known)

    def serve(self, change: Turn) -> Serving:
        """Change durably which of them answer queries, and give what holds then.

        Raises:
            GalleryError: a space that the gallery does not hold.
        """
        known = self.known
        serving = checked_turn(change, self._notes.serving(known, latest=True), known)
        self._notes.put_serving(serving)
        return serving

    def checked(self, name: str, dim: int | None = None) -> Space:
        """Give the space of a name, of this dimension where one is said.

        Raises:
            GalleryError: there is none, or it has another dimension.
        """
        known = self.known
        if name not in known:
            raise no_space(name, known)
        if dim is not None and known[name].dim != dim:
            raise GalleryError(f"The space {name!r} has {known[name].dim} dimensions, not {dim}.")
        return known[name]

    def check(self, names: Collection[str]) -> None:
        """Look whether all of these are there.

        Raises:
            GalleryError: one is not.
        """
        for name in names:
            self.checked(name)

    def search(self, space: Space) -> VectorSearch:
        """Give the search in a space, with the index that it was made with, whatever the URL says now."""
        return VectorSearch(self._server, space, self._index(space.name))

    def outgrown(self) -> Iterator[str]:
        """Name those in which all vectors are compared, though there are too many by now."""
        server = self._server
        for name in self.present:
            held = server.count(schema.space_of(server.address.name, name), "")
            if held and is_outgrown(self._index(name), held, server.abilities):
                yield name

    def _index(self, name: str) -> VectorIndex:
        noted = self._noted.get(name)  # another thread may have dropped it
        key = (name, noted.number if noted else 0)
        found = self._indexes.get(key)
        if found is None:
            found = schema.index_of(self._server, schema.space_of(self._server.address.name, name))
            self._indexes[key] = found
        return found

    def _learn(self, noted: Mapping[str, NotedSpace]) -> None:
        self._noted, self._held = dict(noted), {}
        self._read_at = time.monotonic()
