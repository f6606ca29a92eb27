"""Can one measure search, and have it learn, from the terminal?"""

import json
import shutil
import time
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from waiting import eventually

from lookalike.cli.evaluate import _Asking
from lookalike.cli.evaluated import print_report
from lookalike.cli.subjects import is_encoder
from lookalike.evaluation import pairing
from lookalike.evaluation.figures import Asked
from lookalike.evaluation.judged import Judged
from lookalike.evaluation.report.sections import Report, section_of
from lookalike.evaluation.runs import Plan, copies
from lookalike.gallery import open_gallery

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def classes(album, tmp_path_factory):
    """The album with a label and a caption for each picture."""
    folder = tmp_path_factory.mktemp("classes")
    rows = ["image,label,caption"]
    for seed in range(8):
        (folder / f"{seed}.jpg").write_bytes((album / f"{seed}.jpg").read_bytes())
        rows.append(f"{seed}.jpg,{'even' if seed % 2 == 0 else 'odd'},picture number {seed}")
    (folder / "table.csv").write_text("\n".join(rows) + "\n")
    return folder


def test_pictures_of_a_table_are_evaluated_in_a_gallery_that_is_gone_afterwards(cli, classes, home, tmp_path):
    page = tmp_path / "report.html"
    done = cli("evaluate", classes / "table.csv", "--by", "label", "--names", "--report", page, "--json")
    assert done.code == 0, done.stderr
    assert [one["title"] for one in done.objects] == [
        "Pictures by label",
        "Pictures by the name of their class",
        "The name of the class by a picture",
    ]
    assert done.objects[0]["queries"] == 8
    assert done.objects[0]["about"]["pictures"] == "8"
    assert page.read_text().count("<section") == 3
    assert not list(home.rglob("*.gallery"))


def test_a_gallery_is_evaluated_by_copies_and_by_a_table_of_truth(cli, gallery, classes):
    done = cli("evaluate", "--gallery", gallery, "--copies", "--queries", 4, "--seed", 2)
    assert done.code == 0, done.stderr
    assert "Edited copies" in done.stdout
    assert "success@1" in done.stdout
    assert "of 1." in done.stdout, "a fifth is held out"
    told = cli("evaluate", "--gallery", gallery, "--captions", "--truth", classes / "table.csv", "--json")
    assert [one["queries"] for one in told.objects] == [8, 8]


def test_two_encoders_are_compared_on_the_same_pictures(cli, gallery, classes):
    asked = ("--by", "label", "--truth", classes / "table.csv")
    done = cli("evaluate", "--gallery", gallery, *asked, "--compare", "mini", gallery)
    assert done.code == 0, done.stderr
    assert "no clear difference" in done.stdout
    told = cli(
        *("evaluate", "--gallery", gallery, "--by", "label", "--truth", classes / "table.csv", "--json"),
        *("--compare", gallery, gallery),
    )
    (versus,) = told.objects
    assert versus["differences"]["mAP"]["value"] == 0
    assert versus["a"]["measures"] == versus["b"]["measures"]


def test_a_new_encoder_is_compared_on_what_passes_a_filter_by_when_pictures_came(cli, gallery, model):
    with open_gallery(gallery) as held:
        records = held.scan(limit=100, embeddings=True).records
        held.delete([record.id for record in records])
        held.put([replace(record, added_at=datetime(2000, 1, 1, tzinfo=UTC)) for record in records])
    asked = ("--copies", "--queries", 4, "--where", "added:..2001", "--json")
    done = cli("evaluate", "--gallery", gallery, *asked, "--compare", "mini", f"onnx:{model}")
    assert done.code == 0, done.stderr
    (versus,) = done.objects
    assert versus["about"]["pictures A"] == versus["about"]["pictures B"] == "8"


def switching(cli, gallery, model, *, after):
    """Have a function that gives one thing after the other switch the gallery to another encoder after the first."""

    def ask(subject, *given):
        for number, one in enumerate(after(subject, *given)):
            yield one
            if number == 0:
                assert cli("reencode", "--gallery", gallery, "--encoder", f"onnx:{model}").code == 0
                eventually(lambda: subject.library.encoder.name != "mini", within_s=2)

    return ask


def test_an_evaluation_stays_with_the_encoder_that_it_began_with(cli, gallery, model, monkeypatch):
    monkeypatch.setattr(copies, "_ask_copies", switching(cli, gallery, model, after=copies._ask_copies))
    done = cli("evaluate", "--gallery", gallery, "--copies", "--queries", 4, "--json")
    assert done.code == 0, done.stderr
    assert done.objects[0]["about"]["encoder"] == "mini"
    assert cli("info", "--gallery", gallery, "--json").objects[0]["encoder"] != "mini"


def test_learning_stays_with_the_encoder_that_it_began_with(cli, gallery, model, monkeypatch):
    monkeypatch.setattr(pairing, "make_copies", switching(cli, gallery, model, after=pairing.make_copies))
    refused(cli("calibrate", "--gallery", gallery), "too few different pictures to learn from among 8")


def test_of_two_galleries_only_what_both_can_be_asked_is_compared(cli, classes, tmp_path):
    cli("index", "--table", classes / "table.csv", "--gallery", tmp_path / "labelled.gallery")
    cli("index", classes, "--gallery", tmp_path / "plain.gallery")
    sides = (tmp_path / "labelled.gallery", tmp_path / "plain.gallery")
    told = cli("evaluate", "--gallery", sides[0], "--queries", 3, "--json", "--compare", *sides)
    assert told.code == 0, told.stderr
    assert [one["title"] for one in told.objects] == ["Edited copies"]


@pytest.mark.parametrize("compares", [False, True])
def test_where_all_of_a_label_are_one_picture_nothing_is_asked_and_it_says_why(cli, classes, tmp_path, compares):
    pictures = [path for path in sorted(classes.rglob("*")) if path.suffix in {".png", ".jpg"}][:2]
    rows = ["image,label"]
    for number, picture in enumerate([*pictures, *pictures]):
        name = f"{number}{picture.suffix}"
        (tmp_path / name).write_bytes(picture.read_bytes())
        rows.append(f"{name},{picture.stem}")
    (tmp_path / "table.csv").write_text("\n".join(rows) + "\n")
    gallery = tmp_path / "twice.gallery"
    assert cli("index", "--table", tmp_path / "table.csv", "--gallery", gallery).code == 0
    both = ("--compare", gallery, gallery) if compares else ()
    said = "Of what both hold, nothing can be asked by label" if compares else "apart from second copies"
    refused(cli("evaluate", "--gallery", gallery, "--by", "label", *both), said)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--report", "report.pdf"], ".html"),
        (["--report", "nowhere/report.html"], "folder"),
        (["--report", "a folder.html"], "is a folder"),
        (["--queries", "-1"], "cannot be asked"),
        (["--seed", "-1"], "begin with -1"),
        (["nowhere", "--copies"], "nowhere"),
        ([".", "--by", "folder", "--compare", "a.gallery", "b.gallery"], "are galleries already"),
        ([".", "--pairs", "missing.csv"], "missing.csv"),
        ([".", "--truth", "missing.csv", "--by", "label"], "missing.csv"),
        ([".", "--by", "colour"], "told apart"),
        ([".", "--names"], "--by label --names"),
        ([".", "--copies", "--where", "label:"], "filter"),
        (["--by", "label", "--images", "."], "No table and no --pairs"),
        ([".", "--by", "folder", "--images", "."], "No table and no --pairs"),
    ],
)
def test_what_cannot_be_done_is_refused_at_once(cli, gallery, arguments, said, tmp_path, monkeypatch):
    (tmp_path / "a folder.html").mkdir()
    monkeypatch.chdir(tmp_path)
    done = cli("evaluate", "--gallery", gallery, *arguments)
    refused(done, said)
    assert "Indexing" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--by", "label"], "No picture of the gallery has a label"),
        (["--captions"], "Fewer than two pictures"),
        (["--copies", "--where", "format:gif"], "pass the filter 'format:gif'"),
        (["--copies", "--difficulty", "hard"], "Leave out --difficulty"),
        (["--pairs", "."], "'.' is a folder, not a file"),
        (["--copies", "--compare", "mini", "no.gallery"], "no.gallery"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_a_way_out(cli, gallery, arguments, said):
    refused(cli("evaluate", "--gallery", gallery, *arguments), said)


def refused(done, said):
    assert done.code == 2, done.stdout
    assert said in done.stderr
    assert not done.stdout


def test_an_empty_gallery_says_how_to_fill_it(cli, tmp_path):
    cli("index", tmp_path, "--gallery", tmp_path / "empty.gallery")
    done = cli("evaluate", "--gallery", tmp_path / "empty.gallery", "--copies")
    assert done.code == 2
    assert "lookalike index" in done.stderr


@pytest.mark.parametrize(
    ("text", "expected"), [("mini", True), ("onnx:a.onnx", True), ("a.gallery", False), ("C:\\a.gallery", False)]
)
def test_an_encoder_is_told_from_a_gallery(text, expected):
    assert is_encoder(text) is expected


def test_too_small_a_gallery_learns_nothing_and_says_why(cli, gallery):
    done = cli("calibrate", "--gallery", gallery)
    assert done.code == 2
    assert "too few" in done.stderr


def test_a_gallery_learns_shows_it_and_forgets_it(cli, tmp_path):
    from lookalike.testing import picture_bytes

    (tmp_path / "many").mkdir()
    for seed in range(60):
        (tmp_path / "many" / f"{seed}.jpg").write_bytes(picture_bytes(seed, (64, 48)))
    path = tmp_path / "many.gallery"
    cli("index", tmp_path / "many", "--gallery", path)
    assert cli("calibrate", "--gallery", path, "--where", "format:png", "--dry-run").code == 2, (
        "there are no such pictures"
    )
    tried = cli("calibrate", "--gallery", path, "--dry-run", "--json")
    assert tried.code == 0
    assert {one["space"] for one in tried.objects} >= {"mini@2/visual", "mini@2/copy"}
    assert not any(one["learned"] for one in json.loads(cli("info", "--gallery", path, "--json").stdout)["spaces"])
    done = cli("calibrate", "--gallery", path)
    assert done.code == 0, done.stderr
    assert "better" in done.stdout
    assert "calibrated" in cli("info", "--gallery", path).stdout
    assert cli("calibrate", "--gallery", path, "--reset").code == 0
    assert "calibrated" not in cli("info", "--gallery", path).stdout
    assert cli("calibrate", "--gallery", path, "--reset").code == 1


def test_a_terminal_of_20_columns_shows_the_names_of_measures(monkeypatch):
    found = section_of(Plan(title="all", says="", total=1, queries=iter(()), asked=Asked(per_query=("MRR",))), [QUERY])
    shown = StringIO()
    narrow = Console(file=shown, width=20, force_terminal=True)
    monkeypatch.setattr("lookalike.cli.terminal.console", lambda: narrow)
    print_report(Report(about={}, sections=(found,)))
    assert "MRR" in shown.getvalue()
    assert "calibration error" in shown.getvalue()


def test_learning_and_forgetting_at_once_make_no_sense(cli, gallery):
    assert cli("calibrate", "--gallery", gallery, "--reset", "--dry-run").code == 2
    assert cli("calibrate", "--gallery", gallery, "--reset", "--where", "label:dog").code == 2
    assert cli("calibrate", "--gallery", gallery, "--pictures", "0").code == 2
    assert cli("calibrate", "--gallery", gallery, "--seed", "-1").code == 2


def test_a_field_that_does_not_exist_teaches_nothing(cli, tmp_path):
    refused(cli("calibrate", "--gallery", tmp_path / "none.gallery", "--by", "colour"), "told apart")


def test_stopping_keeps_what_was_asked_so_far(subject_of_plans):
    first, second = subject_of_plans
    asking = _Asking()
    assert len(asking.judge(first)) == 3
    assert asking.stopped_by
    assert asking.judge(second) == [], "nothing more is asked"


@pytest.mark.parametrize("done", [0, 1])
def test_stopping_before_a_plan_has_begun_keeps_those_before_it(cli, gallery, subject_of_plans, monkeypatch, done):
    first, second = subject_of_plans
    plans = [replace(second, title=f"whole {n}", queries=iter([QUERY])) for n in range(done)]
    monkeypatch.setattr(
        "lookalike.evaluation.plans.plans_of", lambda *_: [*plans, replace(first, queries=stopped_after(0))]
    )
    ran = cli("evaluate", "--gallery", gallery, "--json")
    assert ran.code == 130
    assert [one["title"] for one in ran.objects] == [plan.title for plan in plans]
    assert ("queries asked so far" in ran.stderr) is bool(plans)


def test_what_was_found_before_something_broke_is_shown_and_the_error_comes_last(cli, gallery, classes, tmp_path):
    shutil.copytree(classes, tmp_path / "drive")
    labelled = tmp_path / "labelled.gallery"
    assert cli("index", "--table", tmp_path / "drive" / "table.csv", "--gallery", labelled).code == 0
    shutil.rmtree(tmp_path / "drive")
    page = tmp_path / "report.html"
    done = cli("evaluate", "--gallery", labelled, "--json", "--report", page)
    assert done.code == 2
    assert [one["title"] for one in done.objects] == ["Pictures by label", "Pictures by caption", "Captions by picture"]
    assert page.read_text().count("<section") == 3
    assert "could be read any more" in done.stderr
    assert "Mount their drive" in done.stderr
    refused(cli("evaluate", "--gallery", labelled, "--copies"), "could be read any more")


@pytest.fixture
def subject_of_plans():
    """Two plans, of which the first is stopped after three queries."""
    asked = Asked(per_query=("success@1",))
    first = Plan(title="first", says="", total=9, queries=stopped_after(3), asked=asked)
    return first, replace(first, title="second", queries=iter([QUERY]))


QUERY = Judged(name="a", found=np.array([True]), relevant=1, hits=())


def stopped_after(count):
    yield from [QUERY] * count
    raise KeyboardInterrupt


def test_ctrl_c_ends_it_without_a_complaint(start, interrupt, gallery):
    process = start("evaluate", "--gallery", gallery, "--copies", "--queries", 100_000)
    while not Path(f"{gallery}.thumbnails").exists():
        assert process.poll() is None
        time.sleep(0.1)
    stdout, stderr = interrupt(process)
    assert process.returncode == 130, stderr
    assert "Traceback" not in stderr
    assert "Stopped" in stderr
    assert ("success@1" in stdout) is ("queries asked so far" in stderr)


def test_a_new_encoder_is_compared_by_the_vectors_that_the_gallery_holds_already(cli, gallery, classes, model):
    cli("reencode", "--encoder", f"onnx:{model}", "--no-switch", "--gallery", gallery)
    asked = ("evaluate", "--gallery", gallery, "--by", "label", "--truth", classes / "table.csv", "--json")
    done = cli(*asked, "--compare", "mini", f"onnx:{model}")
    assert done.code == 0, done.stderr
    (versus,) = done.objects
    assert (versus["about"]["encoder A"], versus["about"]["encoder B"]) == ("mini", f"onnx:{model}")
    assert versus["about"]["gallery A"] == versus["about"]["gallery B"]
    assert "Indexing" not in done.stderr
