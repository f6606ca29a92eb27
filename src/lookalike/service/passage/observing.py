"""What becomes of each request? A number to ask for it by, a line in the log, and a measurement; never its content."""

import logging
import re
from contextvars import ContextVar
from random import Random
from time import perf_counter

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lookalike.service.access.rules import RULE, UNKNOWN, Rule
from lookalike.service.access.scopes import CALLER
from lookalike.service.passage.metrics import Metrics

LOG = logging.getLogger("lookalike.requests")
REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""The number of the request that is being answered, for whatever else is logged meanwhile."""
_HEADER = "x-request-id"
_USABLE = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_HUNG_UP = 499
"""The caller was gone before an answer began. Source: nginx, ngx_http_request.h"""
_NUMBERS = Random()  # noqa: S311 - to find a request by, not to keep anything secret


class Observing:
    """Numbers, times and logs each request."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        """Wrap an app."""
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and tell what became of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number = _number(Headers(scope=scope))
        status, sent, began = 0, 0, perf_counter()

        async def note(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[_HEADER] = number
            elif message["type"] == "http.response.body":
                sent += len(message.get("body", b""))
            await send(message)

        context = REQUEST_ID.set(number)
        self._metrics.in_progress.inc()
        try:
            await self._app(scope, receive, note)
        finally:
            self._metrics.in_progress.dec()
            self._tell(scope, status or _HUNG_UP, sent, perf_counter() - began)
            REQUEST_ID.reset(context)

    def _tell(self, scope: Scope, status: int, sent: int, seconds: float) -> None:
        rule: Rule = scope.get(RULE, UNKNOWN)
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        route = rule.template or "none"  # made-up paths may hold names, and would be as many rows
        self._metrics.note_answer(method, route, status, seconds)
        level = logging.WARNING if status == 500 else logging.INFO
        if LOG.isEnabledFor(level):
            caller = scope.get(CALLER)
            told = {
                "method": method,
                "route": route,
                "status": status,
                "ms": round(seconds * 1000, 1),
                "bytes": sent,
                "caller": caller.name if caller else "",
                "address": (scope.get("client") or ("",))[0],
            }
            LOG.log(level, "request", extra=told)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _number(headers: Headers) -> str:
    """Take the number that a proxy in front has given, or make one."""
    given = headers.get(_HEADER, "")
    # Secret numbers come from the system, and while it is asked another thread may take the interpreter for long.
    return given if _USABLE.fullmatch(given) else f"{_NUMBERS.getrandbits(64):016x}"
