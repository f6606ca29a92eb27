"""What may a handler ask for? The parts of the service it runs in, without any globals."""

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from lookalike.service.parts import Parts
from lookalike.service.room import Room
from lookalike.service.turns import Turns
from lookalike.service.uploads import Uploads


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The parts, and what is made from them once for all requests."""

    parts: Parts
    uploads: Uploads
    room: Room
    """Room for the query pictures."""
    searches: Turns
    """Turns for what decodes and encodes."""
    thumbnails: Turns
    """Turns of their own, so that a page full of pictures does not hold up a search."""


def make_service(parts: Parts) -> Service:
    """Make what all requests share."""
    limits = parts.limits
    return Service(
        parts=parts,
        uploads=Uploads(parts),
        room=Room(max(limits.max_held_bytes, 2 * limits.max_upload_bytes)),
        searches=Turns(limits.at_once, limits.max_waiting),
        thumbnails=Turns(limits.at_once, limits.max_waiting * 16),
    )


def _service(request: Request) -> Service:
    return cast(Service, request.app.state.service)


def _parts(request: Request) -> Parts:
    return _service(request).parts


ServiceNeeded = Annotated[Service, Depends(_service)]
PartsNeeded = Annotated[Parts, Depends(_parts)]
