"""Which pictures does the gallery hold, and what do they look like?"""

from collections.abc import Awaitable
from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.responses import RedirectResponse

from lookalike.errors import NotFound
from lookalike.gallery.filters import parse_filter
from lookalike.service.access import READ, WRITE, Caller
from lookalike.service.asking.editing import describe_words, read_words
from lookalike.service.asking.json_bodies import describe_json, reading
from lookalike.service.asking.swift import swiftly
from lookalike.service.jobs.reencoding import encode_what_lacks
from lookalike.service.needs import PartsNeeded, Service, ServiceNeeded
from lookalike.service.parts import Parts
from lookalike.service.pictures.caching import Asked
from lookalike.service.pictures.edits import picture_of
from lookalike.service.pictures.originals import original_file
from lookalike.service.problems import problem_docs
from lookalike.service.schemas import (
    MAX_CURSOR,
    MAX_LIMIT,
    EditedImage,
    Facets,
    FacetValue,
    Image,
    ImagePage,
    RestoreAnswer,
    RestoreRequest,
    UndoAnswer,
    UndoRequest,
)
from lookalike.uris import is_web

router = APIRouter(prefix="/v1/images", tags=["images"], dependencies=[READ])
counting = APIRouter(tags=["images"], dependencies=[READ])

_LONGEST = 64
"""Characters of an id or a version."""
Id = Annotated[
    str, Path(alias="id", description="The picture's id.", max_length=_LONGEST, examples=["kq3v5n2xwz7dymbt"])
]
Where = Annotated[
    str,
    Query(max_length=10_000, description="Only pictures that pass this filter.", examples=["label:dog width>=1000"]),
]
Sort = Annotated[
    str, Query(max_length=100, description="A field of the filter language; `-` for descending.", examples=["-taken"])
]
Field = Annotated[
    Literal["label", "tag", "owner", "format", "folder", "year"],
    Query(description="By what to count.", examples=["label"]),
]
Like = Annotated[
    str, Query(max_length=200, description="Only values that hold this text, in whatever case.", examples=["holiday"])
]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many to give.", examples=[50])]
Cursor = Annotated[str, Query(max_length=MAX_CURSOR, description="From the page before.", examples=[""])]
_MOST_PX = 4096
_NOT_LONG = "private, max-age=300"
"""How long a thumbnail is kept that was not asked for by its content."""
Size = Annotated[
    int,
    Query(
        ge=1, le=_MOST_PX, description="Longest side in pixels, rounded up to 128, 256, 512 or 1024.", examples=[256]
    ),
]

Version = Annotated[
    str,
    Query(
        alias="v",
        max_length=_LONGEST,
        description="The picture's sha256: as long as it is still that, the answer may be kept for good.",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    ),
]

_JPEG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/jpeg": {}}, "description": "A JPEG"}}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/*": {}, "application/octet-stream": {}}, "description": "The file"},
    206: {"description": "The range asked for"},
    307: {"description": "Where on the web it is"},
    416: {"description": "The file has no such range"},
}


@router.get("", summary="Browse", responses=problem_docs(400, 503))
async def browse(
    service: ServiceNeeded, where: Where = "", sort: Sort = "-added", limit: Limit = 50, cursor: Cursor = ""
) -> ImagePage:
    """List the pictures that pass a filter, in pages that stay right while pictures come and go."""
    return await service.listings.run(_page, service.parts, where, sort, limit, cursor)


@router.get("/{id}", summary="One picture", responses=problem_docs(404))
def image(id_: Id, parts: PartsNeeded) -> Image:
    """Tell what the gallery knows about a picture."""
    return Image.of(parts.library.record(id_))


@router.head("/{id}/file", include_in_schema=False)
@router.get("/{id}/file", summary="The original", response_class=Response, responses=_FILE | problem_docs(404, 503))
async def file(id_: Id, service: ServiceNeeded, version: Version = "") -> Response:
    """Give the original file, as long as it is still the picture that was indexed. Takes ranges.

    For a picture on the web, say where it is.
    """
    return await service.originals.run(_file, service, id_, version)


@router.head("/{id}/thumbnail", include_in_schema=False)
async def thumbnail(
    id_: Id, service: ServiceNeeded, request: Request, size: Size = 256, version: Version = ""
) -> Response:
    """Give a small, upright sRGB JPEG of a picture, whatever its format; never larger than the picture."""
    return await _thumbnail_in_turn(service, request, id_, size, version)


def _thumbnail_at_once(request: Request, caller: Caller) -> Awaitable[Response] | None:
    """Answer for a thumbnail that is asked for as the app does: with a size in digits, and perhaps a version."""
    asked, id_ = request.query_params, request.path_params["id"]
    size, version = asked.get("size", "256"), asked.get("v", "")
    is_usual = size.isascii() and size.isdecimal() and len(size) <= 4 and 1 <= int(size) <= _MOST_PX
    if not (is_usual and len(version) <= _LONGEST and len(id_) <= _LONGEST and caller.may("read")):
        return None
    return _thumbnail_in_turn(request.app.state.service, request, id_, int(size), version)


router.add_api_route(
    "/{id}/thumbnail",
    thumbnail,
    summary="A small JPEG",
    response_class=Response,
    responses=_JPEG | problem_docs(404, 422, 503),
    route_class_override=swiftly(_thumbnail_at_once),
)


@router.patch(
    "/{id}",
    dependencies=[WRITE],
    summary="Write about it",
    responses=problem_docs(400, 404, 413, 415),
    openapi_extra={"requestBody": describe_words()},
)
async def describe(id_: Id, request: Request, service: ServiceNeeded) -> EditedImage:
    """Change what is said of a picture, as a person: no source or captioner writes over it. Searches see it at once.

    The picture itself, its vectors and fingerprints stay as they are. For an hour, the change can be taken back.
    """
    found = await run_sync(service.edits.make, id_, await read_words(request, service.parts.limits))
    if found is None:
        raise NotFound(f"There is no picture {id_!r} in the gallery.")
    return EditedImage(**Image.fields_of(found.record), edit=found.edit)


@router.post(
    "/undo",
    dependencies=[WRITE],
    summary="Take edits back",
    responses=problem_docs(400, 413, 415),
    openapi_extra=describe_json(UndoRequest),
)
async def undo(asked: Annotated[UndoRequest, Depends(reading(UndoRequest))], service: ServiceNeeded) -> UndoAnswer:
    """Take changes of pictures' words back, within an hour, unless somebody wrote about the picture again."""
    found = {one.id: one for one in await run_sync(service.edits.undo, [*asked.edits, *asked.ids])}
    asked_of = [*(picture_of(edit) for edit in asked.edits), *asked.ids]
    missing = [id_ for id_ in dict.fromkeys(asked_of) if id_ not in found]
    return UndoAnswer(images=[Image.of(record) for record in found.values()], missing=missing)


@router.delete("/{id}", dependencies=[WRITE], summary="Forget", status_code=204, responses=problem_docs(404))
def forget(id_: Id, service: ServiceNeeded) -> None:
    """Forget a picture. Its file is deleted only if it was uploaded here; your own files are never touched.

    For an hour it can be restored, and until then an uploaded file stays. A picture that still lies in a folder you
    index comes back when that folder is indexed again.
    """
    if not service.trash.throw([id_]):
        raise NotFound(f"There is no picture {id_!r} in the gallery.")


@router.post(
    "/restore",
    dependencies=[WRITE],
    summary="Restore",
    responses=problem_docs(400, 413, 415),
    openapi_extra=describe_json(RestoreRequest),
)
async def restore(
    asked: Annotated[RestoreRequest, Depends(reading(RestoreRequest))], service: ServiceNeeded
) -> RestoreAnswer:
    """Take deletions back, within an hour: the pictures are again what they were. Give the ids that were deleted."""
    found = {one.id: one for one in await run_sync(service.trash.restore, asked.ids)}
    await run_sync(encode_what_lacks, found.values(), service.parts, service.jobs)
    missing = [id_ for id_ in dict.fromkeys(asked.ids) if id_ not in found]
    return RestoreAnswer(images=[Image.of(record) for record in found.values()], missing=missing)


@counting.get("/v1/facets", summary="Facets", responses=problem_docs(400, 503))
async def facets(service: ServiceNeeded, field: Field, where: Where = "", like: Like = "", limit: Limit = 50) -> Facets:
    """Count the pictures that pass a filter by the values of a field, commonest first."""
    counted = await service.listings.run(_count, service.parts, field, where, like, limit)
    return Facets(field=field, values=[FacetValue(value=value, count=count) for value, count in counted.items()])


def _page(parts: Parts, where: str, sort: str, limit: int, cursor: str) -> ImagePage:
    page = parts.gallery.scan(parse_filter(where), order=sort, after=cursor, limit=limit)
    return ImagePage.of(page.records, page.after)


def _count(parts: Parts, field: str, where: str, like: str, limit: int) -> dict[str, int]:
    return parts.gallery.facets(field, parse_filter(where), limit, like=like)


def _file(service: Service, id_: str, version: str) -> Response:
    record = service.parts.library.record(id_)
    if is_web(record.uri):
        return RedirectResponse(record.uri, 307)
    return original_file(record, version, service.reading)


def _thumbnail_in_turn(service: Service, request: Request, id_: str, size: int, version: str) -> Awaitable[Response]:
    known = request.headers.get("if-none-match", "")
    return service.thumbnails.run(_thumbnail, service.parts, id_, size, Asked(known, version))


def _thumbnail(parts: Parts, id_: str, size: int, asked: Asked) -> Response:
    record = parts.library.record(id_)
    tag = f"{record.sha256[:32]}-{size}" if record.sha256 else ""
    headers = asked.headers(record, tag, _NOT_LONG)
    if asked.knows(tag):
        return Response(status_code=304, headers=headers)
    thumbnail = parts.library.thumbnails.thumbnail(record, size)
    if thumbnail.sha256 != record.sha256:  # its file has changed since: that is no name for what it shows
        headers = {"Cache-Control": _NOT_LONG}
    return Response(thumbnail.jpeg, media_type="image/jpeg", headers=headers)
