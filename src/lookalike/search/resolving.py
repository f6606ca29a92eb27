"""What is compared of a query picture? It is opened, decoded and encoded once, or read from the gallery."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lookalike.copies import GREY_PX
from lookalike.copies.verifier import QueryPicture
from lookalike.decode import DecodePool
from lookalike.encoders import Encoder
from lookalike.errors import NotFound
from lookalike.fetch import Fetcher
from lookalike.gallery import Gallery
from lookalike.search.copies import CopyFinder, Votes
from lookalike.search.description import Captioning, Description, describe, description_of
from lookalike.search.query import Query
from lookalike.sources import open_original
from lookalike.threads import await_turn, going_out
from lookalike.types import Embedding, Grey, ImageRecord

Opened = Callable[[], Path | bytes]
"""Gives a file, or its bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A query picture reduced to what is compared."""

    vectors: Mapping[str, Embedding]
    """Unit vectors by space."""
    sha256: str
    pixels: str
    """Pixel hash; like sha256 empty where only a region is asked for."""
    format: str
    size: tuple[int, int]
    """Width and height of the whole picture, upright."""
    opened: Opened
    """Gives its file once more."""
    itself: str
    """Id of the record searched with, which is no answer to its own query."""
    picture: QueryPicture | None = None
    """What to compare regions with; None where that is not asked for, or cannot be had."""
    votes: Votes | None = None
    """For what may be copies of it, being counted; None where there is no picture to ask with."""


@dataclass(frozen=True, slots=True)
class Resolver:
    """Resolves query pictures with these parts."""

    gallery: Gallery
    encoder: Encoder
    decoder: DecodePool
    fetcher: Fetcher
    copies: CopyFinder | None
    captioning: Captioning

    def resolve(self, query: Query, space: str, *, with_copies: bool = False) -> Resolved:
        """Reduce a picture to what is compared, a vector in `space` among it; begin to look for copies if asked.

        Raises:
            NotFound: no such file or id.
            UnreadableImage, TooLarge, Unreachable: it cannot be had or decoded.
        """
        record = self._record(query)
        if record is None or query.region is not None or space not in record.embeddings:
            source = open_picture(query, record, self.fetcher)
            decoded = self.decoder.decode(source, replace(self.encoder.fit, grey=GREY_PX), query.region)
            picture, votes = self._begin(decoded.grey if with_copies else None, query)
            return Resolved(
                vectors={name: rows[0] for name, rows in self.encoder.encode([decoded.pixels]).items()},
                sha256=decoded.sha256 if query.region is None else "",
                pixels=decoded.pixel_hash if query.region is None else "",
                format=decoded.format,
                size=(decoded.width, decoded.height),
                opened=lambda: source,
                itself=query.id,
                picture=picture,
                votes=votes,
            )
        await_turn()  # nothing is left to prepare
        vectors = {name: vector.astype(np.float32) for name, vector in record.embeddings.items()}
        grey = self.copies.picture_of(record) if self.copies and with_copies else None
        picture, votes = self._begin(grey, query)
        return Resolved(
            vectors=vectors,
            sha256=record.sha256,
            pixels=record.fingerprint.pixels,
            format=record.format,
            size=(record.width, record.height),
            opened=lambda: open_original(record.uri, version=record.version),
            itself=record.id,
            picture=picture,
            votes=votes,
        )

    def describe(self, query: Query) -> Description:
        """Put a picture into words: those that its record has, if any, else those that it is described by here.

        Raises:
            BadInput: nothing here can put a picture into words.
        """
        record = self._record(query)
        known = description_of(record) if record is not None and query.region is None else ""
        if known:
            return Description(known)
        source = open_picture(query, record, self.fetcher)
        return describe(source, query.region, self.decoder, self.encoder, self.captioning)

    def _record(self, query: Query) -> ImageRecord | None:
        if not query.id:
            return None
        found = self.gallery.get([query.id], embeddings=True)
        if not found:
            raise NotFound(f"There is no picture {query.id!r} in the gallery.")
        return found[0]

    def _begin(self, grey: Grey | None, query: Query) -> tuple[QueryPicture | None, Votes | None]:
        """Have candidates looked up while the picture is encoded: both take long, and neither needs the other."""
        if grey is None or self.copies is None:
            return None, None
        picture = QueryPicture(grey)
        return picture, self.copies.begin(picture, query.effort)


def open_picture(query: Query, record: ImageRecord | None, fetcher: Fetcher) -> Path | bytes:
    """Give the file, or the bytes, of a query's picture: the original of `record`, where that is searched with.

    Raises:
        NotFound: the original has gone.
        Unreachable, TooLarge, BadInput: a URL that cannot be had.
        Overloaded: many wait for other sites already.
    """
    if query.data is not None:
        return query.data
    if query.file is not None:
        return query.file
    if record is not None:
        return open_original(record.uri, fetcher, version=record.version)
    with going_out():
        return fetcher.get(query.url)
