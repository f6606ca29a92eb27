"""How do the parts come together? One object that opens a gallery, an encoder and decoders, and closes them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from threading import RLock
from typing import Any, Self, TypeVar, cast

from lookalike.config import Settings, load_settings
from lookalike.copies.fingerprint import Fingerprinter
from lookalike.decode import DecodePool, Limits
from lookalike.encoders import Encoder, load_encoder
from lookalike.errors import NotFound
from lookalike.fetch import Fetcher
from lookalike.gallery import Gallery, open_gallery
from lookalike.gallery.sqlite.opening import gallery_path
from lookalike.ingest import ingest
from lookalike.search import Answer, CopyFinder, Pair, Query, Searcher, compare_pair
from lookalike.sources import FolderSource, Source, open_original
from lookalike.thumbnails import Thumbnails
from lookalike.types import Ingested, Region

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
        settings: Settings | None = None,
        create: bool = True,
    ) -> None:
        """Name the parts; what is left empty comes from `settings`, and those from the environment.

        With `create`, a gallery that is not there becomes a new, empty one.

        Raises:
            BadInput: a setting in the environment or in `lookalike.toml` is wrong.
        """
        self.settings = settings or load_settings()
        self._where = gallery or self.settings.gallery
        self._how = encoder or self.settings.encoder
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
            BadInput, NotFound: as `load_encoder` says.
        """
        how = self._how
        return self._part("encoder", lambda: load_encoder(how) if isinstance(how, str) else how)

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
    def fetcher(self) -> Fetcher:
        """What gets pictures from the web."""
        return self._part("fetcher", lambda: _fetcher(self.settings))

    @property
    def searcher(self) -> Searcher:
        """What answers queries."""
        return self._part(
            "searcher", lambda: Searcher(self.gallery, self.encoder, self.decoder, self.fetcher, self.copies)
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
        return self._part("thumbnails", lambda: self._enter(Thumbnails(path, self.decoder)))

    def folder_source(
        self, paths: Sequence[Path], exclude: Sequence[str] | None = None, *, may_be_missing: bool = False
    ) -> FolderSource:
        """Plan to list files and folders, without what is excluded and without the gallery's own files.

        `exclude` stands in for the setting of that name; it and `may_be_missing` are as in `FolderSource`.
        """
        own = [f"{self.gallery_path}{cache}{suffix}" for cache in ("", ".thumbnails") for suffix in _SQLITE_FILES]
        return FolderSource(
            [path.expanduser() for path in paths],
            self.settings.exclude if exclude is None else exclude,
            apart_from=[*map(Path, own), self.uploads],
            may_be_missing=may_be_missing,
        )

    def index(
        self, paths: str | Path | Sequence[str | Path], exclude: Sequence[str] | None = None, *, retry: bool = False
    ) -> Iterator[Ingested]:
        """Bring the gallery up to date with files and folders, yielding what became of each picture once it is stored.

        The work is done as the iterator is used. `~` is the home folder; `exclude` is as in `folder_source`, the rest
        as in `ingest`.
        """
        given = [paths] if isinstance(paths, str | Path) else paths
        return self.ingest(self.folder_source([Path(path) for path in given], exclude), retry=retry)

    def ingest(self, source: Source, *, retry: bool = False, decoder: DecodePool | None = None) -> Iterator[Ingested]:
        """Bring the gallery up to date with any source, as `ingest` says; with the object's own decoder if not said."""
        parts = self.gallery, self.encoder, decoder or self.decoder
        return ingest(source, *parts, fingerprinter=self.fingerprinter, retry=retry)

    def search(
        self, picture: str | Path | bytes, k: int = 10, *, where: str = "", region: Region | None = None
    ) -> Answer:
        """Find the k pictures closest to a file, a URL, the bytes of a picture, or a picture of the gallery by its id.

        For further pages and lowest scores, give a `Query` to `searcher`. Raises as `Searcher.search` does.
        """
        return self.searcher.search(_query(picture, where, region), k)

    def compare(self, first: str | Path | bytes, second: str | Path | bytes, *, region: Region | None = None) -> Pair:
        """Say how two pictures relate; with a region, how that part of the first relates to the second.

        Each is a file, a URL, the bytes of a picture, or the id of a picture in the gallery. Raises as `original` and
        `compare_pair` do.
        """
        one, other = _query(first, "", region), _query(second, "", None)
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
            return open_original(found[0].uri)
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


def _query(picture: str | Path | bytes, where: str, region: Region | None) -> Query:
    match picture:
        case bytes():
            return Query(data=picture, where=where, region=region)
        case Path():
            return Query(file=picture.expanduser(), where=where, region=region)
        case _:
            text = str(Path(picture).expanduser()) if picture.startswith("~") else picture
            return Query.parse(text, where=where, region=region)
