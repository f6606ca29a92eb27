"""Can all pictures be looked through, chosen by keys and pointer, written about, deleted and brought back?"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from search_page import choose, data_with, entitle_and_delete, paste, search_words

from lookalike.service import Parts
from lookalike.testing import picture_bytes

pytestmark = pytest.mark.browser

_SEEN = """window.seen = new Promise((resolve) => addEventListener("popstate", () => {
    const seen = [];
    const see = () => {
        const middle = document.elementFromPoint(innerWidth / 2, innerHeight / 2);
        seen.push([Math.round(scrollY), Boolean(middle?.closest("main li"))]);
        if (seen.length < 9) requestAnimationFrame(see);
        else resolve(seen);
    };
    requestAnimationFrame(see);
}, { once: true })), 0"""
"""Notes what is seen from the very first moment after `back`."""

_DRAWN = """() => [...document.querySelectorAll("main li")].some((one) => {
    const { top, bottom } = one.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
})"""
"""Whether the pictures are drawn that lie where one has scrolled to."""


@pytest.fixture
def browse(page, address) -> Page:
    page.goto(f"{address}browse")
    page.locator("[data-hit] img").first.wait_for()
    return page


def index_many(parts: Parts, folder: Path, count: int) -> None:
    """Have so many small pictures in the gallery besides."""
    many = folder / "many"
    many.mkdir()
    for seed in range(100, 100 + count):
        (many / f"{seed}.png").write_bytes(picture_bytes(seed, size=(24, 24)))
    list(parts.library.index(many))


def order(page: Page, name: str) -> None:
    page.get_by_role("button", name="Latest first").click()
    page.get_by_role("button", name=name).click()


def chosen(page: Page):
    return page.locator("[data-chosen-count] strong")


def names(page: Page) -> list[str]:
    return page.locator("[data-name]").all_inner_texts()


def test_all_pictures_stand_under_their_folders(browse):
    expect(browse.locator("[data-count]")).to_have_text("10 pictures")
    order(browse, "Folders")
    expect(browse).to_have_url(re.compile("order=folder"))
    expect(browse.locator("h2")).to_have_text(["holiday", "photos"])
    assert [name.partition(".")[0] for name in names(browse)] == [f"picture-{n}" for n in range(10)]


def test_a_filter_and_an_opened_picture_are_in_the_address_and_left_by_back(browse):
    browse.get_by_role("button", name="Format").click()
    browse.get_by_role("checkbox", name="jpeg").check()
    expect(browse.locator("[data-count]")).to_have_text("3 pictures")
    browse.keyboard.press("Escape")
    browse.get_by_role("link", name="Open picture-1.jpg").click()
    expect(browse.get_by_role("dialog")).to_contain_text("picture-1.jpg")
    browse.reload()
    expect(browse.get_by_role("dialog")).to_contain_text("picture-1.jpg")
    browse.go_back()
    expect(browse.get_by_role("dialog")).to_have_count(0)
    expect(browse.locator("[data-hit]")).to_have_count(3)


def test_a_picture_that_was_closed_is_not_opened_again_by_back(browse):
    order(browse, "Folders")
    for close in ("Escape", "Delete"):
        browse.get_by_role("link", name="Open picture-1.jpg").click()
        browse.keyboard.press("ArrowRight")
        expect(browse.get_by_role("dialog")).to_contain_text("picture-2.jpg")
        if close == "Escape":
            browse.keyboard.press("Escape")
        else:
            browse.get_by_role("dialog").get_by_role("button", name="Delete").click()
        expect(browse.get_by_role("dialog")).to_have_count(0)
        expect(browse).to_have_url(re.compile(r"\?order=folder$"))
    browse.go_back()
    expect(browse).to_have_url(re.compile("browse$"))
    expect(browse.get_by_role("dialog")).to_have_count(0)


def test_a_picture_pasted_while_another_is_written_about_takes_nobody_away(page, address, photos):
    search_words(page, "red")
    page.locator("[data-tier] [data-item]").first.click()
    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Title").fill("a new title")
    paste(page, data_with(page, (photos / "holiday/picture-0.jpg").read_bytes()))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog").first).to_contain_text("a new title")


def test_many_are_chosen_by_keys_alone_and_deletion_is_undone(browse):
    order(browse, "Folders")
    browse.get_by_role("link", name="Open picture-0.jpg").focus()
    for key in ("Space", "Shift+ArrowRight", "Shift+ArrowRight"):
        browse.keyboard.press(key)
    expect(chosen(browse)).to_have_text("3 chosen")
    browse.keyboard.press("Delete")
    expect(browse.locator("[data-hit]")).to_have_count(7)
    expect(browse.locator("[data-item]:focus")).to_have_count(1)  # the next one, so that keys go on
    expect(browse.get_by_text("3 pictures deleted.")).to_be_visible()
    browse.get_by_role("button", name="Undo").click()
    expect(browse.get_by_text("3 pictures are back.")).to_be_visible()
    expect(browse.locator("[data-hit]")).to_have_count(10)
    expect(browse.locator("[data-count]")).to_have_text("10 pictures")
    browse.reload()
    expect(browse.locator("[data-hit]")).to_have_count(10)


def test_delete_that_is_held_down_deletes_one_picture(browse):
    order(browse, "Folders")
    browse.get_by_role("link", name="Open picture-0.jpg").focus()
    for _ in range(4):  # the browser takes all but the first as repeated
        browse.keyboard.down("Delete")
        expect(browse.locator("[data-item]:focus")).to_have_count(1)
    browse.keyboard.up("Delete")
    expect(browse.get_by_text("One picture deleted.")).to_be_visible()
    expect(browse.locator("[data-hit]")).to_have_count(9)
    browse.keyboard.press("Delete")
    expect(browse.locator("[data-hit]")).to_have_count(8)


def test_a_range_a_section_and_everything_are_chosen(browse):
    order(browse, "Folders")
    browse.get_by_role("button", name="Choose all: ").first.click()
    expect(chosen(browse)).to_have_text("3 chosen")
    browse.get_by_role("link", name="Open picture-9.png").click()  # while some are chosen, a click chooses
    expect(chosen(browse)).to_have_text("4 chosen")
    browse.get_by_role("link", name="Open picture-6.png").click(modifiers=["Shift"])
    expect(chosen(browse)).to_have_text("7 chosen")
    browse.keyboard.press("Escape")
    expect(chosen(browse)).to_have_count(0)
    browse.keyboard.press("Control+a")
    expect(chosen(browse)).to_have_text("10 chosen")


def test_tags_are_written_about_several_at_once_and_searched_by(browse):
    order(browse, "Folders")
    browse.get_by_role("button", name="Choose all: ").first.click()
    browse.get_by_role("button", name="Edit", exact=True).click()
    browse.get_by_role("textbox", name="Tags").fill("Beach, family")
    browse.get_by_role("textbox", name="Owner").fill("ann")
    browse.get_by_role("button", name="Save").click()
    expect(browse.get_by_text("Saved for 3 pictures.")).to_be_visible()
    browse.keyboard.press("Escape")
    browse.get_by_role("button", name="Tag", exact=True).click()
    browse.get_by_role("checkbox", name="family").check()
    expect(browse.locator("[data-count]")).to_have_text("3 pictures")


def test_hostile_words_about_a_picture_stay_words(browse):
    words = '<img src=x onerror="document.title=1">'
    browse.locator("[data-item]").first.click()
    browse.get_by_role("button", name="Edit").click()
    browse.get_by_role("textbox", name="Caption").fill(words)
    browse.get_by_role("textbox", name="Title").fill(words)
    browse.get_by_role("button", name="Save").click()
    expect(browse.get_by_text("Saved.")).to_be_visible()
    expect(browse.locator("[data-caption]")).to_contain_text(words)
    expect(browse.get_by_role("heading", name=words)).to_be_visible()


def test_what_was_written_about_a_picture_is_taken_back(browse):
    browse.locator("[data-item]").first.click()
    browse.get_by_role("button", name="Edit").click()
    browse.get_by_role("textbox", name="Caption").fill("Grandma on the beach")
    browse.get_by_role("button", name="Save").click()
    expect(browse.locator("[data-caption]")).to_contain_text("Grandma")
    browse.get_by_role("button", name="Undo").click()
    expect(browse.get_by_text("All is as it was before.")).to_be_visible()
    expect(browse.get_by_text("Grandma")).to_have_count(0)


def test_what_is_similar_to_a_picture_is_one_step_away(browse):
    browse.locator("[data-hit]").first.hover()
    browse.get_by_role("link", name="Find pictures similar to").first.click()
    expect(browse).to_have_url(re.compile(r"/\?id=\w{16}"))
    expect(browse.locator("[data-hit]")).to_have_count(9)


def test_an_answer_is_written_about_and_deleted_where_it_is_opened(page, photos):
    choose(page, photos / "holiday/picture-1.jpg")
    page.locator("[data-tier=identical] [data-item]").click()
    entitle_and_delete(page, "The pier at dusk")
    expect(page.locator("[data-tier=identical]")).to_have_count(0)
    expect(page.get_by_text("One picture deleted.")).to_be_visible()  # until then the last Undo is the title's
    page.get_by_role("button", name="Undo").last.click()
    expect(page.locator("[data-tier=identical]")).to_contain_text("The pier at dusk")


def test_what_is_being_written_stays_with_its_picture_whatever_is_pressed_or_dragged(browse):
    browse.locator("[data-item]").first.click()
    name = browse.get_by_role("dialog").get_by_role("heading", level=2).inner_text()
    browse.get_by_role("button", name="Edit").click()
    form = browse.get_by_role("dialog", name=f"About {name}")
    form.get_by_role("textbox", name="Title").fill("The pier at dusk")
    form.get_by_role("button", name="Save").focus()
    browse.keyboard.press("ArrowRight")
    browse.keyboard.press("ArrowLeft")
    browse.keyboard.press("ArrowRight")
    field = form.get_by_role("textbox", name="Title").bounding_box()
    browse.mouse.move(field["x"] + 60, field["y"] + 10)
    browse.mouse.down()
    browse.mouse.move(5, field["y"] + 10, steps=4)
    browse.mouse.up()
    form.get_by_role("button", name="Save").click()
    expect(form).to_have_count(0)
    expect(browse.get_by_role("dialog").get_by_role("heading", name="The pier at dusk")).to_be_visible()
    browse.keyboard.press("ArrowRight")
    expect(browse.get_by_role("dialog").get_by_role("heading", name="The pier at dusk")).to_have_count(0)


def test_what_somebody_else_did_to_a_picture_counts_in_the_next_search(page, address, photos):
    choose(page, photos / "holiday/picture-1.jpg")
    page.locator("[data-tier=identical] [data-item]").click()
    expect(page).to_have_url(re.compile("hit="))
    id_ = re.search(r"hit=(\w+)", page.url)[1]
    page.get_by_role("button", name="Edit").click()
    page.get_by_role("textbox", name="Title").fill("The pier at dusk")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="The pier at dusk")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("One picture deleted.")).to_be_visible()
    assert page.request.post(f"{address}v1/images/restore", data={"ids": [id_]}).json()["missing"] == []
    assert page.request.patch(f"{address}v1/images/{id_}", data={"title": "The pier at dawn"}).status == 200
    search_words(page, "pier")
    expect(page.locator(f"[data-hit='{id_}']")).to_contain_text("The pier at dawn")


@pytest.mark.usefixtures("often")
def test_pictures_that_come_meanwhile_are_offered(browse, address):
    order(browse, "Folders")
    expect(browse.locator("[data-hit]")).to_have_count(10)
    file = {"name": "new.png", "mimeType": "image/png", "buffer": picture_bytes(99)}
    assert browse.request.post(f"{address}v1/images", multipart={"image": file}).status == 201
    browse.get_by_role("button", name="One has come: show it").click()
    expect(browse.locator("[data-hit]")).to_have_count(11)
    expect(browse.locator("h2")).to_have_text(["Uploaded", "holiday", "photos"], use_inner_text=True)


@pytest.mark.usefixtures("often")
def test_what_is_brought_back_after_another_filter_was_looked_at_is_offered(browse):
    order(browse, "Folders")
    browse.get_by_role("link", name="Open picture-0.jpg").focus()
    browse.keyboard.press("Delete")
    expect(browse.get_by_text("One picture deleted.")).to_be_visible()
    browse.get_by_role("button", name="Format").click()
    browse.get_by_role("checkbox", name="jpeg").check()
    expect(browse.locator("[data-hit]")).to_have_count(2)
    browse.get_by_role("checkbox", name="jpeg").uncheck()
    expect(browse.locator("[data-count]")).to_have_text("9 pictures")
    expect(browse.locator("[data-hit]")).to_have_count(9)
    browse.keyboard.press("Escape")
    browse.get_by_role("button", name="Undo").click()
    browse.get_by_role("button", name="One has come: show it").click()
    expect(browse.get_by_role("link", name="Open picture-0.jpg")).to_be_visible()


def test_what_is_said_in_passing_does_not_stand_in_the_way_of_the_next_change(browse):
    browse.locator("[data-item]").first.click()
    for title in ("The pier at dusk", "The pier at dawn"):  # what is said of the first is still there
        browse.get_by_role("button", name="Edit").click()
        browse.get_by_role("textbox", name="Title").fill(title)
        browse.get_by_role("button", name="Save").click()
        expect(browse.get_by_role("dialog").first.get_by_role("heading", name=title)).to_be_visible()
    browse.get_by_role("button", name="Undo").first.click()
    expect(browse.get_by_text("It stays as it is")).to_be_visible()  # its words were written over since
    browse.get_by_role("button", name="Undo").click()
    expect(browse.get_by_role("heading", name="The pier at dusk")).to_be_visible()


def test_all_are_chosen_and_deleted_beyond_what_is_loaded(page, address, parts, tmp_path):
    index_many(parts, tmp_path, 250)
    page.goto(f"{address}browse")
    page.locator("[data-item]").first.focus()
    page.keyboard.press("Control+a")
    expect(chosen(page)).to_have_text("260 chosen")
    expect(page.locator("[data-chosen-count]")).not_to_contain_text("Choosing")
    page.keyboard.press("Delete")
    expect(page.get_by_role("heading", name="No pictures yet")).to_be_visible()
    expect(page.get_by_text("260 pictures deleted.")).to_be_visible()
    assert parts.gallery.count() == 0


def test_where_a_page_fails_to_come_the_end_of_the_list_says_so_and_goes_on(page, address, parts, tmp_path):
    index_many(parts, tmp_path, 150)
    further = re.compile(r"/v1/images\?.*cursor=\w")
    page.route(further, lambda route: route.fulfill(status=503, json={"title": "Overloaded"}))
    page.goto(f"{address}browse")
    page.locator("[data-item]").first.wait_for()
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    expect(page.get_by_role("alert")).to_be_in_viewport()
    page.unroute(further)
    page.get_by_role("alert").get_by_role("button", name="Try again").click()
    expect(page.get_by_text("That is all")).to_be_attached()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_another_page_begins_at_its_top_and_back_leads_to_where_one_was(page, address):
    page.set_viewport_size({"width": 700, "height": 400})
    page.mouse.wheel(0, 900)
    page.wait_for_function("scrollY > 100")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Browse").click()
    page.get_by_role("heading", name="Browse").wait_for()
    assert page.evaluate("scrollY") == 0
    page.go_back()
    page.get_by_role("heading", name="Latest pictures").wait_for()
    page.wait_for_function("scrollY > 100")


def scroll_into_the_midst(page: Page) -> int:
    """Have all of a list loaded, and scroll half of it back; gives how far it is scrolled then."""
    end = page.get_by_text(re.compile("That is all"))
    while not end.count():
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        page.wait_for_timeout(100)
    page.evaluate("scrollTo(0, Math.round(document.documentElement.scrollHeight / 2))")
    page.wait_for_function(_DRAWN)
    return page.evaluate("Math.round(scrollY)")


def go_back_and_see(page: Page) -> list[list]:
    page.evaluate(_SEEN)
    page.go_back()
    return page.evaluate("window.seen")


def test_back_leads_into_the_midst_of_a_long_list_at_once(page, address, parts, tmp_path):
    index_many(parts, tmp_path, 400)
    page.goto(f"{address}browse")
    page.locator("[data-item]").first.wait_for()
    scroll_into_the_midst(page)
    tile = page.locator(f"[data-hit='{page.locator('[data-hit]').nth(20).get_attribute('data-hit')}']")
    tile.hover()  # which brings it into sight
    place = page.evaluate("Math.round(scrollY)")
    tile.get_by_role("link", name="Find pictures similar to").click()
    page.locator("[data-group] [data-item]").first.wait_for()
    place_among_answers = scroll_into_the_midst(page)
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Status").click()
    page.get_by_role("heading", name="Status", exact=True).wait_for()

    assert go_back_and_see(page) == [[place_among_answers, True]] * 9
    page.locator("[data-item]").nth(20).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("One picture deleted.")).to_be_visible()
    assert go_back_and_see(page) == [[place, True]] * 9
    expect(tile).to_be_in_viewport()
    expect(page.locator("[data-count]")).to_have_text("409 pictures")
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    expect(page.get_by_text("That is all: 409.")).to_be_visible()


def test_what_differs_is_erased_only_by_its_own_button(browse, address, parts):
    for path, owner in (("picture-0.jpg", "ann"), ("picture-1.jpg", "bob")):
        record = next(one for one in parts.gallery.scan().records if one.path.endswith(path))
        assert browse.request.patch(f"{address}v1/images/{record.id}", data={"owner": owner}).status == 200
    browse.reload()
    order(browse, "Folders")
    browse.get_by_role("button", name="Choose all: ").first.click()
    browse.get_by_role("button", name="Edit", exact=True).click()
    field = browse.get_by_role("textbox", name="Owner")
    field.fill("x")
    field.fill("")
    expect(field).to_have_attribute("placeholder", "Different ones; they stay if you type nothing")
    browse.get_by_role("button", name="Save").click()
    expect(browse.get_by_role("dialog")).to_have_count(0)
    browse.get_by_role("button", name="Edit", exact=True).click()
    browse.get_by_role("button", name="Remove from all: Owner").click()
    browse.get_by_role("button", name="Save").click()
    expect(browse.get_by_text("Saved for 3 pictures.")).to_be_visible()
    browse.keyboard.press("Escape")
    browse.get_by_role("link", name="Open picture-0.jpg").click()
    expect(browse.get_by_role("dialog").get_by_text("ann", exact=True)).to_have_count(0)


@pytest.mark.parametrize("width", [390, 1280])
def test_what_is_said_in_passing_lies_above_what_can_be_done_with_those_chosen(browse, width):
    browse.set_viewport_size({"width": width, "height": 800})
    browse.get_by_role("checkbox", name="Choose picture-1.jpg").check(force=True)
    browse.get_by_role("button", name="Edit", exact=True).click()
    browse.get_by_label("Title").fill("a new title")
    browse.get_by_role("button", name="Save").click()
    said, bar = browse.locator("[popover=manual] > div"), browse.get_by_role("toolbar")
    expect(said).to_contain_text("Saved.")
    assert (box := said.bounding_box())["y"] + box["height"] < bar.bounding_box()["y"]


@pytest.mark.parametrize("name", ["Delete", "Choose none"])
def test_keys_go_on_among_the_pictures_after_what_was_done_with_those_chosen(browse, name):
    order(browse, "Folders")
    browse.get_by_role("link", name="Open picture-0.jpg").focus()
    browse.keyboard.press("Space")
    browse.get_by_role("toolbar").get_by_role("button", name=name).focus()
    browse.keyboard.press("Enter")
    expect(browse.get_by_role("toolbar")).to_have_count(0)
    expect(browse.locator("[data-item]:focus")).to_have_count(1)


def test_what_is_written_about_an_opened_picture_stands_in_one_line_with_its_heading(browse):
    browse.get_by_role("link", name="Open picture-1.jpg").click()
    browse.get_by_role("button", name="Edit").click()
    form = browse.get_by_role("dialog", name="About picture-1.jpg")
    heading, field = form.get_by_role("heading").bounding_box(), form.get_by_label("Title").bounding_box()
    assert heading["x"] == pytest.approx(field["x"], abs=1)
