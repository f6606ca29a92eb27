"""Which pictures answer a query that came over HTTP?"""

from time import perf_counter

from fastapi import APIRouter, Request

from lookalike.service.access import READ
from lookalike.service.asking.batches import BatchAnswer, BatchRequest, answer_all
from lookalike.service.asking.json_bodies import describe_json
from lookalike.service.asking.queries import SearchRequest, describe_body
from lookalike.service.asking.reading import read_large, read_query
from lookalike.service.needs import ServiceNeeded
from lookalike.service.problems import problem_docs
from lookalike.service.schemas import SearchAnswer

router = APIRouter(tags=["search"])


@router.post(
    "/v1/search",
    dependencies=[READ],
    summary="Search by a picture, by words, or both",
    responses=problem_docs(400, 404, 413, 415, 422, 502, 503),
    openapi_extra=describe_body(SearchRequest),
)
async def search(request: Request, service: ServiceNeeded) -> SearchAnswer:
    """Find the pictures closest to one that is sent, at a URL, or in the gallery, or that words mean; best first.

    Give `text`, or one of `image`, `url` and `id`, or both, as JSON or as a form with the picture as a file. Or send
    the picture's bytes alone, as `image/jpeg` and the like, with the other fields as parameters of the address.
    """
    with service.room.share() as share:
        asked, query = await read_query(request, SearchRequest, service.parts.limits, share)
        started = perf_counter()
        answer = await service.searches.let_in(service.parts.search, query, asked.limit, asked.cursor)
    return SearchAnswer.of(answer, perf_counter() - started)


@router.post(
    "/v1/search/batch",
    dependencies=[READ],
    summary="Search for several things at once",
    responses=problem_docs(400, 413, 415, 503),
    openapi_extra=describe_json(BatchRequest),
)
async def batch(request: Request, service: ServiceNeeded) -> BatchAnswer:
    """Answer up to 20 queries, each with an answer or a problem of its own, in their order."""
    with service.room.share() as share:
        asked = await read_large(request, BatchRequest, service.parts.limits, share, pictures=2)
        return await answer_all(service, asked)
