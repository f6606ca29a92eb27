"""Can an assistant use a gallery, with the protocol's own client?"""

import asyncio
import base64
import io
import os
import shutil
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import anyio
import anyio.to_thread
import pytest
from PIL import Image

from lookalike.config import Settings
from lookalike.duplicates import Group, Looking
from lookalike.library import Lookalike
from lookalike.mcp import tools, watching
from lookalike.mcp.server import make_server
from lookalike.testing import ColourCaptioner, ColourEncoder, picture_bytes
from mcp import Client, StdioServerParameters

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def library(tmp_path_factory, drawn_photos):
    folder = tmp_path_factory.mktemp("assistants")
    pictures = Path(shutil.copytree(drawn_photos, folder / "photos"))
    shutil.copy(pictures / "picture-4.png", pictures / "copy.png")
    with Lookalike(folder / "a.gallery", ColourEncoder(), captioner=ColourCaptioner()) as opened:
        list(opened.index(pictures))
        yield opened


def ask(library: Lookalike, tool: str, **asked):
    async def call():
        async with Client(make_server(library)) as client:
            return await client.call_tool(tool, asked)

    return asyncio.run(call())


def test_there_are_four_tools_that_only_look(library):
    async def listed():
        async with Client(make_server(library)) as client:
            return (await client.list_tools()).tools

    offered = {tool.name: tool for tool in asyncio.run(listed())}
    assert offered.keys() == {"search_by_image", "search_by_text", "describe_image", "list_duplicates"}
    for tool in offered.values():
        assert tool.annotations.read_only_hint
        assert tool.output_schema
        assert all(one.get("description") or "$ref" in str(one) for one in tool.input_schema["properties"].values())


def test_a_picture_is_found_by_its_file_its_id_and_its_bytes(library, drawn_photos):
    first = drawn_photos / "picture-7.png"
    found = ask(library, "search_by_image", picture=str(first), limit=2, show=True)
    assert not found.is_error
    best = found.structured_content["found"][0]
    assert (best["tier"], best["picture"]["path"].endswith("picture-7.png")) == ("identical", True)
    assert found.structured_content["likely"] is True
    text, *pictures = found.content
    assert best["picture"]["id"] in text.text
    with Image.open(io.BytesIO(base64.b64decode(pictures[0].data))) as shown:
        assert shown.size == (256, 192)
    by_bytes = ask(
        library, "search_by_image", picture=f"data:;base64,{base64.b64encode(first.read_bytes()).decode()}", limit=2
    )
    assert by_bytes.structured_content == found.structured_content
    by_id = ask(library, "search_by_image", picture=best["picture"]["id"], limit=2)
    assert best["picture"]["id"] not in [one["picture"]["id"] for one in by_id.structured_content["found"]]


def test_words_are_words_whatever_they_look_like(library):
    found = ask(library, "search_by_text", words="picture-7.png", limit=1).structured_content
    assert found["found"][0]["picture"]["path"].endswith("picture-7.png")
    filtered = ask(library, "search_by_text", words="picture", where="format:jpeg").structured_content["found"]
    assert {one["picture"]["path"].rpartition(".")[2] for one in filtered} == {"jpg"}


def test_a_picture_is_described(library, drawn_photos):
    seen = ask(library, "describe_image", picture=str(drawn_photos / "picture-3.png")).structured_content
    assert seen["caption"]
    assert 0 < seen["caption_confidence"] <= 1


def test_where_nobody_writes_captions_what_is_recognised_is_told_all_the_same(tmp_path, drawn_photos):
    settings = Settings(captioner="none", workers=1)
    with Lookalike(tmp_path / "a.gallery", ColourEncoder(), settings=settings) as library:
        answer = ask(library, "describe_image", picture=str(drawn_photos / "picture-3.png"))
    assert not answer.is_error, answer.content
    assert answer.structured_content["caption"] == ""
    assert answer.structured_content["recognised"]


def test_duplicates_are_listed(library):
    found = ask(library, "list_duplicates", tier="identical").structured_content
    (group,) = found["groups"]
    assert {Path(one["path"]).name for one in (group["keep"], *group["spare"])} == {"copy.png", "picture-4.png"}
    assert group["reasons"] == {group["spare"][0]["id"]: "same bytes"}
    assert (found["more"], found["missing"]) == (False, 0)


@pytest.mark.parametrize(
    ("tool", "asked", "says"),
    [
        ("search_by_image", {"picture": "/no/such.jpg"}, "neither a file"),
        ("search_by_image", {"picture": "http://127.0.0.1/a.jpg"}, "127.0.0.1"),
        ("search_by_text", {"words": "dog", "where": "width>>3"}, "width"),
        ("search_by_text", {"words": "dog", "limit": 1000}, "limit must be 50 or less."),
        ("search_by_text", {}, "words is missing."),
        ("describe_image", {"picture": "dogs on the beach"}, "neither a file"),
        ("list_duplicates", {"tier": "alike"}, "tier must be 'identical', 'edited' or 'similar'."),
    ],
)
def test_what_cannot_be_asked_is_told_with_the_fix(library, tool, asked, says):
    answer = ask(library, tool, **asked)
    assert answer.is_error
    assert says in answer.content[0].text


def test_a_broken_picture_is_told(library, tmp_path):
    (tmp_path / "a.jpg").write_bytes(picture_bytes(1, file_format="jpeg")[:200])
    answer = ask(library, "describe_image", picture=str(tmp_path / "a.jpg"))
    assert answer.is_error
    assert "Traceback" not in answer.content[0].text


def over_stdio(gallery: str, work: Callable[[Client], Awaitable[object]]) -> object:
    async def run():
        arguments = ["-m", "lookalike", "mcp", "--gallery", gallery]
        parameters = StdioServerParameters(command=sys.executable, args=arguments, env=dict(os.environ))
        async with Client(parameters) as client:
            return await work(client)

    return asyncio.run(asyncio.wait_for(run(), 60))


def test_the_command_serves_an_assistant_over_stdio(tmp_path, drawn_photos):
    with Lookalike(tmp_path / "real.gallery") as library:
        list(library.index(drawn_photos / "holiday"))

    async def work(client: Client):
        picture = str(drawn_photos / "holiday" / "picture-1.jpg")
        return await client.call_tool("search_by_image", {"picture": picture, "limit": 1})

    found = over_stdio(str(tmp_path / "real.gallery"), work)
    assert found.structured_content["found"][0]["tier"] == "identical"


def test_looking_for_duplicates_tells_that_it_goes_on_and_stops_when_nobody_waits(library, monkeypatch):
    begun, ended, told, find = threading.Semaphore(0), threading.Event(), [], tools.find_groups

    def endless(_: object, __: object, ___: object, how: Looking) -> Iterator[Group]:
        begun.release()
        while not how.is_stopped():
            time.sleep(0.01)
        ended.set()
        yield from ()

    monkeypatch.setattr(watching, "_TELL_S", 0.05)
    monkeypatch.setattr(tools, "find_groups", endless)

    async def call():
        async def note(progress: float, *_: object) -> None:
            told.append(progress)
            if len(told) == 2:
                waiting.cancel()

        async with Client(make_server(library)) as client:
            with anyio.CancelScope() as waiting:
                await client.call_tool("list_duplicates", {}, progress_callback=note)
            assert await anyio.to_thread.run_sync(ended.wait, 20)
            monkeypatch.setattr(tools, "find_groups", find)
            return await client.call_tool("list_duplicates", {"tier": "identical"})

    found = asyncio.run(asyncio.wait_for(call(), 60))
    assert told == sorted(set(told))
    assert len(found.structured_content["groups"]) == 1


def test_duplicates_are_looked_for_once_at_a_time(library, monkeypatch):
    at_once, most, find = threading.Semaphore(1), [], tools.find_groups

    def alone(*given: object) -> Iterator[Group]:
        most.append(at_once.acquire(blocking=False))
        time.sleep(0.1)
        at_once.release()
        yield from find(*given)

    monkeypatch.setattr(tools, "find_groups", alone)

    async def call():
        async with Client(make_server(library)) as client, anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(client.call_tool, "list_duplicates", {"tier": "identical"})

    asyncio.run(asyncio.wait_for(call(), 60))
    assert most == [True] * 3
