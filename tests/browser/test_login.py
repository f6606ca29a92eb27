"""Does a gallery that asks for a key let in who has one, and nobody else?"""

from dataclasses import replace

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from lookalike.keys import KeyFile
from lookalike.service.access import Access

pytestmark = pytest.mark.browser


@pytest.fixture
def key(tmp_path) -> str:
    """A key that may only read."""
    return KeyFile(tmp_path / "keys").add("phone")[1]


@pytest.fixture
def parts(parts, tmp_path, key):
    """A service that asks for keys."""
    return replace(parts, access=Access(keys=tmp_path / "keys"))


def sign_in(page, key):
    page.get_by_label("Your key").fill(key)
    page.get_by_role("button", name="Sign in").click()


def test_a_key_opens_the_gallery_and_leaving_closes_it(chromium, address, key):
    context = chromium.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(address)
    expect(page.get_by_role("heading", name="Who is there?")).to_be_visible()
    assert page.locator("[data-hit]").count() == 0
    sign_in(page, "lk_wrong")
    expect(page.get_by_role("alert")).to_have_text("This key is not known here.")
    sign_in(page, key)
    page.locator("[data-hit] img").first.wait_for()
    page.reload()
    page.locator("[data-hit] img").first.wait_for()
    assert page.evaluate("document.cookie") == ""  # no script can read it
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Who is there?")).to_be_visible()
    context.close()


def test_signing_out_that_fails_says_so_and_then_leaves_no_search_behind(chromium, address, key):
    context = chromium.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(f"{address}?text=secret")
    sign_in(page, key)
    page.locator("[data-hit] img").first.wait_for()
    page.route("**/v1/session", lambda route: route.abort())
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("The program behind this page has ended")).to_be_visible()
    page.unroute("**/v1/session")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Who is there?")).to_be_visible()
    expect(page).to_have_url(address)
    context.close()


def test_who_may_only_read_is_offered_nothing_else(chromium, address, key):
    context = chromium.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(f"{address}upload")
    sign_in(page, key)
    expect(page.get_by_role("heading", name="You may look, but not add")).to_be_visible()
    page.goto(f"{address}browse")
    page.get_by_role("checkbox", name="Choose picture-1.jpg").check(force=True)
    expect(page.locator("[data-chosen-count]")).to_contain_text("1 chosen")
    assert page.get_by_role("button", name="Delete").count() == 0
    assert page.get_by_role("button", name="Edit").count() == 0
    page.goto(f"{address}duplicates")
    expect(page.get_by_role("heading", name="Which pictures are there twice?")).to_be_visible()
    assert page.get_by_role("button", name="Look for duplicates").count() == 0
    context.close()


def ended_while_writing(context: BrowserContext, address: str, key: str) -> tuple[Page, Locator]:
    """Write a caption while the session ends; gives the page, and what asks who is there."""
    page = context.new_page()
    page.goto(f"{address}browse")
    sign_in(page, key)
    page.locator("[data-item]").first.click()
    page.get_by_role("button", name="Edit").click()
    page.get_by_role("textbox", name="Caption").fill("Grandma on the beach")
    context.clear_cookies()
    page.get_by_role("button", name="Save").dispatch_event(
        "click"
    )  # whatever else learns of it first and asks who is there
    return page, page.get_by_role("dialog", name="Who is there?")


def test_what_is_being_written_outlives_the_end_of_a_session(chromium, address, tmp_path):
    key = KeyFile(tmp_path / "keys").add("writer", "write")[1]
    context = chromium.new_context(locale="en-GB")
    page, login = ended_while_writing(context, address, key)
    expect(login).to_contain_text("Your session has ended.")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    for typed in ("lk_wrong", key):
        sign_in(login, typed)
        if typed != key:
            expect(login.get_by_role("alert")).to_have_text("This key is not known here.")
    expect(page.locator("[data-caption]")).to_contain_text("Grandma on the beach")
    expect(login).to_have_count(0)
    context.close()


def test_another_person_who_signs_in_over_a_page_begins_anew(chromium, address, tmp_path):
    keys = [KeyFile(tmp_path / "keys").add(name, "write")[1] for name in ("ann", "bob")]
    context = chromium.new_context(locale="en-GB")
    page, login = ended_while_writing(context, address, keys[0])
    sign_in(login, keys[1])
    expect(page).to_have_url(address)
    page.locator("[data-hit] img").first.wait_for()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.goto(f"{address}browse")
    page.locator("[data-item]").first.click()
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_role("textbox", name="Caption")).not_to_have_value("Grandma on the beach")
    context.close()


def test_what_somebody_could_undo_is_not_offered_to_who_comes_next(chromium, address, tmp_path):
    keys = [KeyFile(tmp_path / "keys").add(name, "write")[1] for name in ("ann", "bob")]
    context = chromium.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(f"{address}browse")
    sign_in(page, keys[0])
    page.get_by_role("checkbox", name="Choose picture-1.jpg").check(force=True)
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, keys[1])
    page.locator("[data-hit] img").first.wait_for()
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    context.close()
