"""What does a picture that is opened show: evidence, metadata, and ways to go on?"""

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect
from search_page import choose, entitle_and_delete, status, tile

pytestmark = pytest.mark.browser


@pytest.fixture
def cut(photos, tmp_path) -> Path:
    """A mirrored part of picture 7, as a file."""
    whole = Image.open(photos / "picture-7.png")
    whole.crop((40, 30, 280, 220)).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(tmp_path / "cut.jpg", quality=80)
    return tmp_path / "cut.jpg"


@pytest.fixture
def opened(page, cut):
    """The edited copy of picture 7, opened."""
    choose(page, cut)
    tile(page, "edited").locator("[data-item]").click()
    return page.get_by_role("dialog")


def test_an_edited_copy_says_what_was_done(page, cut):
    choose(page, cut)
    expect(status(page)).to_have_text("Here it is, edited")
    first = tile(page, "edited")
    expect(first.locator("[data-transform]")).to_have_text(re.compile(r"cropped to \d+\s%, mirrored"))
    expect(first.locator("[data-item]")).to_have_attribute("aria-label", re.compile(r"picture-7.png: the same, edited"))


def test_query_and_hit_stand_side_by_side_with_the_region_outlined(opened):
    expect(opened.get_by_role("button", name="Side by side")).to_have_attribute("aria-pressed", "true")
    expect(opened.locator("polygon")).to_have_count(4)
    query, hit = (
        [tuple(map(float, point.split(","))) for point in one.split()]
        for one in opened.locator("polygon:nth-of-type(2)").evaluate_all(
            "all => all.map(one => one.attributes.points.value)"
        )
    )
    assert max(x for x, _ in query) - min(x for x, _ in query) > 0.9  # all of the query
    assert max(x for x, _ in hit) - min(x for x, _ in hit) == pytest.approx(240 / 320, abs=0.03)  # that part of the hit


def test_the_query_lies_over_the_hit_where_they_agree(page, opened):
    opened.get_by_role("button", name="Overlay").click()
    over = opened.get_by_alt_text("Yours")
    expect(over).to_have_css("opacity", "0.5")
    opened.get_by_label("Your picture over it").fill("100")
    expect(over).to_have_css("opacity", "1")
    shown, whole = over.bounding_box(), opened.get_by_alt_text("picture-7.png").bounding_box()
    assert (shown["x"] - whole["x"]) / whole["width"] == pytest.approx(40 / 320, abs=0.02)
    assert shown["width"] / whole["width"] == pytest.approx(240 / 320, abs=0.02)
    assert shown["height"] / whole["height"] == pytest.approx(190 / 240, abs=0.02)


def test_the_two_take_turns_and_wait_for_a_button_where_motion_is_unwanted(opened):
    opened.get_by_role("button", name="Blink").click()
    over = opened.locator("[style*=matrix3d]")
    expect(over).to_have_css("opacity", "1")
    opened.get_by_role("button", name="Show the other").click()
    expect(over).to_have_css("opacity", "0")
    opened.get_by_role("button", name="Start").click()
    expect(over).to_have_css("opacity", "1")
    opened.get_by_role("button", name="Stop").click()


def test_what_is_known_is_shown_and_the_address_leads_here(page, opened, parts):
    record = next(one for one in parts.gallery.scan().records if one.path.endswith("picture-7.png"))
    expect(opened).to_contain_text("320 × 240")
    expect(opened).to_contain_text(record.path)
    assert f"hit={record.id}" in page.url
    page.reload()
    expect(page.get_by_role("dialog")).to_contain_text("the same, edited")
    page.go_back()
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_the_path_is_copied(page, opened, parts):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened.get_by_role("button", name="More", exact=True).click()
    opened.get_by_role("button", name="Copy the path").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").endswith("picture-7.png")


def test_the_original_is_downloaded_with_its_name(page, opened, photos):
    with page.expect_download() as waiting:
        opened.get_by_role("link", name="Download").click()
    assert waiting.value.suggested_filename == "picture-7.png"
    assert Path(waiting.value.path()).read_bytes() == (photos / "picture-7.png").read_bytes()


def test_the_next_hit_is_an_arrow_away_and_keys_close(page, opened):
    first = opened.get_attribute("aria-label")
    page.keyboard.press("ArrowRight")
    expect(opened).not_to_have_attribute("aria-label", first)
    page.keyboard.press("ArrowLeft")
    expect(opened).to_have_attribute("aria-label", first)
    page.keyboard.press("Escape")
    expect(opened).to_be_hidden()
    expect(page.locator("[data-item]:focus")).to_have_count(1)


def test_more_of_the_same_folder_is_a_link_away(opened):
    link = opened.get_by_role("link", name="From this folder")
    assert "browse?where=path" in link.get_attribute("href")


def test_where_the_browser_cannot_show_the_query_the_service_draws(page, server, parts, address):
    record = next(one for one in parts.gallery.scan().records if one.path.endswith("picture-7.png"))
    page.goto(f"{address}?url={server.url}v1/images/{record.id}/file")
    tile(page, "identical").locator("[data-item]").click()
    opened = page.get_by_role("dialog")
    opened.get_by_role("button", name="Side by side").click()
    drawing = opened.get_by_alt_text("Your picture on the left")
    expect(drawing).to_be_visible()
    expect(drawing).not_to_have_js_property("naturalHeight", 0)


def test_a_drawing_that_cannot_be_had_says_why(page, server, parts, photos, address):
    record = next(one for one in parts.gallery.scan().records if one.path.endswith("picture-7.png"))
    page.goto(f"{address}?url={server.url}v1/images/{record.id}/file")
    tile(page, "identical").locator("[data-item]").click()
    (photos / "picture-7.png").unlink()
    page.get_by_role("dialog").get_by_role("button", name="Side by side").click()
    expect(page.get_by_role("alert")).to_be_visible()


def test_a_picture_that_was_deleted_is_told_to_be_gone(page, address):
    page.goto(f"{address}?hit={'a' * 16}")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("There is no picture")


def test_one_of_the_latest_is_written_about_and_deleted_where_it_is_opened(page):
    page.locator("[data-item]").first.click()
    entitle_and_delete(page, "The pier at dusk")
    expect(page.locator("[data-hit]")).to_have_count(9)
    expect(page.get_by_text("One picture deleted.")).to_be_visible()
    expect(page.locator("[data-item]:focus")).to_have_count(1)  # the next one, so that keys go on
    page.get_by_role("button", name="Undo").last.click()
    expect(page.get_by_text("The pier at dusk")).to_be_visible()
    expect(page.locator("[data-hit]")).to_have_count(10)


@pytest.fixture
def large(page, address, parts, tmp_path):
    """A picture larger than its thumbnail, opened."""
    path = tmp_path / "large.jpg"
    Image.radial_gradient("L").resize((2400, 1600)).convert("RGB").save(path)
    list(parts.library.index(path))
    record = next(one for one in parts.gallery.scan().records if one.path.endswith("large.jpg"))
    page.goto(f"{address}browse?hit={record.id}")
    shown = page.get_by_role("dialog").locator("[data-original]")
    expect(shown).to_have_js_property("naturalWidth", 2400)
    return shown


def scale(shown) -> float:
    """Give how many pixels of the screen a pixel of the picture has."""
    return shown.evaluate(
        """one => one.getBoundingClientRect().width / one.offsetWidth
            * Math.min(one.offsetWidth / one.naturalWidth, one.offsetHeight / one.naturalHeight)"""
    )


def expect_at(shown, x: float, y: float) -> None:
    """Wait until a picture is dragged there: what pointers do is drawn with the next frame, not at once."""
    shown.page.wait_for_function(
        """([one, x, y]) => {
            const box = one.getBoundingClientRect();
            return Math.max(Math.abs(box.x - x), Math.abs(box.y - y)) <= 2;
        }""",
        arg=[shown.element_handle(), x, y],
    )


def test_an_opened_picture_is_its_original_and_is_looked_at_closely_and_dragged(page, large):
    fitted = scale(large)
    assert fitted < 0.5
    large.click()
    assert scale(large) == pytest.approx(1, abs=0.01)
    before = large.bounding_box()
    page.mouse.move(300, 400)
    page.mouse.down()
    page.mouse.move(260, 380, steps=4)
    page.mouse.up()
    expect_at(large, before["x"] - 40, before["y"] - 20)
    assert scale(large) == pytest.approx(1, abs=0.01)
    page.keyboard.press("Escape")
    assert scale(large) == pytest.approx(fitted)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_picture_is_looked_at_closely_and_moved_by_keys_alone(page, large):
    dialog = page.get_by_role("dialog")
    name, fitted = dialog.get_attribute("aria-label"), scale(large)
    for _ in range(5):
        page.keyboard.press("+")
    assert scale(large) == pytest.approx(1, abs=0.01)
    expect(dialog.get_by_role("button", name="Larger")).to_be_disabled()
    before = large.bounding_box()
    page.keyboard.press("ArrowRight")
    assert large.bounding_box()["x"] < before["x"]
    assert dialog.get_attribute("aria-label") == name
    for _ in range(5):
        page.keyboard.press("-")
    assert scale(large) == pytest.approx(fitted)
    page.keyboard.press("ArrowRight")
    expect(dialog).not_to_have_attribute("aria-label", name)


def test_a_finger_that_wipes_across_goes_on_to_the_next_picture(page, large):
    dialog = page.get_by_role("dialog")
    name = dialog.get_attribute("aria-label")
    finger = {"pointerType": "touch", "isPrimary": True, "bubbles": True, "clientY": 300}
    large.dispatch_event("pointerdown", finger | {"clientX": 400})
    large.dispatch_event("pointerup", finger | {"clientX": 250})
    expect(dialog).not_to_have_attribute("aria-label", name)
