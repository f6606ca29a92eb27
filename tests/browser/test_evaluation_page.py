"""Can the page of an evaluation be read, wide and narrow, light and dark, without asking for anything?"""

from pathlib import Path

import numpy as np
import pytest

from lookalike.evaluation.figures import Asked
from lookalike.evaluation.judged import Judged, JudgedHit
from lookalike.evaluation.report.page import render
from lookalike.evaluation.report.pictures import Pictures
from lookalike.evaluation.report.sections import Report, section_of
from lookalike.evaluation.runs import Plan
from lookalike.testing import picture_bytes

pytestmark = pytest.mark.browser

CLASSES = ("cats", "dogs", "a class with a very long name that no table has room for" * 2)


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Path:
    random = np.random.default_rng(0)
    queries = []
    for number in range(60):
        found = random.random(12) < 0.5
        group = CLASSES[number % 3]
        hits = [
            JudgedHit(
                id=f"{CLASSES[int(random.integers(3))]}{place}", is_relevant=bool(right), confidence=0.9, tier="edited"
            )
            for place, right in enumerate(found[:10])
        ]
        queries.append(
            Judged(
                name=f"/photos/{'long' * 40}{number}.jpg",
                found=found,
                relevant=8,
                hits=tuple(hits),
                group=group,
                id=str(number),
                seconds=float(random.uniform(0.01, 0.2)),
            )
        )
    plan = Plan(
        title="Pictures by label",
        says="A page to look at.",
        total=60,
        queries=iter(()),
        asked=Asked(per_query=("mAP", "success@1"), by_group=("mAP",)),
        group_word="class",
        group_of={hit.id: hit.id.rstrip("0123456789") for query in queries for hit in query.hits},
    )
    path = tmp_path_factory.mktemp("report") / "report.html"
    pictures = Pictures(lambda id_: picture_bytes(hash(id_) % 7, (128, 96)))
    path.write_bytes(render(Report(about={"gallery": "x" * 300}, sections=(section_of(plan, queries),)), pictures))
    return path


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_its_window_and_asks_for_nothing(chromium, report, width, scheme):
    with chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme) as context:
        page, asked, complaints = context.new_page(), [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(report.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("[...document.images].every((one) => one.complete && one.naturalWidth > 0)")
        assert page.locator("svg").count() > 5
        assert [url for url in asked if not url.startswith("data:")] == [report.as_uri()]
        assert complaints == []
        ink, paper = page.evaluate(
            "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
        )
        assert (brightness(ink) > brightness(paper)) is (scheme == "dark")


def brightness(colour: str) -> int:
    """Add up `rgb(1, 2, 3)`."""
    return sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))
