"""What do tests of fetching need? Real servers on loopback, and an eye on what the program asks of the network."""

import contextlib
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme

Reply = Callable[[socket.socket, bytes], None]


@dataclass
class Site:
    """A server on loopback that counts connections and keeps the requests it got."""

    host: str
    port: int
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}/"


class Server:
    """Does as the test says with each connection, in a thread each."""

    def __init__(self, reply: bytes | Reply, host: str, tls: ssl.SSLContext | None) -> None:
        self._reply = reply
        self._tls = tls
        self._listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
        if host == "::":
            self._listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        self._listener.bind((host, 0))
        self._listener.listen(64)
        self.site = Site(host, self._listener.getsockname()[1])
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(20)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # the listener was closed: the test is over
            while True:
                connection, _ = self._listener.accept()
                self.site.connections += 1
                self._threads.append(threading.Thread(target=self._handle, args=(connection,)))
                self._threads[-1].start()

    def _handle(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):  # the other side may hang up whenever it likes
            connection.settimeout(15)
            with self._tls.wrap_socket(connection, server_side=True) if self._tls else connection as stream:
                request = b""
                while b"\r\n\r\n" not in request and not request.startswith(b"\x16"):  # 22: a handshake of TLS
                    part = stream.recv(65_536)
                    if not part:
                        break
                    request += part
                self.site.requests.append(request)
                if isinstance(self._reply, bytes):
                    stream.sendall(self._reply)
                else:
                    self._reply(stream, request)


@pytest.fixture
def serve() -> Iterator[Callable[..., Site]]:
    """Start servers: `serve(answer_or_function, host="127.0.0.1", tls=None)` gives the Site."""
    with contextlib.ExitStack() as servers:

        def start(reply: bytes | Reply, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> Site:
            server = Server(reply, host, tls)
            servers.callback(server.close)
            return server.site

        yield start


class Network:
    """What this process asked of the network: lookups and connections, as Python's own audit reports them."""

    def __init__(self) -> None:
        self.on = False
        self.lookups: list[object] = []
        self.connections: list[object] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, args: tuple[object, ...]) -> None:
        if self.on and event == "socket.connect":
            self.connections.append(args[1])
        elif self.on and event in {"socket.getaddrinfo", "socket.gethostbyname"}:
            self.lookups.append(args[0])


_NETWORK: list[Network] = []


@pytest.fixture
def network() -> Iterator[Network]:
    """What was asked of the network during the test. An audit hook stays for ever, so there is one for all tests."""
    if not _NETWORK:
        _NETWORK.append(Network())
    watch = _NETWORK[0]
    watch.lookups, watch.connections, watch.on = [], [], True
    yield watch
    watch.on = False


def write_http(body: bytes = b"picture", status: str = "200 OK", **headers: str) -> bytes:
    """Write an answer; `content_type="image/png"` becomes a header, and the length is added where none is given."""
    if not {"content_length", "transfer_encoding"} & headers.keys():
        headers["content_length"] = str(len(body))
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


@pytest.fixture
def http() -> Callable[..., bytes]:
    """The function `http(body, status, **headers)` that writes an answer."""
    return write_http


@pytest.fixture
def redirect() -> Callable[..., bytes]:
    """The function `redirect(location, status)` that writes one."""
    return lambda location, status="302 Found": write_http(b"", status, location=location)


@pytest.fixture
def counting_down() -> Reply:
    """A server that redirects `/3` to `/2`, and so on until `/0` is a picture."""

    def reply(stream: socket.socket, request: bytes) -> None:
        left = int(request.split()[1][1:])
        stream.sendall(write_http(b"", "302 Found", location=f"/{left - 1}") if left else write_http())

    return reply


@pytest.fixture
def endlessly() -> Callable[..., Reply]:
    """Make a server that sends a head, and then a part again and again until the other side hangs up."""

    def make(head: bytes, part: bytes, every_s: float = 0.0) -> Reply:
        def reply(stream: socket.socket, _request: bytes) -> None:
            stream.sendall(head)
            while True:
                stream.sendall(part)
                time.sleep(every_s)

        return reply

    return make


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A maker of certificates that nobody trusts by themselves."""
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this machine trust the authority."""
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


@pytest.fixture
def tls_for(authority: trustme.CA) -> Callable[..., ssl.SSLContext]:
    """The function `tls_for(name)` that makes a server's side of TLS with a certificate for a name."""

    def make(name: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name).configure_cert(context)
        return context

    return make
