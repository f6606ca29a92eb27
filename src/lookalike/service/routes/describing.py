"""What does a picture show, in words?"""

from fastapi import APIRouter, Request

from lookalike.service.access import READ, WRITE
from lookalike.service.asking.queries import PictureRequest, describe_body
from lookalike.service.asking.reading import read_query
from lookalike.service.needs import ServiceNeeded
from lookalike.service.pictures.captions import caption_anew
from lookalike.service.problems import problem_docs
from lookalike.service.routes.images import Id
from lookalike.service.schemas import Description, Image

router = APIRouter(tags=["images"])


@router.post(
    "/v1/describe",
    dependencies=[READ],
    summary="Describe a picture",
    responses=problem_docs(400, 404, 413, 415, 422, 502, 503),
    openapi_extra=describe_body(PictureRequest),
)
async def describe(request: Request, service: ServiceNeeded) -> Description:
    """Say what a picture shows: a caption, how sure it is, and what is recognised. Nothing is kept."""
    with service.room.share() as share:
        _, query = await read_query(request, PictureRequest, service.parts.limits, share)
        return Description.of(await service.searches.run(service.parts.library.look, query))


@router.post(
    "/v1/images/{id}/caption",
    dependencies=[WRITE],
    summary="Caption anew",
    responses=problem_docs(400, 404, 409, 413, 422, 502, 503),
)
async def caption(id_: Id, service: ServiceNeeded) -> Image:
    """Have a captioner describe a picture of the gallery again, and keep that.

    What a person or the source wrote stays: empty the caption first.
    """
    return Image.of(await service.searches.run(caption_anew, service.parts, id_))
