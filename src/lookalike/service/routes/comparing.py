"""How are two pictures related, wherever they are?"""

from fastapi import APIRouter, Request, Response

from lookalike.service.access import READ
from lookalike.service.asking.comparing import describe_comparison, read_comparison
from lookalike.service.needs import ServiceNeeded
from lookalike.service.problems import problem_docs
from lookalike.service.routes.evidence import COMPARED, compared
from lookalike.service.schemas import Comparison

router = APIRouter(tags=["search"])


@router.post(
    "/v1/compare",
    dependencies=[READ],
    summary="Compare two pictures",
    response_model=Comparison,
    responses=COMPARED | problem_docs(400, 404, 413, 415, 422, 502, 503),
    openapi_extra={"requestBody": describe_comparison()},
)
async def compare(request: Request, service: ServiceNeeded) -> Comparison | Response:
    """Tell what the second picture is to the first, which regions agree, and what was done to it; or draw that.

    Each picture comes by exactly one of `image`, `url` and `id`; in a form as a file, or as
    `first_url`, `second_id` and the like.
    """
    with service.room.share() as share:
        asked, pair = await read_comparison(request, service.parts.limits, share)
        return await compared(service, pair, asked.draw)
