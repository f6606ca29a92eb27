"""Can a caller make the service ask what only it can reach: by any route that takes a URL, by redirects, by names?"""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from starlette.testclient import TestClient

from lookalike.fetch import Fetcher
from lookalike.service import Parts
from lookalike.testing import picture_bytes

PICTURE = picture_bytes(1)


class Site:
    """A server on loopback that counts who comes, and sends them on or gives them a picture."""

    def __init__(self, host: str, location: str = "", port: int = 0) -> None:
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

        self._server = ThreadingHTTPServer((host, port), Handler)
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
    "/v1/blocks": lambda client, url, _: client.post("/v1/blocks", json={"url": url}),
}
"""How each route that takes a picture is given a URL."""
PICTURES = {"url", "image", "image_url", "query_img", "query"}
"""What the fields and parameters are called by which a picture is named."""
WITHOUT = {"/v1/images"}
"""Routes whose picture comes as a file, and in no other way."""


def fields(schema: dict, models: dict, above: tuple[str, ...] = ()) -> Iterator[str]:
    """Name the fields of a body, and of what is in it."""
    name = schema.get("$ref", "").rpartition("/")[2]
    if name and name not in above:
        yield from fields(models[name], models, (*above, name))
    for field, inner in schema.get("properties", {}).items():
        yield field
        yield from fields(inner, models, above)
    for part in [*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else [])]:
        yield from fields(part, models, above)


def named(operation: dict, models: dict) -> set[str]:
    """Name the fields and parameters by which a caller asks."""
    bodies = operation.get("requestBody", {}).get("content", {}).values()
    found = {name for body in bodies for name in fields(body.get("schema", {}), models)}
    return found | {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}


def test_every_route_that_takes_a_picture_by_its_address_is_tried_here(client):
    described = client.get("/openapi.json").json()
    models = described["components"]["schemas"]
    asking = {
        path
        for path, methods in described["paths"].items()
        for operation in methods.values()
        if named(operation, models) & PICTURES
    }
    assert asking - WITHOUT == set(ASKING)


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
    for answer in through(Fetcher(), f"http://{host}:{honeypot.port}/", set(ASKING)):
        assert PICTURE[:8] not in answer.content
        assert "Connection refused" not in answer.text
    assert honeypot.asked == 0


@pytest.mark.slow
def test_no_route_follows_a_redirect_inside(honeypot, through):
    for target in (honeypot.url, f"http://[::ffff:7f00:1]:{honeypot.port}/", f"http://localhost:{honeypot.port}/"):
        outside = Site("127.0.0.2", target)
        try:
            through(Fetcher(allow=("127.0.0.2",)), outside.url, set(ASKING))
        finally:
            outside.close()
        assert outside.asked >= len(set(ASKING)) - 2
        assert honeypot.asked == 0


@pytest.mark.slow
def test_no_route_is_led_inside_by_a_name_that_changes_its_address(honeypot, through):
    looked_up: list[str] = []

    def rebinding(host: str) -> list[str]:
        """Give an address that may be asked the first time, and this machine's the next."""
        looked_up.append(host)
        return ["127.0.0.2" if len(looked_up) % 2 else "127.0.0.1"]

    outside = Site("127.0.0.2", port=honeypot.port)
    try:
        fetcher = Fetcher(allow=("127.0.0.2",), resolve=rebinding)
        for _ in range(2):
            through(fetcher, f"http://rebinding.example:{honeypot.port}/", set(ASKING))
    finally:
        outside.close()
    assert len(looked_up) >= 2 * (len(ASKING) - 3), "only those that take no URL look none up"
    assert outside.asked >= len(looked_up) // 2, "the address that was checked is the one that is asked"
    assert honeypot.asked == 0
