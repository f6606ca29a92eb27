"""May exactly those pages ask that were named, and may they read the answer?"""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from lookalike.keys import KeyFile
from lookalike.service.access import Access
from lookalike.testing import MemoryGallery

OWN = "https://photos.example"
PREFLIGHT = {"access-control-request-method": "POST", "access-control-request-headers": "authorization, content-type"}


@pytest.fixture
def key(tmp_path) -> str:
    return KeyFile(tmp_path / "keys").add("app", "write")[1]


@pytest.fixture
def client(parts, key, tmp_path, calling) -> Iterator[TestClient]:
    with calling(replace(parts, origins=(OWN,), access=Access(keys=tmp_path / "keys"))) as client:
        yield client


def allowed(answer) -> str | None:
    return answer.headers.get("access-control-allow-origin")


@pytest.mark.parametrize(
    "origin", ["https://evil.example", f"{OWN}.evil.example", "http://photos.example", "null", f"{OWN}:8443"]
)
def test_no_page_of_another_site_may_ask(client, key, origin):
    asked = {"origin": origin, "authorization": f"Bearer {key}"}
    assert allowed(client.options("/v1/search", headers={"origin": origin, **PREFLIGHT})) is None
    answer = client.post("/v1/search", json={"id": "a"}, headers=asked)
    assert (answer.status_code, allowed(answer)) == (403, None)
    assert allowed(client.get("/v1/info", headers=asked)) is None


def test_closed_is_what_is_not_said(empty):
    for headers in ({"origin": OWN, **PREFLIGHT}, {"origin": OWN}):
        assert allowed(empty.options("/v1/search", headers=headers)) is None
        assert allowed(empty.get("/v1/info", headers=headers)) is None


def test_a_page_of_a_named_site_may_ask_with_a_key(client, key):
    before = client.options("/v1/search", headers={"origin": OWN, **PREFLIGHT})
    assert (before.status_code, allowed(before)) == (200, OWN)
    assert "authorization" in before.headers["access-control-allow-headers"].lower()
    asked = {"origin": OWN, "sec-fetch-site": "cross-site", "authorization": f"Bearer {key}"}
    answer = client.post("/v1/search", json={"id": "a"}, headers=asked)
    assert (answer.status_code, allowed(answer)) == (404, OWN)
    assert "Idempotency-Replayed" in answer.headers["access-control-expose-headers"]
    compared = client.get("/v1/images/a/evidence", params={"query": "https://127.0.0.1/a.jpg"}, headers=asked)
    assert (compared.status_code, allowed(compared)) == (502, OWN)


def test_a_named_sites_page_can_read_why_it_was_refused(client):
    answer = client.get("/v1/info", headers={"origin": OWN})
    assert (answer.status_code, allowed(answer)) == (401, OWN)


def test_no_cookie_goes_to_a_named_site(client, key):
    client.post("/v1/session", json={"key": key})
    answer = client.get("/v1/info", headers={"origin": OWN})
    assert "access-control-allow-credentials" not in answer.headers


def test_a_named_sites_page_can_read_that_something_unexpected_went_wrong(parts_over, calling):
    class BrokenGallery(MemoryGallery):
        def count(self, *_: object) -> int:
            raise RuntimeError("nobody foresaw this")

    with calling(replace(parts_over(BrokenGallery()), origins=(OWN,))) as client:
        answer = client.get("/v1/info", headers={"origin": OWN})
    assert (answer.status_code, allowed(answer)) == (500, OWN)
    assert answer.headers["x-request-id"] in answer.json()["fix"]
