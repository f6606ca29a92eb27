"""Can a path lead out of what a route serves?"""

import asyncio
from pathlib import Path
from urllib.parse import unquote

import pytest

import lookalike
from lookalike.service.access.rules import Rules
from lookalike.service.routes import ROUTERS

SECRET = "lookalike.service"  # noqa: S105 - no password
"""Is in the program's own sources, which lie beside what is served."""
OUTSIDE = ("app.py", "../errors.py", "../../../pyproject.toml", "../../../../../../../../../../etc/passwd")
SPELLINGS = (
    "../{}",
    "..%2f{}",
    "%2e%2e/{}",
    "%2e%2e%2f{}",
    "%252e%252e%252f{}",
    "..\\{}",
    "..%5c{}",
    "....//{}",
    "..;/{}",
    "./../{}",
    "x/../../{}",
    "%c0%ae%c0%ae/{}",
    "..%00/{}",
    "..%ef%bc%8f{}",
    "/{}",
    "//{}",
    "file:///{}",
    "{}%00.png",
    "~/{}",
    "C:\\{}",
)
ODD_IDS = ("..", "%2e%2e", "..%2f..%2fetc%2fpasswd", "%00", "file:%2f%2f%2fetc%2fpasswd", "a" * 5_000, "%ff%fe")
FOLDERS = ("/page/", "/assets/", "/")
FILES = sorted(
    path
    for path, method, _ in Rules(ROUTERS).declared()
    if method == "GET" and "{" in path and path.split("{")[0] not in {"/v1/jobs/"}
)


async def get(app, raw: str, query: str = "") -> tuple[int, bytes]:
    """Ask for a path as it stands: what one usually asks with would tidy it up."""
    messages: list[dict] = []

    async def receive() -> dict:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict) -> None:
        messages.append(message)

    scope = {"type": "http", "method": "GET", "path": unquote(raw), "raw_path": raw.encode(), "scheme": "http"}
    scope |= {"query_string": query.encode(), "headers": [(b"host", b"localhost")], "client": ("127.0.0.1", 1)}
    await app({**scope, "root_path": "", "http_version": "1.1"}, receive, send)
    return messages[0]["status"], b"".join(one.get("body", b"") for one in messages[1:])


@pytest.mark.slow
@pytest.mark.parametrize("prefix", sorted({*FOLDERS, *(path.partition("{")[0] for path in FILES)}))
def test_no_spelling_of_a_path_leads_out(client, prefix):
    (home,) = lookalike.__path__
    assert SECRET in (Path(home) / "service" / "app.py").read_text()

    async def ask_all() -> None:
        for spelling in SPELLINGS:
            for place in OUTSIDE:
                for path in (prefix + spelling.format(place), prefix + spelling.format(place.replace("/", "%2f"))):
                    status, body = await get(client.app, path)
                    assert status in {400, 404, 405, 422}, (path, status)
                    assert SECRET.encode() not in body, path
                    assert b"root:" not in body, path

    asyncio.run(ask_all())


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES)
def test_an_id_is_never_a_path(client, path):
    async def ask_all() -> None:
        for id_ in ODD_IDS:
            raw = path.replace("{id}", id_).replace("{name}", id_).replace("{kind}", "png")
            status, body = await get(client.app, raw, query="query=a&size=64")
            assert status in {400, 404, 422}, (raw, status)
            assert b"root:" not in body

    asyncio.run(ask_all())
