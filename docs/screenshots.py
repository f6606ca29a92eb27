"""What does the page look like? `python docs/screenshots.py` draws the pictures of it in docs/images anew.

It serves the demo from a folder that vanishes at the end, and drives Chromium: Playwright's own, or what
LOOKALIKE_TEST_CHROMIUM names.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, cast

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

FOLDER = Path(__file__).parent / "images"
_SIZE = {"width": 1280, "height": 800}
_KEPT = (245, 245, 244, 255, 255, 255)
"""The page's own two colours, which must not drift when the pictures' colours are made fewer."""
_QUERY = "coffee-screenshot.jpg"
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


def draw(page: Page, name: str) -> None:
    """Save what the page shows once every picture in sight is there."""
    page.wait_for_load_state("networkidle")
    page.evaluate(
        "Promise.all([...document.images].filter((one) => one.complete && one.src).map((one) => one.decode()))"
    )
    shown = Image.open(BytesIO(page.screenshot())).convert("RGB")
    palette = shown.quantize(254, Image.Quantize.MEDIANCUT)
    palette.putpalette([*(palette.getpalette() or [])[: 254 * 3], *_KEPT])
    shown.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG).save(FOLDER / name, optimize=True)


def main() -> None:
    """Draw them all."""
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as home,
        demo_server(Path(home)) as address,
        sync_playwright() as playwright,
        playwright.chromium.launch(
            executable_path=os.environ.get("LOOKALIKE_TEST_CHROMIUM"), args=["--no-sandbox", "--disable-gpu"]
        ) as browser,
    ):
        page = browser.new_page(viewport=_SIZE, reduced_motion="reduce")
        page.goto(address)
        expect(page.locator("#count")).to_have_text(f"{_DEMO_PICTURES} pictures", timeout=120_000)
        page.goto(f"{address}?where=format:png")
        page.locator(".tile img").first.wait_for()
        draw(page, "browse.png")
        page.goto(address)
        page.set_input_files("#file", next(Path(home).rglob(_QUERY)))
        page.locator(".likeness").first.wait_for()
        draw(page, "search.png")


if __name__ == "__main__":
    main()
