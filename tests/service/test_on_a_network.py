"""Does the service behave on a network: over TLS, behind a proxy, and when it is told to stop in the middle?"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
import trustme
from waiting import eventually

from lookalike.errors import BadInput
from lookalike.gallery.filters import Filter
from lookalike.keys import KeyFile
from lookalike.service import BoundServer, Parts, create_app
from lookalike.service.access import Access
from lookalike.service.server import Listening
from lookalike.testing import MemoryGallery, picture_bytes
from lookalike.types import Embeddings, Neighbors

pytestmark = pytest.mark.slow


@pytest.fixture
def listening():
    """Serve in a thread: gives the server, and stops it at the end."""
    running: list[tuple[BoundServer, threading.Thread]] = []

    def listening(parts: Parts, **how: object) -> BoundServer:
        server = BoundServer(create_app(parts), how=Listening(**how))
        thread = threading.Thread(target=server.run)
        thread.start()
        running.append((server, thread))
        assert server.ready.wait(20)
        return server

    yield listening
    for server, thread in running:
        server.stop()
        thread.join(30)
        assert not thread.is_alive()


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


def test_with_a_certificate_it_speaks_https_and_the_cookie_stays_there(parts, listening, authority, tmp_path):
    made = authority.issue_cert("localhost", "127.0.0.1")
    made.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "both.pem"))
    key = KeyFile(tmp_path / "keys").add("phone")[1]
    secured = replace(parts, access=Access(keys=tmp_path / "keys"))
    server = listening(secured, certificate=tmp_path / "both.pem")
    assert server.url.startswith("https://")
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    import ssl

    trusting = ssl.create_default_context(cafile=str(tmp_path / "authority.pem"))
    with httpx2.Client(base_url=server.url, verify=trusting, timeout=20) as client:
        answer = client.post("v1/session", json={"key": key})
        assert answer.headers["set-cookie"].startswith("__Host-")
        assert client.get("v1/info").status_code == 200
    with pytest.raises(httpx2.TransportError):
        httpx2.get(server.url.replace("https", "http"))


@pytest.mark.parametrize(
    "content", [b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_a_certificate_that_cannot_be_used_is_said_before_anything_listens(parts, tmp_path, content):
    (tmp_path / "broken.pem").write_bytes(content)
    for path in (tmp_path / "broken.pem", tmp_path / "missing.pem"):
        with pytest.raises(BadInput, match="tls_certificate"):
            BoundServer(create_app(parts), how=Listening(certificate=path))


@pytest.mark.parametrize("certificate", [None, "chain.pem"])
def test_a_key_without_its_certificate_and_one_that_is_missing_are_named(parts, tmp_path, certificate):
    (tmp_path / "chain.pem").touch()
    with pytest.raises(BadInput, match=r"key\.pem"):
        BoundServer(
            create_app(parts),
            how=Listening(certificate=certificate and tmp_path / certificate, key=tmp_path / "key.pem"),
        )


def throttled(parts: Parts, folder: Path) -> Parts:
    KeyFile(folder / "keys").add("phone")
    return replace(parts, access=Access(keys=folder / "keys", rate=0.001, burst=2))


def statuses(url: str, headers: list[dict[str, str]]) -> list[int]:
    with httpx2.Client(base_url=url, timeout=20) as client:
        return [client.get("healthz", headers=one).status_code for one in headers]


def forwarded(*addresses: str) -> list[dict[str, str]]:
    return [{"x-forwarded-for": one} for one in addresses]


def test_nobody_changes_their_address_by_saying_so(parts, listening, tmp_path):
    server = listening(throttled(parts, tmp_path))
    assert statuses(server.url, forwarded("198.51.100.1", "198.51.100.2", "198.51.100.3")) == [200, 200, 429]


def test_a_trusted_proxy_says_for_whom_it_asks(parts, listening, tmp_path):
    server = listening(throttled(parts, tmp_path), trusted_proxies=("127.0.0.0/8",))
    one, other = "198.51.100.1", "198.51.100.2"
    assert statuses(server.url, forwarded(one, one, one, other)) == [200, 200, 429, 200]
    spoofed = [f"203.0.113.{n}, {one}" for n in range(3)]
    assert statuses(server.url, forwarded(*spoofed)) == [429] * 3, "only what the proxy itself has added counts"


def test_behind_a_proxy_that_speaks_https_the_cookie_is_for_https_only(parts, listening, tmp_path):
    key = KeyFile(tmp_path / "keys").add("phone")[1]
    secured = replace(parts, access=Access(keys=tmp_path / "keys"))
    for trusted, prefix in ((("127.0.0.1",), "__Host-"), ((), "lookalike-session")):
        server = listening(secured, trusted_proxies=trusted)
        headers = {"x-forwarded-proto": "https"}
        answer = httpx2.post(f"{server.url}v1/session", json={"key": key}, headers=headers, timeout=20)
        assert answer.headers["set-cookie"].startswith(prefix)


class StuckGallery(MemoryGallery):
    """A gallery whose queries never end, until the test does."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = threading.Event()
        self.gate = threading.Event()
        self.gate.set()

    def nearest(self, space: str, vectors: Embeddings, k: int, where: Filter | None = None) -> list[Neighbors]:
        self.inside.set()
        self.gate.wait(60)
        return super().nearest(space, vectors, k, where)


@pytest.fixture
def stuck(parts_over: Callable):
    gallery = StuckGallery()
    yield gallery, parts_over(gallery)
    gallery.gate.set()


def test_a_request_that_never_ends_does_not_keep_the_service_from_stopping(stuck):
    gallery, parts = stuck
    server = BoundServer(create_app(parts))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert server.ready.wait(20)
    picture = {"image": ("a", picture_bytes(1))}
    httpx2.post(f"{server.url}v1/images", files=picture, timeout=20).raise_for_status()
    gallery.gate.clear()
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(httpx2.post, f"{server.url}v1/search", files=picture, timeout=40)
        assert gallery.inside.wait(20)
        since = time.monotonic()
        server.stop()
        thread.join(25)
        assert not thread.is_alive()
        assert time.monotonic() - since < 20
        gallery.gate.set()
        assert asked.exception(30) is not None or asked.result().status_code >= 500


def test_a_search_that_takes_too_long_is_given_up_and_others_are_answered(stuck, problem, serving):
    gallery, parts = stuck
    limits = replace(parts.limits, max_answer_s=0.3, at_once=2)
    picture = {"image": ("a", picture_bytes(1))}
    with serving(parts) as patient:
        httpx2.post(f"{patient.url}v1/images", files=picture, timeout=20).raise_for_status()
    with serving(replace(parts, limits=limits)) as server, httpx2.Client(base_url=server.url, timeout=20) as client:
        gallery.gate.clear()
        late = client.post("v1/search", files=picture)
        problem(late, 503, says="within 0.3 s")
        assert late.headers["retry-after"]
        assert client.get("healthz").status_code == 200
        gallery.gate.set()
        assert eventually(lambda: client.post("v1/search", files=picture).status_code == 200)


def test_a_caller_who_sends_a_byte_now_and_then_is_let_go(parts, serving):
    import socket

    impatient = replace(parts, limits=replace(parts.limits, max_silence_s=0.4))
    head = (
        b"POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n"
    )
    with serving(impatient) as server, socket.create_connection((server.host, server.port), timeout=10) as slow:
        slow.sendall(head + b"Content-Length: 900\r\n\r\n")
        since = time.monotonic()
        received = b""
        slow.settimeout(0.1)
        while b"bytes a second" not in received and time.monotonic() - since < 8:
            try:
                if not received:
                    slow.sendall(b" ")
                received += slow.recv(65_536)
            except TimeoutError:
                continue
            except OSError:
                break
        assert time.monotonic() - since < 5
        assert b"bytes a second" in received
