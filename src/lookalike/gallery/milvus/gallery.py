"""How does a Milvus server keep a gallery? The calls of the Gallery protocol, each handed to those who know how."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import Literal

from lookalike.errors import BadInput
from lookalike.gallery import Change, FingerprintPage, Merge, Others, Page, State
from lookalike.gallery.counting import commonest
from lookalike.gallery.filters import Filter
from lookalike.gallery.milvus import checking, embedding, facets, fetching, fingerprints
from lookalike.gallery.milvus.codes import is_id
from lookalike.gallery.milvus.listing import Listing
from lookalike.gallery.milvus.matching import match_words
from lookalike.gallery.milvus.notes import Notes
from lookalike.gallery.milvus.opening import open_server
from lookalike.gallery.milvus.schema import records_of
from lookalike.gallery.milvus.searching import nearest_born
from lookalike.gallery.milvus.selecting import Selection, select
from lookalike.gallery.milvus.server import Server
from lookalike.gallery.milvus.spaces import Spaces
from lookalike.gallery.milvus.writing import Writer
from lookalike.gallery.order import Edge, Order
from lookalike.gallery.serving import Embedded, Serving, Turn
from lookalike.gallery.suiting import Term, as_terms
from lookalike.types import Embedding, Embeddings, Failure, ImageRecord, Learned, Neighbors, Scores, Space

_BYTES_A_RECORD = 2_500
"""What a record takes with its fingerprint and the numbers to filter by, before Milvus packs it."""


class MilvusGallery:
    """A gallery on a Milvus server. Threads may share it; any number of processes may open it."""

    def __init__(self, server: Server) -> None:
        """Take over a connection to a server that holds the gallery."""
        self.url = server.address.url
        self._server = server
        self._notes = Notes(server)
        self._spaces = Spaces(server, self._notes)
        self._writer = Writer(server, self._notes, self._spaces)

    @classmethod
    def open(cls, url: str, *, create: bool = True, token: str = "") -> "MilvusGallery":
        """Open the gallery at a URL; `token` is `user:password`, or a key, where the server asks for one.

        Raises:
            BadInput: it is no such URL, or its certificate is not there.
            MissingExtra: pymilvus is not installed.
            NotFound: there is no such gallery, and `create` is off.
            Unreachable: the server does not answer.
            GalleryError: it lets nobody in, is too old, or holds a newer gallery, or one that has lost its records.
        """
        return cls(open_server(url, create=create, token=token))

    @property
    def spaces(self) -> Mapping[str, Space]:
        """The spaces that hold vectors, by name, oldest first."""
        return self._spaces.known

    @property
    def server(self) -> str:
        """What the server calls itself, and what it can do."""
        return str(self._server.abilities)

    def add_space(self, space: Space) -> None:
        """Make room for a space; nothing happens where it is there already.

        Raises:
            GalleryError: a space of that name has another dimension or weights digest; the fix is named.
        """
        self._spaces.add(space)

    def drop_space(self, name: str) -> None:
        """Forget a space with all vectors in it; nothing happens where there is none of that name.

        Raises:
            Conflict: it answers queries.
        """
        self._spaces.drop(name)

    @property
    def serving(self) -> Serving:
        """Which spaces answer queries."""
        return self._spaces.serving

    def serve(self, change: Turn) -> Serving:
        """Change durably which spaces answer queries, and give what holds then.

        Raises:
            GalleryError: a space that the gallery does not hold.
        """
        return self._spaces.serve(change)

    def embed(self, made: Sequence[Embedded]) -> list[str]:
        """Add vectors to records, or replace them; gives the ids of the records that took them.

        Raises:
            BadInput: a vector that is not of unit length.
            GalleryError: unknown space, or wrong dimension.
        """
        return self._writer.embed(made)

    def lacking(self, spaces: Collection[str], after: str = "", limit: int = 512) -> Page:
        """List the records that lack a vector in one of some spaces, by their ids.

        Raises:
            BadInput: an `after` that did not come from here.
            GalleryError: no such space.
        """
        self._spaces.check(spaces)
        ids = embedding.lacking_ids(self._server, spaces, after, limit + 1, lost=self.lost())
        records = self.get(ids[:limit])
        return Page(records=tuple(records), after=ids[limit - 1] if len(ids) > limit else "")

    def count_lacking(self, spaces: Collection[str]) -> int:
        """Count the records that lack a vector in one of some spaces.

        Raises:
            GalleryError: no such space.
        """
        self._spaces.check(spaces)
        return embedding.count_lacking(self._server, spaces, lost=self.lost())

    def calibrate(self, space: str, learned: Learned | None) -> None:
        """Keep what was learned about the scores in a space, in place of the encoder's own; None forgets it.

        Raises:
            GalleryError: no such space.
        """
        self._spaces.teach(space, learned)

    def tidy(self) -> int:
        """Delete vectors whose record is not there, as a change that was cut off leaves them; returns how many."""
        return embedding.delete_orphans(self._server, self._spaces.present, self._writer.on_their_way)

    def outgrown(self) -> list[str]:
        """Name the spaces whose vectors are all compared in each search, though they are too many for that by now."""
        return list(self._spaces.outgrown())

    def lost(self) -> list[str]:
        """Name the spaces whose vectors the server has lost, all of them; `add_space` has them begin empty."""
        present = self._spaces.present
        return [name for name in self._spaces.known if name not in present]

    def put(
        self, records: Sequence[ImageRecord], failures: Sequence[Failure] = (), *, merge: Merge | None = None
    ) -> None:
        """Insert or replace records by id, and failures by uri; what was refused by us leaves all as it was.

        Where the server goes away in between, put the same again: what is there already is replaced by itself.

        Raises:
            BadInput: a value that cannot be kept.
            GalleryError: unknown space, wrong dimension, or no room.
            Unreachable: the server does not answer.
        """
        if records or failures:
            self._writer.put(records, failures, merge)

    def describe(self, ids: Collection[str], change: Change) -> list[ImageRecord]:
        """Change what is said of records. Among programs that describe one record at once, the last one wins.

        Raises:
            BadInput: a value that cannot be kept.
        """
        return self._writer.describe(ids, change) if ids else []

    def delete(self, ids: Collection[str]) -> int:
        """Forget records durably; returns how many there were."""
        return self._writer.delete(ids)

    def get(self, ids: Sequence[str], *, embeddings: bool = False) -> list[ImageRecord]:
        """Fetch records in the order asked; unknown ids are left out."""
        return fetching.records_by_id(self._server, self._spaces, ids, embeddings=embeddings)

    @property
    def state(self) -> State:
        """What the gallery is now."""
        return self._notes.state()

    def fingerprints(self, since: int = -1) -> Iterator[FingerprintPage]:
        """Give the pages that changed after a revision, with the fingerprints of all records there."""
        return fingerprints.pages_since(self._server, self._notes, since)

    def ids(self, keys: Collection[int]) -> dict[int, str]:
        """Map keys to ids; those of records that have gone are left out."""
        return fingerprints.ids_of_keys(self._server, keys)

    def find(self, field: Literal["sha256", "pixels"], values: Collection[str]) -> dict[str, list[str]]:
        """Map each value that occurs to the ids of the records that carry it, oldest first."""
        return fetching.ids_by_value(self._server, field, values)

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
        edge = Edge.read(after, by, str)
        listing = Listing(self._server, self._notes, self._select(where), by)
        found = listing.after(edge, limit + 1)
        records = self.get([one.mark for one in found[:limit]], embeddings=embeddings)
        return Page(records=tuple(records), after=found[limit - 1].write(by) if len(found) > limit else "")

    def count(self, where: Filter | None = None) -> int:
        """Count the records that pass."""
        return sum(self._server.count(self._records, part) for part in self._select(where).parts)

    def facets(self, field: str, where: Filter | None = None, limit: int = 50, *, like: str = "") -> dict[str, int]:
        """Count records by the values of `label`, `tag`, `owner`, `format`, `folder` or `year`, commonest first.

        With `like`, only by values that hold this text, in whatever case.

        Raises:
            BadInput: records cannot be counted by this field.
        """
        counts = facets.count_values(self._server, self._notes, self._select(where), field)
        return commonest(counts, field, limit, like)

    def nearest(self, space: str, vectors: Embeddings, k: int, where: Filter | None = None) -> list[Neighbors]:
        """Find the k nearest records to each unit vector by cosine; never fewer than k if k pass.

        Raises:
            BadInput: more than 16,384 are asked for.
            GalleryError: no such space, or another dimension.
        """
        _check_positive("k", k)
        search = self._spaces.search(self._spaces.checked(space, vectors.shape[1]))
        selection = select(self._server, where, self._notes, beside_vectors=True)
        return nearest_born(search, vectors, k, selection, self._writer.on_their_way) if len(vectors) else []

    def similarity(self, space: str, vector: Embedding, ids: Sequence[str]) -> Scores:
        """Give the cosine of some records with a unit vector; NaN where there is no such record, or no vector of it.

        Raises:
            GalleryError: no such space, or another dimension.
        """
        search = self._spaces.search(self._spaces.checked(space, len(vector)))
        return search.similarity(vector, [id_ if is_id(id_) else "" for id_ in ids])

    def match_text(
        self, text: str | Sequence[Term], k: int, where: Filter | None = None, *, also: Others | None = None
    ) -> Neighbors:
        """Find the k records that suit some words best by BM25 over all their texts."""
        _check_positive("k", k)
        return match_words(self._server, self._notes, as_terms(text), k, self._select(where), also)

    def versions(self, prefix: str) -> Iterator[tuple[str, str]]:
        """List (uri, version) of every record and failure whose uri starts with `prefix`."""
        return fetching.versions(self._server, self._notes, prefix)

    def failures(self) -> list[Failure]:
        """List what could not be taken in, by uri."""
        return self._notes.failures()

    def drop_failures(self, uris: Collection[str]) -> int:
        """Forget failures; returns how many there were."""
        return self._notes.drop_failures(uris)

    def size_bytes(self) -> int:
        """Give about the bytes that the gallery takes: Milvus does not say how many there are on its disks."""
        rows = self._server.count(self._records, "")
        numbers = sum(space.dim for space in self._spaces.present.values())
        vectors = numbers * (2 if self._server.abilities.half_precision else 4)
        return rows * (vectors + _BYTES_A_RECORD)

    def backup(self, path: Path) -> None:
        """Refuse: a copy of what a server holds is made there, or by `lookalike copy`.

        Raises:
            BadInput: always.
        """
        command = f"lookalike copy {quote(self._server.address.whole_url)} {quote(str(path))}"
        raise BadInput(
            f"{self.url} is on a server, and is not backed up to a file.",
            f"Copy it to a gallery on this machine: `{command}`. Or use milvus-backup. "
            "Copy the folder of uploads, too: it is not on the server.",
        )

    def check(self) -> list[str]:
        """Look for damage; each finding is a sentence, none means sound."""
        return list(checking.findings(self._server, self._spaces))

    def close(self) -> None:
        """Let go of the connection; the object is of no use afterwards."""
        self._server.close()

    def __enter__(self) -> "MilvusGallery":
        """Give the gallery itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def _select(self, where: Filter | None) -> Selection:
        return select(self._server, where, self._notes)

    @property
    def _records(self) -> str:
        return records_of(self._server.address.name)


def _check_positive(name: str, value: int) -> None:
    if value < 1:
        raise BadInput(f"{name} is {value}.", "It must be 1 or more.")
