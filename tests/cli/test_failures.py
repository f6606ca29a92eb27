"""Does `lookalike failures` say why, and take in with --retry what can be had now?"""

import os
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lookalike.gallery import open_gallery
from lookalike.testing import picture_bytes
from lookalike.uris import image_id

pytestmark = pytest.mark.slow


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves a folder, and tells nobody."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def test_failures_are_listed_by_reason(cli, gallery, album):
    done = cli("failures", "--gallery", gallery)
    head, path = done.stdout.splitlines()
    assert head.startswith("1 file: It is text")
    assert path.strip() == str(album / "notes.jpg")
    (one,) = cli("failures", "--gallery", gallery, "--json").objects
    assert set(one) == {"uri", "path", "outcome", "reason", "at"}
    assert one["outcome"] == "unreadable"


def test_retry_takes_in_what_can_be_read_now_and_forgets_what_vanished(cli, own_gallery, folder, run, images):
    for name in ("late.jpg", "gone.jpg", "still.jpg"):
        (folder / name).write_bytes(b"half a picture")
    cli("index", folder, "--gallery", own_gallery)
    stamp = (folder / "late.jpg").stat()
    (folder / "late.jpg").write_bytes(picture_bytes(30, (64, 48)))
    os.utime(folder / "late.jpg", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    (folder / "gone.jpg").unlink()
    done = cli("failures", "--retry", "--gallery", own_gallery)
    assert done.code == 0
    assert "Tried 4 files again: 1 added, 0 updated, 0 unchanged, 1 removed, 2 failed." in done.stderr
    assert [Path(line.strip()).name for line in done.stdout.splitlines() if line.startswith("    ")] == [
        "notes.jpg",
        "still.jpg",
    ]
    assert images(own_gallery) == 9


def test_retry_asks_the_web_again(cli, own_gallery, tmp_path, monkeypatch):
    (tmp_path / "picture.jpg").write_bytes(b"half a picture")
    handler = partial(QuietHandler, directory=tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/picture.jpg"
        monkeypatch.setenv("LOOKALIKE_FETCH_ALLOW", "127.0.0.1")
        (tmp_path / "t.csv").write_text(f"url,caption\n{url},from the table\n")
        index = ("index", "--table", tmp_path / "t.csv", "--gallery", own_gallery)
        assert "1 failed" in cli(*index).stdout
        assert url in cli("failures", "--gallery", own_gallery).stdout
        (tmp_path / "picture.jpg").write_bytes(picture_bytes(30, (64, 48)))
        assert "1 unchanged" in cli(*index).stdout
        done = cli("failures", "--retry", "--gallery", own_gallery)
        assert "Tried 2 files again: 1 added" in done.stderr
        assert "1 updated" in cli(*index).stdout
        server.shutdown()
    with open_gallery(own_gallery) as opened:
        assert opened.get([image_id(url)])[0].caption == "from the table"


def test_retry_with_nothing_to_try_is_quiet(cli, own_gallery, folder, images):
    (folder / "notes.jpg").unlink()
    cli("index", folder, "--gallery", own_gallery)
    done = cli("failures", "--retry", "--gallery", own_gallery)
    assert (done.code, done.stdout) == (0, "No failures.\n")
    assert images(own_gallery) == 8


def test_retry_forgets_nothing_of_a_drive_that_is_not_there(cli, own_gallery, folder, images):
    folder.rename(folder.with_name("unplugged"))
    folder.mkdir()
    assert "1 failed" in cli("index", folder, "--gallery", own_gallery).stdout
    folder.rmdir()
    cli("failures", "--retry", "--gallery", own_gallery)
    assert images(own_gallery) == 8


def test_retry_leaves_a_folder_to_be_indexed_again_without_what_is_left_out_of_it(
    cli, own_gallery, folder, tmp_path, images
):
    drive = tmp_path / "nas"
    drive.mkdir()
    index = ("index", drive, "--exclude", "private", "--gallery", own_gallery)
    assert "1 failed" in cli(*index).stdout
    (drive / "private").mkdir()
    for path in (drive / "a.jpg", drive / "private" / "b.jpg"):
        path.write_bytes(picture_bytes(31, (64, 48)))
    tried = cli("failures", "--retry", "--gallery", own_gallery)
    assert "Tried 1 file again" in tried.stderr, "notes.jpg"
    assert f"    {drive}/" in tried.stdout
    assert "lookalike index FOLDER" in tried.stderr
    assert images(own_gallery) == 8
    assert "1 added" in cli(*index).stdout
    assert "lookalike index" not in cli("failures", "--gallery", own_gallery).stderr


def test_retry_forgets_no_record_of_a_file_that_cannot_be_had_now(cli, own_gallery, folder, images):
    lost = sorted(folder.glob("*.jpg"))[0]
    content = lost.read_bytes()
    cli("edit", lost, "--caption", "mine", "--gallery", own_gallery)
    (folder / "t.csv").write_text(f"image\n{lost.name}\n")
    lost.unlink()
    assert "1 failed" in cli("index", "--table", folder / "t.csv", "--gallery", own_gallery).stdout
    cli("failures", "--retry", "--gallery", own_gallery)
    assert images(own_gallery) == 8
    lost.write_bytes(content)
    cli("failures", "--retry", "--gallery", own_gallery)
    with open_gallery(own_gallery) as opened:
        assert opened.get([image_id(lost.as_uri())])[0].caption == "mine"
