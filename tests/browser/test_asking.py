"""Can a person ask by every way in, and does the address hold what was asked?"""

import base64
import re

import pytest
from playwright.sync_api import expect
from search_page import choose, data_of_text, data_with, drop, give, names, paste, search_words, status, tile

from lookalike.testing import picture_bytes

pytestmark = pytest.mark.browser

QUERY_NAME = "[data-name=query]"


def kinship(page):
    return page.locator("[data-tier] [data-kin]").first


def test_before_any_query_the_latest_pictures_are_shown(page):
    expect(page.get_by_role("heading", name="Latest pictures")).to_be_visible()
    expect(page.locator("[data-count]")).to_have_text("10 pictures")
    assert sorted(names(page)) == sorted(f"picture-{n}.{'jpg' if n < 3 else 'png'}" for n in range(10))


def test_a_chosen_picture_finds_itself(page, photos):
    choose(page, photos / "holiday/picture-1.jpg")
    expect(status(page)).to_have_text("Here it is")
    assert names(page, "identical") == ["picture-1.jpg"]
    expect(kinship(page)).to_have_text("the very same picture")
    expect(page.locator(QUERY_NAME)).to_have_text("picture-1.jpg")
    shown = page.get_by_role("img", name="The picture you search with")
    expect(shown).to_have_js_property("naturalWidth", 320)


def test_a_picture_dropped_anywhere_finds_itself(page, photos):
    drop(page, data_with(page, (photos / "holiday/picture-2.jpg").read_bytes()))
    expect(status(page)).to_have_text("Here it is")
    assert names(page, "identical") == ["picture-2.jpg"]


def test_a_pasted_picture_finds_itself_even_while_typing(page, photos):
    page.get_by_role("searchbox").focus()
    paste(page, data_with(page, (photos / "holiday/picture-0.jpg").read_bytes()))
    expect(status(page)).to_have_text("Here it is")
    assert names(page, "identical") == ["picture-0.jpg"]


def test_text_that_comes_with_a_picture_of_itself_is_left_to_the_field_somebody_types_into(page, photos):
    page.get_by_role("searchbox").focus()
    data = data_with(page, (photos / "holiday/picture-0.jpg").read_bytes())
    data.evaluate("data => data.setData('text/plain', '12\\t13')")
    paste(page, data)
    page.evaluate("document.activeElement.blur()")
    assert "?" not in page.url
    paste(page, data)
    expect(status(page)).to_have_text("Here it is")


def test_a_picture_of_the_gallery_dragged_onto_the_page_is_searched_by_its_id(page):
    id_ = tile(page).get_attribute("data-hit")
    link = tile(page).locator("[data-item]").evaluate("link => link.href")
    drop(page, data_of_text(page, link, "text/uri-list"))
    expect(page).to_have_url(re.compile(rf"\?id={id_}$"))


@pytest.mark.parametrize("way", ["typed", "pasted"])
def test_an_address_is_fetched_by_the_service(page, server, parts, way):
    record = parts.gallery.scan(limit=1).records[0]
    url = f"{server.url}v1/images/{record.id}/file"
    if way == "typed":
        search_words(page, url)
    else:
        paste(page, data_of_text(page, url))
    expect(status(page)).to_have_text("Here it is")
    expect(page.locator(QUERY_NAME)).to_have_text(url)
    expect(page.get_by_text("your browser does not")).to_be_visible()
    assert "?url=" in page.url


def test_a_picture_pasted_as_a_long_data_address_is_searched_with_whole(page, photos):
    picture = (photos / "holiday/picture-1.jpg").read_bytes()
    address = f"data:image/jpeg;base64,{base64.b64encode(picture).decode()}"
    assert len(address) > 4_000
    page.get_by_role("searchbox").focus()
    page.keyboard.insert_text(address)  # as pasting does, it keeps to what a field takes
    page.keyboard.press("Enter")
    expect(status(page)).to_have_text("Here it is")


def test_a_photo_is_taken_and_searched_with(chromium, address):
    context = chromium.new_context(permissions=["camera"], locale="en-GB")
    page = context.new_page()
    page.goto(address)
    page.get_by_role("button", name="Take a photo").click()
    page.get_by_role("button", name="Take it").click()
    expect(page.locator(QUERY_NAME)).to_have_text("photo.jpg")
    page.locator("[data-tier]").first.wait_for()
    context.close()


def test_a_camera_that_is_refused_says_what_to_do(page):
    page.evaluate("void (navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('refused')))")
    page.get_by_role("button", name="Take a photo").click()
    expect(page.get_by_role("alert")).to_contain_text("choose a picture instead")


def test_what_is_neither_picture_nor_address_is_told_so(page):
    paste(page, data_of_text(page, "hello"))
    expect(page.get_by_role("alert")).to_contain_text("neither a picture nor the address of one")
    search_words(page, "http://no such host/a b.jpg")
    expect(page.get_by_role("alert")).to_have_text(re.compile(r"^That is no picture\s*What you typed .+ asked for\.$"))
    assert "?" not in page.url


def test_what_is_similar_is_found_by_a_click_and_back_returns(page, photos):
    choose(page, photos / "holiday/picture-1.jpg")
    first = page.url
    assert "?picture=" in first
    tile(page, "far").hover()
    link = tile(page, "far").get_by_role("link", name="Find pictures similar to")
    target = link.evaluate("link => link.href")
    link.click()
    expect(page).to_have_url(target)
    expect(page.locator("main aside")).to_contain_text("320 × 240")
    page.go_back()
    expect(page).to_have_url(first)
    expect(page.locator(QUERY_NAME)).to_have_text("picture-1.jpg")
    expect(kinship(page)).to_have_text("the very same picture")
    page.go_back()
    expect(page.get_by_role("heading", name="Latest pictures")).to_be_visible()


def test_what_is_similar_is_shown_from_the_top(page):
    page.set_viewport_size({"width": 700, "height": 400})
    page.mouse.wheel(0, 2_000)
    page.wait_for_function("scrollY > 100")
    link = page.get_by_role("link", name="Find pictures similar to").last
    link.evaluate("link => link.click()")
    expect(page.locator("main aside")).to_be_visible()
    assert page.evaluate("scrollY") == 0


def test_asking_the_same_again_asks_again(page):
    search_words(page, "red")
    page.locator("[data-tier]").first.wait_for()
    with page.expect_response("**/v1/search*"):
        page.get_by_role("button", name="Search", exact=True).click()
    page.locator("[data-tier]").first.wait_for()


def test_a_chosen_picture_outlives_loading_the_page_again(page, photos):
    choose(page, photos / "holiday/picture-1.jpg")
    page.reload()
    expect(status(page)).to_have_text("Here it is")
    expect(page.locator(QUERY_NAME)).to_have_text("picture-1.jpg")


def test_a_picture_that_this_browser_never_had_is_asked_for_again(page, address):
    page.goto(f"{address}?picture=elsewhere")
    expect(page.get_by_role("heading", name="The picture is not here any more")).to_be_visible()
    expect(page.get_by_text("Choose it again.")).to_be_visible()


def test_an_address_with_an_id_can_be_opened_again(page, parts, address):
    record = parts.gallery.scan(limit=1).records[0]
    page.goto(f"{address}?id={record.id}&where=format:png")
    page.locator("[data-tier]").first.wait_for()
    assert all(name.endswith(".png") for name in names(page))
    expect(page.get_by_role("button", name="Remove the filter format:png")).to_be_visible()
    original = page.locator("main aside").get_by_role("link", name="Open the original")
    assert original.get_attribute("href").endswith(f"/v1/images/{record.id}/file")
    assert (original.get_attribute("target"), original.get_attribute("rel")) == ("_blank", "noopener")


def draw_part(page) -> None:
    box = page.get_by_role("img", name="The picture you search with").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.25)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.75, steps=4)


def test_answers_follow_a_rectangle_while_it_is_drawn(page, photos):
    choose(page, photos / "holiday/picture-1.jpg")
    page.wait_for_load_state("networkidle")
    draw_part(page)
    expect(page).to_have_url(re.compile("crop=0.25"))  # the button is still held
    page.mouse.up()
    expect(status(page)).not_to_have_text("Here it is")
    page.get_by_role("button", name="Use all of it").click()
    expect(status(page)).to_have_text("Here it is")
    assert "crop" not in page.url


def test_back_takes_a_rectangle_away_however_often_it_was_changed(page, photos):
    choose(page, photos / "holiday/picture-1.jpg")
    page.wait_for_load_state("networkidle")
    before = page.url
    draw_part(page)
    expect(page).to_have_url(re.compile("crop=0.25"))
    page.mouse.up()
    page.get_by_role("group", name="The part to search with").focus()
    for _ in range(3):
        last = page.url
        page.keyboard.press("Shift+ArrowRight")
        expect(page).not_to_have_url(last)
    page.go_back()
    expect(page).to_have_url(before)
    expect(status(page)).to_have_text("Here it is")


def test_a_part_is_chosen_by_keys_alone(page, photos):
    choose(page, photos / "holiday/picture-1.jpg")
    part = page.get_by_role("button", name="Use a part of it")
    part.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("crop=0.200%2C0.200%2C0.600%2C0.600"))
    page.get_by_role("group", name="The part to search with").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page).to_have_url(re.compile(r"crop=0.2[0-9]+%2C0.200"))


def test_each_handle_of_a_part_can_be_grabbed_on_a_small_picture(page, tmp_path):
    (tmp_path / "small.jpg").write_bytes(picture_bytes(61, size=(150, 150)))
    choose(page, tmp_path / "small.jpg")
    page.get_by_role("button", name="Use a part of it").click()
    for name in ("Top left corner", "Top right corner", "Bottom right corner", "Right edge"):
        handle = page.get_by_label(name)
        handle.click(trial=True)
    page.get_by_role("button", name="Use all of it").click()
    page.get_by_role("button", name="Search without the picture").click()
    expect(page.get_by_role("heading", name="Latest")).to_be_visible()


def test_words_find_a_picture_by_its_name_and_how_they_were_read_is_shown(page):
    search_words(page, 'picture "picture 5":2 -holiday format:png')
    expect(kinship(page)).to_contain_text("says picture, picture 5")
    assert names(page)[0] == "picture-5.png"
    expect(status(page)).to_have_text("These fit")
    terms = page.get_by_role("list", name="Words", exact=True)
    chips = [re.compile("^picture"), re.compile("^“picture 5”× 2"), re.compile("^withoutholiday")]
    expect(terms.get_by_role("listitem")).to_have_text(chips)
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("")
    page.go_forward()
    expect(page.get_by_role("searchbox")).to_have_value(re.compile("^picture"))
    expect(status(page)).to_have_text("These fit")


def test_words_are_weighed_left_out_and_removed_by_buttons(page):
    search_words(page, "picture red")
    page.get_by_role("button", name="“red” counts more").click()
    expect(page.get_by_role("searchbox")).to_have_value("picture red:2")
    page.get_by_role("button", name="Leave “red” out").click()
    expect(page.get_by_role("searchbox")).to_have_value("picture -red")
    page.get_by_role("button", name="Remove “red”").click()
    expect(page.get_by_role("searchbox")).to_have_value("picture")


def test_words_stand_beside_a_picture_and_go_again(page, photos):
    choose(page, photos / "holiday/picture-1.jpg")
    search_words(page, "red -holiday")
    expect(page.get_by_role("list", name="Words", exact=True)).to_contain_text("holiday")
    expect(page.locator(QUERY_NAME)).to_have_text("picture-1.jpg")
    expect(page.locator("[data-kin]").first).to_contain_text("%")
    page.get_by_role("button", name="Clear the words").click()
    expect(status(page)).to_have_text("Here it is")


def test_other_words_are_typed_right_after_the_old_ones_are_cleared(page):
    search_words(page, "picture")
    expect(status(page)).to_be_focused()  # as a phone's keyboard would lie over the answers
    page.get_by_role("button", name="Clear the words").click()
    expect(page.get_by_role("heading", name="Latest")).to_be_visible()
    page.keyboard.type("red")
    expect(page.get_by_role("searchbox")).to_have_value("red")


def test_words_that_cannot_be_read_are_shown_with_a_caret(page):
    search_words(page, 'dog "in the snow')
    expect(page.get_by_role("alert").locator("pre")).to_contain_text("this quote is never closed")
    expect(page.get_by_role("searchbox")).to_have_attribute("aria-invalid", "true")
    search_words(page, "dog <img src=x onerror=alert(1)>")
    expect(page.get_by_role("alert").locator("pre")).to_contain_text("there is no such field")


def test_words_that_only_leave_out_are_to_blame_and_what_to_write_is_said_in_ones_own_language(page):
    page.evaluate("localStorage.setItem('lookalike.language', 'de')")
    page.reload()
    page.get_by_role("searchbox").fill("-Hund")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Schreiben Sie mindestens ein Wort")
    expect(page.get_by_role("searchbox")).to_have_attribute("aria-invalid", "true")


def test_what_a_picture_shows_is_suggested_and_searched_with_when_changed(page, parts):
    record = next(one for one in parts.gallery.scan().records if one.path.endswith("picture-1.jpg"))
    search_words(page, "picture")
    page.goto(page.url.split("?")[0] + f"?id={record.id}")
    suggestion = page.get_by_label("It shows")
    suggestion.fill("picture 5")
    suggestion.press("Enter")
    expect(page).to_have_url(re.compile("text=picture\\+5&mode=caption"))
    shown = page.locator("[data-hit] [data-name]")
    expect(shown.nth(0).or_(shown.nth(1)).filter(has_text="picture-5.png")).to_be_visible()


def test_a_file_that_is_no_picture_is_refused_with_the_reason(page, tmp_path):
    (tmp_path / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    give(page, tmp_path / "drawing.svg")
    expect(page.get_by_role("alert")).to_contain_text("an SVG drawing")
    expect(page.get_by_role("alert")).to_contain_text("JPEG, PNG")


def test_the_number_of_pictures_grows_as_they_come_in(page, parts, tmp_path):
    (tmp_path / "late.jpg").write_bytes(picture_bytes(60))
    list(parts.library.index(tmp_path / "late.jpg"))
    expect(page.locator("[data-count]")).to_have_text("11 pictures")
    expect(page.get_by_text("late.jpg")).to_be_visible()


def test_an_empty_gallery_says_how_to_fill_it(page, parts):
    parts.gallery.delete([record.id for record in parts.gallery.scan().records])
    page.reload()
    expect(page.get_by_role("heading", name="No pictures yet")).to_be_visible()
    expect(page.get_by_text("lookalike index")).to_be_visible()


@pytest.mark.parametrize("name", ["browse", "duplicates", "status", "nowhere"])
def test_a_picture_dropped_on_any_page_is_searched_with(page, address, photos, name):
    page.goto(f"{address}{name}")
    page.locator("main").wait_for()
    drop(page, data_with(page, (photos / "holiday/picture-2.jpg").read_bytes()))
    expect(status(page)).to_have_text("Here it is")
    assert names(page, "identical") == ["picture-2.jpg"]
