"""Is a page of another web site kept out, and is every answer hardened?"""

from dataclasses import replace

import pytest

from lookalike.service import LOOPBACK, allowed_hosts
from lookalike.testing import picture_bytes


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "127.0.0.1:1234", "[::1]:80", "[::1]", "LOCALHOST", "localhost."]
)
def test_this_machines_own_names_are_let_in(empty, host):
    assert empty.get("/v1/info", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:80",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "",
        "[::2]",
        "[",
        "@localhost",
    ],
)
def test_a_name_that_resolves_to_this_machine_is_not_enough(empty, host, problem):
    problem(empty.get("/v1/info", headers={"host": host}), 421)
    problem(empty.get("/", headers={"host": host}), 421)


def test_configured_names_are_let_in_besides(parts, problem, calling):
    with calling(replace(parts, hosts=allowed_hosts("127.0.0.1", ["photos.lan"]))) as client:
        assert client.get("/v1/info", headers={"host": "photos.lan:8000"}).status_code == 200
        assert client.get("/v1/info", headers={"host": "localhost"}).status_code == 200
        problem(client.get("/v1/info", headers={"host": "other.lan"}), 421, says="photos.lan")


@pytest.mark.parametrize(
    ("bind", "configured", "names"),
    [
        ("127.0.0.1", (), {*LOOPBACK, "127.0.0.1"}),
        ("::1", (), {*LOOPBACK, "::1"}),
        ("localhost", ("nas",), {*LOOPBACK, "nas"}),
        ("0.0.0.0", (), {"*"}),  # noqa: S104 - only asked about
        ("192.168.1.5", ("nas",), {*LOOPBACK, "192.168.1.5", "nas"}),
        ("nas.local", (), {"*"}),
    ],
)
def test_the_names_allowed_follow_from_the_address_bound(bind, configured, names):
    assert set(allowed_hosts(bind, configured)) == names


FOREIGN = [
    {"origin": "https://evil.example"},
    {"origin": "http://localhost:3000"},
    {"origin": "null"},
    {"origin": "http://[::1"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": "http://localhost"},
]


@pytest.mark.slow
@pytest.mark.parametrize("headers", FOREIGN)
def test_a_page_of_another_site_can_change_and_search_nothing(filled, client, headers, problem):
    image = client.get("/v1/images").json()["images"][0]
    problem(client.delete(f"/v1/images/{image['id']}", headers=headers), 403)
    problem(client.post("/v1/images", files={"image": ("a", picture_bytes(99))}, headers=headers), 403)
    problem(client.post("/v1/search", json={"id": image["id"]}, headers=headers), 403)
    assert filled.gallery.count() == 10


@pytest.mark.parametrize(
    "headers", [{}, {"origin": "http://localhost"}, {"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}]
)
def test_the_own_page_and_programs_may(empty, headers):
    assert empty.post("/v1/search", files={"image": ("a", picture_bytes(1))}, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/", "/docs", "/page/docs.js", "/page/docs.css", "/assets/none.js", "/v1/info", "/nothing", "/v1/images?limit=x"],
)
def test_every_answer_is_hardened(empty, path):
    headers = empty.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"]


def test_a_refused_request_is_hardened_too(empty):
    answer = empty.get("/", headers={"host": "evil.example"})
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_the_pages_hold_no_script_style_or_address_of_others(empty, path):
    page = empty.get(path).text
    assert " style=" not in page
    assert "<style" not in page
    assert "onclick" not in page
    assert 'src="http' not in page
    assert 'href="http' not in page
