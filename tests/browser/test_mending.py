"""Where code of the app cannot be fetched, does the rest stay, with a way to go on?"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

BROWSE = re.compile(r"/assets/BrowsePage-.*\.js$")
EDIT = re.compile(r"/assets/EditDialog-.*\.js$")


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    """The app in a window without a worker, which would have all its code already."""
    window = chromium.new_context(locale="en-GB", service_workers="block")
    page = window.new_page()
    page.goto(address)
    page.locator("[data-hit] img").first.wait_for()
    yield page
    window.close()


def test_a_page_whose_code_did_not_come_is_tried_again_once_the_service_answers(page, address):
    page.route(BROWSE, lambda route: route.abort())
    page.get_by_role("link", name="Browse", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("This page has a fault")
    page.unroute(BROWSE)
    page.route(address, lambda route: route.abort())
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert")).to_contain_text("Lookalike does not answer")
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
    page.unroute(address)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Browse")).to_be_visible()


def test_a_picture_stays_open_where_the_code_to_edit_it_does_not_come(page):
    page.route(EDIT, lambda route: route.fulfill(status=404))
    page.locator("[data-hit] a").first.click()
    page.get_by_role("button", name="Edit").click()
    opened = page.get_by_role("dialog")
    expect(opened.get_by_role("alert")).to_contain_text("This page has a fault")
    expect(opened.get_by_role("button", name="Delete")).to_be_visible()
    page.unroute(EDIT)
    opened.get_by_role("button", name="Try again").click()
    opened.get_by_role("alert").wait_for(state="detached")
    opened.get_by_role("button", name="Edit").click()
    expect(page.get_by_role("textbox", name="Title")).to_be_visible()
