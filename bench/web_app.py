"""Does the app stay smooth with 10,000 hits on the page, and how soon does a pasted picture show its first answers?

A gallery is filled as `filling.py` says; `lookalike serve` and Chromium run in processes of their own. All hits of one
query are loaded by scrolling; then the page is scrolled from the top to the end, once as a finger flicks, and once four
times as fast, as the bar is dragged. Told are the time between frames, which needs an idle machine, and from Chromium's
trace the CPU time of each task of the page's main thread, which does not, both while hits load and while they are
scrolled through. A picture of 12 MP is pasted as a person would, and the clock stops when its first answer is in the
document.

Chromium is Playwright's own, or what LOOKALIKE_TEST_CHROMIUM names.
"""

import argparse
import base64
import json
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from filling import fill
from http_served import serving
from lookalike.encoders import load_encoder
from lookalike.gallery import open_gallery
from report import Table, record
from sized_pictures import SIZES, same_sized

_PASTE = """async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], `pasted-${performance.now()}.jpg`, { type: "image/jpeg" }));
    const shown = new Promise((resolve) => {
        const look = new MutationObserver(() => {
            if (!document.querySelector("[data-tier]")) return;
            look.disconnect();
            requestAnimationFrame(() => resolve(performance.now()));
        });
        look.observe(document.body, { childList: true, subtree: true });
    });
    const start = performance.now();
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
    return (await shown) - start;
}"""
_SCROLL = """(pixels) => new Promise((resolve) => {
    const times = [];
    const step = (now) => {
        times.push(now);
        scrollBy(0, pixels);
        if (scrollY + innerHeight < document.body.scrollHeight - 1) requestAnimationFrame(step);
        else resolve(times.slice(1).map((one, n) => one - times[n]));
    };
    requestAnimationFrame(step);
})"""
_SPEEDS = (100, 400)
"""Pixels a frame."""
_WARM_UP = 2


def main() -> None:
    """Measure and print; with --record append to docs/benchmarks.md."""
    arguments = parse_arguments()
    encoder = load_encoder("mini")
    table = Table(["measured", "of", "p50", "p99", "worst", "most allowed", "above that"])
    with tempfile.TemporaryDirectory(dir=arguments.work) as work, sync_playwright() as playwright:
        path = Path(work) / "bench.gallery"
        with open_gallery(path) as gallery:
            fill(gallery, encoder, arguments.images, Path(work), with_features=False)
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"])
        with serving(path, "mini") as service:
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(service.url)
            pasted = [base64.b64encode(one).decode() for one in same_sized(arguments.pastes, SIZES["12-MP JPEG"])]
            took = [paste(page, service.url, one) for one in [*pasted[:_WARM_UP], *pasted]][-len(pasted) :]
            row(table, "a 12-MP picture pasted, to its first answers", f"{len(took)} pastes", took, 1000)
            browser.start_tracing(page=page, categories=["toplevel"])
            hits = load_all(page, arguments.hits)
            loading = main_thread_ms(browser.stop_tracing())
            row(table, f"{hits:,} hits loaded: CPU time on the main thread", f"{len(loading):,} tasks", loading, 50)
            for speed in _SPEEDS:
                page.evaluate("scrollTo(0, 0)")
                page.wait_for_timeout(500)
                browser.start_tracing(page=page, categories=["toplevel"])
                frames = page.evaluate(_SCROLL, speed)
                tasks = main_thread_ms(browser.stop_tracing())
                row(table, f"{hits:,} hits, {speed} pixels a frame", f"{len(frames):,} frames", frames, 50)
                row(table, "the same: CPU time on the main thread", f"{len(tasks):,} tasks", tasks, 50)
        browser.close()
    table.print()
    if arguments.record:
        record("The web app", table)


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--hits", type=int, default=10_000)
    parser.add_argument("--pastes", type=int, default=10)
    parser.add_argument("--work", type=Path, help="a folder with room for the gallery (0.2 GB for 100,000)")
    parser.add_argument("--record", action="store_true", help="append the table to docs/benchmarks.md")
    return parser.parse_args()


def find_chromium() -> str | None:
    """Give the Chromium to drive; None for Playwright's own."""
    return os.environ.get("LOOKALIKE_TEST_CHROMIUM") or shutil.which("chromium")


def paste(page: Page, url: str, picture: str) -> float:
    """Paste a picture on the start page, and give the milliseconds until its first answer is drawn."""
    page.goto(url)
    page.locator("[data-hit]").first.wait_for()
    page.wait_for_load_state("networkidle")
    return float(page.evaluate(_PASTE, picture))


def load_all(page: Page, hits: int) -> int:
    """Scroll until so many hits are loaded, and give how many there are."""
    loaded = 0
    while loaded < hits:
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.wait_for_timeout(100)
        sizes = page.locator("section[data-group] li:first-child").evaluate_all(
            "all => all.map(one => +one.ariaSetSize)"
        )
        if (
            sum(sizes) == loaded
            and page.get_by_text("That is all").or_(page.get_by_text("These are the nearest")).count()
        ):
            break
        loaded = sum(sizes)
    return loaded


def main_thread_ms(trace: bytes) -> list[float]:
    """Give the CPU milliseconds of the tasks of the page's main thread: the busiest of those in the trace."""
    events = json.loads(trace)["traceEvents"]
    mains = {
        (one["pid"], one["tid"])
        for one in events
        if one["name"] == "thread_name" and one["args"]["name"] == "CrRendererMain"
    }
    tasks: dict[tuple[int, int], list[float]] = {thread: [] for thread in mains}
    for one in events:
        thread = (one["pid"], one["tid"])
        if thread in mains and one["name"].endswith("RunTask") and "tdur" in one:
            tasks[thread].append(one["tdur"] / 1e3)
    return max(tasks.values(), key=sum)


def row(table: Table, name: str, what: str, times: list[float], limit_ms: float) -> None:
    """Add the percentiles of some milliseconds, and how many are above a limit."""
    cells = [f"{np.percentile(times, share):.1f} ms" for share in (50, 99, 100)]
    table.row(name, what, *cells, f"{limit_ms:g} ms", str(sum(one > limit_ms for one in times)))


if __name__ == "__main__":
    main()
