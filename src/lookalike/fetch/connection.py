"""How does one request reach exactly the addresses that were checked, and end in time?"""

import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore2

from lookalike.fetch.answer import Answer
from lookalike.fetch.route import Proxy, Route
from lookalike.fetch.target import Target

_HEADERS = (
    ("User-Agent", "lookalike/0.1 (+reverse image search)"),
    ("Accept", "image/*, */*;q=0.5"),
    ("Accept-Encoding", "gzip"),
    ("Connection", "close"),
)


@contextmanager
def ask(target: Target, route: Route, tls: ssl.SSLContext | None) -> Iterator[Answer]:
    """Send one GET over a connection of its own; its body is there to be read until the context ends.

    Without `tls` neither the target nor its proxy may be asked by https.

    Raises:
        OSError: no connection, no valid certificate, or no HTTP; also while the body is read.
        TimeoutError: past one of the route's deadlines; likewise.
    """
    # A proxy is asked for the whole URL; httpcore2's own way of writing it forgets the brackets of IPv6.
    whole = route.proxy is not None and target.scheme == "http"
    path = target.url if whole else target.path
    url = httpcore2.URL(scheme=target.scheme, host=target.host, port=target.port, target=path)
    request = httpcore2.Request("GET", url, headers=[("Host", target.authority), *_HEADERS])
    pool = httpcore2.ConnectionPool(
        ssl_context=tls, proxy=_proxy(route.proxy, tls), network_backend=_PinnedBackend(route)
    )
    try:
        with pool:
            response = pool.handle_request(request)
            try:
                yield Answer(
                    host=target.host,
                    status=response.status,
                    headers=_headers(response.headers),
                    chunks=response.iter_stream(),
                )
            finally:
                response.close()
    except httpcore2.TimeoutException as error:
        raise TimeoutError(str(error)) from error
    except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.ProxyError) as error:
        raise ConnectionError(_reason(error)) from error


def system_tls() -> ssl.SSLContext:
    """Make the settings of TLS: certificates and host names are checked, against the system's authorities.

    It takes 25 ms, so keep it; SSL_CERT_FILE or SSL_CERT_DIR in the environment name other authorities.
    """
    return httpcore2.default_ssl_context()


def _proxy(proxy: Proxy | None, tls: ssl.SSLContext | None) -> httpcore2.Proxy | None:
    if proxy is None:
        return None
    url = httpcore2.URL(scheme=proxy.scheme, host=proxy.host, port=proxy.port, target="/")
    return httpcore2.Proxy(url, auth=proxy.auth, ssl_context=tls if proxy.scheme == "https" else None)


def _headers(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in pairs:
        name = raw_name.decode("ascii").lower()
        try:
            value = raw_value.decode()
        except UnicodeDecodeError:
            value = raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _reason(error: Exception) -> str:
    cause = next((inner for inner in error.args if isinstance(inner, Exception)), error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not valid ({cause.verify_message.rstrip('.')})"
    return str(getattr(cause, "strerror", None) or cause).rstrip(".")[:200]


class _PinnedBackend(httpcore2.NetworkBackend):
    """Connects to the addresses of a route, whatever name it is asked for: nothing is looked up again."""

    def __init__(self, route: Route) -> None:
        self._route = route
        self._system = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002 (the interface passes the name; the addresses are known already)
        port: int,
        timeout: float | None = None,  # noqa: ARG002 (the route's deadlines count)
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        failure: Exception = httpcore2.ConnectError("it has no address")
        for tried, address in enumerate(self._route.addresses):
            # An address that swallows packets must not use up the time of those after it.
            share = self._route.connect_by.left() / (len(self._route.addresses) - tried)
            try:
                stream = self._system.connect_tcp(str(address), port, share, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
            else:
                return _TimedStream(stream, self._route)
        raise failure


class _TimedStream(httpcore2.NetworkStream):
    """Gives each operation only the time that is left, so that a drip of single bytes does not go on for ever."""

    def __init__(self, stream: httpcore2.NetworkStream, route: Route) -> None:
        self._stream = stream
        self._route = route

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 (as above)
        return self._stream.read(max_bytes, self._route.end_by.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 (as above)
        self._stream.write(buffer, self._route.end_by.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 (as above)
    ) -> httpcore2.NetworkStream:
        try:
            left = self._route.connect_by.left()
        except TimeoutError:
            self.close()
            raise
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, left), self._route)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
