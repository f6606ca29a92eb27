"""Does axe find anything against WCAG 2.1 AA where pictures are browsed, added, written about and tidied?"""

import shutil
from dataclasses import replace

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture
def parts(parts, photos, tmp_path):
    shutil.copy(photos / "picture-4.png", photos / "copy.png")
    (photos / "broken.jpg").write_bytes(b"\xff\xd8 no more")
    list(parts.library.index(photos))
    return replace(parts, index_roots=(photos,))


def test_browsing_choosing_and_writing(page, look, address):
    page.goto(f"{address}browse?order=taken")
    page.locator("[data-hit] img").first.wait_for()
    assert look() == []
    page.get_by_role("button", name="Date taken").click()
    assert look() == []
    page.keyboard.press("Escape")
    page.get_by_role("checkbox", name="Choose picture-1.jpg").check(force=True)
    assert look() == []
    page.get_by_role("button", name="Edit").click()
    assert look() == []


def test_adding(page, look, address, photos):
    page.goto(f"{address}upload")
    page.locator("[data-files]").set_input_files([photos / "picture-5.png", photos / "broken.jpg"])
    expect(page.locator("[data-sum]")).to_contain_text("1 failed")
    page.get_by_label("Path of the folder").fill(str(photos))
    page.get_by_role("button", name="Index it").click()
    expect(page.locator("[data-job=index]")).to_have_attribute("data-state", "done")
    assert look() == []


def test_tidying(page, look, address):
    page.goto(f"{address}duplicates")
    page.get_by_role("button", name="Look for duplicates").click()
    page.locator("[data-group]").first.wait_for()
    assert look() == []
    page.locator("[data-fate=goes] button").first.click()
    page.locator("polygon").first.wait_for()
    assert look() == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="See what would happen").click()
    page.locator("[data-plan]").wait_for()
    assert look() == []


def test_how_it_is_doing(page, look, address):
    page.goto(f"{address}status")
    page.locator("[data-failures] li").first.wait_for()
    assert look() == []


@pytest.mark.parametrize("path", ["browse", "upload", "duplicates", "status"])
def test_a_phone_is_as_wide_as_the_page(page, address, path):
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{address}{path}")
    page.get_by_role("heading", level=1).or_(page.get_by_role("heading", level=2)).first.wait_for()
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


_HIDDEN = """() => {
    if (document.activeElement === document.body) return ""; // beyond the last
    const { left, right, top, bottom } = document.activeElement.getBoundingClientRect();
    const seen = (y) => document.activeElement.contains(document.elementFromPoint((left + right) / 2, y));
    return seen(top + 3) && seen(bottom - 3) ? "" : document.activeElement.outerHTML.slice(0, 200);
}"""
"""What has the focus, where something lies over its upper or lower edge."""


@pytest.mark.parametrize("path", ["?text=picture+red", "upload", "browse"])
def test_keys_lead_to_nothing_that_lies_under_the_bars_of_a_small_window(page, address, path):
    page.set_viewport_size({"width": 720, "height": 450})  # as one of 1440 × 900 at 200 %
    page.goto(f"{address}{path}")
    page.wait_for_load_state("networkidle")
    page.get_by_role("main").focus()
    for _ in range(14):
        page.keyboard.press("Tab")
        assert page.evaluate(_HIDDEN) == ""
