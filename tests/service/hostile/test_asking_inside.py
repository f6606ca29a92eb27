"""Can a caller make the service ask what only it can reach: by any route that takes a URL, by redirects, by names?"""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from starlette.testclient import TestClient

from lookalike.fetch import Fetcher
from lookalike.service import Parts
from lookalike.service.access.rules import Rules
from lookalike.service.routes import ROUTERS
from lookalike.testing import picture_bytes

PICTURE = picture_bytes(1)


class Site:
    """A server on loopback that counts who comes, and sends them on or gives them a picture."""

    def __init__(self, host: str, location: str = "") -> None:
        site = self
        self.asked = 0

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked += 1
                self.send_response(302 if location else 200)
                self.send_header("Location", location) if location else None
                self.send_header("Content-Length", "0" if location else str(len(PICTURE)))
                self.end_headers()
                self.wfile.write(b"" if location else PICTURE)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer((host, 0), Handler)
        self.port = self._server.server_port
        self.url = f"http://{host}:{self.port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


@pytest.fixture
def honeypot() -> Iterator[Site]:
    """What nobody outside may reach."""
    site = Site("127.0.0.1")
    yield site
    site.close()


ASKING: dict[str, Callable[[TestClient, str, str], object]] = {
    "/v1/search": lambda client, url, _: client.post("/v1/search", json={"url": url}),
    "/v1/search/batch": lambda client, url, _: client.post("/v1/search/batch", json={"queries": [{"url": url}]}),
    "/v1/describe": lambda client, url, _: client.post("/v1/describe", json={"url": url}),
    "/v1/compare": lambda client, url, id_: client.post(
        "/v1/compare", json={"first": {"url": url}, "second": {"id": id_}}
    ),
    "/v1/images/{id}/evidence": lambda client, url, id_: (
        client.get(f"/v1/images/{id_}/evidence", params={"query": url}),
        client.post(f"/v1/images/{id_}/evidence", json={"url": url}),
    ),
    "/image_search": lambda client, url, _: client.post("/image_search", json={"image": url}),
    "/knn-service": lambda client, url, _: client.post("/knn-service", json={"image_url": url}),
    "/api/search": lambda client, url, _: client.post("/api/search", json={"query_img": url}),
    "/api/caption": lambda client, url, _: client.post("/api/caption", json={"query_img": url}),
    "/search-similar-images": lambda client, url, _: client.post("/search-similar-images", json={"image": url}),
}
"""How each route that takes a picture is given a URL."""
THERE = {path for path, _, _ in Rules(ROUTERS).declared()} & set(ASKING)


@pytest.fixture
def through(filled, calling):
    """Have each route fetch a URL by this fetcher."""

    def through(fetcher: Fetcher, url: str, paths: set[str]) -> list[int]:
        with calling(Parts(library=filled.library.changed(fetcher=fetcher))) as client:
            id_ = client.get("/v1/images").json()["images"][0]["id"]
            answers = []
            for path in sorted(paths):
                asked = ASKING[path](client, url, id_)
                answers += asked if isinstance(asked, tuple) else [asked]
        return answers

    return through


@pytest.mark.slow
def test_an_allowed_place_is_asked_so_that_the_other_tests_say_something(honeypot, through):
    paths = {"/v1/search", "/v1/images/{id}/evidence"}
    assert [one.status_code for one in through(Fetcher(allow=("127.0.0.1",)), honeypot.url, paths)] == [200, 200, 200]
    assert honeypot.asked == 3


@pytest.mark.slow
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "0", "127.1"])
def test_no_route_asks_this_machine(honeypot, through, host):
    for answer in through(Fetcher(), f"http://{host}:{honeypot.port}/", THERE):
        assert PICTURE[:8] not in answer.content
        assert "Connection refused" not in answer.text
    assert honeypot.asked == 0


@pytest.mark.slow
def test_no_route_follows_a_redirect_inside(honeypot, through):
    for target in (honeypot.url, f"http://[::ffff:7f00:1]:{honeypot.port}/", f"http://localhost:{honeypot.port}/"):
        outside = Site("127.0.0.2", target)
        try:
            through(Fetcher(allow=("127.0.0.2",)), outside.url, THERE)
        finally:
            outside.close()
        assert outside.asked >= len(THERE) - 2
        assert honeypot.asked == 0


@pytest.mark.slow
def test_no_route_is_led_inside_by_a_name_that_changes_its_address(honeypot, through):
    looked_up: list[str] = []

    def rebinding(host: str) -> list[str]:
        """Give a public address the first time, and this machine's ever after."""
        looked_up.append(host)
        return ["203.0.113.1" if len(looked_up) % 2 else "127.0.0.1"]

    fetcher = Fetcher(resolve=rebinding, connect_s=0.05, total_s=0.1)
    for _ in range(2):
        through(fetcher, f"http://rebinding.example:{honeypot.port}/", THERE)
        through(fetcher, "http://rebinding.example/", THERE)
    assert len(looked_up) >= 4
    assert honeypot.asked == 0
