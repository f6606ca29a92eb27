"""Does each family come from a hub, is it searched with, and does it become a graph that needs no PyTorch?"""

import re

import pytest
import torch_checkpoints as checkpoints
from hub_server import COMMIT, Repository, ask_only, serving_hub

from lookalike.encoders import load_encoder
from lookalike.models.hub import staying_offline
from lookalike.models.hub.converted import known_conversion

pytestmark = pytest.mark.torch

FAMILIES = {
    "hf:org/clip": ("org/clip", checkpoints.write_clip),
    "hf:org/siglip": ("org/siglip", checkpoints.write_siglip),
    "hf:org/dinov2": ("org/dinov2", checkpoints.write_dinov2),
    "timm:resnet10t@c3_in1k": ("timm/resnet10t.c3_in1k", checkpoints.write_timm),
    "open_clip:org/open-clip": ("org/open-clip", checkpoints.write_open_clip),
}


@pytest.fixture(scope="module")
def repositories(tmp_path_factory):
    made = {}
    for repo, write in FAMILIES.values():
        folder = tmp_path_factory.mktemp("repository")
        write(folder)
        files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        made[repo] = {name: path.read_bytes() for name, path in files.items()} | {"pytorch_model.bin": b"a pickle"}
    return made


@pytest.fixture
def hub(repositories, tmp_path, monkeypatch):
    with serving_hub({repo: Repository(files) for repo, files in repositories.items()}) as running:
        ask_only(running, tmp_path / "hub", monkeypatch)
        yield running


@pytest.mark.parametrize("name", FAMILIES)
def test_each_family_is_pulled_and_then_needs_no_hub(cli, hub, name):
    (facts,) = cli("encoders", "pull", name, "--json").objects
    assert facts["engine"] == "torch"
    assert f"@{COMMIT}" in facts["name"]
    assert not hub.asked_for(".bin")
    hub.asked.clear()
    shown = cli("encoders", "show", facts["name"]) if name.startswith("hf:") else None
    assert shown is None or shown.code == 0
    assert not hub.asked


def test_what_has_only_pickles_is_taken_as_the_hub_has_converted_it(cli, hub, repositories):
    files = repositories["org/dinov2"]
    pickled = {name.replace("model.safetensors", "pytorch_model.bin"): data for name, data in files.items()}
    hub.repositories["org/old"] = Repository(pickled, pulls={3: Repository(files, commit="e" * 40)})
    (facts,) = cli("encoders", "pull", "hf:org/old", "--json").objects
    assert facts["name"] == f"hf:org/old@{'e' * 40}"
    assert not hub.asked_for(".bin")
    hub.asked.clear()
    with staying_offline():
        assert load_encoder("hf:org/old").name == facts["name"]
    assert not hub.asked


def test_a_conversion_is_forgotten_where_the_repository_has_its_own_weights_or_the_hub_has_none(cli, hub, repositories):
    files = repositories["org/dinov2"]
    pickled = {name.replace("model.safetensors", "pytorch_model.bin"): data for name, data in files.items()}
    pulls = {3: Repository(files, commit="e" * 40)}
    hub.repositories["org/old"] = Repository(pickled, pulls=pulls)
    (before,) = cli("encoders", "pull", "hf:org/old", "--json").objects
    hub.repositories["org/old"] = Repository(files, commit="d" * 40, pulls=pulls)
    (facts,) = cli("encoders", "pull", "hf:org/old", "--json").objects
    assert facts["name"] == f"hf:org/old@{'d' * 40}" != before["name"]
    assert load_encoder("hf:org/old").name == facts["name"]
    hub.repositories["org/old"] = Repository(pickled, pulls=pulls)
    cli("encoders", "pull", "hf:org/old")
    hub.repositories["org/old"] = Repository(pickled)
    assert cli("encoders", "pull", "hf:org/old").code != 0
    assert not known_conversion("org/old")


def test_a_gallery_is_indexed_and_searched_with_an_encoder_from_the_hub(cli, hub, album, tmp_path):
    gallery = ("--gallery", tmp_path / "a.gallery")
    done = cli("index", album, *gallery, "--encoder", "hf:org/clip")
    assert done.code == 0, done.stderr
    hits = cli("search", "a red ball", *gallery, "--json").objects
    assert hits
    (hit, *_) = cli("search", album / "3.jpg", *gallery, "--json").objects
    assert hit["uri"].endswith("3.jpg")


def test_an_encoder_exported_in_8_bits_is_listed_and_searched_with(cli, hub, album, tmp_path):
    done = cli("encoders", "export", "hf:org/siglip", "--pictures", album, "--onnx", "--int8")
    assert done.code == 0, done.stderr
    name = done.stdout.strip()
    cosine = float(re.search(r"of pictures (\d\.\d+)", done.stderr)[1])
    assert cosine >= 0.99
    assert any(row["name"] == name for row in cli("encoders", "--json").objects)
    gallery = ("--gallery", tmp_path / "a.gallery")
    assert cli("index", album, *gallery, "--encoder", name).code == 0
    (hit, *_) = cli("search", album / "3.jpg", *gallery, "--json").objects
    assert hit["uri"].endswith("3.jpg")


def test_an_export_needs_pictures_to_be_verified_on(cli, hub, tmp_path):
    done = cli("encoders", "export", "hf:org/dinov2", "--gallery", tmp_path / "none.gallery")
    assert done.code == 2
    assert "--pictures" in done.stderr
