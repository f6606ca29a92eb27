"""How is a query read? As JSON, as a form with the picture as a file, or as the picture's bytes and nothing else."""

from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

from anyio.to_thread import run_sync
from fastapi import Request
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from lookalike.search import Query
from lookalike.service.asking.bodies import MAX_FIELDS_BYTES, SMALLER_PICTURE, stream_body
from lookalike.service.asking.forms import read_form
from lookalike.service.asking.invalid import parse_json, telling_invalid
from lookalike.service.asking.queries import WholePicture
from lookalike.service.asking.room import Held, Share
from lookalike.service.parts import ServiceLimits

_LARGE_BYTES = 65_536
"""From here on reading a body would hold all other requests up for longer than handing it to a thread takes."""
_BASE64 = 4 / 3
"""Characters that a byte takes."""
RAW = ("image/", "application/octet-stream")
"""What the content type of a picture on its own begins with."""

Asked = TypeVar("Asked", bound=WholePicture)
Read = TypeVar("Read", bound=BaseModel)
Given = TypeVarTuple("Given")
Answer = TypeVar("Answer")


async def read_query(request: Request, model: type[Asked], limits: ServiceLimits, share: Share) -> tuple[Asked, Query]:
    """Read a query in any form; what it holds in memory is taken from the share.

    Raises:
        BadInput, TooLarge: as `WholePicture.query` says, and for a body that is broken or too long.
        Overloaded: there is no room for it.
        RequestValidationError, HTTPException: a field is wrong; it comes in no form that is known.
    """
    image: bytes | None = None
    kind, size = kind_of(request), 0
    with telling_invalid():
        if kind == "application/json":
            body = await _held(request, share, limits, int(limits.max_upload_bytes * _BASE64) + MAX_FIELDS_BYTES)
            asked, size = await beside(len(body), parse_json, model, body), len(body)
        elif kind == "multipart/form-data":
            form = await read_form(request, limits, share, fix="Search by one picture at a time.")
            asked, image = model.model_validate(form.fields), form.file
        elif kind.startswith(RAW):
            image = await _held(request, share, limits, limits.max_upload_bytes)
            asked = model.model_validate({})
        else:
            forms = "application/json, as multipart/form-data, or as a picture (image/…)"
            raise HTTPException(415, f"A query comes as {forms}, not as {kind[:100]!r}.")
        asked = _completed(asked, request)
    query = await beside(size, asked.query, image, limits.max_upload_bytes)
    return asked.model_copy(update={"image": ""}), query  # the picture once is enough


def _completed(asked: Asked, request: Request) -> Asked:
    """Add the fields that came as parameters of the address; those of the body count more.

    Others are passed over, but for a crop: whoever gives one means a part of the picture, and would get the whole.
    """
    read = {*type(asked).model_fields, "crop"}
    named = {name: text for name, text in request.query_params.items() if name in read and text}
    if not named:
        return asked
    also = type(asked).model_validate(named)
    missing = also.model_fields_set - asked.model_fields_set
    return asked.model_copy(update={name: getattr(also, name) for name in missing})


async def read_large(
    request: Request,
    model: type[Read],
    limits: ServiceLimits,
    share: Share,
    *,
    pictures: int = 1,
    any_kind: bool = False,
) -> Read:
    """Read JSON that holds so many pictures at most; raises as `read_query` does.

    With `any_kind` it need not call itself JSON.
    """
    if not any_kind and kind_of(request) != "application/json":
        raise HTTPException(415, f"This comes as application/json, not as {kind_of(request)[:100]!r}.")
    most = int(limits.max_upload_bytes * _BASE64) * pictures + MAX_FIELDS_BYTES
    body = await _held(request, share, limits, most)
    with telling_invalid():
        return await beside(len(body), parse_json, model, body)


def kind_of(request: Request) -> str:
    """Give the media type of a request's body."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _held(request: Request, share: Share, limits: ServiceLimits, max_bytes: int) -> bytes:
    body = Held(share)
    async for chunk in stream_body(request, max_bytes, limits.max_silence_s, smaller=SMALLER_PICTURE):
        body.write(chunk)
    return body.bytes()


async def beside(size: int, work: Callable[[*Given], Answer], *given: *Given) -> Answer:
    """Do the work at once where it is little, else in a thread, so that others are answered meanwhile."""
    return work(*given) if size < _LARGE_BYTES else await run_sync(work, *given)
