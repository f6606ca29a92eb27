"""Who is using this browser? Logging in and out on the page."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from lookalike.service.access import OPEN, Caller, CallerNeeded
from lookalike.service.asking.json_bodies import describe_json, reading
from lookalike.service.needs import Service, ServiceNeeded
from lookalike.service.problems import problem_docs
from lookalike.service.schemas.session import LogIn, SessionInfo

router = APIRouter(prefix="/v1/session", tags=["session"], dependencies=[OPEN])


@router.get("", summary="Who am I?", responses=problem_docs())
async def session(caller: CallerNeeded, service: ServiceNeeded) -> SessionInfo:
    """Tell whether a login is needed, and what the caller may do with the one they have."""
    return _info(caller, service)


@router.post(
    "",
    summary="Log in",
    responses=problem_docs(400, 401, 413, 415, 429, 502),
    openapi_extra=describe_json(LogIn),
)
async def log_in(
    request: Request, response: Response, service: ServiceNeeded, asked: Annotated[LogIn, Depends(reading(LogIn))]
) -> SessionInfo:
    """Take a key, and have the browser show it by a cookie from now on, for a week at most; no script can read it."""
    caller = await service.door.log_in(asked.key, request.client.host if request.client else "")
    sessions, secure = service.door.sessions, request.url.scheme == "https"
    value, seconds = sessions.open(caller)
    name = (sessions.secure if secure else sessions.plain)(request.headers.get("host", ""))
    response.set_cookie(name, value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="strict")
    return _info(caller, service)


@router.delete("", summary="Log out", status_code=204, responses=problem_docs())
async def log_out(request: Request, response: Response, service: ServiceNeeded) -> None:
    """Forget the browser's login; the cookie is worth nothing from now on."""
    sessions, host = service.door.sessions, request.headers.get("host", "")
    sessions.close(request.headers.get("cookie", ""), host)
    for name, secure in ((sessions.plain(host), False), (sessions.secure(host), True)):
        response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="strict")


def _info(caller: Caller, service: Service) -> SessionInfo:
    return SessionInfo(
        login_needed=service.door.login_needed,
        name=caller.name,
        scope=caller.scope,
        may_write=caller.may("write"),
        may_administer=caller.may("admin"),
        may_index=caller.may("write") and bool(service.parts.index_roots),
        issuer=service.door.issuer.url if service.door.issuer else "",
    )
