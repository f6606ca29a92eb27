"""How does a browser stay logged in? By a cookie that no script can read, good for as long as the key behind it."""

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import cookie_parser

from lookalike.service.access.scopes import Caller

COOKIE = "lookalike-session"
"""What the name of every such cookie begins with."""
_HOST = "__Host-"
"""What stands before the name of a cookie that can be set over TLS only, and for no neighbouring host.

Source: https://www.rfc-editor.org/rfc/rfc6265#section-4.1, https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie
"""
LONGEST_S = 7 * 86_400
_MOST = 100
"""Browsers that one caller stays logged in with: whoever logs in more often ends their own oldest login, and nobody
else's."""


@dataclass(frozen=True, slots=True)
class Session:
    """Who is logged in, and until when."""

    caller: Caller
    ends: float


class Sessions:
    """The sessions of this process, of which only hashes are kept; a restart ends them. Belongs to one event loop."""

    def __init__(self, service: str = "", clock: Callable[[], float] = time.time) -> None:
        """Start without any; `service` tells its cookies from those of others, `clock` gives seconds since 1970."""
        self._service = service
        self._clock = clock
        self._sessions: dict[str, Session] = {}

    def plain(self, host: str) -> str:
        """Name the cookie of a browser that calls this service by a Host header.

        Cookies know no ports: of two services under one host name, each would overwrite the other's.
        """
        return f"{COOKIE}-{_hash(f'{host.lower()} {self._service}')[:8]}"

    def secure(self, host: str) -> str:
        """Name the cookie as `plain` does, for a browser that calls over TLS."""
        return f"{_HOST}{self.plain(host)}"

    def open(self, caller: Caller) -> tuple[str, int]:
        """Log somebody in; gives the cookie's value, and the seconds that it is good for."""
        now = self._clock()
        ends = now + LONGEST_S if caller.ends is None else min(caller.ends, now + LONGEST_S)
        value = secrets.token_urlsafe(32)
        self._sessions = {name: one for name, one in self._sessions.items() if one.ends > now}
        own = [name for name, one in self._sessions.items() if one.caller.identity == caller.identity]
        for name in own[: 1 - _MOST]:
            del self._sessions[name]
        self._sessions[_hash(value)] = Session(caller, ends)
        return value, max(0, int(ends - now))

    def find(self, cookies: str, host: str) -> Caller | None:
        """Give who is logged in by a Cookie header, beside a Host header."""
        name = _hash(self._value(cookies, host))
        session = self._sessions.get(name)
        if session is None or session.ends > self._clock():
            return session.caller if session else None
        del self._sessions[name]
        return None

    def close(self, cookies: str, host: str) -> None:
        """Log out whom `find` gives."""
        self._sessions.pop(_hash(self._value(cookies, host)), None)

    def _value(self, cookies: str, host: str) -> str:
        found = cookie_parser(cookies)
        return found.get(self.secure(host)) or found.get(self.plain(host)) or ""


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
