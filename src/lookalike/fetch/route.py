"""Which way does a request take? To checked addresses of its host, or through a proxy of the environment."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from lookalike.errors import Unreachable
from lookalike.fetch.addresses import Address
from lookalike.fetch.lookup import Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """A proxy, which is asked whatever its own address is: the operator named it."""

    scheme: str
    host: str
    port: int
    auth: tuple[str, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where to connect to, and by when."""

    addresses: Sequence[Address]
    """Of the target's host, or of the proxy."""
    proxy: Proxy | None
    connect_by: Deadline
    """For the connection and TLS."""
    end_by: Deadline
    """For everything."""


def environment_proxy(scheme: str, host: str) -> Proxy | None:
    """Find what http_proxy, https_proxy, all_proxy and no_proxy say about a host; None: go there directly.

    Raises:
        Unreachable: the environment names a proxy that cannot be used.
    """
    from urllib.request import getproxies, proxy_bypass

    proxies = getproxies()
    url = proxies.get(scheme) or proxies.get("all")
    if not url or proxy_bypass(host):
        return None
    unusable = Unreachable(f"The environment's proxy for {scheme} is no http(s) URL.", "Write http://host:port.")
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise unusable from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise unusable
    auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    return Proxy(scheme=parts.scheme, host=parts.hostname, port=port, auth=auth)
