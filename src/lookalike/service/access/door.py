"""Who is asking? A key, a token of one's own identity provider, a browser that is logged in, or nobody."""

import math
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import Headers

from lookalike.errors import LoginNeeded, TooOften
from lookalike.keys import PREFIX, Key, KeyFile
from lookalike.service.access.rates import Buckets, neighbourhood
from lookalike.service.access.scopes import LOGIN_HINT, Caller
from lookalike.service.access.sessions import Sessions
from lookalike.service.access.tokens import Issuer, Tokens

EVERYBODY = Caller("", "admin")
NOBODY = Caller("", None)
_COST_OF_A_WRONG_KEY = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who is let in, and how often they may ask."""

    keys: Path | None = None
    """The file of the keys, there or not. As soon as it is there, a login is needed."""
    issuer: Issuer | None = None
    """Whose tokens are taken."""
    login: bool = False
    """Whether a login is needed though there are neither keys nor an issuer."""
    service: str = ""
    """What tells its logins from those of another service under the same host name."""
    rate: float = 0.0
    """Requests a second for each key, and for each address without one; 0 for any number."""
    burst: float = 0.0
    """How many may come at once."""


class Door:
    """Knows callers by what they show. Belongs to one event loop."""

    def __init__(self, access: Access) -> None:
        """Look after what `access` says."""
        self._keys = KeyFile(access.keys) if access.keys else None
        self._tokens = Tokens(access.issuer) if access.issuer else None
        self._login = access.login or access.issuer is not None
        self.issuer = access.issuer
        self.sessions = Sessions(access.service)
        self._limited = access.rate > 0
        self._known = Buckets(access.rate, access.burst)
        self._strangers = Buckets(access.rate, access.burst)

    @property
    def login_needed(self) -> bool:
        """Whether nobody comes in without a login. Once so, it stays so until the program ends, whatever is deleted."""
        self._login = self._login or (self._keys is not None and self._keys.exists())
        return self._login

    async def identify(self, headers: Headers, address: str) -> Caller:
        """Give who makes a request.

        Raises:
            LoginNeeded: what they show is not, or no longer, good.
            TooOften: and they have tried too many.
            GalleryError: the key file cannot be read.
            Unreachable: the issuer of tokens cannot be asked.
        """
        shown = _shown(headers)
        if shown:
            return await self.log_in(shown, address)
        if "cookie" in headers:
            caller = self.sessions.find(headers["cookie"], headers.get("host", ""))
            if caller is not None and self._is_still_good(caller):
                return caller
        return NOBODY if self.login_needed else EVERYBODY

    async def recognise(self, shown: str) -> Caller:
        """Give whose key or token this is; raises as `identify` does."""
        if shown.startswith(PREFIX):
            key = self._keys.find(shown) if self._keys else None
            if key is None:
                raise LoginNeeded("This key is not, or no longer, good.", LOGIN_HINT)
            return _caller(key)
        if self._tokens is None:
            raise LoginNeeded(f"That is no key: keys begin with {PREFIX}.", LOGIN_HINT)
        return await self._tokens.recognise(shown)

    async def log_in(self, shown: str, address: str) -> Caller:
        """Do as `recognise` does, and make it dear to try out keys.

        Raises:
            TooOften: as `charge_stranger` does.
        """
        try:
            return await self.recognise(shown)
        except LoginNeeded:
            self.charge_stranger(address, _COST_OF_A_WRONG_KEY)
            raise

    def charge(self, caller: Caller) -> None:
        """Count a request of somebody who is known.

        Raises:
            TooOften: they ask too often.
        """
        if self._limited:
            _charge(self._known, caller.identity, 1)

    def charge_stranger(self, address: str, tokens: int = 1) -> None:
        """Count a request, or several, of somebody of whom only the address is known; raises as `charge` does."""
        if self._limited:
            _charge(self._strangers, neighbourhood(address), tokens)

    def _is_still_good(self, caller: Caller) -> bool:
        """Whether the key by which a browser logged in has not been revoked since."""
        return caller.kind != "key" or (self._keys is not None and self._keys.get(caller.key) is not None)


def _charge(buckets: Buckets, name: str, tokens: int) -> None:
    wait_s = buckets.take(name, tokens)
    if wait_s:
        raise TooOften("You ask too often.", f"Ask again in {math.ceil(wait_s)} s.", wait_s)


def _shown(headers: Headers) -> str:
    """Give the key or token that a request shows, empty for none."""
    kind, _, rest = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return rest.strip()
    return headers.get("x-api-key", "").strip()


def _caller(key: Key) -> Caller:
    return Caller(key.name, key.scope, "key", key.id, key.expires_at.timestamp() if key.expires_at else None)
