import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from free_ports import free_ports
from waiting import eventually

from lookalike.cli.serve import _has_desktop, _look_around
from lookalike.library import Lookalike
from lookalike.testing import picture_bytes

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def serving(start, tmp_path):
    """Serve on a free port; gives the process and its address."""

    def serving(*arguments, **options):
        process = start("serve", "--port", 0, "--no-open", *arguments, **options)
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        return process, re.fullmatch(r"Lookalike is at (http://\S+/)\n", line)[1]

    return serving


def ask(url: str) -> dict:
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - our own address
        return json.load(answer)


def wait_for_images(url: str, count: int) -> None:
    assert eventually(lambda: ask(f"{url}v1/info")["images"] >= count), "they were never indexed"


@pytest.mark.slow
def test_it_serves_at_once_and_indexes_meanwhile(serving, album, tmp_path):
    process, url = serving(album, "--gallery", tmp_path / "new.gallery")
    wait_for_images(url, 8)
    with urllib.request.urlopen(url, timeout=30) as page:  # noqa: S310 - our own address
        assert b"<html" in page.read()
    process.send_signal(signal.SIGINT)
    since = time.monotonic()
    _, stderr = process.communicate(timeout=30)
    assert time.monotonic() - since < 20
    assert process.returncode == 130
    assert "Stop it with Ctrl-C." in stderr
    assert "Indexed: 8 added, 0 updated, 0 unchanged, 0 removed, 1 failed." in stderr
    assert "Traceback" not in stderr


@pytest.mark.slow
def test_folders_that_may_be_indexed_may_be_named_from_the_home_folder(serving, home, album, tmp_path, monkeypatch):
    shutil.copytree(album, home / "Album")
    monkeypatch.setenv("LOOKALIKE_INDEX_ROOTS", "~/Album")
    _, url = serving("--gallery", tmp_path / "new.gallery")
    asked = json.dumps({"kind": "index", "path": str(home / "Album")}).encode()
    request = urllib.request.Request(f"{url}v1/jobs", asked, {"Content-Type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own address
        assert answer.status == 202
    wait_for_images(url, 8)


def test_the_index_of_copies_is_made_before_anybody_searches(album, tmp_path):
    with Lookalike(tmp_path / "new.gallery") as library:
        assert list(library.index(album))
        _look_around(library)
        assert len(library.copies._following._index) == 8


def test_nothing_is_looked_for_nor_said_once_all_is_closed(tmp_path, capsys):
    with Lookalike(tmp_path / "new.gallery") as library:
        assert library.gallery.count() == 0
    _look_around(library)
    assert capsys.readouterr().err == ""


@pytest.mark.slow
def test_ctrl_c_in_the_middle_of_indexing_stops_soon_and_keeps_what_is_stored(serving, run, tmp_path):
    folder, gallery = tmp_path / "many", tmp_path / "new.gallery"
    folder.mkdir()
    jpeg = picture_bytes(1, (640, 480))
    for number in range(1_000):
        comment = f"number {number:03}".encode()
        (folder / f"{number}.jpg").write_bytes(jpeg[:2] + b"\xff\xfe\0\x0c" + comment + jpeg[2:])
    process, url = serving(folder, "--gallery", gallery, start_new_session=True)
    wait_for_images(url, 1)
    os.killpg(process.pid, signal.SIGINT)
    since = time.monotonic()
    _, stderr = process.communicate(timeout=30)
    assert time.monotonic() - since < 20
    assert process.returncode == 130
    assert "Traceback" not in stderr
    assert "bug" not in stderr
    (info,) = run("info", "--gallery", gallery, "--json").objects
    assert info["images"] >= 1


ENDLESS = """
import sys, time
from lookalike.cli import main, serve
from lookalike.library import Lookalike

def record(self, id_):
    print("inside", flush=True)
    time.sleep(3600)

serve._END_S = 1.0
Lookalike.record = record
sys.argv[0] = "lookalike"
main()
"""
"""The program, in which whoever asks for a picture never gets an answer."""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_work_that_never_ends_does_not_keep_the_program_from_ending(tmp_path, sent, code):
    asked = ["serve", "--port", "0", "--no-open", "--gallery", str(tmp_path / "new.gallery")]
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS, *asked], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            url = process.stdout.readline().split()[-1]
            with socket.create_connection(("127.0.0.1", int(url.rstrip("/").rpartition(":")[2]))) as connection:
                connection.sendall(b"GET /v1/images/aaaa HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert process.stdout.readline() == "inside\n"
                process.send_signal(sent)
                _, stderr = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == code
    assert "broken off" in stderr


@pytest.mark.slow
def test_a_folder_whose_name_is_no_utf8_is_told_among_the_jobs(serving, tmp_path):
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    (folder / "a.jpg").write_bytes(picture_bytes(1))
    _, url = serving(folder, "--gallery", tmp_path / "new.gallery")
    wait_for_images(url, 1)
    assert ask(f"{url}v1/jobs")["jobs"][0]["about"] == f"{tmp_path}/caf\ufffd"


@pytest.mark.slow
def test_a_port_that_is_taken_is_said_with_the_fix(cli, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = cli("serve", "--port", port, "--no-open", "--gallery", tmp_path / "new.gallery")
    assert done.code == 2
    assert str(port) in done.stderr
    assert "--port" in done.stderr


@pytest.mark.slow
def test_a_missing_folder_is_said_before_serving(cli, tmp_path):
    done = cli("serve", tmp_path / "nowhere", "--no-open", "--gallery", tmp_path / "new.gallery")
    assert done.code == 2
    assert "no file or folder" in done.stderr


@pytest.mark.slow
def test_the_settings_say_where_to_listen(start, tmp_path, monkeypatch):
    (port,) = free_ports(1)
    (tmp_path / "lookalike.toml").write_text(f'port = {port}\ngallery = "{tmp_path / "set.gallery"}"\n')
    process = start("serve", "--no-open", cwd=tmp_path)
    assert process.stdout.readline() == f"Lookalike is at http://127.0.0.1:{port}/\n"
    assert (tmp_path / "set.gallery").exists()


@pytest.mark.slow
def test_a_browser_of_this_machine_is_opened_where_there_is_a_desktop(serving, tmp_path):
    opened = tmp_path / "opened"
    program = tmp_path / "browser"
    program.write_text(f'#!/bin/sh\nprintf "%s" "$1" > "{opened}"\n')
    program.chmod(0o755)
    environment = {**os.environ, "DISPLAY": ":0", "BROWSER": str(program)}
    _, url = serving("--open", "--gallery", tmp_path / "new.gallery", env=environment)
    assert eventually(lambda: opened.exists() and opened.read_text() == url), "no browser was opened"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no DISPLAY")
@pytest.mark.parametrize(
    ("environment", "likely"),
    [({"DISPLAY": ":0"}, True), ({"WAYLAND_DISPLAY": "wayland-0"}, True), ({}, False), ({"DISPLAY": ""}, False)],
)
def test_a_desktop_shows_itself_in_the_environment(monkeypatch, environment, likely):
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert _has_desktop() is likely


@pytest.mark.slow
def test_the_demo_is_made_anew_for_the_encoder_of_the_settings_that_were_named(cli, album, model, tmp_path):
    pytest.importorskip("skimage")
    demo = Path(os.environ["XDG_DATA_HOME"]) / "lookalike" / "demo"
    demo.mkdir(parents=True)
    assert cli("index", album / "0.jpg", "--gallery", demo / "demo.gallery").code == 0
    (tmp_path / "mine.toml").write_text(f'encoder = "onnx:{model}"')
    done = cli("--config", tmp_path / "mine.toml", "serve", "--demo", "--host", "0.0.0.0")  # noqa: S104 - is refused
    assert done.code == 2
    assert "lookalike keys add" in done.stderr
    assert f"The one before is now {demo / 'demo-1.gallery'}" in done.stderr
    assert (demo / "demo-1.gallery").is_file()


@pytest.mark.slow
def test_the_demo_makes_and_serves_a_gallery_of_its_own(serving, home):
    pytest.importorskip("skimage")
    _, url = serving("--demo")
    wait_for_images(url, 119)
    folder = Path(os.environ["XDG_DATA_HOME"]) / "lookalike" / "demo"
    assert (folder / "demo.gallery").exists()
    assert len(list((folder / "pictures").iterdir())) == 119
    assert not (folder.parent / "default.gallery").exists()
