"""Does whoever shows a key, a token or a cookie get in, as often as they may, and nobody else?"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from lookalike.keys import KeyFile
from lookalike.service import Parts, create_app
from lookalike.service.access import Access
from lookalike.service.access.tokens import Issuer


@pytest.fixture
def keys(tmp_path) -> KeyFile:
    return KeyFile(tmp_path / "keys")


@pytest.fixture
def entering(parts: Parts, keys: KeyFile, calling):
    """Serve with keys, and whatever else is said."""

    def entering(**said):
        return calling(replace(parts, access=Access(keys=keys.path, **said)))

    return entering


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def test_without_keys_nobody_needs_one(entering):
    with entering() as client:
        assert client.get("/v1/info").status_code == 200
        said = client.get("/v1/session").json()
        assert (said["login_needed"], said["scope"]) == (False, "admin")


def test_the_first_key_locks_a_running_server_and_none_opens_it_again(entering, keys):
    with entering() as client:
        key = keys.add("phone")[1]
        assert client.get("/v1/info").status_code == 401
        assert client.get("/v1/info", headers=bearer(key)).status_code == 200
        keys.revoke("phone")
        assert client.get("/v1/info").status_code == 401
        keys.path.unlink()
        assert client.get("/v1/info").status_code == 401


def test_a_server_that_takes_a_login_takes_one_though_there_is_no_key(entering):
    with entering(login=True) as client:
        assert client.get("/v1/info").status_code == 401


def test_a_key_file_that_cannot_be_read_lets_nobody_in(entering, keys, problem):
    key = keys.add("phone")[1]
    with entering() as client:
        assert client.get("/v1/info", headers=bearer(key)).status_code == 200
        keys.path.write_text("{")
        problem(client.get("/v1/info", headers=bearer(key)), 500, says="key file")
        assert client.get("/v1/info").status_code == 401


def test_whoever_is_let_in_hears_that_a_path_knows_no_such_method(entering, keys):
    key = keys.add("phone")[1]
    with entering() as client:
        assert client.patch("/v1/info").status_code == 401
        assert client.patch("/v1/info", headers=bearer(key)).status_code == 405
        assert client.patch("/v1/nothing", headers=bearer(key)).status_code == 404


@pytest.mark.parametrize("header", ["Bearer {}", "bearer {}", "BEARER   {} "])
def test_a_key_comes_as_a_bearer_token(entering, keys, header):
    key = keys.add("phone")[1]
    with entering() as client:
        assert client.get("/v1/info", headers={"authorization": header.format(key)}).status_code == 200


@pytest.mark.parametrize("header", ["{}", "Basic {}", "Bearer", "Bearer x{}", "Bearer {}x", "Token {}"])
def test_a_key_in_another_shape_is_none(entering, keys, header):
    key = keys.add("phone")[1]
    with entering() as client:
        assert client.get("/v1/info", headers={"authorization": header.format(key)}).status_code == 401


def test_a_key_in_the_address_is_none_as_addresses_are_logged(entering, keys):
    key = keys.add("phone")[1]
    with entering() as client:
        assert client.get("/v1/info", params={"key": key, "access_token": key, "api_key": key}).status_code == 401


def test_a_wrong_key_is_told_where_none_is_needed_too(entering, problem):
    with entering() as client:
        problem(client.get("/v1/info", headers=bearer("lk_wrong")), 401, says="not, or no longer, good")
        problem(client.get("/v1/info", headers=bearer("password")), 401, says="lk_")


def test_what_is_open_to_all_is_open_to_whoever_shows_a_key_that_is_no_longer_good(entering, keys):
    key = keys.add("phone")[1]
    keys.revoke("phone")
    with entering() as client:
        answer = client.get("/v1/session", headers=bearer(key))
        assert (answer.status_code, answer.json()["name"], answer.json()["login_needed"]) == (200, "", True)
        assert client.get("/", headers=bearer(key)).status_code == 200
        assert client.get("/v1/info", headers=bearer(key)).status_code == 401


def test_nothing_of_a_body_is_read_before_the_key_is_known(entering, keys):
    keys.add("phone")
    read = 0

    def body() -> Iterator[bytes]:
        nonlocal read
        while read < 100:
            read += 1
            yield b"x" * 100_000

    with entering() as client:
        assert client.post("/v1/images", content=body(), headers={"content-type": "text/plain"}).status_code == 401
        assert read == 0


@pytest.mark.slow
def test_a_token_of_the_provider_opens_what_it_says(entering, provider, problem):
    with entering(issuer=Issuer(url=provider.url, audience="lookalike")) as client:
        token = provider.token(scope="lookalike:read")
        assert client.get("/v1/info").status_code == 401
        assert client.get("/v1/info", headers=bearer(token)).status_code == 200
        problem(client.delete("/v1/images/a", headers=bearer(token)), 403, says="takes the scope write")
        problem(client.get("/v1/info", headers=bearer(provider.token(scope=None))), 403, says="no scope here")
        assert client.get("/v1/session", headers=bearer(token)).json()["name"] == "anna"


def test_a_browser_that_logged_in_with_a_token_stays_so_though_there_are_keys_too(entering, keys, provider):
    keys.add("phone")
    with entering(issuer=Issuer(url=provider.url, audience="lookalike")) as client:
        client.post("/v1/session", json={"key": provider.token()}).raise_for_status()
        assert client.get("/v1/session").json()["name"] == "anna"
        assert client.get("/v1/info").status_code == 200


def test_a_provider_that_is_away_is_said_to_be(entering, provider, problem):
    provider.broken = True
    with entering(issuer=Issuer(url=provider.url, audience="lookalike")) as client:
        problem(client.get("/v1/info", headers=bearer(provider.token())), 502, says=provider.url)


@pytest.fixture
def browser(entering, keys) -> Iterator[tuple[TestClient, str]]:
    """A browser, and a key that opens writing."""
    key = keys.add("phone", "write")[1]
    with entering() as client:
        yield client, key


def test_a_browser_logs_in_and_out(browser):
    client, key = browser
    assert client.get("/v1/session").json()["login_needed"] is True
    answer = client.post("/v1/session", json={"key": key})
    assert answer.json() == client.get("/v1/session").json()
    assert (answer.json()["name"], answer.json()["may_write"], answer.json()["may_administer"]) == (
        "phone",
        True,
        False,
    )
    assert client.get("/v1/info").status_code == 200
    left = dict(client.cookies)
    assert client.delete("/v1/session").status_code == 204
    assert not client.cookies
    client.cookies.update(left)
    assert client.get("/v1/info").status_code == 401


def test_no_script_and_no_other_site_gets_at_the_cookie(browser, keys):
    client, key = browser
    cookie = client.post("/v1/session", json={"key": key}).headers["set-cookie"]
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/"} <= attributes
    assert not any(part.startswith("domain") for part in attributes)
    assert key not in cookie
    assert cookie.partition("=")[2].partition(";")[0] not in keys.path.read_text()


def test_over_tls_the_cookie_is_sent_over_nothing_else(parts, keys):
    key = keys.add("phone")[1]
    app = create_app(replace(parts, access=Access(keys=keys.path)))
    with TestClient(app, base_url="https://localhost") as client:
        cookie = client.post("/v1/session", json={"key": key}).headers["set-cookie"]
        assert cookie.startswith("__Host-")
        assert "Secure" in cookie
        assert client.get("/v1/info").status_code == 200


@pytest.mark.parametrize(
    "services",
    [
        [("http://localhost:1", "a.gallery"), ("http://localhost:2", "a.gallery")],
        [("http://localhost", "a.gallery"), ("http://localhost", "b.gallery")],
    ],
    ids=["ports", "galleries"],
)
def test_services_under_one_host_name_leave_each_others_logins_alone(parts, keys, services):
    key, jar = keys.add("phone")[1], {}  # a browser's, which tells hosts apart, not ports
    with ExitStack() as held:
        clients = []
        for url, name in services:
            app = create_app(replace(parts, access=Access(keys=keys.path, service=name)))
            clients.append(held.enter_context(TestClient(app, base_url=url)))
            clients[-1].post("/v1/session", json={"key": key}).raise_for_status()
            jar |= dict(clients[-1].cookies)
            clients[-1].cookies.clear()
        cookie = {"cookie": "; ".join(f"{name}={value}" for name, value in jar.items())}
        assert [client.get("/v1/info", headers=cookie).status_code for client in clients] == [200, 200]
        assert clients[0].delete("/v1/session", headers=cookie).status_code == 204
        assert [client.get("/v1/info", headers=cookie).status_code for client in clients] == [401, 200]


@pytest.mark.parametrize("key", ["lk_wrong", "password", "x" * 16_000])
def test_nobody_logs_in_without_a_good_key(browser, key, problem):
    client, _ = browser
    answer = client.post("/v1/session", json={"key": key})
    problem(answer, 401)
    assert "set-cookie" not in answer.headers


def test_a_browser_is_logged_out_when_its_key_is_revoked(browser, keys):
    client, key = browser
    client.post("/v1/session", json={"key": key})
    keys.revoke("phone")
    assert client.get("/v1/info").status_code == 401
    assert client.get("/v1/session").json()["name"] == ""


@pytest.mark.parametrize("cookie", ["{name}=", "{name}=x", "{name}=\x7f", "__Host-{name}=\x7f", "=;=;;"])
def test_a_made_up_cookie_opens_nothing(browser, cookie):
    client, _ = browser
    name = client.app.state.service.door.sessions.plain(client.base_url.netloc.decode())
    assert client.get("/v1/info", headers={"cookie": cookie.format(name=name)}).status_code == 401


def test_another_sites_page_cannot_log_a_browser_in_or_out(browser, problem):
    client, key = browser
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        problem(client.post("/v1/session", json={"key": key}, headers=headers), 403)
        problem(client.delete("/v1/session", headers=headers), 403)


def test_whoever_asks_too_often_is_told_when_to_come_back(entering, keys, problem):
    one, other = keys.add("one")[1], keys.add("other")[1]
    with entering(rate=0.5, burst=3) as client:
        assert [client.get("/v1/info", headers=bearer(one)).status_code for _ in range(4)] == [200, 200, 200, 429]
        late = client.get("/v1/info", headers=bearer(one))
        problem(late, 429, says="Ask again in 2 s")
        assert late.headers["retry-after"] == "2"
        assert client.get("/v1/info", headers=bearer(other)).status_code == 200
        assert client.get("/healthz").status_code == 200


def test_a_browsers_session_counts_as_its_key(entering, keys):
    key = keys.add("one")[1]
    with entering(rate=0.01, burst=3) as client:
        client.post("/v1/session", json={"key": key})
        codes = [client.get("/v1/info", headers=shown).status_code for shown in (bearer(key), {}, {}, {}, bearer(key))]
        assert codes == [200, 200, 200, 429, 429]


def test_trying_keys_is_dear(entering, keys):
    keys.add("one")
    with entering(rate=1, burst=100) as client:
        tried = [client.get("/v1/info", headers=bearer(f"lk_{n}")).status_code for n in range(8)]
        assert tried == [401] * 5 + [429] * 3
        logins = [client.post("/v1/session", json={"key": f"lk_{n}"}).status_code for n in range(3)]
        assert logins == [429] * 3


def test_trying_keys_by_logging_in_is_dear_too(entering, keys):
    keys.add("one")
    with entering(rate=1, burst=100) as client:
        tried = [client.post("/v1/session", json={"key": f"lk_{n}"}).status_code for n in range(8)]
        assert tried.count(401) <= 5
        assert tried[-1] == 429


def test_no_web_socket_gets_past_the_gate(entering):
    with entering() as client, pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect("/v1/info"):
        pass
    assert refused.value.code == 1008
