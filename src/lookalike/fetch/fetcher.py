"""What does a URL hold? One GET that may be aimed by strangers: it reaches public places only, and ends in time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from ssl import SSLContext
from urllib.parse import urljoin

from lookalike.errors import BadInput, Unreachable
from lookalike.fetch.allowance import Allowance
from lookalike.fetch.answer import Answer
from lookalike.fetch.lookup import Deadline, Resolve, look_up, system_addresses
from lookalike.fetch.route import Route, environment_proxy
from lookalike.fetch.target import Target, parse_target

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_IF_YOURS = "If this host is yours and may be asked, list it in the setting fetch_allow."
_BY_HAND = "Open it in a browser; where it shows there, save the picture and give the file."


@dataclass(frozen=True)
class Fetcher:
    """Fetches one URL at a time, without cookies, credentials or Referer; may be shared by threads.

    Each host is looked up once, all its addresses must be allowed, and the connection goes to those very
    addresses; so does each redirect. A redirect from https to http is not followed.
    """

    allow: Sequence[str] = ()
    """Hosts besides the public web: `nas.local`, `*.example.org`, `192.168.1.7`, `192.168.0.0/16`."""
    max_bytes: int = 20_000_000
    """After decompression."""
    connect_s: float = 3.0
    """To look up the name, connect and agree on TLS."""
    total_s: float = 10.0
    """For all of it, redirects included."""
    max_redirects: int = 3
    use_environment_proxies: bool = False
    """Go through http_proxy and https_proxy. The proxy looks names up again: it must refuse private addresses too."""
    resolve: Resolve = field(default=system_addresses, repr=False)
    _allowance: Allowance = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Parse `allow`.

        Raises:
            BadInput: an entry is no host, address or network.
        """
        object.__setattr__(self, "_allowance", Allowance.parse(self.allow))

    def get(self, url: str) -> bytes:
        """Fetch what a URL holds.

        Raises:
            BadInput: no http(s) URL, or one that programs read differently.
            Unreachable: an address that must not be asked, no answer in time, or a status other than 200.
            TooLarge: more than `max_bytes`.
        """
        deadline = Deadline.after(self.total_s)
        target = parse_target(url)
        for _ in range(self.max_redirects + 1):
            outcome = self._ask(target, deadline)
            if isinstance(outcome, bytes):
                return outcome
            target = outcome
        raise Unreachable(f"The URL redirects more than {self.max_redirects} times.", _BY_HAND)

    def _ask(self, target: Target, deadline: Deadline) -> bytes | Target:
        # The HTTP library takes 80 ms to import, which whoever fetches nothing should not pay.
        from lookalike.fetch.connection import ask

        try:
            route = self._route(target, deadline)
            schemes = {target.scheme, route.proxy.scheme if route.proxy else ""}
            with ask(target, route, self._tls if "https" in schemes else None) as answer:
                return self._understood(target, answer)
        except TimeoutError as error:
            limits = f"{self.connect_s:g} s to connect, {self.total_s:g} s for everything"
            raise Unreachable(f"{target.host} did not answer in time ({limits}).", _BY_HAND) from error
        except OSError as error:
            raise Unreachable(f"{target.host} could not be asked: {error.strerror or error}.", _BY_HAND) from error

    def _route(self, target: Target, deadline: Deadline) -> Route:
        connect_by = deadline.sooner(self.connect_s)
        proxy = environment_proxy(target.scheme, target.host) if self.use_environment_proxies else None
        try:
            addresses = [target.address] if target.address else look_up(self.resolve, target.host, connect_by)
        except OSError:
            if proxy is None:
                raise
            addresses = []  # behind a proxy, many networks know no names of the outside
        refusals = [self._allowance.refusal(target, address) for address in addresses]
        for refusal in filter(None, refusals or [self._allowance.refusal_by_name(target)]):
            raise Unreachable(f"{target.host} is not asked: {refusal}.", _IF_YOURS)
        if proxy is not None:
            addresses = look_up(self.resolve, proxy.host, connect_by)
        return Route(addresses=addresses, proxy=proxy, connect_by=connect_by, end_by=deadline)

    @cached_property
    def _tls(self) -> SSLContext:
        from lookalike.fetch.connection import system_tls

        return system_tls()

    def _understood(self, target: Target, answer: Answer) -> bytes | Target:
        headers = answer.headers
        if answer.status in _REDIRECTS and "location" in headers:
            return _redirected(target, headers["location"])
        if answer.status != HTTPStatus.OK:
            raise Unreachable(f"{target.host} answers with status {_named(answer.status)}.", _BY_HAND)
        return answer.read(self.max_bytes)


def _redirected(target: Target, location: str) -> Target:
    try:
        aim = parse_target(urljoin(target.url, location))
    except (BadInput, ValueError) as error:
        raise Unreachable(f"{target.host} redirects to something that cannot be asked: {error}", _BY_HAND) from error
    if target.scheme == "https" and aim.scheme == "http":
        raise Unreachable(
            f"{target.host} redirects from https to {aim.host} without encryption, which is not followed.",
            "Give the http:// address itself where you trust the way to it.",
        )
    return aim


def _named(status: int) -> str:
    try:
        return f"{status} ({HTTPStatus(status).phrase})"
    except ValueError:
        return str(status)
