"""Does the app work where another host serves its files?"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Page, expect
from search_page import choose, status, tile

from lookalike.keys import KeyFile
from lookalike.service import BoundServer, Parts, create_app
from lookalike.service.access import Access
from lookalike.service.routes.pages import APP
from lookalike.testing import picture_bytes

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
def app_over(host, tmp_path) -> Iterator[Callable[[Parts], str]]:
    """How to get the address of the app on that host, which asks a service that allows it."""
    with ExitStack() as held:

        def begin(parts: Parts) -> str:
            address = f"http://127.0.0.1:{host.server_port}"
            server = BoundServer(create_app(replace(parts, origins=(address,))))
            thread = Thread(target=server.run)
            thread.start()
            held.callback(thread.join, 20)
            held.callback(server.stop)
            assert server.ready.wait(20)
            folder: Path = tmp_path / "static" / "photos"
            shutil.copytree(APP, folder)
            start = (folder / "index.html").read_text("utf-8")
            (folder / "index.html").write_text(
                start.replace('api" content=""', f'api" content="{server.url}"'), "utf-8"
            )
            return f"{address}/photos/"

        yield begin


@pytest.fixture
def page(chromium) -> Iterator[Page]:
    """A page that was never there before."""
    context = chromium.new_context(locale="en-GB")
    yield context.new_page()
    context.close()


def shown(picture) -> None:
    """Wait until a picture is not only in the document, but seen."""
    expect(picture).not_to_have_js_property("naturalWidth", 0)


def test_it_asks_the_service_that_its_page_names_and_shows_its_pictures(page, app_over, parts, photos):
    address = app_over(parts)
    page.goto(address)
    shown(page.locator("[data-hit] img").first)
    choose(page, photos / "holiday/picture-1.jpg")
    expect(status(page)).to_have_text("Here it is")
    tile(page, "identical").locator("[data-item]").click()
    shown(page.get_by_role("dialog").get_by_alt_text("picture-1.jpg"))
    assert page.url.startswith(f"{address}?picture=")


def test_with_a_key_it_shows_pictures_uploads_and_saves_and_forgets_the_key_at_the_end(page, app_over, parts, tmp_path):
    _, key = KeyFile(tmp_path / "keys").add("laptop", "write")
    address = app_over(replace(parts, access=Access(keys=tmp_path / "keys")))
    page.goto(address)
    page.get_by_label("Your key").fill("lk_wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("This key is not known here.")
    page.get_by_label("Your key").fill(key)
    page.get_by_role("button", name="Sign in").click()
    shown(page.locator("[data-hit] img").first)
    page.reload()
    shown(page.locator("[data-hit] img").first)
    page.locator("[data-item]").first.click()
    with page.expect_download() as saved:
        page.get_by_role("dialog").get_by_role("link", name="Download").click()
    assert saved.value.suggested_filename.startswith("picture-")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Upload").click()
    (tmp_path / "new.png").write_bytes(picture_bytes(99))
    page.locator("[data-files]").set_input_files(tmp_path / "new.png")
    shown(page.get_by_role("link", name="new.png").locator("img"))
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Who is there?")).to_be_visible()
    assert not page.evaluate("Object.keys(localStorage).some((name) => name.startsWith('lookalike.key'))")


def test_a_key_that_is_revoked_asks_for_another(page, app_over, parts, tmp_path):
    keys = KeyFile(tmp_path / "keys")
    made, key = keys.add("laptop")
    page.goto(app_over(replace(parts, access=Access(keys=tmp_path / "keys"))))
    page.get_by_label("Your key").fill(key)
    page.get_by_role("button", name="Sign in").click()
    page.locator("[data-hit] img").first.wait_for()
    keys.revoke(made.id)
    page.reload()
    expect(page.get_by_role("heading", name="Who is there?")).to_be_visible()
