"""Does a person change the encoder of a gallery from the terminal, and go back?"""

import json

import pytest
from networks import make_whole_checkpoint

from lookalike.gallery import open_gallery
from lookalike.testing import make_record

pytestmark = pytest.mark.slow


def test_it_is_changed_searched_with_rolled_back_and_dropped(cli, gallery, model, album):
    done = cli("reencode", "--encoder", f"onnx:{model}", "--gallery", gallery)
    assert done.code == 0, done.stderr
    assert done.stdout == f"onnx:{model} answers queries.\n"
    assert "--rollback" in done.stderr
    assert "--drop mini" in done.stderr
    answer = cli("search", album / "3.jpg", "--gallery", gallery, "--json").objects
    assert {one["evidence"]["signal"] for one in answer if one["tier"] == "similar"} == {"colours@1/colour"}
    assert json.loads(cli("info", "--gallery", gallery, "--json").stdout)["encoder"] == f"onnx:{model}"
    assert cli("reencode", "--rollback", "--gallery", gallery).stdout == "mini answers queries.\n"
    refused = cli("reencode", "--drop", "mini", "--gallery", gallery)
    assert refused.code == 2
    assert "answers" in refused.stderr
    dropped = cli("reencode", "--drop", f"onnx:{model}", "--gallery", gallery)
    assert dropped.stdout.startswith("Dropped colours@1/colour: ")
    assert cli("reencode", "--rollback", "--gallery", gallery).code == 2


def test_each_picture_is_told_of_in_json_as_index_does(cli, gallery, model):
    *pictures, _ = cli("reencode", "--encoder", f"onnx:{model}", "--json", "--gallery", gallery).objects
    assert {tuple(one) for one in pictures} == {("uri", "path", "outcome", "reason", "id")}
    assert all(one["path"] and one["uri"].endswith(one["path"]) for one in pictures)


def test_it_may_be_filled_first_and_switched_later(cli, gallery, model):
    done = cli("reencode", "--encoder", f"onnx:{model}", "--no-switch", "--gallery", gallery)
    assert done.stdout.startswith("mini answers queries.\n")
    assert f"onnx:{model} is filled.\n" in done.stdout
    facts = json.loads(cli("info", "--gallery", gallery, "--json").stdout)
    assert {one["name"]: one["role"] for one in facts["spaces"]}["colours@1/colour"] == "filling"
    done = cli("reencode", "--json", "--gallery", gallery)
    assert done.objects[-1] == {"now": f"onnx:{model}", "before": "mini", "filling": "", "lacking": 0}


def test_what_cannot_be_encoded_is_named_and_nothing_is_switched(cli, gallery, model):
    with open_gallery(gallery) as opened:
        opened.put([make_record("file:///not/d%C3%A4.jpg")])
    done = cli("reencode", "--encoder", f"onnx:{model}", "--gallery", gallery)
    assert done.code == 3
    assert "\n/not/dä.jpg: " in f"\n{done.stderr}"
    assert "1 of 9" in done.stderr
    done = cli("reencode", "--anyway", "--gallery", gallery)
    assert done.code == 0
    assert "1 picture could not be encoded" in done.stdout


@pytest.mark.parametrize(
    "given", [("--rollback", "--drop", "mini"), ("--encoder", "mini", "--rollback"), ("--rollback", "--anyway")]
)
def test_what_does_not_go_together_is_refused(cli, gallery, given):
    assert cli("reencode", *given, "--gallery", gallery).code == 2


def test_an_empty_gallery_has_nothing_to_change(cli, tmp_path):
    assert cli("reencode", "--encoder", "mini", "--gallery", tmp_path / "none.gallery").code == 2


@pytest.mark.slow
def test_to_go_back_is_not_to_switch_to_what_was_begun(cli, gallery, model, tmp_path):
    other = tmp_path / "an other" / "farben.onnx"
    other.parent.mkdir()
    for name, content in make_whole_checkpoint().items():
        renamed = content.replace(b'"colours", "version"', b'"farben", "version"')
        (other.parent / name.replace("colours", "farben")).write_bytes(renamed.replace(b"colours.onnx", b"farben.onnx"))
    assert cli("reencode", "--encoder", f"onnx:{other}", "--gallery", gallery).code == 0
    back = cli("reencode", "--rollback", "--gallery", gallery)
    assert f"--drop 'onnx:{other}'" in back.stderr
    assert cli("reencode", "--encoder", f"onnx:{model}", "--no-switch", "--gallery", gallery).code == 0
    done = cli("reencode", "--rollback", "--json", "--gallery", gallery)
    assert done.objects[-1] == {"now": f"onnx:{other}", "before": "mini", "filling": f"onnx:{model}", "lacking": 0}


@pytest.mark.parametrize("throttle", ["0", "inf", "nan"])
def test_an_impossible_throttle_begins_nothing(cli, tmp_path, throttle):
    refused = cli("reencode", "--encoder", "mini", "--throttle", throttle, "--gallery", tmp_path / "none.gallery")
    assert refused.code == 2
    assert "throttle" in refused.stderr
