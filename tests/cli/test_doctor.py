"""Does `lookalike doctor` find what is wrong, and change nothing?"""

import errno
import json
import os
import re
import shutil

import pytest
from networks import draw_network, make_card

from lookalike.models.engines import has_openvino

pytestmark = pytest.mark.slow


def test_the_doctor_finds_everything_well(cli, gallery):
    done = cli("doctor", "--gallery", gallery, "--json")
    found = {(one["subject"], one["state"]) for one in done.objects}
    assert done.code == 0, done.stdout
    assert not [one for one in done.objects if one["state"] == "error"]
    for subject in ("jpeg", "png", "webp", "gif", "bmp", "tiff", "avif", "heic", "raw", "sqlite", "gallery", "encoder"):
        assert (subject, "ok") in found
    lines = cli("doctor", "--gallery", gallery).stdout.splitlines()
    assert len(lines) >= len(done.objects)
    assert any(line.startswith("ok      jpeg       can be read") for line in lines)


def test_the_doctor_compares_the_engines(cli, tmp_path):
    network = draw_network()
    (tmp_path / "colours.onnx").write_bytes(network)
    (tmp_path / "colours.json").write_text(json.dumps(make_card({"colours.onnx": network})))
    done = cli("doctor", "--encoder", f"onnx:{tmp_path / 'colours.onnx'}", "--json")
    found = [one["what"] for one in done.objects if one["subject"] == "encoder"]
    assert done.code == 0
    assert " on onnxruntime, " in found[0]
    assert re.match(r"ONNX Runtime \S+ can use (\w+, )*cpu", found[1])
    if has_openvino():
        assert " on openvino, not in use, " in found[2]
        assert "agree: cosine 1.0000" in found[3]


def test_the_doctor_changes_nothing(cli, tmp_path):
    done = cli("doctor", "--gallery", tmp_path / "none.gallery")
    assert done.code == 0
    assert "none at" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_doctor_takes_it_that_a_gallery_may_only_be_read(run, gallery, tmp_path, unprivileged):
    folder = tmp_path / "read only"
    folder.mkdir()
    shutil.copy(gallery, folder)
    folder.chmod(0o500)
    done = run("doctor", "--gallery", folder / gallery.name, "--json", prefix=unprivileged)
    folder.chmod(0o700)
    assert done.code == 0, done.stdout
    (warning,) = (one for one in done.objects if one["subject"] == "disk" and one["state"] == "warning")
    assert f"nothing can be written to {folder}" in warning["what"]
    assert "searching needs no more" in warning["fix"]


def test_the_doctor_says_that_the_disk_is_full(cli, gallery, monkeypatch):
    def full(*_: object, **__: object):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("lookalike.cli.checkup.machine.TemporaryFile", full)
    done = cli("doctor", "--gallery", gallery, "--json")
    assert done.code == 3
    (bad,) = (one for one in done.objects if one["state"] == "error")
    assert (bad["subject"], bad["fix"]) == ("disk", "Make room there.")
    assert bad["what"].endswith("No space left on device")


def test_the_doctor_finds_a_damaged_gallery(cli, gallery):
    data = bytearray(gallery.read_bytes())
    for start in range(4096, len(data), 8192):
        data[start + 100 : start + 600] = os.urandom(500)
    gallery.write_bytes(data)
    done = cli("doctor", "--gallery", gallery, "--json")
    assert done.code == 3
    bad = [one for one in done.objects if one["state"] == "error"]
    assert bad
    assert all(one["what"] and "\n" not in one["what"] for one in bad), "a sentence each"
    assert any("-wal" in one.get("fix", "") for one in bad)


def test_the_doctor_looks_at_the_block_list(cli, gallery, album):
    blocked = gallery.with_name(f"{gallery.name}.blocked")
    assert cli("block", album / "3.jpg", "--gallery", gallery).code == 0
    assert f"block list 1 picture in {blocked}, sound" in cli("doctor", "--gallery", gallery).stdout
    blocked.write_bytes(b"nonsense")
    assert cli("doctor", "--gallery", gallery).code == 3
    done = cli("index", album, "--gallery", gallery)
    assert done.code == 3
    assert "The block list cannot be opened" in done.stderr
    assert "backup" in done.stderr


def test_the_doctor_finds_a_broken_encoder_and_looks_at_the_rest(cli, gallery, tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"no model")
    done = cli("doctor", "--gallery", gallery, "--encoder", f"onnx:{tmp_path / 'model.onnx'}", "--json")
    assert done.code == 3
    states = {one["subject"]: one["state"] for one in done.objects}
    assert states["encoder"] == "error"
    assert states["gallery"] == "ok"
    assert json.dumps(done.objects)
