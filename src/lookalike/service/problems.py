"""How does the service say that something went wrong? As problem+json (RFC 9457), by one table."""

import math
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from lookalike.errors import (
    BadAddress,
    BadFilter,
    BadInput,
    BadWords,
    Blocked,
    Conflict,
    GalleryError,
    LoginNeeded,
    LookalikeError,
    MachineError,
    MissingExtra,
    NotAllowed,
    NotFound,
    OutOfBounds,
    Overloaded,
    TooLarge,
    TooOften,
    Unreachable,
    UnreadableImage,
)
from lookalike.invalid import fault_of, place_of
from lookalike.service.wordings import Wording, wording_of

STATUS: dict[type[LookalikeError], int] = {
    BadInput: 400,
    BadFilter: 400,
    BadWords: 400,
    BadAddress: 400,
    LoginNeeded: 401,
    Blocked: 403,
    NotAllowed: 403,
    OutOfBounds: 403,
    NotFound: 404,
    Conflict: 409,
    TooLarge: 413,
    UnreadableImage: 422,
    TooOften: 429,
    LookalikeError: 500,
    GalleryError: 500,
    MachineError: 500,
    MissingExtra: 501,
    Unreachable: 502,
    Overloaded: 503,
}
TITLE: dict[type[LookalikeError], str] = {
    BadInput: "Not understood",
    BadFilter: "The filter is not understood",
    BadWords: "The words are not understood",
    BadAddress: "That is no address",
    LoginNeeded: "Who are you?",
    Blocked: "Not wanted",
    NotAllowed: "Not allowed",
    OutOfBounds: "Not in this folder",
    NotFound: "Not there",
    Conflict: "Not now",
    TooLarge: "Too large",
    UnreadableImage: "No readable picture",
    TooOften: "Too often",
    LookalikeError: "Something went wrong",
    GalleryError: "The gallery cannot do this",
    MachineError: "The machine cannot do this",
    MissingExtra: "Not installed",
    Unreachable: "Cannot be reached",
    Overloaded: "Too busy",
}
RETRY_AFTER_S = 2
CHALLENGE = 'Bearer realm="lookalike"'
"""How a caller may log in. Source: https://www.rfc-editor.org/rfc/rfc6750#section-3"""


class Invalid(BaseModel):
    """One part of a request that is wrong."""

    where: str = Field(description="The field or parameter.", examples=["limit"])
    what: str = Field(description="What is wrong with it.", examples=["must be 200 or less"])


class Problem(BaseModel):
    """What went wrong, and what to do about it (RFC 9457)."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(description="Which kind of problem; stable.", examples=["/docs#bad-input"])
    title: str = Field(description="That kind in words.", examples=["Not understood"])
    status: int = Field(description="The HTTP status.", examples=[400])
    detail: str = Field(
        description="What happened, for a person. Several lines where a caret points into a filter.",
        examples=["A query needs exactly one of image, url and id."],
    )
    fix: str = Field("", description="What to do next; may be empty.", examples=["Leave out the others."])
    wording: Wording | None = Field(None, description="What `detail` says, for programs that say it in other words.")
    invalid: list[Invalid] = Field(
        default_factory=list, description="Each part of the request that is wrong, where it is several."
    )


class ProblemResponse(JSONResponse):
    """A problem on its way out."""

    media_type = "application/problem+json"

    def __init__(self, problem: Problem, headers: Mapping[str, str] | None = None) -> None:
        """Send a problem with its status."""
        kept = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **(headers or {})}
        super().__init__(problem.model_dump(), problem.status, kept)


def slug(kind: type[LookalikeError]) -> str:
    """Name a kind of problem as its `type` does: `bad-input`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind.__name__).lower()


def problem_of(error: LookalikeError) -> Problem:
    """Put one of our errors as a problem."""
    kind = next(one for one in type(error).__mro__ if one in STATUS)
    return Problem(
        type=f"/docs#{slug(kind)}",
        title=TITLE[kind],
        status=STATUS[kind],
        detail=error.what,
        fix=error.fix,
        wording=wording_of(error.what),
    )


def answer_to(error: LookalikeError) -> ProblemResponse:
    """Put one of our errors as an answer, with the headers that tell a program what to do."""
    headers = {}
    if isinstance(error, LoginNeeded):
        headers["WWW-Authenticate"] = CHALLENGE
    if isinstance(error, Overloaded):
        headers["Retry-After"] = str(math.ceil(error.retry_after_s) if isinstance(error, TooOften) else RETRY_AFTER_S)
    return ProblemResponse(problem_of(error), headers)


def refusal(status: int, detail: str, fix: str = "") -> Problem:
    """Put what HTTP itself has a status for as a problem."""
    title, wording = HTTPStatus(status).phrase, wording_of(detail)
    return Problem(type="about:blank", title=title, status=status, detail=detail, fix=fix, wording=wording)


SURPRISE = refusal(500, "Something unexpected went wrong.", "The program's own log says more.")
"""What callers hear of a mistake of ours: nothing of the inside."""


def add_problems(app: FastAPI) -> None:
    """Make an app answer every error as a problem."""
    app.add_exception_handler(LookalikeError, _on_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(ClientDisconnect, _on_disconnect)
    app.add_exception_handler(Exception, _on_surprise)


def problem_docs(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe for OpenAPI which problems a route may answer with."""
    schema = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    described: dict[int | str, dict[str, Any]] = {
        status: {"description": _meaning(status), "content": schema} for status in statuses
    }
    return described | {"default": {"description": "Any other problem", "content": schema}}


def _meaning(status: int) -> str:
    kind = next((kind for kind, code in STATUS.items() if code == status), None)
    return TITLE[kind] if kind else HTTPStatus(status).phrase


async def _on_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, LookalikeError)  # noqa: S101 - registered for these only
    return answer_to(error)


async def _on_invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for these only
    invalid = [Invalid(where=_where(place_of(one)), what=fault_of(one)[:500]) for one in error.errors()[:20]]
    what = "; ".join(f"{one.where} {one.what}" for one in invalid)
    problem = problem_of(BadInput(f"The request is not as it should be: {what}.", "The page /docs says what it takes."))
    return ProblemResponse(problem.model_copy(update={"invalid": invalid}))


def _where(place: tuple[object, ...]) -> str:
    inner = place[1:] if place and place[0] in {"query", "path", "header", "body"} else place
    return ".".join(str(part)[:100] for part in inner) or "body"


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for these only
    detail = error.detail
    if detail == HTTPStatus(error.status_code).phrase:  # Starlette's own, which says nothing
        detail = f"{request.method} {request.url.path[:200]} is nothing that this service offers."
    return ProblemResponse(refusal(error.status_code, detail, "The page /docs lists what it does."), error.headers)


async def _on_disconnect(_: Request, __: Exception) -> Response:
    return ProblemResponse(refusal(400, "The caller went away in the middle of the request."))


async def _on_surprise(_: Request, __: Exception) -> Response:
    return ProblemResponse(SURPRISE)
