"""How does a small JSON body come in? Within a limit as it streams, and checked against its schema."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from lookalike.service.asking.bodies import stream_body
from lookalike.service.asking.invalid import parse_json, telling_invalid
from lookalike.service.asking.reading import beside, kind_of
from lookalike.service.needs import ServiceNeeded

_MAX_BYTES = 2_000_000

Asked = TypeVar("Asked", bound=BaseModel)


def reading(model: type[Asked]) -> Callable[..., Awaitable[Asked]]:
    """Make what reads a body of one schema, for `Depends`.

    It raises BadInput, TooLarge, RequestValidationError, or HTTPException where the body is no JSON.
    """

    async def read(request: Request, service: ServiceNeeded) -> Asked:
        if kind_of(request) != "application/json":
            raise HTTPException(415, f"This comes as application/json, not as {kind_of(request)[:100]!r}.")
        chunks = stream_body(request, _MAX_BYTES, service.parts.limits.max_silence_s)
        body = b"".join([chunk async for chunk in chunks])
        with telling_invalid():
            return await beside(len(body), parse_json, model, body)

    return read


def describe_json(model: type[BaseModel]) -> dict[str, Any]:
    """Describe such a body for OpenAPI."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
