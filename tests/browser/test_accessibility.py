"""Does axe find anything against WCAG 2.1 AA, on any page, light or dark?"""

import pytest
from playwright.sync_api import expect
from search_page import choose, search_words, tile

pytestmark = pytest.mark.browser


def test_the_start_page(look):
    assert look() == []


def test_answers_to_a_picture(page, look, photos):
    choose(page, photos / "holiday/picture-1.jpg")
    assert look() == []


def test_answers_to_words_with_menus_open(page, look):
    search_words(page, 'picture "picture 5":2 -holiday')
    page.locator("[data-tier]").first.wait_for()
    assert look() == []
    for name in ("Fine-tune", "Format", "Date", "Size", "As text", "Settings", "What can I write?"):
        page.get_by_role("button", name=name).click()
        assert look() == []
        page.keyboard.press("Escape")


def test_an_opened_hit_in_every_way(page, look, photos):
    choose(page, photos / "holiday/picture-1.jpg")
    tile(page, "far").locator("[data-item]").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert look() == []
    page.get_by_role("button", name="Side by side").click()
    assert look() == []


def test_an_error(page, look):
    search_words(page, 'dog "in the snow')
    expect(page.get_by_role("alert")).to_be_visible()
    assert look() == []


def test_a_phone(page, look, photos):
    page.set_viewport_size({"width": 390, "height": 844})
    choose(page, photos / "holiday/picture-1.jpg")
    assert look() == []


def test_the_reference(page, look, address):
    page.goto(f"{address}docs")
    page.locator("#problem-list dt").first.wait_for()
    assert look() == []
