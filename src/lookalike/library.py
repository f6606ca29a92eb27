"""How do the parts come together? One object that opens a gallery, an encoder and decoders, and closes them."""

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path
from threading import RLock
from typing import Any, Self, TypeVar, cast

from lookalike.blocklist import BlockList
from lookalike.captioners import Captioner, load_captioner
from lookalike.config import Settings, load_settings
from lookalike.copies.fingerprint import Fingerprinter
from lookalike.decode import Decoded, DecodePool, Limits
from lookalike.describing import Edit
from lookalike.encoders import Encoder, Recogniser, load_encoder
from lookalike.errors import NotFound
from lookalike.fetch import Fetcher
from lookalike.gallery import Gallery, open_gallery
from lookalike.gallery.sqlite.opening import gallery_path
from lookalike.ingest import Gate, ingest
from lookalike.search import Answer, CopyFinder, Mode, Pair, Query, Searcher, compare_pair
from lookalike.seeing import Look, look
from lookalike.sources import FolderSource, Source, TableSource, open_original
from lookalike.thumbnails import Thumbnails
from lookalike.types import ImageRecord, Ingested, Region, StoredEmbedding

_SQLITE_FILES = ("", "-wal", "-shm", "-journal")

Part = TypeVar("Part")


class Lookalike:
    """A gallery with all that is needed to fill and to search it.

    Each part opens on first use, so that an object is free until it works, and stays open until `close`. The object
    may be shared by threads.
    """

    def __init__(
        self,
        gallery: str | Path = "",
        encoder: str | Encoder = "",
        *,
        captioner: Captioner | None = None,
        settings: Settings | None = None,
        create: bool = True,
    ) -> None:
        """Name the parts, or give them; what is left empty comes from `settings`, and those from the environment.

        With `create`, a gallery that is not there becomes a new, empty one.

        Raises:
            BadInput: a setting in the environment or in `lookalike.toml` is wrong.
        """
        self.settings = settings or load_settings()
        self._where = gallery or self.settings.gallery
        self._how = encoder or self.settings.encoder
        self._captioner = captioner
        self._create = create
        self._parts: dict[str, Any] = {}
        self._open_parts = ExitStack()
        self._lock = RLock()

    @property
    def gallery_path(self) -> Path:
        """Where the gallery's file lies, or would.

        Raises:
            BadInput: as `open_gallery` says.
        """
        return gallery_path(self._where)

    @property
    def uploads(self) -> Path:
        """The folder where uploaded pictures are kept, there or not: beside the gallery, if not set otherwise."""
        return Path(self.settings.uploads or f"{self.gallery_path}.uploads").expanduser()

    @property
    def blocked(self) -> Path:
        """Where the block list lies, there or not; its small pictures are in a folder of that name and `.pictures`."""
        return Path(f"{self.gallery_path}.blocked")

    @property
    def gallery(self) -> Gallery:
        """Where the records are.

        Raises:
            NotFound, GalleryError: as `open_gallery` says.
        """
        return self._part("gallery", lambda: self._enter(open_gallery(self._where, create=self._create)))

    @property
    def encoder(self) -> Encoder:
        """What turns pixels into vectors.

        Raises:
            BadInput, NotFound, MissingExtra: as `load_encoder` says.
        """
        how, engine = self._how, self.settings.engine
        return self._part("encoder", lambda: load_encoder(how, engine) if isinstance(how, str) else how)

    @property
    def captioner(self) -> Captioner:
        """What writes captions; it looks through the encoder where both are of one name.

        Raises:
            BadInput: as `load_captioner` says.
        """
        return self._part("captioner", self._load_captioner)

    def _load_captioner(self) -> Captioner:
        name = self.settings.captioner
        if self._captioner is not None:
            return self._captioner
        eyes = self.encoder if self.encoder.name == name else load_encoder(name, self.settings.engine)
        return load_captioner(name, (lambda images: eyes.see(images).maps) if isinstance(eyes, Recogniser) else None)

    @property
    def decoder(self) -> DecodePool:
        """What turns bytes into pixels."""
        return self._part("decoder", lambda: self._enter(self.make_decoder()))

    def make_decoder(self) -> DecodePool:
        """Make decoders apart from `decoder`, so that long work holds no query up; whoever asked closes them."""
        return DecodePool(self.settings.workers, _limits(self.settings))

    @property
    def fingerprinter(self) -> Fingerprinter:
        """What makes edited copies findable."""
        return self._part("fingerprinter", lambda: Fingerprinter(self.settings.features))

    @property
    def blocklist(self) -> BlockList:
        """The pictures that shall not come in again; a list that is not there becomes a new, empty one.

        Raises:
            GalleryError: it cannot be opened, or was made with another encoder.
        """
        return self._part("blocklist", lambda: self._enter(BlockList(self.blocked, self.encoder, self.decoder)))

    @property
    def gate(self) -> Gate | None:
        """What keeps unwanted pictures out; None where none was ever blocked."""
        if not self.blocked.exists():
            return None
        blocklist = self.blocklist

        def objection(decoded: Decoded, embeddings: Mapping[str, StoredEmbedding]) -> str:
            found = blocklist.find(decoded, embeddings)
            return found.reason if found else ""

        return Gate(objection, only_flags=self.settings.blocked == "flag")

    @property
    def fetcher(self) -> Fetcher:
        """What gets pictures from the web."""
        return self._part("fetcher", lambda: _fetcher(self.settings))

    @property
    def searcher(self) -> Searcher:
        """What answers queries."""
        return self._part(
            "searcher",
            lambda: Searcher(
                self.gallery,
                self.encoder,
                self.decoder,
                self.fetcher,
                self.copies,
                captioning=lambda: self.captioner,
            ),
        )

    @property
    def copies(self) -> CopyFinder:
        """What finds edited copies; its index lies beside the gallery and may be deleted at any time."""
        folder = Path(f"{self.gallery_path}.copies")
        effort = self.settings.effort
        return self._part("copies", lambda: CopyFinder(self.gallery, self.thumbnails.grey, folder, effort))

    @property
    def thumbnails(self) -> Thumbnails:
        """Small pictures of the records, kept beside the gallery."""
        path = Path(f"{self.gallery_path}.thumbnails")
        return self._part("thumbnails", lambda: self._enter(Thumbnails(path, self.decoder, fetcher=self.fetcher)))

    def folder_source(
        self, paths: Sequence[Path], exclude: Sequence[str] | None = None, *, may_be_missing: bool = False
    ) -> FolderSource:
        """Plan to list files and folders, without what is excluded and without the gallery's own files.

        `exclude` stands in for the setting of that name; it and `may_be_missing` are as in `FolderSource`.
        """
        caches = ("", ".thumbnails", ".blocked")
        own = [f"{self.gallery_path}{cache}{suffix}" for cache in caches for suffix in _SQLITE_FILES]
        return FolderSource(
            [path.expanduser() for path in paths],
            self.settings.exclude if exclude is None else exclude,
            apart_from=[*map(Path, own), self.uploads, Path(f"{self.blocked}.pictures")],
            may_be_missing=may_be_missing,
        )

    def table_source(
        self,
        table: str | Path,
        *,
        images: str | Path | None = None,
        columns: Mapping[str, Sequence[str]] | None = None,
        encoding: str = "utf-8",
        trusted: bool = False,
    ) -> TableSource:
        """Plan to list the pictures that a table names, as `TableSource` says; `~` is the home folder.

        Raises:
            BadInput: `columns` names no field that there is, or the encoding is not known.
        """
        return TableSource(
            Path(table).expanduser(),
            images=None if images is None else Path(images).expanduser(),
            columns=columns or {},
            encoding=encoding,
            trusted=trusted,
            fetcher=self.fetcher,
        )

    def index(
        self,
        paths: str | Path | Sequence[str | Path],
        exclude: Sequence[str] | None = None,
        *,
        captions: bool | None = None,
        retry: bool = False,
    ) -> Iterator[Ingested]:
        """Bring the gallery up to date with files and folders, yielding what became of each picture once it is stored.

        The work is done as the iterator is used. `~` is the home folder; `exclude` is as in `folder_source`, the rest
        as in `ingest`.
        """
        given = [paths] if isinstance(paths, str | Path) else paths
        source = self.folder_source([Path(path) for path in given], exclude)
        return self.ingest(source, captions=captions, retry=retry)

    def ingest(
        self,
        source: Source,
        *,
        captions: bool | None = None,
        retry: bool = False,
        decoder: DecodePool | None = None,
    ) -> Iterator[Ingested]:
        """Bring the gallery up to date with any source, as `ingest` says; with the object's own decoder if not said.

        With `captions`, or if not said with the setting of that name, pictures without a caption get one.
        """
        wanted = self.settings.captions if captions is None else captions
        return ingest(
            source,
            self.gallery,
            self.encoder,
            decoder or self.decoder,
            fingerprinter=self.fingerprinter,
            captioner=self.captioner if wanted else None,
            gate=self.gate,
            retry=retry,
        )

    def caption(self, picture: str | Path | bytes) -> Look:
        """Say what a picture shows: its caption, and what is recognised in it.

        It is a file, a URL, the bytes of a picture, or the id of a picture in the gallery, which stays as it is.
        Raises as `original` does, and as the decoder and `captioner` do.
        """
        query = _picture(picture)
        if not (query.file or query.data or query.url or query.id):
            raise NotFound(f"{picture!r} is neither a file that is there, nor a URL, nor the id of a picture.")
        decoded = self.decoder.decode(self.original(query), self.encoder.fit, query.region)
        return look(self.encoder, [decoded.pixels], self.captioner)[0]

    def edit(self, ids: Collection[str], edit: Edit) -> list[ImageRecord]:
        """Change what is said of pictures by their ids, as a person; gives those that are there, as they are now.

        Raises:
            BadInput: a picture would have too many tags, or too much metadata.
            GalleryError: it cannot be stored.
        """
        return self.gallery.describe(ids, edit.apply)

    def search(
        self,
        what: str | Path | bytes,
        k: int = 10,
        *,
        also: str = "",
        mode: Mode = "auto",
        where: str = "",
        region: Region | None = None,
    ) -> Answer:
        """Find the k pictures closest to words, a file, a URL, the bytes of a picture, or one of the gallery by its id.

        `also` are words beside a picture: `search("cat.jpg", also="in the snow")`. For further pages and lowest scores,
        give a `Query` to `searcher`. Raises as `query` and `Searcher.search` do.
        """
        return self.searcher.search(self.query(what, text=also, mode=mode, where=where, region=region), k)

    def query(self, what: str | Path | bytes, **options: Any) -> Query:
        """Make a query of what a person names: a picture by any of its names, or words, as `Query.parse` reads them.

        What only looks like an id, and is none in this gallery, is a word. `options` are the other fields of `Query`.

        Raises:
            BadInput, NotFound: as `Query` and `Query.parse` say.
        """
        query = _query(what, **options)
        is_word = query.id.isalpha() and not query.text and query.mode == "auto" and query.region is None
        if is_word and not self.gallery.get([query.id]):
            return replace(query, id="", text=query.id)
        return query

    def compare(self, first: str | Path | bytes, second: str | Path | bytes, *, region: Region | None = None) -> Pair:
        """Say how two pictures relate; with a region, how that part of the first relates to the second.

        Each is a file, a URL, the bytes of a picture, or the id of a picture in the gallery. Raises as `original` and
        `compare_pair` do.
        """
        one, other = _picture(first, region=region), _picture(second)
        return compare_pair(self.decoder, self.original(one), self.original(other), region)

    def original(self, query: Query) -> Path | bytes:
        """Give the file, or the bytes, of a query's picture; a URL is asked each time.

        Raises:
            NotFound: no such id, or its original is not there any more.
            Unreachable, TooLarge: as `Fetcher.get` says.
        """
        if query.id:
            found = self.gallery.get([query.id])
            if not found:
                raise NotFound(f"There is no picture {query.id!r} in {self.gallery.url}.")
            return open_original(found[0].uri, self.fetcher)
        if query.url:
            return self.fetcher.get(query.url).content
        return query.file if query.file is not None else query.data or b""

    def close(self) -> None:
        """Close what was opened; the object is of no use afterwards."""
        with self._lock:
            self._parts.clear()
            self._open_parts.close()

    def __enter__(self) -> Self:
        """Use as a context manager: `close` at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def _part(self, name: str, make: Callable[[], Part]) -> Part:
        with self._lock:
            if name not in self._parts:
                self._parts[name] = make()
            return cast(Part, self._parts[name])

    def _enter(self, part: AbstractContextManager[Part]) -> Part:
        return self._open_parts.enter_context(part)


def _limits(settings: Settings) -> Limits:
    return Limits(
        max_bytes=settings.max_bytes,
        max_pixels=settings.max_pixels,
        max_frames=settings.max_frames,
        timeout_s=settings.decode_timeout_s,
        max_memory_bytes=settings.decode_memory_bytes,
    )


def _fetcher(settings: Settings) -> Fetcher:
    return Fetcher(
        allow=settings.fetch_allow,
        max_bytes=settings.fetch_max_bytes,
        total_s=settings.fetch_timeout_s,
        use_environment_proxies=settings.fetch_use_environment_proxies,
    )


def _query(what: str | Path | bytes, **options: Any) -> Query:
    return _read(what, Query.parse, options)


def _picture(what: str | Path | bytes, **options: Any) -> Query:
    """Make a query where only a picture will do."""
    return _read(what, Query.parse_picture, options)


def _read(what: str | Path | bytes, parse: Callable[..., Query], options: dict[str, Any]) -> Query:
    match what:
        case bytes():
            return Query(data=what, **options)
        case Path():
            return Query(file=what.expanduser(), **options)
        case _ if what.startswith("~"):
            return parse(os.path.expanduser(what), **options)  # noqa: PTH111 - pathlib fails where there is no such home
        case _:
            return parse(what, **options)
