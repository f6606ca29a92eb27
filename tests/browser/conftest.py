"""What do the browser's tests need? Chromium, the app as it is built, and the real service over ten drawn pictures."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest
from free_ports import free_ports
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright
from ready_library import library_over

from lookalike.decode import DecodePool
from lookalike.fetch import Fetcher
from lookalike.service import BoundServer, Parts, create_app
from lookalike.service.routes.pages import APP
from lookalike.testing import MemoryGallery
from lookalike.thumbnails import Thumbnails

_WINDOW = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce", "locale": "en-GB"}
_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--use-fake-device-for-media-stream",
)

_PATIENCE_MS = 30_000
"""How long what should appear may take; machines that test have other work, too."""

_TIMEOUT_S = 90
"""How long a test may take with all that it needs. Then its process ends, and another goes on with the next test: a
signal would only end what waits first, and what is tidied up afterwards may wait for the same browser for ever."""

_OFTEN = """(() => {
    const later = window.setTimeout;
    window.setTimeout = (act, ms, ...given) => later(act, ms >= 5_000 && ms <= 6_000 ? ms / 10 : ms, ...given);
})()"""
"""Has a page ask ten times as often for what it asks for every five or six seconds."""

_STORED = "cookies,file_systems,indexeddb,local_storage,websql,service_workers,cache_storage"
"""All that a page can leave behind, but for the files and the compiled scripts in the browser's own cache."""

_AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have none of these tests wait for a browser that hangs."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.timeout(_TIMEOUT_S, method="thread"))


@pytest.fixture(scope="session")
def named_chromium() -> str:
    """The Chromium that LOOKALIKE_TEST_CHROMIUM names, else the one that is installed."""
    if not (APP / "index.html").is_file():
        pytest.skip("The app is not built; say: make web")
    named = os.environ.get("LOOKALIKE_TEST_CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if named is None:
        pytest.skip("Chromium is not installed; install it, or name one in LOOKALIKE_TEST_CHROMIUM")
    return named


@pytest.fixture(scope="session")
def chromium(named_chromium: str) -> Iterator[Browser]:
    """One browser for all tests."""
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=named_chromium, args=[*_QUIET, "--disable-sync"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def window(chromium: Browser) -> Iterator[BrowserContext]:
    """Where `page` opens, one after the other: anew, the app's scripts would be compiled for each."""
    yield (window := chromium.new_context(**_WINDOW))
    window.close()


@pytest.fixture(scope="session")
def port() -> int:
    """Where all services listen, one after the other: scripts are compiled once for each address."""
    return free_ports(1)[0]


@dataclass
class Watched:
    """What a page complained about, and what it asked for."""

    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def hear(self, message: ConsoleMessage) -> None:
        # The network panel logs answers like 400 by itself; whether the page copes is what the tests look at.
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            self.complaints.append(message.text)


@pytest.fixture
def parts(tmp_path: Path, photos: Path, decoder: DecodePool) -> Iterator[Parts]:
    """A service over the ten drawn pictures, which may fetch from this machine."""
    with MemoryGallery() as gallery, Thumbnails(None, decoder) as thumbnails:
        library = library_over(gallery, decoder, thumbnails, tmp_path)
        with library.changed(fetcher=Fetcher(allow=("127.0.0.1",))) as library:
            list(library.index(photos))
            yield Parts(library=library)


@pytest.fixture
def server(parts: Parts, port: int) -> Iterator[BoundServer]:
    """The service on a real socket."""
    server = BoundServer(create_app(parts), port=port)
    thread = Thread(target=server.run)
    thread.start()
    assert server.ready.wait(20)
    yield server
    server.stop()
    thread.join(20)
    assert not thread.is_alive()


@pytest.fixture
def address(server: BoundServer) -> str:
    """The page's address, by a name other than that from which pictures are fetched."""
    return f"http://localhost:{server.port}/"


@pytest.fixture
def page(window: BrowserContext, address: str) -> Iterator[Page]:
    """The app, opened; at the end it must not have complained, nor asked anybody but the service."""
    watched = Watched()
    page = window.new_page()
    page.set_default_timeout(_PATIENCE_MS)
    page.on("console", watched.hear)
    page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    page.on("request", lambda request: watched.hosts.add(urlsplit(request.url).netloc))
    page.goto(address)
    page.locator("[data-hit] img").first.wait_for()
    yield page
    _leave_as_new(page, address)
    assert watched.complaints == []
    assert watched.hosts <= {urlsplit(address).netloc, ""}


def _leave_as_new(page: Page, address: str) -> None:
    """Forget what pages stored and were allowed, and close them."""
    window, forget = page.context, {"origin": address.rstrip("/"), "storageTypes": _STORED}
    window.set_offline(False)
    window.clear_permissions()
    window.new_cdp_session(page).send("Storage.clearDataForOrigin", forget)
    for opened in window.pages:
        opened.close()


@pytest.fixture
def often(page: Page) -> None:
    """Have what is opened from now on ask often whether anything has changed, as tests would wait for it."""
    page.add_init_script(_OFTEN)


@pytest.fixture(params=["light", "dark"])
def look(request: pytest.FixtureRequest, page: Page) -> Callable[[], list[str]]:
    """Give what has axe look at the page, and tells what it finds."""
    if not _AXE.exists():
        pytest.skip("axe is not installed; say: make web")
    page.emulate_media(color_scheme=request.param, reduced_motion="reduce")
    source = _AXE.read_text("utf-8")

    def find() -> list[str]:
        page.wait_for_load_state("networkidle")
        page.evaluate(f"(() => {{ {source}\n window.axe = axe; }})()")
        found = page.evaluate("rules => axe.run(document, rules)", _RULES)["violations"]
        return [f"{one['id']}: {node['html'][:200]} {node['failureSummary']}" for one in found for node in one["nodes"]]

    return find
