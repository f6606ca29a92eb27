"""Is whatever strangers write, in whichever field, only ever text on a page?"""

import pytest
from playwright.sync_api import Page, expect
from search_page import search_words

from lookalike.testing import picture_bytes

pytestmark = pytest.mark.browser

PAGES = ("", "browse", "upload", "duplicates", "status", "docs")


def hostile(number: int) -> str:
    """Write what would run if it were taken for HTML, an attribute, a template or a script."""
    run = f"taken={number}"
    return f"\"'><img src=x onerror={run}><svg onload={run}>${{{run}}}<script>{run};"


FIELDS = ("title", "caption", "tags", "label", "owner", "link", "metadata name", "metadata value")
NUMBERS = {name: number for number, name in enumerate(FIELDS, 1)}
"""And: 9 an uploaded file's name, 10 a file's name, 11 a folder's name, 12 the words searched for, 13 a filter."""


@pytest.fixture
def filled(page: Page, address: str, parts, tmp_path) -> Page:
    """A gallery in which every field of some pictures is hostile."""
    folder = tmp_path / hostile(11)[:200]
    folder.mkdir()
    (folder / f"{hostile(10)[:200]}.jpg").write_bytes(picture_bytes(101))
    (outcome,) = list(parts.library.index(folder))
    file = {"name": f"{hostile(9)}.jpg".replace('"', "%22"), "mimeType": "image/jpeg", "buffer": picture_bytes(102)}
    uploaded = page.request.post(f"{address}v1/images", multipart={"image": file}).json()["images"][0]
    words = {name: hostile(NUMBERS[name]) for name in ("title", "caption", "label", "owner")}
    words |= {"tags": [hostile(3)], "metadata": {hostile(7)[:100]: hostile(8)}}
    for id_ in (outcome.id, uploaded["image"]["id"]):
        link = f"https://example.org/?{hostile(6)}".replace(" ", "+").replace("<", "%3C").replace("\\", "")
        changed = page.request.patch(f"{address}v1/images/{id_}", data={**words, "link": link})
        assert changed.status == 200, changed.text()
    return page


def check(page: Page) -> None:
    """Make sure that nothing ran, and nothing became an element."""
    assert page.evaluate("window.taken") is None
    assert page.locator("img[src='x'], svg[onload], [onerror], [onload], script:not([src])").count() == 0
    assert page.locator("a[href^='javascript:' i], iframe, object, embed").count() == 0


def test_every_page_shows_hostile_words_as_words(filled, address):
    for path in PAGES:
        filled.goto(address + path)
        filled.wait_for_load_state("networkidle")
        check(filled)


def test_an_opened_picture_shows_hostile_words_as_words(filled, address):
    filled.goto(address)
    search_words(filled, "img onerror taken")
    first = filled.locator("[data-hit]").filter(has_text="onerror").first
    first.wait_for()
    check(filled)
    first.locator("[data-item]").click()
    expect(filled.get_by_role("dialog")).to_contain_text("<img src=x onerror=taken=2>")
    filled.wait_for_load_state("networkidle")
    check(filled)


def test_hostile_words_and_filters_that_are_searched_for_stay_words(filled, address):
    filled.goto(address)
    search_words(filled, hostile(12))
    filled.wait_for_load_state("networkidle")
    check(filled)
    for query in (f"?where={hostile(13)}", f"?q={hostile(12)}&where={hostile(13)}", f"?{hostile(13)}#{hostile(13)}"):
        filled.goto(address + query.replace("<", "%3C").replace(" ", "%20"))
        filled.wait_for_load_state("networkidle")
        check(filled)


@pytest.mark.parametrize(
    "link", ["javascript:window.taken=1", "data:text/html,<script>1</script>", "JavaScript://x/%0Aalert(1)"]
)
def test_a_link_that_would_run_is_not_taken(page, address, link):
    id_ = page.request.get(f"{address}v1/images?limit=1").json()["images"][0]["id"]
    assert page.request.patch(f"{address}v1/images/{id_}", data={"link": link}).status == 400


def test_a_picture_opened_by_itself_runs_nothing_and_a_page_in_disguise_is_none(page, address):
    page_in_disguise = b"\xff\xd8\xff\xe0<html><body><script>window.taken=1</script>"
    file = {"name": "a.html", "mimeType": "text/html", "buffer": page_in_disguise}
    assert page.request.post(f"{address}v1/images", multipart={"image": file}).status == 422
    drawing = {"name": "a.svg", "mimeType": "image/svg+xml", "buffer": b"<svg onload='window.taken=1'></svg>"}
    assert page.request.post(f"{address}v1/images", multipart={"image": drawing}).status == 422
    both = picture_bytes(103, file_format="jpeg") + page_in_disguise
    trailing = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": both}
    (taken,) = page.request.post(f"{address}v1/images", multipart={"image": trailing}).json()["images"]
    for path in ("file", "thumbnail"):
        answer = page.goto(f"{address}v1/images/{taken['image']['id']}/{path}")
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["content-security-policy"].startswith("sandbox;")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert page.evaluate("window.taken") is None
