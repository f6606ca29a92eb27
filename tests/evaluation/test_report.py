"""Does a report say what was found, whatever pictures and words are called, and ask for nothing from outside?"""

import json
import re
import time
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from lookalike.evaluation.figures import POOLED, Asked
from lookalike.evaluation.judged import Judged, JudgedHit, pooled
from lookalike.evaluation.report.page import render
from lookalike.evaluation.report.pictures import Pictures
from lookalike.evaluation.report.sections import Report, section_json, section_of, versus_json, versus_of
from lookalike.evaluation.runs import Plan
from lookalike.testing import picture_bytes

pytestmark = pytest.mark.slow

EVIL = '"><script>alert(1)</script><img src=x onerror="alert(2)">\u202egpj.\x1b[31m'
JPEG = picture_bytes(1, (40, 30))
ASKED = Asked(per_query=("mAP", "success@1"), by_group=("mAP", "success@1"))


def judged(name, found, *, group="", tier="", relevant=1, id_=""):
    hits = [
        JudgedHit(id=f"{group}-{place}", is_relevant=right, confidence=0.9 - place / 10, tier=tier)
        for place, right in enumerate(found)
    ]
    return Judged(
        name=name,
        found=np.array(found, np.bool_),
        relevant=relevant,
        hits=tuple(hits),
        group=group,
        id=id_ or f"id of {name}",
        seconds=0.01 * len(name),
    )


def plan(queries, total=None, asked=ASKED):
    return Plan(
        title="Pictures by label",
        says=f"How {EVIL} are found.",
        total=len(queries) if total is None else total,
        queries=iter(()),
        asked=asked,
        group_word="class",
        group_of={hit.id: query.group for query in queries for hit in query.hits},
    )


QUERIES = [
    judged("/photos/good.jpg", [True, False], group="cats"),
    judged(f"/photos/{EVIL}.jpg", [False, True], group=EVIL),
    judged("/photos/lost.jpg", [False, False], group="dogs"),
]


class Page(HTMLParser):
    """Reads what a browser would: tags, and what they ask for."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.addresses, self.handlers, self.words = [], [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in {"src", "href", "data", "action", "srcset"}]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture
def page():
    def page(report, thumbnail=lambda _: JPEG):
        return Page(render(report, Pictures(thumbnail, lambda _: EVIL)).decode())

    return page


def test_a_page_holds_figures_classes_and_pictures_and_asks_for_nothing(page):
    mixed = replace(plan(QUERIES), group_of={"cats-0": "cats", "dogs-0": "cats"})
    made = page(Report(about={"gallery": EVIL}, sections=(section_of(mixed, QUERIES),)))
    assert {"main", "section", "svg", "table", "img"} <= set(made.tags)
    assert "script" not in made.tags
    assert not made.handlers
    assert all(one.startswith(("data:image/jpeg;base64,", "#run")) for one in made.addresses)
    text = " ".join(made.words)
    assert "50.0" in text, "mAP of 1, ½ and 0"
    assert all(word in text for word in ("cats", "dogs", "lost.jpg", "The worst queries", "What is mixed up"))


def test_names_cannot_turn_the_text_round_or_colour_a_terminal(page):
    made = page(Report(about={"gallery": EVIL}, sections=(section_of(plan(QUERIES), QUERIES),)))
    assert not re.search("[\u202e\x1b]", "".join(made.words))
    assert "<script>alert(1)</script>" in "".join(made.words), "it is shown as it is written"


def test_names_of_classes_that_are_mixed_up_cannot_turn_the_text_round(page):
    mixed = replace(plan(QUERIES), group_of={"cats-0": EVIL, f"{EVIL}-0": "cats"})
    made = page(Report(about={}, sections=(section_of(mixed, QUERIES),)))
    assert "What is mixed up" in made.words
    assert not re.search("[\u202e\x1b]", "".join(made.words))


def test_where_nothing_was_called_the_same_nothing_is_said_of_how_sure_it_was():
    asked = Asked(per_query=("success@1",), pooled=("calibration error of copies", "micro AP"))
    queries = [judged("a", [True], tier="similar"), judged("b", [], tier="similar")]
    measures = section_json(section_of(plan(queries, asked=asked), queries))["measures"]
    assert measures["calibration error of copies"]["value"] is None
    assert measures["micro AP"]["value"] == 0.5


def test_all_that_is_right_counts_however_much_it_is_and_confidences_of_first_pages_only():
    asked = Asked(per_query=("success@1",), pooled=("micro AP", "recall at precision 90 %", "calibration error"))
    hits = [JudgedHit(id=str(place), is_relevant=place < 50, confidence=0.9, tier="edited") for place in range(60)]
    query = replace(judged("a", [True] * 50, relevant=50), hits=tuple(hits[:50]))
    measures = section_json(section_of(plan([query], asked=asked), [query]))["measures"]
    assert measures["micro AP"]["value"] == measures["recall at precision 90 %"]["value"] == 1.0
    late = replace(query, hits=tuple(hits))
    measures = section_json(section_of(plan([late], asked=asked), [late]))["measures"]
    assert measures["calibration error"]["value"] == pytest.approx(0.1), "nine of ten were promised, ten were right"


def test_what_counts_neither_way_on_the_searchs_own_word_is_told(page):
    queries = [replace(judged("a", [True], tier="edited"), excused=2), judged("b", [True], tier="edited")]
    section = section_of(plan(queries), queries)
    assert section_json(section)["excusing"] == 1
    assert "In 1 of 2 queries, pictures that the search takes" in " ".join(
        page(Report(about={}, sections=(section,))).words
    )


def test_hits_are_drawn_with_their_queries():
    queries = [judged("a", [True, False], tier="edited"), judged("b", []), judged("c", [False], relevant=0)]
    for numbers in ([0, 1, 2], [2, 2, 0], [1], [1, 0, 0, 1, 2]):
        drawn = pooled(queries).drawn(np.bincount(numbers, minlength=3))
        expected = pooled([queries[number] for number in numbers])
        for name, measure in POOLED.items():
            assert measure(drawn) == pytest.approx(measure(expected)), name
        assert drawn.relevant == expected.relevant


def test_figures_of_10_000_queries_in_2_000_classes_take_seconds():
    random = np.random.default_rng(0)
    queries = [judged(str(n), random.random(10) < 0.3, group=f"c{n % 2_000}", relevant=9) for n in range(10_000)]
    start = time.thread_time()
    section_of(plan(queries), queries)
    assert time.thread_time() - start < 15


def test_pictures_that_have_gone_leave_a_gap(page):
    made = page(Report(about={}, sections=(section_of(plan(QUERIES), QUERIES),)), thumbnail=lambda _: None)
    assert "img" not in made.tags
    assert "not there any more" in made.words


def test_the_worst_queries_come_first(page):
    made = page(Report(about={}, sections=(section_of(plan(QUERIES), QUERIES),)))
    text = "".join(made.words)
    worst, best = text.partition("The worst queries")[2].split("The best queries")
    assert worst.index("lost.jpg") < worst.index("alert(1)")
    assert "good.jpg" in best
    assert "lost.jpg" not in best


def test_queries_of_one_name_are_told_apart(page):
    queries = [judged("/photos/same.jpg", found, id_="same") for found in ([True], [False, True], [True, True, False])]
    made = page(Report(about={}, sections=(section_of(plan(queries), queries),)))
    assert "".join(made.words).count("same.jpg") == 3


def test_distractors_that_were_accepted_are_shown_and_counted(page):
    asked = replace(ASKED, pooled=("micro AP", "recall at precision 90 %", "calibration error of copies"))
    queries = [
        judged("kept", [True], tier="edited", group="crop"),
        judged("held out", [False], tier="edited", relevant=0),
        judged("silent", [False], tier="similar", relevant=0),
    ]
    section = section_of(plan(queries, asked=asked), queries)
    assert (section.figures.distractors, section.figures.false_accepts) == (2, 1)
    text = " ".join(page(Report(about={}, sections=(section,))).words)
    assert "1 of 2" in text
    assert "Called the same, though nothing is right" in text, "by pairs, nothing was held out"
    assert "How long a search took" in text


def test_a_run_that_did_not_ask_all_says_so(page):
    section = section_of(plan(QUERIES, total=99), QUERIES)
    assert not section.is_whole
    assert "Only 3 of 99 queries were asked" in " ".join(page(Report(about={}, sections=(section,))).words)
    assert section_json(section)["whole"] is False


def test_json_holds_every_figure_with_its_interval():
    told = json.loads(json.dumps(section_json(section_of(plan(QUERIES), QUERIES)), allow_nan=False))
    assert told["measures"]["mAP"]["value"] == 0.5
    assert told["measures"]["mAP"]["low"] <= 0.5 <= told["measures"]["mAP"]["high"]
    assert [group["name"] for group in told["groups"]] == ["dogs", EVIL, "cats"]
    assert told["groups"][0]["first_hits_from"] == {"dogs": 1}


def test_figures_that_are_none_are_null_in_json():
    distractor = [judged("nothing", [False], relevant=0)]
    told = json.loads(json.dumps(section_json(section_of(plan(distractor), distractor)), allow_nan=False))
    assert told["measures"]["mAP"] == {"value": None, "low": None, "high": None}


def test_two_systems_are_compared_on_the_queries_that_both_were_asked(page):
    better = [replace(query, found=np.array([True, False])) for query in QUERIES]
    versus = versus_of(plan(QUERIES), [*QUERIES, judged("only A", [True])], better)
    assert len(versus.a.judged) == len(versus.b.judged) == 3
    assert versus.differences["mAP"].value == pytest.approx(0.5)
    assert versus_json(versus)["differences"]["mAP"]["b_above_a"] > 0.9
    made = page(Report(about={}, versus=(versus,)))
    text = " ".join(made.words)
    assert "Which one searches better?" in text
    assert "Where B is better" in text
    assert "Where A is better" not in text
    assert all(text.count(word) == 2 for word in (" in full", "By class, the worst first", "95 % interval"))
    assert "script" not in made.tags


def test_of_two_the_one_that_accepts_too_much_is_not_called_better_by_that(page):
    asked = Asked(per_query=("recognised",), pooled=("micro AP",), by_group=("recognised",))
    copies = [judged(f"copy {n}", [True], tier="edited") for n in range(20)]
    distractors = [judged(f"held out {n}", [False], tier="similar", relevant=0) for n in range(20)]
    accepted = [replace(one, hits=tuple(replace(hit, tier="edited") for hit in one.hits)) for one in distractors]
    versus = versus_of(plan(copies, asked=asked), [*copies, *distractors], [*copies, *accepted])
    (told,) = [versus_json(versus)["differences"]["distractors called the same"]]
    assert (told["value"], told["clear"]) == (1.0, True)
    assert versus.differences["micro AP"].value < 0
    text = " ".join(page(Report(about={}, versus=(versus,))).words)
    assert "0.0 100.0 +100.0 +100.0 to +100.0 A is better" in re.sub(r"\s+", " ", text)


def test_what_only_one_of_two_can_answer_counts_for_neither(page):
    asked = Asked(per_query=("success@1",), pooled=(), by_group=("success@1",))
    shared, lacking = judged("shared", [True]), judged("lacking", [False], relevant=0)
    versus = versus_of(plan([shared], asked=asked), [shared, judged("lacking", [False])], [shared, lacking])
    assert [side.figures.value("success@1") for side in (versus.a, versus.b)] == [1.0, 1.0]
    assert versus.b.figures.distractors == 0
