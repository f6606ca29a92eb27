"""Are answers honest, can they be narrowed and gone through by keys, and is nothing but text made of names?"""

import re
import socket
from contextlib import suppress
from dataclasses import replace

import pytest
from PIL import Image
from playwright.sync_api import expect
from search_page import choose, give, names, search_words, status, tile

from lookalike.testing import picture_bytes

pytestmark = pytest.mark.browser


def test_a_stranger_gets_an_honest_answer_and_still_the_nearest(page, tmp_path):
    (tmp_path / "stranger.jpg").write_bytes(picture_bytes(77))
    choose(page, tmp_path / "stranger.jpg")
    expect(status(page)).to_have_text("Nothing like it here")
    assert names(page, "similar") == []
    assert len(names(page, "far")) == 10
    expect(page.get_by_text("they only come closest")).to_be_visible()


def test_words_that_suit_nothing_are_said_to(page):
    search_words(page, "nothing of the kind")
    expect(status(page)).to_have_text("Nothing here fits well")
    expect(page.get_by_text("they only come closest")).to_be_visible()


def test_a_filter_among_the_words_that_nothing_passes_is_to_blame_and_can_be_left_out(page):
    search_words(page, "picture label:zebra")
    expect(status(page)).to_have_text("No picture passes this filter")
    expect(page.get_by_role("heading", name="No pictures yet")).to_have_count(0)
    page.get_by_role("link", name="Search without that").click()
    expect(page.get_by_role("searchbox")).to_have_value("picture")
    expect(status(page)).to_have_text("These fit")


def test_words_in_an_empty_gallery_are_answered_by_how_to_fill_it(page, parts):
    parts.gallery.delete([record.id for record in parts.gallery.scan().records])
    search_words(page, "dog")
    expect(page.get_by_role("heading", name="No pictures yet")).to_be_visible()
    expect(page.get_by_role("link", name="Upload some")).to_be_visible()


def test_each_answer_says_how_sure_it_is_in_words_and_as_a_number(page, photos):
    choose(page, photos / "holiday/picture-1.jpg")
    said = page.locator("[data-group=far] [data-kin]").all_inner_texts()
    assert all(re.fullmatch(r"(a faint likeness|hardly alike) · \d+%", one) for one in said)


def test_a_filter_narrows_and_a_wrong_one_is_pointed_at(page, photos):
    choose(page, photos / "holiday/picture-1.jpg")
    page.get_by_role("button", name="Format").click()
    page.get_by_role("checkbox", name="png").check()
    expect(status(page)).to_have_text("Nothing like it here")
    assert "where=format%3Apng" in page.url
    page.keyboard.press("Escape")
    page.get_by_role("button", name="As text").click()
    page.get_by_label("Filter as text").fill("widht>=100")
    page.get_by_label("Filter as text").press("Enter")
    shown = page.get_by_role("alert").locator("pre")
    expect(shown).to_contain_text("^^^^^")
    line, carets = shown.inner_text().split("\n")[1:3]
    assert line.index("widht") == carets.index("^")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Remove the filter widht>=100").click()
    expect(status(page)).to_have_text("Here it is")


def test_a_day_that_is_typed_is_one_step_for_back(page):
    search_words(page, "picture")
    expect(status(page)).to_have_text("These fit")
    before = page.url
    page.get_by_role("button", name="Date").click()
    page.get_by_label("From").focus()
    for sign in "01012019":
        page.keyboard.press(sign)
        page.wait_for_timeout(50)
    expect(page).to_have_url(re.compile(r"where=taken%3A2019-01-01\.\.$"))
    page.go_back()
    expect(page).to_have_url(before)
    page.wait_for_timeout(1000)  # nothing that waited goes on
    expect(page).to_have_url(before)


def test_facets_count_and_offer_what_the_gallery_holds(page, photos):
    choose(page, photos / "holiday/picture-1.jpg")
    page.get_by_role("button", name="Format").click()
    values = page.get_by_role("group", name="Format").get_by_role("listitem")
    expect(values).to_have_text([re.compile("png.*7"), re.compile("jpeg.*3")])
    page.get_by_role("checkbox", name="png").check()
    page.get_by_role("checkbox", name="jpeg").check()
    expect(page).to_have_url(re.compile("where=format%3Apng%2Cjpeg"))
    expect(status(page)).to_have_text("Here it is")


def test_a_rare_value_among_more_than_are_listed_is_found_by_typing(page, parts):
    (record,) = parts.gallery.get([parts.gallery.scan(limit=1).records[0].id], embeddings=True)
    parts.gallery.put([replace(record, tags=(*(f"common {n:03}" for n in range(250)), "zebra", "Zebrafish"))])
    search_words(page, "picture")
    page.get_by_role("button", name="Tag").click()
    panel = page.get_by_role("group", name="Tag")
    expect(panel).to_contain_text("These are the 200 commonest")
    expect(panel.get_by_text("zebra", exact=True)).to_have_count(0)
    panel.get_by_role("searchbox").fill("zebra")
    expect(panel.get_by_role("checkbox")).to_have_count(2)
    panel.get_by_role("checkbox", name="Zebrafish").check()
    expect(page).to_have_url(re.compile("where=tag%3AZebrafish"))
    expect(page.locator("[data-hit]")).to_have_count(1)
    panel.get_by_role("searchbox").fill("")
    expect(panel.get_by_role("checkbox")).to_have_count(200)


def test_sliders_say_how_many_and_how_similar(page, photos):
    choose(page, photos / "holiday/picture-1.jpg")
    page.get_by_role("button", name="Fine-tune").click()
    page.get_by_label("How similar").fill("95")
    expect(page.locator("[data-group=far]")).to_have_count(0)
    expect(page.locator("[data-group=identical]")).to_have_count(1)
    page.get_by_role("button", name="Reset").click()
    expect(page.locator("[data-group=far]")).to_have_count(1)
    page.get_by_label("How many").fill("0")
    expect(page.locator("[data-hit]")).to_have_count(10)
    expect(page).to_have_url(re.compile("most=10"))


def test_answers_can_be_put_in_another_order(page, photos):
    choose(page, photos / "holiday/picture-1.jpg")
    page.get_by_role("button", name="Fine-tune").click()
    page.get_by_label("Order").select_option("name")
    expect(page).to_have_url(re.compile("sort=name"))
    places = page.locator("[data-group=far] li").evaluate_all("all => all.map((one) => Number(one.dataset.index))")
    shown = dict(zip(places, names(page, "far"), strict=True))
    assert [shown[place] for place in sorted(shown)] == sorted(shown.values())


@pytest.fixture
def many(page, parts, tmp_path):
    folder = tmp_path / "many"
    folder.mkdir()
    content = picture_bytes(50, (64, 48))
    for n in range(190):
        (folder / f"{n}.jpg").write_bytes(content + bytes([n]))
    list(parts.library.index(folder))


@pytest.mark.usefixtures("many")
def test_scrolling_brings_all_answers_and_keeps_few_in_the_document(page, photos):
    choose(page, photos / "holiday/picture-1.jpg")
    while not page.get_by_text("That is all: 200.").is_visible():  # pytest's own limit ends it
        page.mouse.wheel(0, 3_000)
        page.wait_for_timeout(60)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    last = page.locator("[data-group=far] li").last
    expect(last).to_have_attribute("aria-posinset", last.get_attribute("aria-setsize"))
    assert page.locator("[data-hit]").count() < 120


@pytest.mark.usefixtures("many")
def test_a_slider_that_allows_more_brings_more(page, address):
    page.goto(f"{address}?text=picture&most=10")
    expect(page.get_by_text("That is all: 10.")).to_be_visible()
    page.get_by_role("button", name="Fine-tune").click()
    page.get_by_label("How many").fill("2")
    expect(page.get_by_text("That is all: 50.")).to_be_visible()


@pytest.mark.usefixtures("many")
def test_answers_are_gone_through_by_keys_alone(page):
    search_words(page, "picture")
    page.locator("[data-tier]").first.wait_for()
    expect(status(page)).to_be_focused()
    page.locator("[data-item][tabindex='0']").first.focus()
    place = page.locator("li:has([data-item]:focus)")
    page.keyboard.press("ArrowRight")
    expect(place).to_have_attribute("data-index", "1")
    page.keyboard.press("ArrowDown")
    expect(place).to_have_attribute("data-index", re.compile(r"^([2-9]|\d\d+)$"))
    page.keyboard.press("ArrowUp")
    expect(place).to_have_attribute("data-index", "1")
    page.keyboard.press("Home")
    expect(place).to_have_attribute("data-index", "0")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(place).to_have_attribute("data-index", "0")


@pytest.mark.parametrize(
    "title",
    ["<img src=x onerror=document.title='hacked'>", "</p><script>document.title='hacked'</script>", "\u202egpj.exe"],
)
def test_a_hostile_title_is_only_text(page, parts, title):
    record = parts.gallery.scan(limit=1).records[0]
    whole = parts.gallery.get([record.id], embeddings=True)[0]
    hostile = {"caption": title, "label": title, "owner": title, "tags": (title,), "metadata": {title: title}}
    parts.gallery.put([replace(whole, title=title, link="javascript:alert(1)", **hostile)])
    page.reload()
    shown = page.locator(f"[data-hit='{record.id}']")
    expect(shown.locator("[data-name]")).to_have_text(title)
    assert page.locator("[data-name] *").count() == 0
    shown.locator("[data-item]").click()
    expect(page.get_by_role("dialog").locator("[data-caption]")).to_contain_text(title)
    assert page.locator("a[href^='javascript']").count() == 0
    page.get_by_role("link", name="Search with this").click()
    expect(page.locator("[data-name=query]")).to_have_text(title)
    page.locator("[data-tier]").first.wait_for()
    assert page.title() != "hacked"


def test_a_picture_that_cannot_be_shown_has_a_placeholder(page, photos):
    (photos / "picture-9.png").unlink()
    page.context.new_cdp_session(page).send("Network.clearBrowserCache")
    page.reload()
    missing = page.get_by_role("link", name="Open picture-9.png").locator("[role=img]")
    expect(missing).to_contain_text("PNG")


def listens(port: int) -> bool:
    """Whether somebody still answers there; a server that was told to stop takes a moment."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
        return True
    return False


def test_a_service_that_ended_is_told_with_what_to_do(page, server, photos):
    expect(page.locator("[data-count]")).to_have_text("10 pictures")
    page.get_by_role("button", name="Settings").click()  # nothing that is not loaded yet is needed to say so
    server.stop()
    while listens(server.port):
        page.wait_for_timeout(50)
    give(page, photos / "picture-5.png")
    notice = page.get_by_role("alert").first
    expect(notice).to_contain_text("does not answer")
    expect(notice).to_contain_text("lookalike serve")
    expect(notice.get_by_role("button")).to_have_text("Try again")


def test_a_query_that_cannot_be_shown_claims_and_offers_nothing_about_it(page, address):
    page.goto(f"{address}?id={'a' * 16}")
    expect(page.get_by_role("alert")).to_contain_text("There is no picture")
    expect(page.get_by_text("This one cannot be shown here.")).to_be_visible()
    expect(page.get_by_role("link", name="Open the original")).to_be_hidden()


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
def test_nothing_sticks_out_at_any_width(page, photos, width):
    page.set_viewport_size({"width": width, "height": 800})
    sticks_out = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(sticks_out)
    choose(page, photos / "holiday/picture-1.jpg")
    assert not page.evaluate(sticks_out)
    tile(page, "far").locator("[data-item]").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert not page.evaluate("(one => one.scrollWidth > one.clientWidth)(document.querySelector('dialog'))")


def test_pictures_of_two_groups_side_by_side_begin_at_one_height(page, parts, photos, tmp_path):
    whole = Image.open(photos / "picture-7.png")
    whole.crop((40, 30, 280, 220)).save(tmp_path / "cut.jpg", quality=80)
    list(parts.library.index(tmp_path / "cut.jpg"))
    page.set_viewport_size({"width": 720, "height": 800})
    page.evaluate("localStorage.setItem('lookalike.language', 'fr')")  # one heading takes two lines there
    page.reload()
    choose(page, photos / "picture-7.png")
    same, edited = (tile(page, group).bounding_box() for group in ("identical", "edited"))
    assert same["x"] < edited["x"]
    assert same["y"] == pytest.approx(edited["y"], abs=1)


def test_a_filter_stays_within_the_window_when_its_long_values_come(page, parts):
    records = parts.gallery.get([one.id for one in parts.gallery.scan().records], embeddings=True)
    parts.gallery.put([replace(one, label="a label of very many words " * 4 + str(n)) for n, one in enumerate(records)])
    page.set_viewport_size({"width": 390, "height": 800})
    search_words(page, "picture")
    held = []
    page.route("**/v1/facets*", lambda route: held.append(route), times=1)  # noqa: PLW0108
    page.get_by_role("button", name="Label").click()
    panel = page.get_by_role("group", name="Label")
    expect(panel).to_have_text("…")
    while not held:  # pytest's own limit ends it
        page.wait_for_timeout(50)
    held[0].continue_()
    expect(panel.get_by_role("checkbox").first).to_be_visible()
    is_within = "one => one.getBoundingClientRect().left >= 0 && one.getBoundingClientRect().right <= innerWidth"
    page.wait_for_function(is_within, arg=panel.element_handle())  # it is put there with the next frame


@pytest.mark.parametrize("width", [360, 1280])
def test_an_opened_picture_fits_the_window_however_long_its_name_is(page, address, width):
    page.set_viewport_size({"width": width, "height": 800})
    name = "W" * 240
    id_ = page.request.get(f"{address}v1/images?limit=1").json()["images"][0]["id"]
    assert page.request.patch(f"{address}v1/images/{id_}", data={"title": name}).status == 200
    page.goto(f"{address}browse?hit={id_}")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    close = page.get_by_role("button", name="Close").bounding_box()
    assert close["x"] + close["width"] <= width
    page.get_by_role("button", name="Edit").click()
    expect(page.get_by_role("button", name="Save")).to_be_visible()
    assert not page.locator("dialog").last.evaluate("one => one.scrollWidth > one.clientWidth")


@pytest.mark.parametrize("path", ["browse?", "?text=dog&"])
def test_a_filter_of_one_long_word_does_not_widen_the_page(page, address, path):
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(f"{address}{path}where=label:{'L' * 150}")
    expect(page.get_by_role("button", name="Remove the filter")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_app_speaks_german_and_french_and_remembers_it(page):
    page.get_by_role("button", name="Settings").click()
    page.get_by_label("Language").select_option("de")
    expect(page.get_by_role("heading", level=1)).to_have_text("Welches Ihrer Bilder ist es?")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Welches Ihrer Bilder ist es?")
    assert page.evaluate("document.documentElement.lang") == "de"
    page.get_by_role("button", name="Einstellungen").click()
    page.get_by_label("Sprache").select_option("fr")
    expect(page.get_by_role("heading", level=1)).to_have_text("Laquelle de vos images est-ce ?")


def test_what_goes_wrong_is_told_in_german_and_the_services_own_words_stand_below(page, address):
    page.get_by_role("button", name="Settings").click()
    page.get_by_label("Language").select_option("de")
    page.goto(f"{address}?text=dog&where=labe:dog")
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text("Filter nicht verstanden")
    expect(notice.locator("pre[lang=en]")).to_contain_text("^^^^")  # where the mistake is, is seen at once
    page.goto(f"{address}?id=aaaaaaaaaaaaaaaa")
    expect(notice).to_contain_text("Das Bild aaaaaaaaaaaaaaaa ist nicht in der Galerie.")
    expect(notice.locator("pre[lang=en]")).to_be_hidden()
    notice.get_by_text("Was der Dienst dazu sagt").click()
    expect(notice.locator("pre[lang=en]")).to_contain_text("no picture 'aaaaaaaaaaaaaaaa'")


def test_light_and_dark_can_be_chosen_against_the_system(page):
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Dark").click()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_an_address_that_leads_nowhere_leads_back(page, address):
    for broken in ("brwose", "browse.html/of/old", "nowhere.html"):
        page.goto(f"{address}{broken}")
        page.get_by_role("link", name="To the search").click()
        expect(page).to_have_url(address)
    page.goto(f"{address}browse?from=99999&order=none")  # nothing to complain about: the list begins at its beginning
    expect(page.locator("main img").first).to_be_visible()
    page.goto(address)
