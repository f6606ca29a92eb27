"""Does the app work where another host serves its files?"""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import expect
from search_page import choose, status, tile

from lookalike.service import BoundServer, create_app
from lookalike.service.routes.pages import APP

pytestmark = pytest.mark.browser


class Silent(SimpleHTTPRequestHandler):
    """A host for files that keeps no log."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def host(tmp_path) -> Iterator[ThreadingHTTPServer]:
    """A host of static files, with the app in a folder."""
    (tmp_path / "static").mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=tmp_path / "static"))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(20)


@pytest.fixture
def page_elsewhere(host, parts, tmp_path) -> Iterator[str]:
    """The address of the app on that host, which asks a service that allows it."""
    address = f"http://127.0.0.1:{host.server_port}"
    server = BoundServer(create_app(replace(parts, origins=(address,))))
    thread = Thread(target=server.run)
    thread.start()
    assert server.ready.wait(20)
    folder: Path = tmp_path / "static" / "photos"
    shutil.copytree(APP, folder)
    start = (folder / "index.html").read_text("utf-8")
    (folder / "index.html").write_text(start.replace('api" content=""', f'api" content="{server.url}"'), "utf-8")
    yield f"{address}/photos/"
    server.stop()
    thread.join(20)


def test_it_asks_the_service_that_its_page_names_and_shows_its_pictures(chromium, page_elsewhere, photos):
    context = chromium.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(page_elsewhere)
    first = page.locator("[data-hit] img").first
    first.wait_for()
    page.wait_for_function("one => one.naturalWidth > 0", arg=first.element_handle())
    choose(page, photos / "holiday/picture-1.jpg")
    expect(status(page)).to_have_text("Here it is")
    tile(page, "identical").locator("[data-item]").click()
    shown = page.get_by_role("dialog").get_by_alt_text("picture-1.jpg")
    page.wait_for_function("one => one.naturalWidth > 0", arg=shown.element_handle())
    assert page.url.startswith(f"{page_elsewhere}?picture=")
    context.close()
