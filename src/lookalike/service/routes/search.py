"""Which pictures answer a query that came over HTTP?"""

from time import perf_counter

from fastapi import APIRouter, Request

from lookalike.service.needs import ServiceNeeded
from lookalike.service.problems import problem_docs
from lookalike.service.queries import SearchRequest, describe_body, read_query
from lookalike.service.schemas import SearchAnswer

router = APIRouter(tags=["search"])


@router.post(
    "/v1/search",
    summary="Search by a picture, by words, or both",
    responses=problem_docs(400, 404, 413, 415, 422, 502, 503),
    openapi_extra={"requestBody": describe_body(SearchRequest)},
)
async def search(request: Request, service: ServiceNeeded) -> SearchAnswer:
    """Find the pictures closest to one that is sent, at a URL, or in the gallery, or that words mean; best first.

    Give `text`, or one of `image`, `url` and `id`, or both, as JSON or as a form with the picture as a file.
    """
    with service.room.share() as share:
        asked, query = await read_query(request, SearchRequest, service.parts.limits, share)
        started = perf_counter()
        answer = await service.searches.run(service.parts.searcher.search, query, asked.limit, asked.cursor)
    return SearchAnswer.of(answer, perf_counter() - started)
