"""What can programs ask that were written for other services? What they always asked, under the same names."""

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request

from lookalike.service.access import READ
from lookalike.service.compatibility.answers import (
    Answers,
    Captioned,
    Row,
    SimilarPictures,
    find_answers,
    find_pictures,
    find_rows,
    make_caption,
)
from lookalike.service.compatibility.asking import (
    ImageSearch,
    QueryImage,
    SimilarImages,
    TextSearch,
    describe_foreign,
    picture_query,
    read_foreign,
    words_query,
)
from lookalike.service.compatibility.knn import INDEX, KnnRequest, Neighbour, find_neighbours
from lookalike.service.needs import ServiceNeeded
from lookalike.service.problems import problem_docs

router = APIRouter(tags=["compatibility"], dependencies=[READ])

_PROBLEMS = problem_docs(400, 413, 422, 502, 503)


@router.post("/text_search", summary="Search by words", responses=_PROBLEMS, openapi_extra=describe_foreign(TextSearch))
async def text_search(request: Request, service: ServiceNeeded) -> list[Row]:
    """Find pictures that a phrase means, a page at a time, as a list of Elasticsearch's hits."""
    with service.room.share() as share:
        asked, _ = await read_foreign(request, TextSearch, service.parts.limits, share)
        where = (asked.page, asked.rowsPerPage, str(request.base_url))
        return await service.searches.let_in(find_rows, service.parts, words_query(asked.phrase), *where)


@router.post(
    "/image_search", summary="Search by a picture", responses=_PROBLEMS, openapi_extra=describe_foreign(ImageSearch)
)
async def image_search(request: Request, service: ServiceNeeded) -> list[Row]:
    """Find pictures like one at a URL or in base64, a page at a time, as a list of Elasticsearch's hits."""
    parts = service.parts
    with service.room.share() as share:
        asked, _ = await read_foreign(request, ImageSearch, parts.limits, share)
        query = await run_sync(picture_query, asked.image, None, parts.limits.max_upload_bytes)
        where = (asked.page, asked.rowsPerPage, str(request.base_url))
        return await service.searches.let_in(find_rows, parts, query, *where)


@router.post(
    "/api/search",
    summary="Search by query_img",
    responses=_PROBLEMS,
    openapi_extra=describe_foreign(QueryImage, "query_img"),
)
async def api_search(request: Request, service: ServiceNeeded) -> Answers:
    """Find pictures like one that is sent as `query_img`, a file or base64; answers are pairs of address and words."""
    parts = service.parts
    with service.room.share() as share:
        asked, file = await read_foreign(request, QueryImage, parts.limits, share)
        query = await run_sync(picture_query, asked.query_img, file, parts.limits.max_upload_bytes)
        return await service.searches.let_in(find_answers, parts, query, str(request.base_url))


@router.post(
    "/api/caption",
    summary="Caption query_img",
    responses=_PROBLEMS,
    openapi_extra=describe_foreign(QueryImage, "query_img"),
)
async def api_caption(request: Request, service: ServiceNeeded) -> Captioned:
    """Describe a picture that is sent as `query_img`, a file or base64."""
    parts = service.parts
    with service.room.share() as share:
        asked, file = await read_foreign(request, QueryImage, parts.limits, share)
        query = await run_sync(picture_query, asked.query_img, file, parts.limits.max_upload_bytes)
        return await service.searches.run(make_caption, parts, query)


@router.post(
    "/search-similar-images",
    summary="Get similar pictures themselves",
    responses=_PROBLEMS,
    openapi_extra=describe_foreign(SimilarImages, "image", json=False),
)
async def search_similar_images(request: Request, service: ServiceNeeded) -> SimilarPictures:
    """Find pictures like the file `image`; they come as small JPEGs in data-URIs."""
    parts = service.parts
    with service.room.share() as share:
        asked, file = await read_foreign(request, SimilarImages, parts.limits, share)
        query = picture_query("", file, parts.limits.max_upload_bytes)
        return await service.searches.let_in(find_pictures, parts, query, asked.number_of_images)


@router.get("/indices-list", summary="clip-retrieval's indices", responses=problem_docs())
async def indices_list() -> list[str]:
    """Name the one index there is; clip-retrieval's page asks for that before anything else."""
    return [INDEX]


@router.post("/knn-service", summary="clip-retrieval", responses=_PROBLEMS, openapi_extra=describe_foreign(KnnRequest))
async def knn_service(request: Request, service: ServiceNeeded) -> list[Neighbour]:
    """Answer as clip-retrieval's back end does, so that its clients work: give its address with /knn-service."""
    parts = service.parts
    with service.room.share() as share:
        asked, _ = await read_foreign(request, KnnRequest, parts.limits, share)
        given = (asked, parts.limits.max_upload_bytes, str(request.base_url))
        turns = service.searches
        return await (turns.run if asked.is_vector else turns.let_in)(find_neighbours, parts, *given)
