"""What does the app look like? `make screenshots` draws the pictures of it in docs/images anew.

It serves the demo from a folder that vanishes at the end, and drives Chromium: what LOOKALIKE_TEST_CHROMIUM
names, the one that is installed, or Playwright's own.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, cast

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

FOLDER = Path(__file__).parent / "images"
_DESK = {"width": 1280, "height": 800}
_PHONE = {"width": 390, "height": 844}
_KEPT = (247, 246, 243, 255, 255, 255, 11, 107, 77)
"""The app's own colours, which must not drift when the pictures' colours are made fewer."""
_DEMO_PICTURES = 119


@contextmanager
def demo_server(home: Path) -> Iterator[str]:
    """Serve the demo with `home` as its only memory, and give the page's address."""
    command = [sys.executable, "-m", "lookalike", "serve", "--demo", "--port", "0", "--no-open"]
    environment = {**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603  our own program
        try:
            yield cast(IO[str], server.stdout).readline().split()[-1]
        finally:
            server.terminate()


def shoot(page: Page) -> Image.Image:
    """Give what the page shows once every picture in sight is there."""
    page.wait_for_load_state("networkidle")
    page.wait_for_function(
        "() => [...document.images].every((one) => one.complete && one.naturalWidth)", timeout=60_000
    )
    page.evaluate("Promise.all([...document.images].map((one) => one.decode()))")
    return Image.open(BytesIO(page.screenshot())).convert("RGB")


def save(shown: Image.Image, name: str) -> None:
    """Save a picture with few enough colours to be small."""
    palette = shown.quantize(253, Image.Quantize.MEDIANCUT)
    palette.putpalette([*(palette.getpalette() or [])[: 253 * 3], *_KEPT])
    shown.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).save(FOLDER / name, optimize=True)


def make_query(home: Path) -> Path:
    """Make a picture that is not in the gallery: a part of one that is, turned a little."""
    whole = Image.open(next(home.rglob("coffee.png"))).convert("RGB").rotate(9, Image.Resampling.BICUBIC)
    part = whole.crop(
        (int(whole.width * 0.2), int(whole.height * 0.14), int(whole.width * 0.84), int(whole.height * 0.86))
    )
    part.save(home / "holiday.jpg", quality=80)
    return home / "holiday.jpg"


def search(page: Page, address: str, picture: Path) -> None:
    """Search with a picture, and wait for the answers."""
    page.goto(address)
    page.set_input_files("[role=search] input[type=file]", picture)
    page.locator("[data-tier]").first.wait_for()
    expect(page.get_by_label("It shows")).not_to_have_value("", timeout=60_000)


def draw_duplicates(page: Page, address: str) -> None:
    """Look for duplicates, and draw the groups."""
    page.goto(f"{address}duplicates")
    page.get_by_role("button", name="Look for duplicates").click()
    page.locator("[data-group]").first.wait_for(timeout=120_000)
    page.reload()  # without the job that found them
    page.locator("[data-group]").first.wait_for()
    save(shoot(page), "duplicates.png")


def draw_all(browser: Browser, address: str, home: Path) -> None:
    """Draw each picture of the app."""
    desk = browser.new_page(viewport=_DESK, reduced_motion="reduce", locale="en-GB")
    desk.goto(address)
    expect(desk.locator("[data-count]")).to_have_text(f"{_DEMO_PICTURES} pictures", timeout=120_000)
    save(shoot(desk), "start.png")
    picture = make_query(home)
    for _ in range(3):  # the first search of a service loads what later ones have
        search(desk, address, picture)
    save(shoot(desk), "search.png")
    desk.locator("[data-group=edited] [data-item]").first.click()
    desk.get_by_role("dialog").wait_for()
    save(shoot(desk), "evidence.png")
    desk.goto(f"{address}browse?where=format:png")  # those that were not made from others
    desk.locator("main img").first.wait_for()
    save(shoot(desk), "browse.png")
    draw_duplicates(desk, address)

    phones = []
    for scheme in ("light", "dark"):
        look = {"color_scheme": scheme, "reduced_motion": "reduce", "locale": "en-GB"}
        phone = browser.new_page(viewport=_PHONE, is_mobile=True, has_touch=True, **look)
        search(phone, address, picture)
        phones.append(shoot(phone))
        phone.goto(f"{address}?text=cat+-dog")
        phone.locator("[data-tier]").first.wait_for()
        phones.append(shoot(phone))
    sheet = Image.new("RGB", (sum(one.width + 24 for one in phones) - 24, _PHONE["height"]), "white")
    for place, one in enumerate(phones):
        sheet.paste(one, (place * (one.width + 24), 0))
    save(sheet, "phone.png")


def main() -> None:
    """Draw them all."""
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as home,
        demo_server(Path(home)) as address,
        sync_playwright() as playwright,
        playwright.chromium.launch(
            executable_path=os.environ.get("LOOKALIKE_TEST_CHROMIUM") or shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--hide-scrollbars"],
        ) as browser,
    ):
        draw_all(browser, address, Path(home))


if __name__ == "__main__":
    main()
