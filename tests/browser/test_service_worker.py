"""Does the installed app start without a network, take what is shared, and keep no picture of the gallery?"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

READY = "navigator.serviceWorker.ready.then((one) => one.active.state === 'activated')"
KEPT = """async () => {
    const names = await caches.keys();
    const kept = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return kept.flat().map((request) => new URL(request.url).pathname);
}"""
SHARE = '<form method="post" enctype="multipart/form-data" action="{}"><input type="file" name="picture">'
SHARE += '<input name="text"><button>Share</button></form>'


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    """The app in a window in which it never was, so that no worker of an earlier test is on its way out."""
    window = chromium.new_context(locale="en-GB")
    page = window.new_page()
    page.goto(address)
    page.locator("[data-hit] img").first.wait_for()
    yield page
    window.close()


@pytest.fixture
def installed(page):
    page.wait_for_function(READY)
    return page


def share(page, address):
    """A page of nobody, from which something is shared as the phone does it."""
    other = page.context.new_page()
    other.goto("about:blank")
    other.set_content(SHARE.format(f"{address}share"))
    return other


def test_what_other_apps_of_the_host_keep_stays(chromium, address):
    window = chromium.new_context(locale="en-GB")
    page = window.new_page()
    page.goto(f"{address}docs")
    page.evaluate("caches.open('another app')")
    page.goto(address)
    page.wait_for_function(READY)
    assert "another app" in page.evaluate("caches.keys()")
    window.close()


def test_only_the_apps_own_files_are_kept(installed):
    for name in ("Browse", "Search"):
        installed.get_by_role("link", name=name, exact=True).click()
        installed.locator("[data-hit] img").first.wait_for()
    kept = installed.evaluate(KEPT)
    assert "/" in kept
    assert all(path == "/" or path.startswith("/assets/") for path in kept)


def test_without_a_network_the_app_starts_and_says_what_is_wrong(installed, address):
    installed.context.set_offline(True)
    installed.goto(f"{address}status")
    expect(installed.get_by_role("alert")).to_contain_text("Lookalike does not answer")
    installed.context.set_offline(False)
    installed.get_by_role("button", name="Try again").click()
    expect(installed.get_by_role("heading", name="Disk")).to_be_visible()


def test_a_shared_picture_is_searched_by(installed, address, photos):
    other = share(installed, address)
    other.set_input_files("input[type=file]", photos / "holiday/picture-1.jpg")
    other.get_by_role("button", name="Share").click()
    expect(other.locator("[data-status]")).to_have_text("Here it is")


def test_shared_words_are_searched_by(installed, address):
    other = share(installed, address)
    other.locator("[name=text]").fill("picture 5")
    other.get_by_role("button", name="Share").click()
    expect(other.get_by_role("searchbox")).to_have_value("picture 5")


def test_the_manifest_and_all_it_names_are_there(page, address):
    manifest = page.request.get(f"{address}manifest.webmanifest")
    assert manifest.headers["content-type"].startswith("application/manifest+json")
    for icon in manifest.json()["icons"]:
        answer = page.request.get(f"{address}{icon['src'].removeprefix('./')}")
        assert answer.headers["content-type"] == icon["type"]
