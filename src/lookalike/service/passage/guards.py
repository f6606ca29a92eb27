"""Which requests are let in, and what may a browser do with the answers?"""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lookalike.service.problems import Problem, ProblemResponse, refusal

FOREIGN = "A page of another web site may not do this."
_SAFE = {"GET", "HEAD", "OPTIONS"}
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
PICTURE_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""For whatever somebody's file is: opened by itself, it runs and loads nothing, and shares nothing with the page.

The styles are those of the page that browsers make around a picture.
"""
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}
"""Set on every answer that has not said otherwise."""


class Guards:
    """Refuses requests that another web site's page makes through the user's browser, and hardens every answer."""

    def __init__(self, app: ASGIApp, hosts: tuple[str, ...], origins: tuple[str, ...] = ()) -> None:
        """Wrap an app; `hosts` are the names it may be called by, `*` for any; `origins` may ask from their pages."""
        self._app = app
        self._origins = frozenset(origins)
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it with a problem."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def harden(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                is_picture = headers.get("content-type", "").startswith("image/")
                headers.setdefault("Content-Security-Policy", PICTURE_POLICY if is_picture else PAGE_POLICY)
            await send(message)

        headers = Headers(scope=scope)
        refused = self._wrong_host(headers) or self._foreign(scope["method"], headers)
        await (ProblemResponse(refused) if refused else self._app)(scope, receive, harden)

    def _wrong_host(self, headers: Headers) -> Problem | None:
        """Refuse names that are not ours: a page at evil.example may have its name resolve to 127.0.0.1."""
        name = _name(headers.get("host", ""))
        if "*" in self._hosts or name in self._hosts:
            return None
        return refusal(
            421,
            f"This service is not called {name[:100]!r}.",
            f"Call it by one of {', '.join(sorted(self._hosts))}, or add the name to the setting hosts.",
        )

    def _foreign(self, method: str, headers: Headers) -> Problem | None:
        """Refuse to change or search anything for a page of another origin that was not named."""
        if method in _SAFE or not is_foreign(headers, self._origins):
            return None
        return refusal(403, FOREIGN, "Where it is a page of yours, name its origin in the setting cors_origins.")


def is_foreign(headers: Headers, origins: Collection[str]) -> bool:
    """Whether a page of another origin makes this request, which is none of those that may.

    Source: https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if origin in origins:
        return False
    if site:
        return site not in {"same-origin", "none"}
    return origin is not None and not _same(origin, headers.get("host", ""))


def _same(origin: str, host: str) -> bool:
    try:
        return urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:  # no origin at all: a program made it up
        return False


def _name(host: str) -> str:
    """Give a Host header's name without its port."""
    host = host.strip().lower()
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].removesuffix(".")
