"""Can a person find a picture on the page, by every way in, and is nothing but text made of names?"""

import base64
import re
import socket
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from lookalike.ingest import ingest
from lookalike.sources import FolderSource
from lookalike.testing import picture_bytes

pytestmark = pytest.mark.browser

MAKE_DATA = """([base64, name]) => {
    const data = new DataTransfer();
    const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
    data.items.add(new File([bytes], name, { type: "image/jpeg" }));
    return data;
}"""


def status(page: Page):
    return page.locator("#status")


def names(page: Page, grid: str = ".grid") -> list[str]:
    return page.locator(f"{grid} .tile:not(.skeleton) .name").all_inner_texts()


def choose(page: Page, photos, name: str = "holiday/picture-1.jpg") -> None:
    page.set_input_files("#file", photos / name)
    page.locator(".likeness").first.wait_for()


def data_with(page: Page, content: bytes):
    return page.evaluate_handle(MAKE_DATA, [base64.b64encode(content).decode(), "dropped.jpg"])


def drop(page: Page, data) -> None:
    page.dispatch_event("main", "dragover", {"dataTransfer": data})
    expect(page.locator("#curtain")).to_be_visible()
    page.dispatch_event("main", "drop", {"dataTransfer": data})
    expect(page.locator("#curtain")).to_be_hidden()


def paste(page: Page, data) -> None:
    page.evaluate(
        "data => document.body.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true}))", data
    )


def test_before_any_query_the_latest_pictures_are_shown(page):
    expect(status(page)).to_have_text("Latest pictures")
    expect(page.locator("#count")).to_have_text("10 pictures")
    assert sorted(names(page)) == sorted(f"picture-{n}.{'jpg' if n < 3 else 'png'}" for n in range(10))


def test_a_chosen_picture_finds_itself(page, photos):
    choose(page, photos)
    expect(status(page)).to_have_text("Here it is")
    assert names(page)[0] == "picture-1.jpg"
    expect(page.locator(".likeness").first).to_have_text("the very same picture")
    expect(page.locator("#query-name")).to_have_text("picture-1.jpg")
    assert page.evaluate("document.querySelector('#query-picture').naturalWidth") == 320


def test_a_picture_dropped_anywhere_finds_itself(page, photos):
    drop(page, data_with(page, (photos / "holiday/picture-2.jpg").read_bytes()))
    expect(page.locator(".likeness").first).to_have_text("the very same picture")
    assert names(page)[0] == "picture-2.jpg"


def test_a_result_dragged_onto_the_page_is_searched_by_its_id(page):
    link = page.locator("a.picture").first
    address = page.evaluate("link => link.href", link.element_handle())
    data = page.evaluate_handle(
        "address => { const d = new DataTransfer(); d.setData('text/uri-list', address); return d }", address
    )
    drop(page, data)
    expect(page).to_have_url(address)


def test_a_pasted_picture_finds_itself(page, photos):
    paste(page, data_with(page, (photos / "holiday/picture-0.jpg").read_bytes()))
    expect(page.locator(".likeness").first).to_have_text("the very same picture")
    assert names(page)[0] == "picture-0.jpg"


@pytest.mark.parametrize("way", ["typed", "pasted"])
def test_an_address_is_fetched_by_the_service(page, server, parts, way):
    record = parts.gallery.scan(limit=1).records[0]
    url = f"{server.url}v1/images/{record.id}/file"
    if way == "typed":
        page.fill("#address", url)
        page.press("#address", "Enter")
    else:
        data = page.evaluate_handle(
            "text => { const d = new DataTransfer(); d.setData('text/plain', text); return d }", url
        )
        paste(page, data)
    expect(page.locator(".likeness").first).to_have_text("the very same picture")
    expect(page.locator("#query-name")).to_have_text(url)
    assert "?url=" in page.url


def test_what_is_neither_picture_nor_address_is_told_so(page):
    data = page.evaluate_handle("() => { const d = new DataTransfer(); d.setData('text/plain', 'hello'); return d }")
    paste(page, data)
    expect(page.locator("#problem")).to_contain_text("neither a picture nor the address of one")
    page.fill("#address", "not an address")
    page.press("#address", "Enter")
    expect(page.locator("#problem")).to_contain_text("starts with https://")


def test_a_click_searches_by_that_picture_and_back_returns(page, photos):
    choose(page, photos)
    first = page.url
    other = page.locator("#far a.picture").first
    target = page.evaluate("link => link.href", other.element_handle())
    other.click()
    expect(page).to_have_url(target)
    expect(page.locator("#query-facts")).to_contain_text("320 × 240")
    expect(status(page)).to_be_focused()
    page.go_back()
    expect(page).to_have_url(first)
    expect(page.locator("#query-name")).to_have_text("picture-1.jpg")
    expect(page.locator(".likeness").first).to_have_text("the very same picture")
    page.go_back()
    expect(status(page)).to_have_text("Latest pictures")


def test_an_address_with_an_id_can_be_opened_again(page, parts, address):
    record = parts.gallery.scan(limit=1).records[0]
    page.goto(f"{address}?id={record.id}&where=format:png")
    page.locator(".likeness").first.wait_for()
    assert all(name.endswith(".png") for name in names(page))
    expect(page.locator("#filter")).to_have_value("format:png")
    expect(page.locator("#query-original")).to_have_attribute("href", f"/v1/images/{record.id}/file")


def test_the_original_can_be_opened(page):
    tile = page.locator(".tile").first
    link = tile.locator("a.original")
    assert re.fullmatch(r"/v1/images/[a-z2-7]{16}/file", link.get_attribute("href"))
    assert (link.get_attribute("target"), link.get_attribute("rel")) == ("_blank", "noopener")


def test_the_page_can_be_used_by_keys_alone(page):
    page.keyboard.press("Tab")
    for _ in range(30):
        if page.evaluate("document.activeElement.matches('a.picture')"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator(".likeness").first.wait_for()
    assert "?id=" in page.url
    page.locator("#part").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#region")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(r"crop=0.220%2C0.200%2C0.600%2C0.600"))
    page.keyboard.press("Shift+ArrowDown")
    expect(page).to_have_url(re.compile(r"crop=0.220%2C0.200%2C0.600%2C0.620"))


def test_a_rectangle_drawn_on_the_query_searches_with_that_part(page, photos):
    choose(page, photos)
    box = page.locator("#frame").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.25)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.75, steps=4)
    page.mouse.up()
    expect(page.locator("#region")).to_be_visible()
    expect(page).to_have_url(re.compile("crop=0.25"))
    expect(status(page)).not_to_have_text("Here it is")
    page.click("#part")
    expect(page.locator("#region")).to_be_hidden()
    expect(status(page)).to_have_text("Here it is")


def test_a_filter_narrows_and_a_wrong_one_is_pointed_at(page, photos):
    choose(page, photos)
    page.fill("#filter", "format:png")
    page.press("#filter", "Enter")
    expect(status(page)).to_have_text("Nothing like it here")
    page.fill("#filter", "widht>=100")
    page.press("#filter", "Enter")
    shown = page.locator("#problem pre")
    expect(shown).to_contain_text("^^^^^")
    line, carets = shown.inner_text().split("\n")[1:3]
    assert line.index("widht") == carets.index("^")
    expect(page.locator("#filter")).to_have_attribute("aria-invalid", "true")
    page.click("#filter-clear")
    expect(status(page)).to_have_text("Here it is")
    expect(page.locator("#problem")).to_be_hidden()


def test_a_stranger_gets_an_honest_answer_and_still_the_nearest(page, tmp_path):
    (tmp_path / "stranger.jpg").write_bytes(picture_bytes(77))
    page.set_input_files("#file", tmp_path / "stranger.jpg")
    expect(status(page)).to_have_text("Nothing like it here")
    assert names(page, "#near") == []
    assert len(names(page, "#far")) == 10
    expect(page.locator("#rest-note")).to_contain_text("come closest")


def test_more_can_be_shown(page, parts, tmp_path):
    folder = tmp_path / "many"
    folder.mkdir()
    content = picture_bytes(50, (64, 48))
    for n in range(70):
        (folder / f"{n}.jpg").write_bytes(content + bytes([n]))
    list(ingest(FolderSource([folder]), parts.gallery, parts.encoder, parts.decoder))
    page.reload()
    expect(page.locator(".tile:not(.skeleton)")).to_have_count(60)
    page.click("#more")
    expect(page.locator(".tile:not(.skeleton)")).to_have_count(80)
    expect(page.locator("#more")).to_be_hidden()
    assert len(set(page.locator(".tile").evaluate_all("tiles => tiles.map(tile => tile.dataset.id)"))) == 80
    page.locator(".tile a.picture").first.click()
    page.locator(".likeness").first.wait_for()
    page.click("#more")
    expect(page.locator(".tile:not(.skeleton)")).to_have_count(79)


def test_the_number_of_pictures_grows_as_they_come_in(page, parts, tmp_path):
    (tmp_path / "late.jpg").write_bytes(picture_bytes(60))
    list(ingest(FolderSource([tmp_path / "late.jpg"]), parts.gallery, parts.encoder, parts.decoder))
    expect(page.locator("#count")).to_have_text("11 pictures", timeout=20_000)
    expect(page.locator(".tile .name", has_text="late.jpg")).to_be_visible()


@pytest.mark.parametrize(
    "title",
    ["<img src=x onerror=document.title='hacked'>", "</p><script>document.title='hacked'</script>", "\u202egpj.exe"],
)
def test_a_hostile_title_is_only_text(page, parts, title):
    record = parts.gallery.scan(limit=1).records[0]
    whole = parts.gallery.get([record.id], embeddings=True)[0]
    parts.gallery.put([replace(whole, title=title, caption=title, label=title, tags=(title,))])
    page.reload()
    tile = page.locator(f".tile[data-id={record.id}]")
    expect(tile.locator(".name")).to_have_text(title)
    assert page.locator(".name *").count() == 0
    tile.locator("a.picture").click()
    expect(page.locator("#query-name")).to_have_text(title)
    page.locator(".likeness").first.wait_for()
    assert page.title() != "hacked"


def test_a_picture_that_cannot_be_shown_has_a_placeholder(page, photos):
    (photos / "picture-9.png").unlink()
    page.context.new_cdp_session(page).send("Network.clearBrowserCache")
    page.reload()
    missing = page.locator(".missing")
    expect(missing).to_contain_text("PNG")
    expect(missing).to_have_attribute("aria-label", "Search by picture-9.png, which cannot be shown")


def test_a_file_that_is_no_picture_is_refused_with_the_reason(page, tmp_path):
    (tmp_path / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    page.set_input_files("#file", tmp_path / "drawing.svg")
    expect(page.locator("#problem")).to_contain_text("an SVG drawing")
    expect(page.locator("#problem")).to_contain_text("JPEG, PNG")


def listens(port: int) -> bool:
    """Whether somebody still answers there; a server that was told to stop takes a moment."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
        return True
    return False


def test_a_service_that_ended_is_told_with_what_to_do(page, server, photos):
    expect(page.locator("#count")).to_have_text("10 pictures")
    server.stop()
    while listens(server.port):
        page.wait_for_timeout(50)
    page.set_input_files("#file", photos / "picture-5.png")
    expect(page.locator("#problem")).to_contain_text("does not answer")
    expect(page.locator("#problem")).to_contain_text("lookalike serve")
    expect(page.locator("#problem button")).to_have_text("Try again")


def test_a_query_that_cannot_be_shown_claims_and_offers_nothing_about_it(page, address):
    page.goto(f"{address}?id={'a' * 16}")
    expect(page.locator("#problem")).to_contain_text("There is no picture")
    expect(page.locator("#stand-in")).to_have_text("This one cannot be shown.")
    expect(page.locator("#query-original")).to_be_hidden()


def test_an_empty_gallery_says_how_to_fill_it(page, parts):
    parts.gallery.delete([record.id for record in parts.gallery.scan().records])
    page.reload()
    expect(status(page)).to_have_text("No pictures yet")
    expect(page.locator(".hint")).to_contain_text("lookalike index")


@pytest.fixture
def cut(photos, tmp_path) -> Path:
    """A mirrored part of picture 7, as a file."""
    whole = Image.open(photos / "picture-7.png")
    whole.crop((40, 30, 280, 220)).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(tmp_path / "cut.jpg", quality=80)
    return tmp_path / "cut.jpg"


def test_an_edited_copy_says_what_was_done_and_shows_where(page, cut):
    page.set_input_files("#file", cut)
    expect(status(page)).to_have_text("Here it is, edited")
    first = page.locator("#near .tile").first
    expect(first.locator(".name")).to_have_text("picture-7.png")
    expect(first.locator(".transform")).to_have_text(re.compile(r"cropped to \d+ %, mirrored"))
    first.locator("button.badge", has_text="edited").click()
    expect(page.locator("#proof")).to_be_visible()
    expect(page.locator("#proof-words")).to_contain_text("mirrored")
    drawing = page.locator("#proof-picture")
    expect(drawing).to_be_visible()
    assert page.evaluate("document.querySelector('#proof-picture').naturalHeight") == 480
    page.get_by_role("button", name="One over the other").click()
    expect(drawing).to_have_attribute("alt", "Your picture laid over picture-7.png where they agree")
    page.wait_for_function("document.querySelector('#proof-picture').naturalHeight === 240")
    page.locator("#proof-close").click()
    expect(page.locator("#proof")).to_be_hidden()


def test_where_they_agree_is_shown_and_left_by_keys_alone(page, cut):
    page.set_input_files("#file", cut)
    badge = page.locator("button.badge").first
    badge.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#proof-picture")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#proof")).to_be_hidden()
    expect(badge).to_be_focused()


def test_an_identical_hit_bears_its_tier_and_needs_no_proof(page, photos):
    choose(page, photos)
    badge = page.locator("#near .tile").first.locator(".badge")
    expect(badge).to_have_text("identical")
    assert badge.evaluate("one => one.localName") == "span"


def test_a_drawing_that_cannot_be_had_says_why(page, parts, photos, cut):
    page.set_input_files("#file", cut)
    badge = page.locator("button.badge").first
    badge.wait_for()
    (photos / "picture-7.png").unlink()
    badge.click()
    expect(page.locator("#proof-status")).to_contain_text("not there any more")
    expect(page.locator("#proof-picture")).to_be_hidden()


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
def test_nothing_sticks_out_at_any_width(page, photos, width):
    page.set_viewport_size({"width": width, "height": 800})
    sticks_out = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(sticks_out)
    choose(page, photos)
    assert not page.evaluate(sticks_out)


def test_the_reference_lists_every_route_without_any_other_server(page, address):
    page.goto(f"{address}docs")
    page.locator("#problem-list dt").first.wait_for()
    calls = page.locator(".call").all_inner_texts()
    assert len(calls) == 13
    assert any("/v1/search" in call for call in calls)
    page.goto(f"{address}docs#bad-input")
    expect(page.locator("#bad-input")).to_be_in_viewport()


def search_words(page: Page, text: str) -> None:
    page.fill("#words", text)
    page.press("#words", "Enter")


def test_words_find_a_picture_by_its_name_and_how_they_were_read_is_shown(page):
    search_words(page, 'picture "picture 5":2 -holiday format:png')
    expect(page.locator(".likeness").first).to_contain_text("says picture, picture 5")
    assert names(page)[0] == "picture-5.png"
    expect(status(page)).to_have_text("These fit")
    expect(page.locator("#understood")).to_have_text(
        "Looked for picture, “picture 5”; counting picture 5 × 2; without holiday; where format:png."
    )
    expect(page.locator("#query")).to_be_hidden()
    page.go_back()
    expect(status(page)).to_have_text("Latest pictures")
    expect(page.locator("#words")).to_have_value("")
    page.go_forward()
    expect(page.locator("#words")).to_have_value(re.compile("^picture"))
    expect(status(page)).to_have_text("These fit")


def test_words_stand_beside_a_picture_and_go_again(page, photos):
    choose(page, photos)
    search_words(page, "red -holiday")
    expect(page.locator("#understood")).to_have_text("Looked for red; without holiday.")
    expect(page.locator("#query-name")).to_have_text("picture-1.jpg")
    expect(page.locator(".likeness").first).to_contain_text("%")
    search_words(page, "")
    expect(status(page)).to_have_text("Here it is")
    expect(page.locator("#understood")).to_be_hidden()


def test_words_that_cannot_be_read_are_shown_with_a_caret(page):
    search_words(page, 'dog "in the snow')
    expect(page.locator("#problem pre")).to_contain_text("this quote is never closed")
    expect(page.locator("#words")).to_have_attribute("aria-invalid", "true")
    search_words(page, "dog <img src=x onerror=alert(1)>")
    expect(page.locator("#problem pre")).to_contain_text("there is no such field")


def test_words_that_suit_nothing_are_said_to(page):
    search_words(page, "nothing of the kind")
    expect(status(page)).to_have_text("Nothing here fits well")
    expect(page.locator("#rest-note")).to_contain_text("only come closest")
