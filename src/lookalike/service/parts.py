"""What is the service made of? A library, who may come in, and the limits it works within."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from lookalike.encoders import Encoder
from lookalike.gallery import Gallery
from lookalike.library import Lookalike
from lookalike.search import Answer, Query, Searcher
from lookalike.service.access import Access
from lookalike.service.ledger import Ledger
from lookalike.service.passage.metrics import Metrics
from lookalike.threads import usable_cores

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
    """What a service works with; whoever opened it closes it."""

    library: Lookalike
    """The gallery, and what fills and searches it."""
    index_roots: tuple[Path, ...] = ()
    """Folders below which callers may have pictures indexed, and duplicates acted upon; nowhere else."""
    ledger: Ledger = field(default_factory=Ledger)
    """What the service remembers across restarts; in memory only, if not said otherwise."""
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
    def gallery(self) -> Gallery:
        """The gallery searched."""
        return self.library.gallery

    @property
    def searcher(self) -> Searcher:
        """What answers queries; whoever asks more than one thing of it keeps it meanwhile."""
        return self.library.searcher

    @property
    def encoder(self) -> Encoder:
        """What the queries are encoded with."""
        return self.searcher.encoder

    def search(self, query: Query, limit: int, cursor: str = "") -> Answer:
        """Search as `Searcher.search` does. Call it in a thread: even to find the searcher, the gallery is asked."""
        return self.searcher.search(query, limit, cursor)


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
