"""Does the browser extension hand pictures over, and does its bookmarklet?"""

import base64
import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from waiting import eventually

pytestmark = pytest.mark.browser

EXTENSION = Path(__file__).parents[2] / "web" / "extension"
CHOOSE = """async (srcUrl) => {
    const [tab] = await chrome.tabs.query({ active: true });
    chrome.contextMenus.onClicked.dispatch({ menuItemId: "search", srcUrl, frameId: 0 }, tab);
}"""


@pytest.fixture
def extended(chromium: Browser, named_chromium: str, tmp_path) -> BrowserContext:
    """A browser with the extension, whose page of options has opened by itself."""
    only = [f"--disable-extensions-except={EXTENSION}", f"--load-extension={EXTENSION}"]
    context = chromium.browser_type.launch_persistent_context(
        tmp_path / "profile",
        executable_path=named_chromium,
        headless=False,
        args=["--headless=new", "--no-sandbox", "--disable-gpu", *only],
        locale="en-GB",
    )
    context.set_default_timeout(30_000)
    yield context
    context.close()


@pytest.fixture
def worker(extended):
    return extended.service_workers[0] if extended.service_workers else extended.wait_for_event("serviceworker")


@pytest.fixture
def options(extended, worker, address):
    url = worker.url.replace("background.js", "options.html")

    def has_opened() -> bool:
        extended.pages[0].wait_for_timeout(50)  # the browser tells nothing to whoever does not listen
        return any(one.url == url for one in extended.pages)

    assert eventually(has_opened), "later it would come between a test and the page that this waits for"
    page = next(one for one in extended.pages if one.url == url)
    page.wait_for_load_state()
    page.get_by_label("Address").fill(address.rstrip("/"))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    return page


def test_an_address_that_is_none_is_refused(options):
    options.get_by_label("Address").fill("javascript:alert(1)")
    options.get_by_role("button", name="Save").click()
    expect(options.get_by_role("status")).to_contain_text("no address of a service")
    options.reload()
    expect(options.get_by_label("Address")).not_to_have_value("javascript:alert(1)")


def test_where_the_page_may_not_be_read_the_service_is_told_the_address(options, worker, extended, address):
    with extended.expect_page() as opened:
        worker.evaluate(CHOOSE, f"{address}icon.svg?a=1&b=2")
    expect(opened.value).to_have_url(re.compile(f"^{re.escape(address)}\\?url="))  # at first it may be empty
    assert unquote(opened.value.url).endswith("icon.svg?a=1&b=2")


def test_the_bookmarklet_searches_with_the_picture_that_is_clicked(options, extended, photos):
    code = unquote(options.locator("#bookmarklet").get_attribute("href").removeprefix("javascript:"))
    picture = base64.b64encode((photos / "holiday/picture-1.jpg").read_bytes()).decode()
    page = extended.new_page()
    page.set_content(f'<img alt="it" src="data:image/jpeg;base64,{picture}">')
    page.evaluate(code)
    expect(page.get_by_role("status")).to_contain_text("Click the picture")
    with extended.expect_page() as opened:
        page.get_by_alt_text("it").click()
    expect(opened.value.locator("[data-status]")).to_have_text("Here it is, edited")
    assert "#" not in opened.value.url


def test_it_says_the_same_in_each_language():
    said = {
        path.parent.name: json.loads(path.read_text("utf-8")) for path in EXTENSION.glob("_locales/*/messages.json")
    }
    assert set(said) == {"en", "de", "fr"}
    assert len({frozenset(texts) for texts in said.values()}) == 1
