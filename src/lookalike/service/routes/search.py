"""Which pictures answer a query that came over HTTP?"""

from time import perf_counter
from typing import Any

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from lookalike.errors import BadInput
from lookalike.search import Query
from lookalike.service.bodies import Form, stream_body
from lookalike.service.needs import ServiceNeeded
from lookalike.service.parts import ServiceLimits
from lookalike.service.problems import problem_docs
from lookalike.service.room import Held, Share
from lookalike.service.schemas import SearchAnswer, SearchRequest

router = APIRouter(tags=["search"])

_FIELDS_BYTES = 200_000
"""What a request may hold besides its picture."""

_FORM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": SearchRequest.model_json_schema()["properties"]
    | {
        "image": {"type": "string", "format": "binary", "description": "The picture's file."},
        "crop": {"type": "string", "description": "x,y,width,height as fractions.", "examples": ["0.25,0,0.5,1"]},
    },
}
_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {"schema": {"$ref": "#/components/schemas/SearchRequest"}},
        "multipart/form-data": {"schema": _FORM_SCHEMA},
    },
}


@router.post(
    "/v1/search",
    summary="Search by a picture",
    responses=problem_docs(400, 404, 413, 415, 422, 502, 503),
    openapi_extra={"requestBody": _BODY},
)
async def search(request: Request, service: ServiceNeeded) -> SearchAnswer:
    """Find the pictures closest to one that is sent, at a URL, or in the gallery; best first, in pages.

    Give exactly one of `image`, `url` and `id`, as JSON or as a form with the picture as a file.
    """
    with service.room.share() as share:
        asked, query = await _read(request, service.parts.limits, share)
        started = perf_counter()
        answer = await service.searches.run(service.parts.searcher.search, query, asked.limit, asked.cursor)
    return SearchAnswer.of(answer, perf_counter() - started)


async def _read(request: Request, limits: ServiceLimits, share: Share) -> tuple[SearchRequest, Query]:
    """Read a query in either form."""
    content_type = request.headers.get("content-type", "")
    kind = content_type.partition(";")[0].strip().lower()
    try:
        if kind == "application/json":
            return await _read_json(request, limits, share)
        if kind == "multipart/form-data":
            return await _read_form(request, content_type, limits, share)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_input=False, include_url=False)) from error
    raise HTTPException(415, f"A query comes as application/json or multipart/form-data, not as {kind[:100]!r}.")


async def _read_json(request: Request, limits: ServiceLimits, share: Share) -> tuple[SearchRequest, Query]:
    max_bytes = limits.max_upload_bytes * 4 // 3 + _FIELDS_BYTES  # base64 writes four characters for three bytes
    body = Held(share)
    async for chunk in stream_body(request, max_bytes, limits.max_silence_s):
        body.write(chunk)
    asked = SearchRequest.model_validate_json(body.bytes())
    query = asked.query(None, limits.max_upload_bytes)
    return asked.model_copy(update={"image": ""}), query  # the picture once is enough


async def _read_form(
    request: Request, content_type: str, limits: ServiceLimits, share: Share
) -> tuple[SearchRequest, Query]:
    pictures: list[Held] = []

    def take(_name: str) -> Held:
        if pictures:
            raise BadInput("The form holds several files.", "Search by one picture at a time.")
        pictures.append(Held(share))
        return pictures[0]

    form = Form(content_type, take)
    async for chunk in stream_body(request, limits.max_upload_bytes + _FIELDS_BYTES, limits.max_silence_s):
        form.feed(chunk)
    form.finish()
    asked = SearchRequest.model_validate({name: text for name, text in form.fields.items() if text})
    return asked, asked.query(pictures[0].bytes() if pictures else None, limits.max_upload_bytes)
