"""What exactly does a URL ask for? Strict parsing: what two programs might read differently is refused."""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote

import idna

from lookalike.errors import BadAddress
from lookalike.fetch.addresses import Address, plain

MAX_URL_LENGTH = 8_000
"""Characters. Source: RFC 9110 §4.1 asks for at least 8,000 octets to be supported."""

_URL = re.compile(r"(https?)://([^/?#]*)([^#]*)", re.IGNORECASE)
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:]+)(?::([0-9]{1,5}))?", re.IGNORECASE | re.ASCII)
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*", re.ASCII)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_CONFUSING = re.compile(r"[\x00-\x1f\x7f\\]")
_KEPT_IN_PATHS = "!$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One address to ask, understood in one way only."""

    scheme: str
    """`http` or `https`."""
    host: str
    """A name in lower-case ASCII without a final dot, or an IP address as Python writes it."""
    address: Address | None
    """Where the host is an address."""
    port: int
    path: str
    """With the query, percent-encoded."""

    @property
    def authority(self) -> str:
        """The host and port as a Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _default_port(self.scheme) else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole URL."""
        return f"{self.scheme}://{self.authority}{self.path}"


def parse_target(url: str) -> Target:
    """Parse an http(s) URL; spaces around it and the fragment are dropped, names and paths may be in any script.

    Raises:
        BadAddress: anything else, user names, control characters, backslashes, and addresses in odd spellings.
    """
    url = url.strip()
    if len(url) > MAX_URL_LENGTH:
        raise BadAddress(f"This URL has {len(url):,} characters; at most {MAX_URL_LENGTH:,} are allowed.")
    if _CONFUSING.search(url):
        raise BadAddress(f"The URL {_shown(url)} holds a control character or a backslash.", "Write it as %XX.")
    match = _URL.match(url)
    if match is None:
        raise BadAddress(f"{_shown(url)} is no http(s) URL.", "Give one that starts with https:// or http://.")
    scheme = match[1].lower()
    if "@" in match[2]:
        raise BadAddress("This URL carries a user name or password.", "Leave out everything before the @.")
    parts = _AUTHORITY.fullmatch(match[2])
    if parts is None:
        raise BadAddress(f"The URL {_shown(url)} has no host that can be understood.", "Write https://host/path.")
    host, address = parse_host(parts[1])
    port = int(parts[2] or _default_port(scheme))
    if not 1 <= port <= 65_535:
        raise BadAddress(f"The URL {_shown(url)} has no valid port.", "Use one from 1 to 65535, or none.")
    return Target(scheme=scheme, host=host, address=address, port=port, path=_encoded_path(match[3]))


def parse_host(text: str) -> tuple[str, Address | None]:
    """Bring a host, as a URL has it, into its one spelling; the address too where it is one.

    Raises:
        BadAddress: no host name; or an address other than `a.b.c.d` in decimals or `[IPv6]`.
            Source: "ends in a number" of the WHATWG URL standard, §3.5, https://url.spec.whatwg.org/#host-parsing.
    """
    try:
        if text.startswith("["):
            address = plain(IPv6Address(text[1:-1]))
            return str(address), address
        name = text.lower() if text.isascii() else idna.encode(text, uts46=True).decode("ascii")
        name = name.removesuffix(".")
        if _NUMBER.fullmatch(name.rpartition(".")[2]):
            return name, IPv4Address(name)
    except AddressValueError as error:
        raise BadAddress(
            f"The host {_shown(text)} is an address in an odd spelling.", "Write it as four numbers, like 192.0.2.1."
        ) from error
    except (idna.IDNAError, UnicodeError) as error:
        raise BadAddress(f"The host {_shown(text)} is no valid name.") from error
    if not _NAME.fullmatch(name):
        raise BadAddress(f"The host {_shown(text)} is no valid name.")
    return name, None


def _default_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def _encoded_path(text: str) -> str:
    try:
        path = quote(text, safe=_KEPT_IN_PATHS)
    except UnicodeEncodeError as error:
        raise BadAddress(f"The path {_shown(text)} of the URL is no valid text.") from error
    return path if path.startswith("/") else f"/{path}"


def _shown(text: str) -> str:
    return repr(text if len(text) <= 100 else f"{text[:100]}…")
