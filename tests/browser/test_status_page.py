"""Does the status page tell how everything is, and can what failed be tried again there?"""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from lookalike.testing import picture_bytes

pytestmark = pytest.mark.browser


@pytest.fixture
def parts(parts, photos):
    (photos / "broken.jpg").write_bytes(b"\xff\xd8 no more")
    list(parts.library.index(photos))
    return replace(parts, index_roots=(photos,))


def test_everything_is_told(page, address):
    page.goto(f"{address}status")
    for name in ("Who looks at the pictures", "Disk", "What could not be taken in", "Jobs", "How long answers take"):
        expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.get_by_role("link", name="10 pictures")).to_be_visible()
    expect(page.get_by_role("row", name="GET /v1/images").first).to_be_visible()
    expect(page.get_by_role("article").filter(has_text="Encoder")).to_contain_text("colour")


def test_what_failed_says_why_and_is_tried_again_once_it_is_mended(page, address, photos):
    page.goto(f"{address}status")
    expect(page.locator("[data-failures]")).to_contain_text("It is of an unknown format, not a picture")
    reasons = {"de": "Datei in unbekanntem Format", "fr": "fichier de format inconnu", "en": "It is"}
    for language, reason in reasons.items():
        page.evaluate("language => localStorage.setItem('lookalike.language', language)", language)
        page.reload()
        expect(page.locator("[data-failures]")).to_contain_text(reason)
    expect(page.locator("[data-failures]")).to_contain_text("broken.jpg")
    (photos / "broken.jpg").write_bytes(picture_bytes(90, file_format="jpeg"))
    page.get_by_role("button", name="Try all again").click()
    expect(page.locator("[data-job=retry]")).to_have_attribute("data-state", "done")
    expect(page.get_by_role("link", name="11 pictures")).to_be_visible()
    expect(page.locator("[data-failures]")).to_have_count(0)


def test_all_figures_of_how_long_answers_take_are_in_sight_on_a_phone(page, address):
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{address}status")
    expect(page.get_by_role("rowheader", name="GET /v1/images/{id}/thumbnail")).to_be_visible()
    assert page.get_by_role("table").evaluate("table => table.offsetWidth <= table.parentElement.clientWidth")


def test_where_nothing_lies_it_says_so(page, address):
    page.goto(f"{address}status")
    expect(page.locator("dt[data-part=uploads] + dd")).to_have_text(re.compile(r"^0\skB$"))
