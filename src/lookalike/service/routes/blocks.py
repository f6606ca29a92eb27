"""Which pictures shall never come in, in whatever form?"""

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Request

from lookalike.service.access import ADMIN
from lookalike.service.asking.queries import describe_body
from lookalike.service.asking.reading import read_query
from lookalike.service.needs import ServiceNeeded
from lookalike.service.pictures.blocking import BlockRequest, block, blocked, unblock
from lookalike.service.problems import problem_docs
from lookalike.service.routes.images import Cursor, Limit
from lookalike.service.schemas import BlockAnswer, BlockPage

router = APIRouter(prefix="/v1/blocks", tags=["blocks"], dependencies=[ADMIN])

Id = Annotated[str, Path(alias="id", max_length=64, description="The blocked picture's id.", examples=["r5vw2p7dymbt"])]


@router.get("", summary="Blocked pictures", responses=problem_docs(400, 404))
def listing(service: ServiceNeeded, limit: Limit = 50, cursor: Cursor = "") -> BlockPage:
    """List the pictures that are kept out, those that were blocked last first."""
    return blocked(service.parts, cursor, limit)


@router.post(
    "",
    summary="Block a picture",
    status_code=201,
    responses=problem_docs(400, 404, 413, 415, 422, 502, 503),
    openapi_extra=describe_body(BlockRequest),
)
async def add(request: Request, service: ServiceNeeded) -> BlockAnswer:
    """Keep a picture out from now on, also when it is cropped, mirrored or edited otherwise.

    Copies that are in the gallery already are named; with `forget` they are taken out, and can be restored for an hour.
    """
    with service.room.share() as share:
        asked, query = await read_query(request, BlockRequest, service.parts.limits, share)
        return await service.searches.run(block, service.parts, service.trash, query, asked)


@router.delete("/{id}", summary="Let a picture in again", status_code=204, responses=problem_docs(404))
async def remove(id_: Id, service: ServiceNeeded) -> None:
    """Let a picture in again; what was kept out so far comes in with POST /v1/failures/retry."""
    await run_sync(unblock, service.parts, id_)
