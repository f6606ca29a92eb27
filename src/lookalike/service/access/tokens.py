"""Is a bearer token good? One of an OpenID Connect issuer that was chosen: its signature, purpose, time and scopes."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from anyio.to_thread import run_sync

from lookalike.errors import BadInput, LoginNeeded, MissingExtra, TooLarge, Unreachable
from lookalike.fetch import Fetcher
from lookalike.keys import SCOPES, Scope
from lookalike.service.access.scopes import Caller

if TYPE_CHECKING:
    from jwt import PyJWK

ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
"""Those with a public key, so that nobody who can check a token can make one.

Source: https://www.rfc-editor.org/rfc/rfc8725#section-3.1
"""
_KEYS_ARE_GOOD_S = 3_600.0
_ASK_AGAIN_S = 30.0
"""How soon the issuer is asked again: for a key that is not among those known, or after it could not be asked."""
_LEEWAY_S = 30
"""How far the clocks may be apart."""
_MAX_BYTES = 1_000_000
_LONGEST = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Whose tokens are taken, and what must be in them."""

    url: str
    """As it stands in the tokens, and where `/.well-known/openid-configuration` is found below."""
    audience: str
    """What a token must be made for: another service's token is none for this one."""
    algorithms: tuple[str, ...] = ("RS256", "ES256", "PS256", "EdDSA")
    """How it may be signed."""
    claim: str = "scope"
    """Where its scopes are: words, or a list. Dots lead inside: `realm_access.roles`."""
    prefix: str = "lookalike:"
    """What stands before read, write and admin there."""
    fetcher: Fetcher | None = field(default=None, compare=False)
    """What asks the issuer; None for one that asks its host and no other private one."""

    def __post_init__(self) -> None:
        """Check.

        Raises:
            BadInput: no https URL, except on this machine; no audience; or an algorithm with a shared secret.
            MissingExtra: PyJWT is not installed.
        """
        if find_spec("jwt") is None or find_spec("cryptography") is None:
            raise MissingExtra("Tokens cannot be checked here.", "Run `pip install 'lookalike[oidc]'`.")
        _check_place(self.url)
        if not self.audience:
            raise BadInput("oidc_audience is not set.", "Set it to the audience that your issuer writes for Lookalike.")
        wrong = [name for name in self.algorithms if name not in ALGORITHMS]
        if wrong or not self.algorithms:
            raise BadInput(
                f"Tokens signed with {', '.join(wrong) or 'nothing'} are not taken.",
                f"oidc_algorithms may hold: {', '.join(sorted(ALGORITHMS))}.",
            )


class Tokens:
    """Checks the tokens of one issuer, whose keys it asks for once an hour. Belongs to one event loop."""

    def __init__(self, issuer: Issuer, clock: Callable[[], float] = time.monotonic) -> None:
        """Get ready; the issuer is asked when the first token comes."""
        self._issuer = issuer
        self._clock = clock
        self._keys: list[dict[str, Any]] = []
        self._fetched: float | None = None
        self._asked: float | None = None
        self._asking = asyncio.Lock()

    async def recognise(self, text: str) -> Caller:
        """Give whose token this is.

        Raises:
            LoginNeeded: it is none, or not good here and now.
            Unreachable: the issuer cannot be asked for its keys.
        """
        import jwt

        if len(text) > _LONGEST or not text.isascii():
            raise LoginNeeded("This is no token.", "Log in with your provider again.")
        try:
            header = jwt.get_unverified_header(text)
            claims = jwt.decode(
                text,
                key=self._fitted(await self._key(header.get("kid")), header.get("alg")),
                algorithms=list(self._issuer.algorithms),
                audience=self._issuer.audience,
                issuer=self._issuer.url,
                leeway=_LEEWAY_S,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.InvalidTokenError as error:
            raise LoginNeeded(f"This token is not good: {error}.", "Log in with your provider again.") from error
        except RecursionError as error:  # brackets without end, in a header that nobody has signed
            raise LoginNeeded("This is no token.", "Log in with your provider again.") from error
        scope = _widest(_inner(claims, self._issuer.claim), self._issuer.prefix)
        return Caller(claims["sub"], scope, "token", ends=float(claims["exp"]))

    def _fitted(self, key: dict[str, Any], algorithm: object) -> "PyJWK":
        """Make what checks signatures; an RSA key that names no algorithm is for each of the chosen ones.

        The others are each for one, by their curve. Source: https://www.rfc-editor.org/rfc/rfc7517#section-4.4
        """
        from jwt import PyJWK

        is_open = key.get("kty") == "RSA" and not key.get("alg")
        chosen = (one for one in self._issuer.algorithms if one == algorithm and one[:2] in {"RS", "PS"})
        return PyJWK(key, next(chosen, None) if is_open else None)

    async def _key(self, kid: object) -> dict[str, Any]:
        """Give the issuer's key of an id; where a token names none, its only one."""
        is_asked_already = self._keys and self._asking.locked()  # which may take long: known keys are good meanwhile
        if self._is_over(self._fetched, _KEYS_ARE_GOOD_S) and not is_asked_already:
            await self._refresh()
        found = self._known(kid)
        if found is None:
            await self._refresh()  # the issuer may have changed its keys
            found = self._known(kid)
        if found is None:
            raise LoginNeeded("This token is signed with a key that its issuer does not name.", "Log in again.")
        return found

    def _known(self, kid: object) -> dict[str, Any] | None:
        if kid is None:
            return self._keys[0] if len(self._keys) == 1 else None
        return next((key for key in self._keys if key.get("kid") == kid), None)

    async def _refresh(self) -> None:
        """Ask for the keys, but not too soon again; where that fails, those that are known stay good."""
        async with self._asking:
            if not self._is_over(self._asked, _ASK_AGAIN_S):
                if not self._keys:
                    raise Unreachable(f"{self._issuer.url} could not be asked for its keys.", "Try again in a minute.")
                return
            self._asked = self._clock()
            try:
                self._keys = await run_sync(_fetch_keys, self._issuer)
                self._fetched = self._clock()
            except Unreachable:
                if not self._keys:
                    raise

    def _is_over(self, since: float | None, seconds: float) -> bool:
        return since is None or self._clock() - since > seconds


def _fetch_keys(issuer: Issuer) -> list[dict[str, Any]]:
    """Ask the issuer where its keys are, and for them.

    Source: https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig

    Raises:
        Unreachable: it does not answer, or with something else.
    """
    from jwt import PyJWKSet, PyJWTError

    described = _fetch(issuer, f"{issuer.url.rstrip('/')}/.well-known/openid-configuration")
    if described.get("issuer") != issuer.url:
        raise _odd(issuer, f"it calls itself {str(described.get('issuer'))[:200]!r}")
    place = str(described.get("jwks_uri"))
    try:
        _check_place(place)
        named = _fetch(issuer, place)
        PyJWKSet.from_dict(named)
    except (BadInput, PyJWTError) as error:
        raise _odd(issuer, f"its keys cannot be read: {error}") from error
    return [key for key in named["keys"] if _is_usable(key) and key.get("use") in {None, "sig"}]


def _is_usable(key: object) -> bool:
    """Whether a key is of a kind that can be read here; an issuer may name others beside it."""
    from jwt import PyJWK, PyJWTError

    try:
        return isinstance(key, dict) and bool(PyJWK(key))
    except PyJWTError:
        return False


def _fetch(issuer: Issuer, url: str) -> dict[str, Any]:
    hosts = {urlsplit(one).hostname or "" for one in (issuer.url, url)}
    fetcher = issuer.fetcher or Fetcher(allow=sorted(hosts), max_bytes=_MAX_BYTES, total_s=5.0)
    try:
        found = json.loads(fetcher.get(url))
    except (Unreachable, TooLarge) as error:
        raise Unreachable(f"The issuer {issuer.url} cannot be asked: {error.what}", "Try again in a minute.") from error
    except ValueError as error:
        raise _odd(issuer, f"{url} is no JSON") from error
    if not isinstance(found, dict):
        raise _odd(issuer, f"{url} is no JSON object")
    return found


def _check_place(url: str) -> None:
    """Make sure that nobody on the way can change what an issuer says.

    Raises:
        BadInput: the URL is not https, and leads to another machine.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        local = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        local = False
    if not (url.startswith("https://") or (local and url.startswith("http://"))):
        raise BadInput(f"The issuer's address {url[:200]!r} is not safe.", "Give one that begins with https://.")


def _inner(claims: Mapping[str, Any], path: str) -> object:
    """Follow a path of names; a claim whose own name has dots is found, too."""
    if path in claims:
        return claims[path]
    found: object = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _widest(value: object, prefix: str) -> Scope | None:
    words = value.split() if isinstance(value, str) else value if isinstance(value, list) else []
    granted = [scope for scope in SCOPES if f"{prefix}{scope}" in words]
    return granted[-1] if granted else None


def _odd(issuer: Issuer, why: str) -> Unreachable:
    return Unreachable(f"{issuer.url} is no OpenID Connect issuer that can be used: {why}.", "Check oidc_issuer.")
