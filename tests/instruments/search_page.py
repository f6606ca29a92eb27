"""How does a test use the search page, as a person would?"""

import base64
from pathlib import Path

from playwright.sync_api import JSHandle, Locator, Page, expect

_HOLD_OVER = """data => {
    const over = () => new DragEvent("dragover", { dataTransfer: data, bubbles: true, cancelable: true });
    return setInterval(() => document.querySelector("main").dispatchEvent(over()), 100);
}"""
_MAKE_DATA = """([base64, name]) => {
    const data = new DataTransfer();
    const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
    data.items.add(new File([bytes], name, { type: "image/jpeg" }));
    return data;
}"""


def status(page: Page) -> Locator:
    """Give the headline that sums up the answers."""
    return page.locator("[data-status]")


def names(page: Page, group: str = "") -> list[str]:
    """Give the names below the pictures, of one group or of all."""
    inside = f"[data-group={group}] " if group else ""
    return page.locator(f"{inside}[data-hit] [data-name]").all_inner_texts()


def tile(page: Page, group: str = "") -> Locator:
    """Give the first picture, of a group or of all."""
    return page.locator(f"[data-group={group}] [data-hit]" if group else "[data-hit]").first


def choose(page: Page, path: Path) -> None:
    """Search with a file."""
    give(page, path)
    page.locator("[data-tier]").first.wait_for()


def give(page: Page, path: Path) -> None:
    """Choose a file, whatever comes of it."""
    page.set_input_files("[role=search] input[type=file]", path)


def search_words(page: Page, text: str) -> None:
    """Write into the box, and search."""
    page.get_by_role("searchbox").fill(text)
    page.get_by_role("searchbox").press("Enter")


def data_with(page: Page, content: bytes) -> JSHandle:
    """Make what holds a picture that is dragged or pasted."""
    return page.evaluate_handle(_MAKE_DATA, [base64.b64encode(content).decode(), "dropped.jpg"])


def data_of_text(page: Page, text: str, kind: str = "text/plain") -> JSHandle:
    """Make what holds a text that is dragged or pasted."""
    make = "([text, kind]) => { const d = new DataTransfer(); d.setData(kind, text); return d }"
    return page.evaluate_handle(make, [text, kind])


def drop(page: Page, data: JSHandle) -> None:
    """Drop something on the page, after holding it over it as browsers tell of: again and again."""
    held = page.evaluate_handle(_HOLD_OVER, data)
    expect(page.get_by_text("Let go: anywhere will do")).to_be_visible()
    held.evaluate("clearInterval")
    page.dispatch_event("main", "drop", {"dataTransfer": data})
    expect(page.get_by_text("Let go: anywhere will do")).to_be_hidden()


def paste(page: Page, data: JSHandle) -> None:
    """Paste something into what has the focus."""
    make = "new ClipboardEvent('paste', {clipboardData: data, bubbles: true})"
    page.evaluate(f"data => document.activeElement.dispatchEvent({make})", data)


def entitle_and_delete(page: Page, title: str) -> None:
    """Give the opened picture a title, and delete it."""
    dialog = page.get_by_role("dialog").first
    dialog.get_by_role("button", name="Edit").click()
    page.get_by_role("textbox", name="Title").fill(title)
    page.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("heading", name=title)).to_be_visible()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
