"""How do pictures get into the gallery over HTTP?"""

from contextlib import ExitStack
from operator import attrgetter
from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from lookalike.errors import BadInput
from lookalike.ingest.switching import answers
from lookalike.service.access import WRITE
from lookalike.service.asking.bodies import Form, stream_body
from lookalike.service.jobs.reencoding import encode_anew
from lookalike.service.needs import Service, ServiceNeeded
from lookalike.service.pictures.incoming import Incoming
from lookalike.service.pictures.uploads import refuse_if_all_failed
from lookalike.service.problems import problem_docs
from lookalike.service.schemas import Upload, UploadAnswer
from lookalike.types import Outcome

router = APIRouter(tags=["images"])

_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {
                    "image": {
                        "type": "array",
                        "minItems": 1,
                        "items": {"type": "string", "format": "binary"},
                        "description": "One or more files.",
                    }
                },
                "required": ["image"],
            }
        }
    },
}
_UNCHANGED: dict[int | str, dict[str, Any]] = {
    200: {"model": UploadAnswer, "description": "All of them were there already"}
}


@router.post(
    "/v1/images",
    dependencies=[WRITE],
    summary="Upload",
    status_code=201,
    responses=_UNCHANGED | problem_docs(400, 403, 413, 415, 422, 502, 503),
    openapi_extra={"requestBody": _BODY},
)
async def upload(request: Request, response: Response, service: ServiceNeeded) -> UploadAnswer:
    """Put pictures into the gallery. They are decoded and safely stored before this answers.

    The same bytes sent twice are one picture. Where only some can be taken in, each says why not; where all of them are
    blocked, the answer is 403.
    """
    gallery = service.parts.gallery
    encoder = await run_sync(attrgetter("encoder"), service.parts)
    with ExitStack() as held:
        files = await _receive(request, service, held)
        outcomes = await service.uploading.run(service.uploads.take_in, files)
    if not await run_sync(answers, gallery, encoder):  # the gallery was switched to another one meanwhile
        encode_anew(service.parts, service.jobs)
    refuse_if_all_failed(outcomes)
    records = {one.id: one for one in await run_sync(gallery.get, [outcome.id for outcome in outcomes])}
    response.status_code = 201 if any(one.outcome is Outcome.ADDED for one in outcomes) else 200
    pairs = zip(files, outcomes, strict=True)
    return UploadAnswer(images=[Upload.of(file.name, one, records.get(one.id)) for file, one in pairs])


async def _receive(request: Request, service: Service, held: ExitStack) -> list[Incoming]:
    """Read a form's files into temporary ones that vanish with `held`."""
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != "multipart/form-data":
        raise HTTPException(415, "Pictures are uploaded as multipart/form-data.")
    files: list[Incoming] = []

    def take(name: str) -> Incoming:
        files.append(held.enter_context(service.uploads.receive(name)))
        return files[-1]

    form = Form(content_type, take)
    limits = service.parts.limits
    async for chunk in stream_body(request, limits.max_request_bytes, limits.max_silence_s):
        await run_sync(form.feed, chunk)
    form.finish()
    if form.fields:
        raise BadInput(f"There is no field {next(iter(form.fields))[:100]!r}.", "Send pictures as files, with names.")
    return files
