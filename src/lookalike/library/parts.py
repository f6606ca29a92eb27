"""Which parts does the work need? Each is opened on first use, and all are closed together."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, fields
from pathlib import Path
from threading import RLock
from typing import Any, Self, TypeVar, cast

from lookalike.blocklist import BlockList
from lookalike.captioners import Captioner
from lookalike.config import Settings, load_settings
from lookalike.copies.fingerprint import Fingerprinter
from lookalike.decode import Decoded, DecodePool, Limits
from lookalike.encoders import Encoder, load_encoder
from lookalike.encoders.merging import merged
from lookalike.encoders.timed import Note, timed
from lookalike.errors import BadInput, GalleryError
from lookalike.fetch import Fetcher
from lookalike.gallery import Gallery, are_apart, open_gallery
from lookalike.ingest import Gate
from lookalike.library.captioning import CaptionerInUse
from lookalike.library.encoding import EncoderInUse
from lookalike.library.places import Places
from lookalike.search import CopyFinder, Searcher
from lookalike.thumbnails import Thumbnails

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyParts:
    """Parts that are open already: they stand in for those that would be opened, and stay open afterwards."""

    gallery: Gallery | None = None
    decoder: DecodePool | None = None
    thumbnails: Thumbnails | None = None
    fetcher: Fetcher | None = None

    def by_name(self) -> dict[str, Any]:
        """Give those that are there by their names."""
        given = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: part for name, part in given.items() if part is not None}


class OpenParts(Places):
    """A gallery and all that fills and searches it.

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
        ready: ReadyParts | None = None,
    ) -> None:
        """Name the parts, or give them; what is left empty comes from `settings`, and those from the environment.

        With `create`, a gallery that is not there becomes a new, empty one.

        Raises:
            BadInput: a setting in the environment or in `lookalike.toml` is wrong.
        """
        settings = settings or load_settings()
        super().__init__(gallery or settings.gallery, settings)
        self._create = create
        self.note_encoding: Note | None = None
        """Is told of each pass of the encoder, if it is set before the first."""
        self._parts = (ready or ReadyParts()).by_name()
        self._open_parts = ExitStack()
        self._closed = False
        self._lock = RLock()
        named = encoder or self.settings.encoder
        self._encoder_in_use = EncoderInUse(named, self._gallery_there, self._load_encoder, self._lock)
        self._captioner_in_use = CaptionerInUse(captioner, self.settings, self._encoder_in_use)

    @property
    def gallery(self) -> Gallery:
        """Where the records are.

        Raises:
            NotFound, GalleryError: as `open_gallery` says.
        """
        return self._part("gallery", lambda: self._open_gallery(create=self._create))

    @property
    def encoder(self) -> Encoder:
        """What turns pixels into vectors: what was named, else what the gallery is searched with at the moment.

        Raises:
            BadInput, NotFound, MissingExtra: as `load_encoder` says.
            GalleryError: as `open_gallery` says.
        """
        return self._encoder_in_use()

    def prepare_encoder(self, encoder: str | Encoder) -> Encoder:
        """Load an encoder that the gallery may be switched to, so that it is at hand then.

        Raises:
            BadInput, NotFound, MissingExtra: as `load_encoder` says.
        """
        return self._encoder_in_use.keep_ready(self._load_encoder(encoder))

    def encoder_of(self, spaces: Sequence[str]) -> Encoder:
        """Give the encoder of spaces that the gallery holds: the one at hand, else as `prepare_encoder` does."""
        at_hand = self._encoder_in_use.of(spaces)
        return self.prepare_encoder(self.gallery.spaces[spaces[0]].encoder) if at_hand is None else at_hand

    def _load_encoder(self, encoder: str | Encoder) -> Encoder:
        loaded = load_encoder(encoder, self.settings.engine) if isinstance(encoder, str) else encoder
        return timed(loaded, self.note_encoding) if self.note_encoding else loaded

    def _gallery_there(self) -> Gallery:
        """Give the gallery without making one.

        Raises:
            NotFound: there is none.
        """
        return self._part("gallery", lambda: self._open_gallery(create=False))

    def _open_gallery(self, *, create: bool) -> Gallery:
        gallery = open_gallery(self.where, create=create, token=self._token())
        self.make_room()
        return self._enter(gallery)

    def _token(self) -> str:
        """Give the token of the settings, unless they name a gallery on another server, which it is for then."""
        settings = self.settings
        return "" if are_apart(settings.gallery, self.where) else settings.secret_of_gallery()

    @property
    def captioner(self) -> Captioner:
        """What writes captions; it looks through the encoder where both are of one name.

        Raises:
            BadInput, NotFound, Unreachable, MissingExtra: as `load_captioner` says; or the settings want none.
        """
        captioner = self.captioning()
        if captioner is None:
            raise BadInput("Nobody here writes captions: the captioner is none.", "Choose one: --captioner mini.")
        return captioner

    def captioning(self) -> Captioner | None:
        """Give what writes captions; None where the settings want none. Raises as `captioner` does.

        Raises:
            Overloaded: of requests that take turns, too many wait for it, or for other machines, already.
        """
        return self._captioner_in_use()

    @property
    def captioner_name(self) -> str:
        """The name of what writes captions, which is not loaded for that; empty where the settings want none."""
        return self._captioner_in_use.name

    @property
    def captioner_at_hand(self) -> Captioner | None:
        """What writes captions, if it is loaded by now."""
        return self._captioner_in_use.at_hand

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

        def objection(decoded: Decoded) -> str:
            found = blocklist.find(decoded)
            return found.reason if found else ""

        return Gate(objection, only_flags=self.settings.blocked == "flag")

    @property
    def fetcher(self) -> Fetcher:
        """What gets pictures from the web."""
        return self._part("fetcher", lambda: _fetcher(self.settings))

    @property
    def searcher(self) -> Searcher:
        """What answers queries, with the encoder of this very moment: another one after a switch."""
        encoder = self.encoder
        with self._lock:
            if self._parts.get("searching with") is not encoder:
                self._parts["searcher"] = self._make_searcher(encoder)
                self._parts["searching with"] = encoder
            return cast(Searcher, self._parts["searcher"])

    def _make_searcher(self, encoder: Encoder) -> Searcher:
        parts = (self.gallery, merged(encoder), self.decoder, self.fetcher, self.copies)
        return Searcher(*parts, captioning=self.captioning)

    @property
    def copies(self) -> CopyFinder:
        """What finds edited copies; its index lies beside the gallery and may be deleted at any time."""
        folder = self.copies_index
        parts = (folder, self.settings.effort, self.thumbnails.cached_grey)
        return self._part("copies", lambda: self._enter(CopyFinder(self.gallery, self.thumbnails.grey, *parts)))

    @property
    def thumbnails(self) -> Thumbnails:
        """Small pictures of the records, kept beside the gallery."""
        parts = (self.thumbnails_cache, self.decoder, self.settings.thumbnails_bytes, self.fetcher)
        return self._part("thumbnails", lambda: self._enter(Thumbnails(*parts)))

    def open_now(self) -> None:
        """Open what would open on first use, but for encoder and captioner, which may take long; raises as each."""
        _ = self.gallery, self.decoder, self.fingerprinter, self.fetcher, self.thumbnails

    def close(self) -> None:
        """Close what was opened; the object is of no use afterwards."""
        with self._lock:
            self._closed = True
            self._parts.clear()
            self._open_parts.close()

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be opened any more."""
        return self._closed

    def __enter__(self) -> Self:
        """Use as a context manager: `close` at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def _part(self, name: str, make: Callable[[], Part]) -> Part:
        part = self._parts.get(name)
        if part is None:  # else nobody waits for the lock, which is held while an encoder loads
            with self._lock:
                part = self._parts.get(name)
                if part is None:
                    if self._closed:  # whatever opened now would stay open for good
                        raise GalleryError(f"The gallery {self.gallery_name} has been closed.", "Open it again.")
                    part = self._parts[name] = make()
        return cast(Part, part)

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
