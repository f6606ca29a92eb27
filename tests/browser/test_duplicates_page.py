"""Are duplicates found, compared, decided upon, tidied and brought back, and nothing that was to stay?"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from threading import Thread

import pytest
from playwright.sync_api import Page, expect

from lookalike.errors import BadInput
from lookalike.service import BoundServer, create_app

pytestmark = pytest.mark.browser


@pytest.fixture
def parts(parts, doubled, tmp_path):
    list(parts.library.index(doubled))
    return replace(parts, index_roots=(doubled,))


@pytest.fixture
def found(page, address) -> Page:
    """The workbench, after somebody looked for copies of the very same bytes or pixels."""
    page.goto(f"{address}duplicates")
    expect(page.get_by_role("heading", name="Which pictures are there twice?")).to_be_visible()
    page.get_by_role("radio", name="The very same picture").check()
    page.get_by_role("button", name="Look for duplicates").click()
    page.locator("[data-group]").first.wait_for()
    return page


@pytest.fixture
def restart(server, parts) -> Iterator[Callable[[], None]]:
    """How to have the service begin anew at the same address."""
    with ExitStack() as held:

        def begin() -> None:
            server.stop()
            thread = Thread(target=(another := bound(server.port)).run)
            thread.start()
            held.callback(thread.join, 20)
            held.callback(another.stop)
            assert another.ready.wait(20)

        def bound(port: int) -> BoundServer:
            while True:
                try:
                    return BoundServer(create_app(parts), port=port)
                except BadInput:  # the one that was stopped takes a moment
                    time.sleep(0.05)

        yield begin


def fate(page: Page, name: str):
    return page.locator("[data-fate]", has_text=name)


def test_a_dry_run_says_what_goes_and_only_then_it_goes_and_comes_back(found):
    expect(found.locator("[data-fate=goes]")).to_have_count(2)
    expect(found.locator("[data-going]")).to_have_text("2 pictures go")
    found.get_by_role("button", name="See what would happen").click()
    expect(found.locator("[data-plan]")).to_have_text("2 pictures leave the gallery.")
    found.get_by_role("button", name="Take 2 out").click()
    expect(found.get_by_text("Done: 2.")).to_be_visible()
    found.get_by_role("dialog", name="Tidying duplicates").get_by_role("button", name="Close").first.click()
    expect(found.get_by_role("heading", name="No duplicates")).to_be_visible()
    found.get_by_role("button", name="Undo", exact=True).click()
    expect(found.locator("[data-fate=goes]")).to_have_count(2)


def test_a_plan_is_carried_out_once_however_often_it_is_pressed_and_again_after_undo(found):
    names = []
    found.on(
        "request",
        lambda request: (
            names.append(request.headers.get("idempotency-key", "")) if request.url.endswith("/apply") else None
        ),
    )
    for _ in range(2):
        found.get_by_role("button", name="See what would happen").click()
        found.get_by_role("button", name="Take 2 out").dblclick()
        found.get_by_role("dialog").get_by_role("button", name="Close").first.click()
        expect(found.get_by_role("heading", name="No duplicates")).to_be_visible()
        found.get_by_role("button", name="Undo", exact=True).last.click()
        expect(found.locator("[data-fate=goes]")).to_have_count(2)
    assert len(set(names)) == len(names) == 2


def test_a_plan_that_is_awaited_says_so(found):
    found.route("**/v1/duplicates/plan", lambda _: None)
    found.get_by_role("button", name="See what would happen").click()
    expect(found.get_by_role("dialog").get_by_role("status")).to_have_text("Looking at each of them…")
    found.unroute_all()


def test_a_person_decides_which_one_stays_and_what_stays_too(found):
    fate(found, "copy one.png").get_by_role("button", name="Keep this").click()
    expect(fate(found, "copy one.png")).to_have_attribute("data-fate", "keep")
    expect(found.get_by_text("You chose it")).to_be_visible()
    fate(found, "copy two.png").get_by_role("button", name="Keep, too").click()
    expect(found.locator("[data-going]")).to_have_text("One picture goes")
    found.get_by_role("button", name="Leave alone").click()
    expect(found.locator("[data-going]")).to_have_text("Nothing goes")
    expect(found.get_by_role("button", name="See what would happen")).to_be_disabled()


def test_what_was_decided_outlives_another_rule_another_page_and_a_reload(found):
    def expect_decided() -> None:
        expect(fate(found, "copy one.png")).to_have_attribute("data-fate", "keep")
        expect(fate(found, "copy two.png")).to_have_attribute("data-fate", "stays")
        expect(found.get_by_role("button", name="oldest")).to_have_attribute("aria-pressed", "true")

    fate(found, "copy one.png").get_by_role("button", name="Keep this").click()
    fate(found, "copy two.png").get_by_role("button", name="Keep, too").click()
    found.get_by_role("button", name="oldest").click()
    expect_decided()
    found.get_by_role("link", name="Status", exact=True).click()
    found.get_by_role("link", name="Duplicates", exact=True).click()
    expect_decided()
    found.reload()
    expect_decided()


def test_nothing_in_a_protected_folder_goes(found):
    found.get_by_role("button", name="Protect folders").click()
    found.get_by_role("checkbox", name="holiday").check()
    found.keyboard.press("Escape")
    expect(fate(found, "copy two.png")).to_have_attribute("data-fate", "keep")
    expect(found.get_by_text("Lies in a protected folder")).to_be_visible()
    found.get_by_role("button", name="See what would happen").click()
    expect(found.locator("[data-plan]")).to_have_text("2 pictures leave the gallery.")
    expect(found.get_by_role("dialog")).not_to_contain_text("copy two.png")


def test_files_of_the_same_bytes_are_deleted_and_brought_back(found, doubled):
    found.get_by_label("What to do").select_option("delete")
    found.get_by_role("button", name="See what would happen").click()
    found.get_by_role("button", name="Delete 2").click()
    expect(found.get_by_text("Done: 2.")).to_be_visible()
    there = [
        path.name for path in doubled.rglob("*.png") if path.name in {"copy one.png", "copy two.png", "picture-4.png"}
    ]
    assert len(there) == 1
    found.get_by_role("dialog").get_by_role("button", name="Close").first.click()
    expect(found.get_by_role("heading", name="No duplicates")).to_be_visible()
    found.get_by_role("button", name="Undo", exact=True).click()
    expect(found.locator("[data-fate=goes]")).to_have_count(2)
    assert (doubled / "copy one.png").is_file()
    assert (doubled / "holiday" / "copy two.png").is_file()


def test_what_was_tidied_before_the_server_restarted_can_still_be_undone(found, restart):
    found.get_by_role("button", name="See what would happen").click()
    found.get_by_role("button", name="Take 2 out").click()
    expect(found.get_by_text("Done: 2.")).to_be_visible()
    restart()
    found.reload()
    expect(found.get_by_role("heading", name="No duplicates")).to_be_visible()
    found.get_by_role("button", name="Undo all that was tidied").click()
    found.get_by_role("button", name="Bring all back").click()
    expect(found.locator("[data-fate=goes]")).to_have_count(2)
    expect(found.get_by_role("button", name="Undo all that was tidied")).to_have_count(0)


def test_what_goes_on_behind_a_closed_plan_is_shown_when_it_is_done(found):
    found.get_by_role("button", name="See what would happen").click()
    progress = re.compile(r"/v1/jobs/")
    found.route(progress, lambda route: route.abort())
    found.get_by_role("button", name="Take 2 out").click()
    found.get_by_role("dialog").get_by_role("button", name="Close").first.click()
    expect(found.get_by_role("dialog")).to_have_count(0)
    found.unroute(progress)
    expect(found.get_by_text("Done: 2.")).to_be_visible()
    expect(found.locator("[data-fate=goes]")).to_have_count(0)


def test_what_could_not_be_tidied_is_still_told_when_the_plan_is_closed(found, doubled):
    found.get_by_label("What to do").select_option("delete")
    found.get_by_role("button", name="See what would happen").click()
    found.get_by_role("button", name="Delete 2").wait_for()
    (doubled / "holiday" / "copy two.png").unlink()
    found.get_by_role("button", name="Delete 2").click()
    expect(found.get_by_text("Done: 1.")).to_be_visible()
    found.get_by_role("dialog").get_by_role("button", name="Close").first.click()
    tidied = found.locator("[data-job=apply]")
    expect(tidied).to_contain_text("left alone 1")
    tidied.get_by_text("What failed, and why (1)").click()
    expect(tidied.get_by_text("copy two.png").first).to_be_visible()


@pytest.mark.usefixtures("often")
def test_what_is_being_tidied_when_the_page_is_loaded_is_watched_to_its_end(found):
    found.get_by_role("button", name="See what would happen").click()
    found.get_by_role("button", name="Take 2 out").click()
    expect(found.get_by_text("Done: 2.")).to_be_visible()

    def not_over_yet(route):
        answer = route.fetch()
        told = answer.json()
        for job in told["jobs"]:
            job.update(state="running" if job["kind"] == "apply" else job["state"])
        route.fulfill(response=answer, json=told)

    jobs = re.compile(r"/v1/jobs$")
    found.route(jobs, not_over_yet)
    found.reload()
    expect(found.get_by_text("Done: 2.")).to_be_visible()
    found.unroute_all(behavior="wait")
    expect(found.locator("[data-job=apply]")).to_have_attribute("data-state", "done")


def test_undo_takes_back_what_was_tidied_last_and_not_what_was_tidied_before(found):
    stay = fate(found, "copy two.png").get_by_role("button", name="Keep, too")
    for _ in range(2):
        stay.click()  # the first time it stays, the second time it goes
        found.get_by_role("button", name="See what would happen").click()
        found.get_by_role("button", name="Take 1 out").click()
        found.get_by_role("dialog").get_by_role("button", name="Close").first.click()
        expect(found.get_by_role("button", name="Undo", exact=True).first).to_be_visible()
        expect(found.get_by_role("dialog")).to_have_count(0)
        expect(found.locator("[data-fate=goes]")).to_have_count(0)
    expect(found.get_by_role("heading", name="No duplicates")).to_be_visible()
    found.get_by_role("button", name="Undo", exact=True).last.click()
    expect(fate(found, "copy two.png")).to_be_visible()
    expect(found.locator("[data-fate]")).to_have_count(2)


def test_two_are_compared_with_what_agrees_and_gone_through_by_keys(found):
    found.locator("[data-fate=goes] button").first.click()
    dialog = found.get_by_role("dialog")
    expect(dialog.locator("polygon")).to_have_count(4)
    expect(dialog.get_by_role("row", name="File size")).to_be_visible()
    dialog.get_by_role("button", name="Blink").first.click()
    before = dialog.get_by_role("heading").first.inner_text()
    found.keyboard.press("ArrowRight")
    expect(dialog.get_by_role("heading").first).not_to_have_text(before)
    dialog.get_by_role("button", name="Keep the other instead").click()
    found.keyboard.press("Escape")
    expect(found.get_by_text("You chose it")).to_be_visible()


def test_back_closes_the_two_that_are_compared_and_their_address_opens_them(found):
    dialog = found.get_by_role("dialog")
    found.locator("[data-fate=goes] button").first.click()
    expect(dialog.get_by_role("row", name="File size")).to_be_visible()
    before = dialog.get_by_role("heading").first.inner_text()
    found.keyboard.press("ArrowRight")
    expect(dialog.get_by_role("heading").first).not_to_have_text(before)
    title = dialog.get_by_role("heading").first.inner_text()
    found.reload()
    expect(dialog.get_by_role("heading").first).to_have_text(title)
    found.go_back()
    expect(dialog).to_have_count(0)
    expect(found.locator("[data-group]").first).to_be_visible()


def test_an_edited_copy_says_what_was_done_to_the_picture_that_stays(page, address):
    page.goto(f"{address}duplicates")
    page.get_by_role("button", name="Look for duplicates").click()  # edited copies, too
    fate(page, "small.png").get_by_role("button").first.click()
    expect(page.get_by_role("dialog").locator("[data-transform]")).to_have_text(re.compile(r"scaled to (49|50|51)\s%"))
