"""How does a gallery leave as a file that other programs read?"""

from collections.abc import AsyncGenerator, Generator
from typing import Any

from anyio import CancelScope, CapacityLimiter, WouldBlock
from anyio.to_thread import run_sync
from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from lookalike.errors import Overloaded
from lookalike.gallery.filters import parse_filter
from lookalike.service.access import READ
from lookalike.service.needs import ServiceNeeded
from lookalike.service.problems import problem_docs
from lookalike.service.routes.images import Where

router = APIRouter(tags=["export"])

_KIND = "application/vnd.apache.parquet"
_NAME = {"Content-Disposition": 'attachment; filename="pictures.parquet"'}
_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"content": {_KIND: {"schema": {"type": "string", "format": "binary"}}}, "description": "A Parquet file"}
}


class Export(StreamingResponse):
    """Is written as it is taken, in a thread of its own, and takes one of few places until then."""

    def __init__(self, pieces: Generator[bytes, None, None], places: CapacityLimiter) -> None:
        """Take a place when it is sent."""
        self._pieces = _beside(pieces)
        super().__init__(self._pieces, media_type=_KIND, headers=_NAME)
        self._places = places

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it.

        Raises:
            Overloaded: all places are taken.
        """
        try:
            self._places.acquire_on_behalf_of_nowait(self)
        except WouldBlock as error:
            raise Overloaded("Too many exports are under way.", "Try again in a few minutes.") from error
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._pieces.aclose()
            self._places.release_on_behalf_of(self)


async def _beside(pieces: Generator[bytes, None, None]) -> AsyncGenerator[bytes, None]:
    """Have pieces made in a thread; what was made for somebody who takes no more is let go of."""
    thread = CapacityLimiter(1)
    try:
        while (piece := await run_sync(next, pieces, None, limiter=thread)) is not None:
            yield piece
    finally:
        with CancelScope(shield=True):
            await run_sync(pieces.close, limiter=thread)


@router.get(
    "/v1/export",
    dependencies=[READ],
    summary="Export",
    response_class=StreamingResponse,
    responses=_ANSWER | problem_docs(400, 503),
)
def export(service: ServiceNeeded, where: Where = "") -> Export:
    """Give all that the gallery knows, vectors included, as one Parquet file, which `lookalike import` takes.

    It is written as it is sent, so that a gallery of any size fits; two at a time.
    """
    from lookalike.exchange import stream_parquet  # pyarrow takes long to load, and much memory

    return Export(stream_parquet(service.parts.gallery, parse_filter(where)), service.exports)
