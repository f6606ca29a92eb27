"""Can one see which encoders there are, and fetch them, from a terminal?"""

import hashlib
import json
import os
import re
import shutil
import time
from pathlib import Path

import onnx
import pytest
from hub_server import COMMIT, Repository, ask_only, serving_hub
from networks import draw_network, make_card
from onnx import helper

from lookalike.models.hub import fetch_repository

NAME = "onnx:hf:org/colours/colours.onnx"


@pytest.fixture
def hub(tmp_path, monkeypatch):
    model = onnx.load_from_string(draw_network())
    helper.set_model_props(model, {"about": "long " * 60_000})  # so that it comes in several pieces
    network = model.SerializeToString()
    card = json.dumps(make_card({"colours.onnx": network})).encode()
    with serving_hub({"org/colours": Repository({"colours.onnx": network, "colours.json": card})}) as running:
        ask_only(running, tmp_path / "hub", monkeypatch)
        yield running


def test_the_list_shows_what_is_known_and_what_is_here(cli):
    done = cli("encoders")
    assert done.code == 0
    lines = {line.split()[0]: line for line in done.stdout.splitlines()[1:]}
    assert "bundled" in lines["mini"]
    dim, mb, ms = lines["timm:resnet50@a1_in1k"].split()[1:4]
    assert (dim, mb) == ("2048", "102")
    assert float(ms) > 1
    assert "one core of" in done.stderr


def test_names_are_whole_however_narrow_the_terminal(cli, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "60")
    rows = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in cli("encoders").stdout.splitlines()]
    width = rows[0].index("dim")
    names = "".join(row[:width].strip() for row in rows)
    assert "hf:google/siglip2-base-patch16-256" in names
    assert "hf:google/siglip2-base-patch32-256" in names


def test_terms_that_are_longer_than_a_name_are_marked_in_the_list(cli):
    lines = {line.split()[0]: line for line in cli("encoders").stdout.splitlines()[1:]}
    assert "Apache-2.0 in part …" in lines["mini"]
    assert "DINOv3 License …" in lines["timm:vit_base_patch16_dinov3@lvd1689m"]
    assert "…" not in lines["timm:resnet50@a1_in1k"]


def test_the_list_is_the_same_as_json(cli):
    rows = cli("encoders", "list", "--json").objects
    assert rows[0]["name"] == "mini"
    assert rows[0]["bundled"]
    assert all({"dim", "mb", "ms", "words", "licence", "paper", "fetched_bytes"} <= row.keys() for row in rows)


@pytest.mark.slow
def test_pulling_fetches_loads_and_says_what_a_picture_costs(cli, hub):
    done = cli("encoders", "pull", NAME)
    assert done.code == 0, done.stderr
    assert f"onnx:hf:org/colours@{COMMIT}/colours.onnx is ready: 48 dimensions (colour)" in done.stdout
    assert "Fetching org/colours" in done.stderr


@pytest.mark.slow
def test_pulling_again_asks_only_whether_there_is_a_newer_one(cli, hub):
    cli("encoders", "pull", NAME)
    hub.asked.clear()
    (facts,) = cli("encoders", "pull", NAME, "--json").objects
    assert facts["spaces"][0]["name"] == "colours@1/colour"
    assert not hub.asked_for("/resolve/")
    assert hub.asked_for("/api/models/org/colours")


@pytest.mark.slow
def test_pulling_goes_on_after_the_process_was_killed(start, run, hub):
    repository = hub.repositories["org/colours"]
    size = len(repository.files["colours.onnx"])
    repository.stuck_after["colours.onnx"] = [size // 2]
    process = start("encoders", "pull", NAME)
    part = wait_for_part(hub)
    process.kill()
    process.wait()
    came = part.stat().st_size
    repository.stuck_after.clear()
    hub.asked.clear()
    done = run("encoders", "pull", NAME)
    assert done.code == 0, done.stderr
    assert [headers["range"] for headers in hub.asked_for(hub.storage)] == [f"bytes={came}-"]


def wait_for_part(hub) -> Path:
    """Wait until the first part of the graph lies on the disk."""
    blobs = Path(os.environ["HF_HOME"]) / "hub/models--org--colours/blobs"
    digest = hashlib.sha256(hub.repositories["org/colours"].files["colours.onnx"]).hexdigest()
    part = blobs / f"{digest}.part"
    for _ in range(600):
        if part.is_file() and part.stat().st_size:
            return part
        time.sleep(0.05)
    raise AssertionError("nothing came")


@pytest.mark.slow
def test_an_encoder_is_fetched_when_it_is_first_used(cli, hub, album, tmp_path):
    done = cli("index", album, "--gallery", tmp_path / "a.gallery", "--encoder", NAME)
    assert done.code == 0, done.stderr
    assert "Fetching org/colours" in done.stderr
    hub.asked.clear()
    assert cli("search", album / "0.jpg", "--gallery", tmp_path / "a.gallery", "--encoder", NAME).code == 0
    assert not hub.asked


@pytest.mark.slow
def test_the_doctor_fetches_no_encoder_and_says_how_to(cli, hub, album, tmp_path):
    gallery = tmp_path / "a.gallery"
    assert cli("index", album, "--gallery", gallery, "--encoder", NAME).code == 0
    assert cli("doctor", "--gallery", gallery).code == 0
    hub.asked.clear()
    shutil.rmtree(os.environ["HF_HOME"])
    for asked in ([], ["--encoder", NAME]):
        done = cli("doctor", "--gallery", gallery, *asked, "--json")
        assert done.code == 3
        (wrong,) = (one for one in done.objects if one["state"] == "error")
        assert "org/colours" in wrong["what"]
        assert wrong["what"].endswith(" is not on this machine, or not whole")
        assert not hub.asked
    pull = wrong["fix"].removeprefix("Fetch it: `lookalike ").removesuffix("`.").split()
    assert cli(*pull).code == 0
    assert cli("doctor", "--gallery", gallery).code == 0


def test_a_hub_that_fails_is_the_world_outside(cli, hub):
    hub.repositories["org/colours"].busy_listing.append("500")
    done = cli("encoders", "pull", NAME)
    assert done.code == 3
    assert "asked too often" in done.stderr


def test_showing_says_terms_and_how_to_fetch(cli):
    shown = cli("encoders", "show", "hf:facebook/dinov3-vits16-pretrain-lvd1689m").stdout
    assert "its terms must be accepted on the hub first" in shown
    assert "`lookalike encoders pull hf:facebook/dinov3-vits16-pretrain-lvd1689m` fetches it" in shown


@pytest.mark.slow
def test_showing_what_is_here_measures_it(cli):
    shown = cli("encoders", "show", "mini").stdout
    assert "mini@2/semantic (384)" in shown
    assert "ms a picture on" in shown


@pytest.mark.slow
def test_showing_what_was_fetched_asks_no_hub(cli, hub):
    cli("encoders", "pull", NAME)
    hub.asked.clear()
    assert "colours@1/colour (48)" in cli("encoders", "show", NAME).stdout
    assert not hub.asked


def test_what_is_a_graph_already_is_not_made_smaller_and_it_says_so(cli, home):
    done = cli("encoders", "export", "mini", "--int8")
    assert done.code == 2
    assert "only what runs on PyTorch is made smaller" in done.stderr


def test_what_was_fetched_by_its_commit_is_here_and_what_the_branch_is_would_have_to_be_asked(cli, hub):
    hub.repositories["facebook/dinov2-base"] = Repository({"config.json": b"{}", "model.safetensors": b"x" * 2_000_000})
    fetch_repository("facebook/dinov2-base", COMMIT, ("*.json", "*.safetensors"))
    hub.asked.clear()
    (line,) = (line for line in cli("encoders").stdout.splitlines() if line.startswith("hf:facebook/dinov2-base"))
    assert "2 MB" in line
    done = cli("encoders", "show", "hf:facebook/dinov2-base")
    assert "`lookalike encoders pull hf:facebook/dinov2-base` fetches it" in done.stdout
    assert not hub.asked


def test_what_is_neither_known_nor_here_is_not_fetched_only_to_be_shown(cli, hub):
    done = cli("encoders", "show", "hf:org/colours")
    assert done.code == 2
    assert "encoders pull hf:org/colours" in done.stderr
    assert not hub.asked


@pytest.mark.parametrize(
    "wrong", [("pull",), ("show",), ("show", "mini", "other"), ("list", "mini"), ("pull", "mini", "--int8"), ("burn",)]
)
def test_what_makes_no_sense_is_refused(cli, wrong):
    assert cli("encoders", *wrong).code == 2
