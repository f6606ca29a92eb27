"""What does the page of an evaluation look like? `python docs/report_screenshot.py` draws images/evaluate.png anew.

It evaluates the demo, where an edited picture is of one label with its original, in a folder that vanishes at the end.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright
from screenshots import save, shoot

_SIZE = {"width": 1120, "height": 1900}


def evaluated(home: Path) -> Path:
    """Write the report of an evaluation of the demo: which pictures are edits of one and the same."""
    pictures, table, report = home / "evaluated", home / "labels.csv", home / "report.html"
    program = [sys.executable, "-m", "lookalike"]
    subprocess.run([*program, "demo", pictures], check=True, stdout=subprocess.DEVNULL)  # noqa: S603  our own program
    rows = [f"{one.name},{one.stem.partition('-')[0]}" for one in sorted(pictures.iterdir())]
    table.write_text("\n".join(["image,label", *rows]) + "\n", "utf-8")
    asked = ["evaluate", pictures, "--by", "label", "--truth", table, "--report", report]
    subprocess.run([*program, *asked], check=True, stdout=subprocess.DEVNULL)  # noqa: S603  our own program
    return report


def main() -> None:
    """Draw it."""
    with (
        tempfile.TemporaryDirectory() as home,
        sync_playwright() as playwright,
        playwright.chromium.launch(
            executable_path=os.environ.get("LOOKALIKE_TEST_CHROMIUM") or shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--hide-scrollbars"],
        ) as browser,
    ):
        page = browser.new_page(viewport=_SIZE, reduced_motion="reduce")
        page.goto(evaluated(Path(home)).as_uri())
        save(shoot(page), "evaluate.png")


if __name__ == "__main__":
    main()
