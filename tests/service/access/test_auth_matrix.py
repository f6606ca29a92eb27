"""Does each route, whichever there are, let in exactly those whose scope it declares?"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import APIRouter

from lookalike.keys import SCOPES, KeyFile, covers
from lookalike.service import Parts, create_app
from lookalike.service.access import Access
from lookalike.service.access.rules import Rules
from lookalike.service.access.scopes import Needs
from lookalike.service.routes import ROUTERS, pages

ROUTES = sorted({(path, method) for path, method, _ in Rules(ROUTERS).declared()})
OPEN = {
    *((path, method) for path in ("/healthz", "/readyz") for method in ("GET", "HEAD")),
    *(("/v1/session", method) for method in ("GET", "POST", "DELETE")),
}
"""What anybody may ask for, besides the pages. To add a path takes a reason: nothing of a gallery may be in it."""
PAGES = {(route.path, method) for route in pages.router.routes for method in route.methods}
EVERYDAY = {"GET": "read", "HEAD": "read", "POST": "write", "PATCH": "write", "DELETE": "write", "PUT": "write"}


@dataclass(frozen=True)
class Answered:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def problem(self) -> dict:
        return json.loads(self.body)


async def ask(app: Callable, method: str, path: str, headers: dict[str, str]) -> Answered:
    """Ask an application, without a body."""
    messages: list[dict] = []
    sent = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict:
        return next(sent, {"type": "http.disconnect"})

    async def send(message: dict) -> None:
        messages.append(message)

    raw = [(name.encode(), value.encode()) for name, value in {"host": "localhost", **headers}.items()]
    scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b""}
    scope |= {"headers": raw, "client": ("192.0.2.1", 1), "scheme": "http", "root_path": "", "http_version": "1.1"}
    await app(scope, receive, send)
    told = {name.decode().lower(): value.decode() for name, value in messages[0]["headers"]}
    return Answered(messages[0]["status"], told, b"".join(one.get("body", b"") for one in messages[1:]))


@pytest.fixture
def callers(tmp_path) -> dict[str, str]:
    """Keys by what they are: one for each scope, one that was revoked, one whose time is over, one that is none."""
    file = KeyFile(tmp_path / "keys")
    keys = {scope: file.add(scope, scope)[1] for scope in SCOPES}
    keys["revoked"] = file.add("revoked", "admin")[1]
    file.revoke("revoked")
    over = file.add("over", "admin", datetime.now(UTC) + timedelta(days=1))[1]
    stored = json.loads(file.path.read_text())
    stored["keys"][-1]["expires_at"] = "2020-01-01T00:00:00+00:00"
    file.path.write_text(json.dumps(stored))
    return {**keys, "over": over, "wrong": "lk_" + "A" * 43, "none": "password", "empty": ""}


@pytest.fixture
def app(parts: Parts, tmp_path, callers):
    return create_app(replace(parts, access=Access(keys=tmp_path / "keys", login=True)))


def declared(path: str, method: str) -> str | None:
    return next(scope for one, other, scope in Rules(ROUTERS).declared() if (one, other) == (path, method))


def test_a_route_that_declares_nothing_stops_the_program():
    router = APIRouter()
    router.get("/v1/forgotten")(lambda: None)
    with pytest.raises(ValueError, match="/v1/forgotten declares no scope"):
        Rules([*ROUTERS, router])


def test_only_what_is_meant_to_be_is_open_to_all():
    assert {route for route in ROUTES if declared(*route) is None} <= OPEN | PAGES


@pytest.mark.parametrize("route", pages.router.routes, ids=lambda route: route.path)
def test_a_page_of_the_app_holds_nothing_of_a_gallery(route):
    assert route.methods <= {"GET", "HEAD"}
    assert all(isinstance(one.call, Needs) for one in route.dependant.dependencies), "it asks for parts of the service"


@pytest.mark.parametrize(("path", "method"), ROUTES)
def test_a_route_that_changes_something_takes_more_than_reading(path, method):
    reading = {
        "/v1/search",
        "/v1/search/batch",
        "/v1/compare",
        "/v1/describe",
        "/v1/images/{id}/evidence",
        "/v1/session",
    }
    reading |= {"/v1/duplicates/plan"}
    compatible = {
        "/text_search",
        "/image_search",
        "/api/search",
        "/api/caption",
        "/search-similar-images",
        "/knn-service",
    }
    scope = declared(path, method)
    if scope is not None and path not in reading | compatible:
        assert covers(scope, EVERYDAY[method]), "a route that changes nothing belongs into the list above"


@pytest.mark.slow
def test_every_route_lets_in_exactly_whom_it_should(app, callers):
    async def ask_all() -> None:
        for path, method in ROUTES:
            wanted, place = (
                declared(path, method),
                path.replace("{id}", "a" * 16).replace("{name}", "sw").replace("{kind}", "js"),
            )
            for caller, key in callers.items():
                answered = await ask(app, method, place, {"authorization": f"Bearer {key}"} if key else {})
                told = f"{caller} asks for {method} {path}: {answered}"
                if wanted is None or (caller in SCOPES and covers(caller, wanted)):
                    assert answered.status != 401 or path == "/v1/session", told
                    assert b"takes the scope" not in answered.body, told
                elif caller in SCOPES:
                    assert answered.status == 403, told
                    assert b"takes the scope" in answered.body or method == "HEAD", told
                else:
                    assert answered.status == 401, told
                    assert answered.headers["www-authenticate"].startswith("Bearer"), told

    asyncio.run(ask_all())


@pytest.mark.parametrize(
    "path",
    [
        "/v2/nothing",
        "/v1",
        "/v1/images/",
        "/pagex",
        "//v1/images",
        "/v1/images/a/b/c",
        "/%2e%2e/v1/images",
        "/openapi.json/x",
    ],
)
def test_what_no_route_declares_is_closed_to_strangers_and_not_there_for_others(app, callers, path):
    assert asyncio.run(ask(app, "GET", path, {})).status == 401
    assert asyncio.run(ask(app, "GET", path, {"x-api-key": callers["admin"]})).status == 404


@pytest.mark.parametrize("method", ["PUT", "TRACE", "CONNECT", "get", "OPTIONS"])
def test_a_method_that_no_route_has_opens_nothing(app, method):
    assert asyncio.run(ask(app, method, "/v1/images", {})).status in {401, 403}


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json"])
def test_the_programs_own_pages_are_open(app, path):
    assert asyncio.run(ask(app, "GET", path, {})).status in {200, 503}  # 503: the page has not been built
