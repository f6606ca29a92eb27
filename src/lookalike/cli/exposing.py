"""May this be served, and to whom? Nobody gives a gallery to the whole network by mistake."""

import re
from collections.abc import Sequence
from ipaddress import ip_network
from pathlib import Path
from shlex import quote
from socket import AF_INET, SOCK_DGRAM, gethostname, socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lookalike.cli.terminal import readable
from lookalike.disk import expand_home
from lookalike.errors import BadInput
from lookalike.keys import KeyFile

if TYPE_CHECKING:
    from lookalike.config import Settings
    from lookalike.service.access import Access
    from lookalike.service.server import Listening

_ALL_ADDRESSES = {"0.0.0.0", "::", "[::]"}  # noqa: S104 - compared, not bound
_ELSEWHERE = "192.0.2.1"
"""An address that nobody has. Source: RFC 5737"""
_NAME = re.compile(r"\*|\[[0-9a-f:.]+\]|[a-z0-9_-]+(\.[a-z0-9_-]+)*", re.IGNORECASE)
"""What a Host header can hold before its port, or any."""
_IN_CONTAINERS = (Path("/.dockerenv"), Path("/run/.containerenv"))
"""Files that are only there in a container: Docker's, and Podman's."""


def access_for(settings: "Settings", keys: Path, service: str = "", gallery: str = "") -> "Access":
    """Say who is let in by a server that listens where the settings say; `service` tells it from others.

    `gallery` is what `--gallery` named, and nothing where the settings do.

    Raises:
        BadInput: it would be anybody on the network, and nobody said `insecure`; or the provider's settings are wrong.
        MissingExtra: tokens cannot be checked here.
    """
    from lookalike.service import is_loopback
    from lookalike.service.access import Access
    from lookalike.service.access.tokens import Issuer

    issuer = None
    if settings.oidc_issuer:
        issuer = Issuer(
            url=settings.oidc_issuer,
            audience=settings.oidc_audience,
            algorithms=settings.oidc_algorithms,
            claim=settings.oidc_claim,
        )
    exposed, locked = not is_loopback(settings.host), issuer is not None or keys.exists()
    if exposed and not locked and not settings.insecure:
        raise BadInput(
            f"Anybody who reaches {settings.host} could see, change and delete your pictures: there is no key yet.",
            f"Make one with `{_adding(gallery)}`; or say --insecure if this is what you want.",
        )
    return Access(
        keys=keys,
        issuer=issuer,
        service=service,
        login=_is_reached(settings) and not settings.insecure,
        rate=settings.rate if _is_reached(settings) or locked else 0.0,
        burst=settings.rate_burst,
    )


def _adding(gallery: str) -> str:
    """Give the command that makes a key for this very gallery, and for no other one that the settings name."""
    return "lookalike keys add NAME --scope admin" + (f" --gallery {readable(quote(gallery))}" if gallery else "")


def _is_reached(settings: "Settings") -> bool:
    """Whether others than this machine's own come in: on an address for them, or as a proxy or keys speak of."""
    from lookalike.service import is_loopback

    return not is_loopback(settings.host) or bool(settings.hosts or settings.trusted_proxies or settings.keys)


def listening_for(settings: "Settings") -> "Listening":
    """Say where and how to listen.

    Raises:
        BadInput: a proxy is no address and no network.
    """
    from lookalike.service.server import Listening

    for proxy in settings.trusted_proxies:
        try:
            ip_network(proxy)
        except ValueError as error:
            what = f"trusted_proxies: {proxy!r} is no address and no network: {error}."
            raise BadInput(
                what, "Write 10.0.0.7 or 10.0.0.0/24; `*` would let anybody pretend to be anybody."
            ) from error
    return Listening(
        host=settings.host,
        port=settings.port,
        trusted_proxies=settings.trusted_proxies,
        certificate=expand_home(settings.tls_certificate) if settings.tls_certificate else None,
        key=expand_home(settings.tls_key) if settings.tls_key else None,
    )


def urls_for_others(settings: "Settings", url: str) -> list[str]:
    """Say what others on the network type, `url` being for this machine; nothing where that is the same, or a proxy's.

    Names that the settings list are the only ones that are answered to; else it is this machine's name and address.
    A container knows only those within, and not its port outside.
    """
    if settings.host not in _ALL_ADDRESSES or settings.trusted_proxies or any(map(Path.exists, _IN_CONTAINERS)):
        return []
    here = urlsplit(url)
    names = [name for name in settings.hosts if name != "*"] or _own_names()
    return [f"{here.scheme}://{name}:{here.port}/" for name in names]


def _own_names() -> list[str]:
    """Give the name of this machine, and its address on the network, as far as it has them."""
    names = [name] if (name := gethostname()) != "localhost" else []
    try:
        with socket(AF_INET, SOCK_DGRAM) as asking:
            asking.connect((_ELSEWHERE, 9))  # sends nothing: the system only chooses the address to send from
            return [*names, asking.getsockname()[0]]
    except OSError:  # no network, or none of that kind
        return names


def checked_hosts(names: Sequence[str]) -> tuple[str, ...]:
    """Give names as browsers send them.

    Raises:
        BadInput: one is none, so that nobody would be answered by it: it has a scheme, a port or a path.
    """
    for name in names:
        if not _NAME.fullmatch(name):
            raise BadInput(
                f"hosts: {name!r} is no name that a browser sends.",
                "Write photos.example.org, without https:// and without a port; [fd12::7]; or * for any.",
            )
    return tuple(names)


def checked_origins(origins: Sequence[str]) -> tuple[str, ...]:
    """Give origins as browsers write them.

    Raises:
        BadInput: one is none: it has a path, or would be any.
    """
    for origin in origins:
        parts = urlsplit(origin)
        if (
            parts.scheme not in {"http", "https"}
            or f"{parts.scheme}://{parts.netloc}" != origin
            or set("* ") & set(origin)
        ):
            raise BadInput(f"cors_origins: {origin!r} is no origin.", "Write https://app.example.org, without a path.")
    return tuple(origins)


def _all_over(keys: Path) -> bool:
    return all(key.is_expired() for key in KeyFile(keys).all())


def warning_about(settings: "Settings", access: "Access", gallery: str = "") -> str:
    """Say what the person should know about who can come in, and who can listen; empty where it is nobody.

    `gallery` is as for `access_for`.

    Raises:
        GalleryError: the key file cannot be read.
    """
    from lookalike.service import is_loopback
    from lookalike.service.access.door import Door

    login_needed = Door(access).login_needed
    if login_needed and access.issuer is None and access.keys is not None and _all_over(access.keys):
        otherwise = "" if access.keys.exists() else "; or say --insecure if anybody may come"
        return (
            f"Whoever comes needs a key, and none in {access.keys} is good: make one with "
            f"`{_adding(gallery)}`{otherwise}."
        )
    if is_loopback(settings.host):
        return "Whoever comes needs a key: see `lookalike keys`." if login_needed else ""
    if not login_needed:
        return "Anybody on the network can now see, change and delete your pictures."
    if not settings.tls_certificate:
        return "Whoever comes needs a key. Keys and pictures cross the network unencrypted, unless a proxy sees to it."
    return "Whoever comes needs a key: see `lookalike keys`."
