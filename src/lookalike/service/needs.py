"""What may a handler ask for? The parts of the service it runs in, without any globals."""

from dataclasses import dataclass, field
from threading import Thread
from time import monotonic
from typing import Annotated, cast

from anyio import CapacityLimiter
from fastapi import Depends, Request

from lookalike.service.access.door import Door
from lookalike.service.asking.room import Room
from lookalike.service.duplicates.groups import Groups
from lookalike.service.jobs import Jobs
from lookalike.service.parts import Parts
from lookalike.service.passage.latencies import Latencies
from lookalike.service.passage.turns import Turns
from lookalike.service.pictures.edits import Edits
from lookalike.service.pictures.trash import Trash
from lookalike.service.pictures.uploads import Uploads
from lookalike.service.status.sizes import Sizes

_PREPARING = 64
"""Searches that are fetched, decoded and encoded before their turn: no pass of an encoder takes more together."""
_ASKING = 8
"""Listings at a time, and files that are opened, however few the cores: a server or a drive works, and they wait."""
_READING = 16
"""Originals that are read at a time: of a drive that hangs in the middle of a file, no more hold a thread."""

_PLANNING = 4
"""Jobs that are planned at a time: of a drive that hangs, no more hold a thread."""
_EXPORTING = 2
"""Exports at a time: each holds thousands of records with their vectors, for as long as its caller takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The parts, and what is made from them once for all requests."""

    parts: Parts
    uploads: Uploads
    door: Door
    """What knows callers by their keys."""
    room: Room
    """Room for the query pictures."""
    searches: Turns
    """Turns for what decodes, encodes and compares."""
    thumbnails: Turns
    """Turns of their own, so that a page full of pictures does not hold up a search."""
    uploading: Turns
    """Likewise for uploads, each of which may bring a thousand pictures."""
    listings: Turns
    """Likewise for what goes through the whole gallery to list or count: many of those would take all threads."""
    originals: Turns
    """Likewise for files that are opened, each of which may lie on a drive that hangs."""
    trash: Trash
    """Where deleted pictures wait."""
    edits: Edits
    """Where waits what was said of pictures before somebody wrote about them."""
    jobs: Jobs
    groups: Groups
    """The duplicates that were found last."""
    sizes: Sizes
    reading: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_READING))
    """Threads that read originals while they go out."""
    planning: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_PLANNING))
    """Threads that look at folders and files before a job begins, each of which may lie on a drive that hangs."""
    exports: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_EXPORTING))
    """Places for exports."""
    latencies: Latencies = field(default_factory=Latencies)
    began_at: float = field(default_factory=monotonic)
    """By the clock that only goes forward."""

    @property
    def queues(self) -> dict[str, Turns]:
        """What is waited for, by the names under which operators see it."""
        return {
            "searches": self.searches,
            "thumbnails": self.thumbnails,
            "uploads": self.uploading,
            "listings": self.listings,
            "originals": self.originals,
        }

    def begin(self) -> None:
        """Clear away, in the background, what others left behind."""
        Thread(target=self._sweep, daemon=True, name="sweep").start()

    def _sweep(self) -> None:
        """Let go of what was deleted long ago, and of what is left of uploads; raises nothing, and may take a while."""
        self.uploads.sweep()
        self.trash.sweep_in_time()
        if not self.parts.library.settings.uploads:  # a folder of our own, where a file without a record is nobody's
            self.sweep_cut_off()

    def sweep_cut_off(self) -> None:
        """Delete what uploads left behind that were cut off; raises nothing."""
        self.uploads.sweep_cut_off(self.trash)

    def close(self) -> None:
        """Ask what works in the background to stop, and wait a while for it."""
        self.jobs.close()
        self.trash.close()


def make_service(parts: Parts) -> Service:
    """Make what all requests share."""
    limits, uploads = parts.limits, Uploads(parts)
    return Service(
        parts=parts,
        uploads=uploads,
        door=Door(parts.access),
        trash=Trash(parts.ledger, parts.gallery, uploads.discard, limits.keep_deleted_s),
        edits=Edits(parts.ledger, parts.gallery, limits.keep_deleted_s),
        jobs=Jobs(),
        groups=Groups(parts.ledger),
        sizes=Sizes(parts),
        room=Room(max(limits.max_held_bytes, 2 * limits.max_upload_bytes)),
        searches=Turns(limits.at_once, limits.max_waiting, preparing=min(limits.max_waiting, _PREPARING)),
        thumbnails=Turns(limits.at_once, limits.max_waiting * 16),
        uploading=Turns(limits.at_once, limits.max_waiting),
        listings=Turns(max(_ASKING, limits.at_once), limits.max_waiting * 4),
        originals=Turns(max(_ASKING, limits.at_once), limits.max_waiting * 16),
    )


async def _service(request: Request) -> Service:  # async, though it waits for nothing: others are run in a thread
    return cast(Service, request.app.state.service)


async def _parts(request: Request) -> Parts:
    return cast(Service, request.app.state.service).parts


ServiceNeeded = Annotated[Service, Depends(_service)]
PartsNeeded = Annotated[Parts, Depends(_parts)]
