"""What does a person see whose link is broken? The app, which says so and leads on; programs get the problem itself."""

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lookalike.service.access.rules import RULE, UNKNOWN, Rule
from lookalike.service.routes.pages import APP, FILES, app_page

_LOST = {401, 404}
"""What an address that is nobody's is answered with, before and after a login."""
_NOBODYS = {UNKNOWN.template, FILES}
"""Templates of what it may be taken for."""
_DEEPEST = 100
"""Levels below the app from which a person is led back; nobody's link goes deeper, and the way back grows with it."""


class Lost:
    """Answers a browser that goes to an address that is nobody's with the app, and the status 404."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an app; the gate must be within."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and look whether anybody knew its address."""
        path = scope["path"].removeprefix(scope.get("root_path", "")) if scope["type"] == "http" else ""
        is_visit = not path.startswith("/v1/") and scope.get("method") == "GET" and _is_visit(Headers(scope=scope))
        if not is_visit or (deeper := _levels(scope)) > _DEEPEST:
            await self._app(scope, receive, send)
            return
        is_lost = False

        async def look(message: Message) -> None:
            nonlocal is_lost
            if message["type"] == "http.response.start":
                is_lost = _template(scope) in _NOBODYS and message["status"] in _LOST and (APP / "index.html").is_file()
            if not is_lost:
                await send(message)

        await self._app(scope, receive, look)
        if is_lost:
            # The app's own addresses are relative, so that it can only be shown where its pages are: one level deep.
            answer = RedirectResponse("../" * deeper + "nowhere") if deeper else app_page(404)
            await answer(scope, receive, send)


def _template(scope: Scope) -> str | None:
    rule: Rule | None = scope.get(RULE)
    return rule.template if rule else None


def _levels(scope: Scope) -> int:
    """How many levels below the app an address is to a browser, to which %2F is none."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    above: str = scope.get("root_path", "")
    return raw.count(b"/") - above.count("/") - 1


def _is_visit(headers: Headers) -> bool:
    """Whether a person goes there, rather than a program or a page that gets something."""
    return "text/html" in headers.get("accept", "") and headers.get("sec-fetch-mode", "navigate") == "navigate"
