"""How is a picture of the gallery related to another, and where is that seen?"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.exceptions import HTTPException

from lookalike.search import Query as Wanted
from lookalike.service.access import READ
from lookalike.service.asking.invalid import telling_invalid
from lookalike.service.asking.queries import Drawing, EvidenceRequest, describe_body
from lookalike.service.asking.reading import read_query
from lookalike.service.needs import Service, ServiceNeeded
from lookalike.service.passage.guards import FOREIGN, is_foreign
from lookalike.service.pictures.evidence import draw
from lookalike.service.problems import problem_docs
from lookalike.service.routes.images import Id
from lookalike.service.schemas import Comparison

router = APIRouter(prefix="/v1/images", tags=["images"], dependencies=[READ])

Other = Annotated[
    str,
    Query(
        min_length=1,
        max_length=8_000,
        description="The other picture: the id of one in the gallery, or a URL.",
        examples=["kq3v5n2xwz7dymbt"],
    ),
]
Crop = Annotated[
    str,
    Query(
        max_length=200,
        description="Take this region of it only: x,y,width,height as fractions.",
        examples=["0.25,0,0.5,1"],
    ),
]
Draw = Annotated[
    Drawing, Query(alias="draw", description="none for JSON; side_by_side or overlay for a JPEG.", examples=["none"])
]

COMPARED: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": {}}, "description": "What they are to one another, or the drawing"}
}


@router.get(
    "/{id}/evidence",
    summary="Compare",
    response_model=Comparison,
    responses=COMPARED | problem_docs(400, 403, 404, 413, 422, 502, 503),
)
async def evidence(
    id_: Id, request: Request, service: ServiceNeeded, query: Other, crop: Crop = "", drawing: Draw = Drawing.NONE
) -> Comparison | Response:
    """Tell what another picture is to this one, which regions agree, and what was done to it; or draw that.

    The other picture counts as the query: regions and words are as in the hits of a search.
    """
    kind = "url" if ":" in query else "id"  # no id has one
    if kind == "url" and is_foreign(request.headers, service.parts.origins):
        raise HTTPException(403, FOREIGN)  # or it could have anything fetched, by naming this as a picture of its own
    with telling_invalid():
        asked = EvidenceRequest.model_validate({kind: query, "crop": crop or None, "draw": drawing})
    wanted = asked.query(None, service.parts.limits.max_upload_bytes)
    return await compared(service, (wanted, Wanted(id=id_)), asked.draw)


@router.post(
    "/{id}/evidence",
    summary="Compare with a picture that is sent",
    response_model=Comparison,
    responses=COMPARED | problem_docs(400, 404, 413, 415, 422, 502, 503),
    openapi_extra=describe_body(EvidenceRequest),
)
async def evidence_of(id_: Id, request: Request, service: ServiceNeeded) -> Comparison | Response:
    """Do the same for a picture that is sent, as in a search: by exactly one of `image`, `url` and `id`."""
    with service.room.share() as share:
        asked, query = await read_query(request, EvidenceRequest, service.parts.limits, share)
        return await compared(service, (query, Wanted(id=id_)), asked.draw)


async def compared(service: Service, both: tuple[Wanted, Wanted], drawing: Drawing) -> Comparison | Response:
    """Answer what two pictures are to one another, the first of which counts as the query; or with a drawing."""
    library = service.parts.library
    if drawing is Drawing.NONE:
        return Comparison.of_pair(await service.searches.run(library.compare, *both))
    return Response(await service.searches.run(draw, library, both, drawing), media_type="image/jpeg")
