"""What is the service made of? Ready objects, and the limits it works within."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from lookalike.blocklist import BlockList
from lookalike.captioners import Captioner
from lookalike.copies.fingerprint import Fingerprinter
from lookalike.decode import DecodePool
from lookalike.encoders import Encoder
from lookalike.errors import NotFound
from lookalike.fetch import Fetcher
from lookalike.gallery import Gallery
from lookalike.ingest import Gate
from lookalike.search import Answer, Query, Searcher
from lookalike.service.access import Access
from lookalike.service.ledger import Ledger
from lookalike.service.passage.metrics import Metrics
from lookalike.sources import FolderSource
from lookalike.threads import usable_cores
from lookalike.thumbnails import Thumbnails
from lookalike.types import ImageRecord

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
"""Names under which this machine's own browser finds the service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLimits:
    """What one caller, or all of them together, may ask for."""

    max_upload_bytes: int = 50_000_000
    """One picture."""
    max_request_bytes: int = 1_000_000_000
    """All pictures of one upload together."""
    max_held_bytes: int = 200_000_000
    """All queries together that are coming in or waiting, but at least two of the largest; uploads lie on disk."""
    keep_deleted_s: float = 3_600
    """How long a deleted picture can be restored, and an edit be taken back."""
    max_silence_s: float = 30.0
    """How long a caller may pause in the middle of sending a body, or of taking an answer."""
    max_answer_s: float = 60.0
    """How long a request that has come whole may wait for the beginning of its answer."""
    at_once: int = field(default_factory=lambda: max(2, usable_cores()))
    """Pictures worked on at a time; decoding and encoding keep one core busy each."""
    max_waiting: int = field(default_factory=lambda: 7 * max(2, usable_cores()))
    """Requests that may wait for their turn; further ones are told to come back, rather than wait for long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The open objects that a service works with; whoever opened them closes them."""

    gallery: Gallery
    """The gallery searched."""
    searching: Callable[[], Searcher]
    """Gives what answers queries with the encoder that the gallery is searched with at the moment."""
    decoder: DecodePool
    thumbnails: Thumbnails
    fingerprinter: Fingerprinter = field(default_factory=Fingerprinter)
    """What makes copies of uploads findable."""
    captioner: Captioner | None = None
    """What describes uploads; None where nobody is to."""
    captioning: Callable[[], Captioner | None] = lambda: None
    """Gives what describes a picture when somebody asks; None where nobody can."""
    captioner_name: Callable[[], str] = lambda: ""
    """Gives the name of that, without loading it; empty where nobody can."""
    captioner_at_hand: Callable[[], Captioner | None] = lambda: None
    """Gives it if it is loaded by now."""
    gate: Callable[[], Gate | None] = lambda: None
    """Gives what keeps unwanted pictures out, as it is at the moment."""
    prepare_encoder: Callable[[str], Encoder] | None = None
    """Loads an encoder that the gallery shall change to; None where it is not to change."""
    fetcher: Fetcher = field(default_factory=Fetcher)
    """What gets a picture from the web that is compared with one of the gallery."""
    blocklist: Callable[[], BlockList] | None = None
    """Gives the list of unwanted pictures; None where there is to be none."""
    folder_source: Callable[..., FolderSource] = FolderSource
    """Plans to list files and folders, as `FolderSource` does, without the gallery's own files."""
    index_roots: tuple[Path, ...] = ()
    """Folders below which callers may have pictures indexed, and duplicates acted upon; nowhere else."""
    new_decoder: Callable[[], AbstractContextManager[DecodePool]] | None = None
    """Makes decoders for long work, so that it holds no query up; None to share `decoder`."""
    journal: Path | None = None
    """Where is written down what was done about duplicates; None where nothing may be done."""
    ledger: Ledger = field(default_factory=Ledger)
    """What the service remembers across restarts; in memory only, if not said otherwise."""
    uploads: Path
    """Where uploaded pictures are kept."""
    uploads_are_shared: bool = False
    """Whether other galleries may keep theirs in the same folder, so that a file without a record is let be."""
    limits: ServiceLimits = field(default_factory=ServiceLimits)
    hosts: tuple[str, ...] = LOOPBACK
    """Names that the Host header may hold; `*` for any."""
    origins: tuple[str, ...] = ()
    """Other web sites whose pages may ask, like `https://app.example.org`; they show a key, as no cookie reaches us."""
    access: Access = field(default_factory=Access)
    """Who is let in; everybody, if not said otherwise."""
    metrics: Metrics = field(default_factory=Metrics)
    """What is measured."""
    tracing: "TracerProvider | None" = None
    """Where the spans of requests go; None where nobody wants them."""

    @property
    def searcher(self) -> Searcher:
        """What answers queries; whoever asks more than one thing of it keeps it meanwhile."""
        return self.searching()

    def search(self, query: Query, limit: int, cursor: str = "") -> Answer:
        """Search as `Searcher.search` does. Call it in a thread: even to find the searcher, the gallery is asked."""
        return self.searcher.search(query, limit, cursor)

    @property
    def encoder(self) -> Encoder:
        """What the queries are encoded with."""
        return self.searcher.encoder

    def own_decoder(self) -> AbstractContextManager[DecodePool]:
        """Give decoders for long work, to be closed by whoever asked."""
        return self.new_decoder() if self.new_decoder else nullcontext(self.decoder)

    def record(self, id_: str) -> ImageRecord:
        """Give what the gallery knows about a picture.

        Raises:
            NotFound: there is none of that id.
        """
        found = self.gallery.get([id_])
        if not found:
            raise NotFound(f"There is no picture {id_!r} in the gallery.")
        return found[0]


def allowed_hosts(bind: str, configured: Sequence[str] = ()) -> tuple[str, ...]:
    """Give the names that the Host header may hold when bound to an address.

    On loopback only this machine's own names and the configured ones, so that no web page can reach the service
    under a name of its own (DNS rebinding). Elsewhere any name, unless some are configured.
    """
    if configured or is_loopback(bind):
        return (*LOOPBACK, bind, *configured)
    return ("*",)


def is_loopback(bind: str) -> bool:
    """Whether an address to bind to can be reached from this machine only."""
    if bind == "localhost":
        return True
    try:
        return ip_address(bind.strip("[]")).is_loopback
    except ValueError:
        return False
