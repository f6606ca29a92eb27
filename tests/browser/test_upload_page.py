"""Do pictures get in from a device or a folder of the machine, and does every failure say why?"""

import base64
import shutil
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect
from search_page import data_with, paste

from lookalike.testing import picture_bytes

pytestmark = pytest.mark.browser

DROP = """([base64, name]) => {
    const data = new DataTransfer();
    const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
    data.items.add(new File([bytes], name, { type: "image/png" }));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def roots(tmp_path):
    folder = tmp_path / "server folder"
    folder.mkdir()
    return folder


@pytest.fixture
def parts(parts, roots):
    return replace(parts, index_roots=(roots,))


@pytest.fixture
def upload(page, address) -> Page:
    page.goto(f"{address}upload")
    page.get_by_role("heading", name="Add pictures").wait_for()
    return page


@pytest.mark.usefixtures("often")
def test_who_may_add_is_asked_again_where_the_service_was_away_at_first(page, address):
    page.route("**/v1/session", lambda route: route.fulfill(status=503, json={"title": "Overloaded"}))
    page.goto(f"{address}upload")
    expect(page.get_by_text("reads only")).to_be_visible()
    page.unroute("**/v1/session")
    expect(page.get_by_text("reads only")).to_have_count(0)
    expect(page.locator("[data-files]")).to_be_attached()


def test_many_are_stored_and_what_cannot_be_says_why(upload, tmp_path):
    files = []
    for seed in range(40, 48):
        files.append(tmp_path / f"new-{seed}.png")
        files[-1].write_bytes(picture_bytes(seed))
    (tmp_path / "cut off.png").write_bytes(picture_bytes(50)[:200])
    upload.locator("[data-files]").set_input_files([*files, tmp_path / "cut off.png"])
    expect(upload.locator("[data-sum]")).to_have_text("8 stored · 1 failed")
    expect(upload.locator("[data-state=failed]")).to_contain_text("cut off.png")
    assert len(upload.locator("[data-reason]").inner_text()) > 10
    upload.get_by_role("link", name="Look at them").click()
    expect(upload.locator("[data-count]")).to_have_text("18 pictures")


def test_the_same_bytes_are_known_and_a_drop_anywhere_counts(upload, photos):
    picture = base64.b64encode((photos / "picture-4.png").read_bytes()).decode()
    for n in range(2):
        upload.evaluate(DROP, [picture, f"dropped-{n}.png"])
        expect(upload.locator("[data-sum]")).to_contain_text("1 stored")
    expect(upload.locator("[data-sum]")).to_have_text("1 stored · 1 was there already")


def test_text_that_comes_with_a_picture_of_itself_is_pasted_into_its_field_and_not_sent(upload):
    data = data_with(upload, picture_bytes(51))
    data.evaluate("data => data.setData('text/plain', '/srv/photos\\t12')")
    upload.get_by_label("Path of the folder").focus()
    paste(upload, data)
    expect(upload.locator("[data-sum]")).to_have_count(0)
    paste(upload, data_with(upload, picture_bytes(52)))
    expect(upload.locator("[data-sum]")).to_have_text("1 stored")


def test_a_picture_of_the_page_itself_that_is_dragged_by_a_slip_is_not_sent_again(upload, photos):
    picture = base64.b64encode((photos / "picture-4.png").read_bytes()).decode()
    upload.dispatch_event("body", "dragstart")
    upload.evaluate(DROP, [picture, "own.png"])
    upload.dispatch_event("body", "dragend")
    upload.evaluate(DROP, [picture, "another.png"])
    expect(upload.get_by_role("link", name="another.png")).to_be_visible()
    expect(upload.locator("[data-sum]")).to_have_text("1 stored")


def test_what_is_no_picture_is_left_out_and_said(upload, tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    upload.locator("[data-files]").set_input_files(tmp_path / "notes.txt")
    expect(upload.get_by_text("One file is no picture, and was left out.")).to_be_visible()
    expect(upload.locator("[data-sum]")).to_have_count(0)


def test_uploads_go_on_while_other_pages_are_looked_at(upload, tmp_path):
    files = [tmp_path / f"later-{seed}.png" for seed in range(60, 72)]
    for seed, file in enumerate(files, start=60):
        file.write_bytes(picture_bytes(seed))
    upload.locator("[data-files]").set_input_files(files)
    upload.get_by_role("link", name="Status").click()
    upload.get_by_role("link", name="Upload").click()
    expect(upload.locator("[data-sum]")).to_have_text("12 stored")


def test_a_folder_of_the_machine_is_indexed_and_watched_to_its_end(upload, photos, roots):
    shutil.copytree(photos / "holiday", roots / "more")
    (roots / "more" / "broken.jpg").write_bytes(b"\xff\xd8 no more")
    upload.get_by_label("Path of the folder").fill(str(roots))
    upload.get_by_role("button", name="Index it").click()
    job = upload.locator("[data-job=index]")
    expect(job).to_contain_text(str(roots))
    expect(job).to_have_attribute("data-state", "done")
    expect(job).to_contain_text("added 3")
    expect(job).to_contain_text("unreadable 1")


def test_a_folder_that_may_not_be_indexed_is_refused_with_the_fix(upload, tmp_path):
    upload.get_by_label("Path of the folder").fill(str(tmp_path))
    upload.get_by_role("button", name="Index it").click()
    expect(upload.get_by_role("alert")).to_contain_text("index_roots")
