"""Do the small verbs do what they say?"""

import errno
import json
import os
import re
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from networks import draw_network, make_card
from PIL import Image

from lookalike.cli.beside import copy_uploads
from lookalike.gallery import open_gallery
from lookalike.models.network import has_openvino
from lookalike.testing import picture_bytes
from lookalike.uris import image_id

pytestmark = pytest.mark.slow


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves a folder, and tells nobody."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture(scope="module")
def _own_place(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("own") / "album"


@pytest.fixture(scope="module")
def _own_filled(cli, _own_place, album) -> Path:
    shutil.copytree(album, _own_place)
    path = _own_place.with_name("filled.gallery")
    assert cli("index", _own_place, "--gallery", path).code == 0
    return path


@pytest.fixture
def folder(_own_place, album) -> Path:
    """A copy of the album that a test may change; the next one finds a new copy in its place."""
    for path in _own_place.parent.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
    return Path(shutil.copytree(album, _own_place))


@pytest.fixture
def own_gallery(_own_filled, folder, tmp_path) -> Path:
    """A gallery of that copy."""
    return Path(shutil.copy(_own_filled, tmp_path / "own.gallery"))


def images(gallery: Path) -> int:
    with open_gallery(gallery) as opened:
        return opened.count()


# info


def test_info_tells_what_is_there(cli, gallery):
    (facts,) = cli("info", "--gallery", gallery, "--json").objects
    assert facts["images"] == 8
    assert facts["failures"] == 1
    assert facts["bytes"] >= gallery.stat().st_size
    assert facts["gallery"] == str(gallery)
    assert facts["encoder"] == "mini"
    assert [space["name"] for space in facts["spaces"]] == ["mini@2/visual", "mini@2/copy", "mini@2/semantic"]
    said = cli("info", "--gallery", gallery).stdout
    assert "images    8\n" in said
    for space in facts["spaces"]:
        assert f"{space['name']}, {space['dim']} dimensions" in said


# failures


def test_failures_are_listed_by_reason(cli, gallery, album):
    done = cli("failures", "--gallery", gallery)
    head, path = done.stdout.splitlines()
    assert head.startswith("1 file: It is text")
    assert path.strip() == str(album / "notes.jpg")
    (one,) = cli("failures", "--gallery", gallery, "--json").objects
    assert set(one) == {"uri", "path", "outcome", "reason", "at"}
    assert one["outcome"] == "unreadable"


def test_retry_takes_in_what_can_be_read_now_and_forgets_what_vanished(cli, own_gallery, folder, run):
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


def test_retry_with_nothing_to_try_is_quiet(cli, own_gallery, folder):
    (folder / "notes.jpg").unlink()
    cli("index", folder, "--gallery", own_gallery)
    done = cli("failures", "--retry", "--gallery", own_gallery)
    assert (done.code, done.stdout) == (0, "No failures.\n")
    assert images(own_gallery) == 8


def test_retry_forgets_nothing_of_a_drive_that_is_not_there(cli, own_gallery, folder):
    folder.rename(folder.with_name("unplugged"))
    folder.mkdir()
    assert "1 failed" in cli("index", folder, "--gallery", own_gallery).stdout
    folder.rmdir()
    cli("failures", "--retry", "--gallery", own_gallery)
    assert images(own_gallery) == 8


def test_retry_leaves_a_folder_to_be_indexed_again_without_what_is_left_out_of_it(cli, own_gallery, folder, tmp_path):
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


def test_retry_forgets_no_record_of_a_file_that_cannot_be_had_now(cli, own_gallery, folder):
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


# forget


def test_a_file_a_folder_an_id_and_a_uri_are_forgotten_and_the_files_stay(cli, own_gallery, folder):
    records = {hit["path"]: hit for hit in cli("search", folder / "0.jpg", "--gallery", own_gallery, "--json").objects}
    by_id, by_uri = records[str(folder / "1.jpg")]["id"], (folder / "2.jpg").as_uri()
    done = cli("forget", folder / "0.jpg", by_id, by_uri, "--gallery", own_gallery)
    assert (done.code, done.stdout) == (0, "Forgot 3 pictures. The files are untouched.\n")
    assert images(own_gallery) == 5
    done = cli("forget", f"{folder}/", "--gallery", own_gallery)
    assert done.stdout == "Forgot 6 pictures. The files are untouched.\n", "a failure counts too"
    assert images(own_gallery) == 0
    assert len(list(folder.iterdir())) == 9
    with open_gallery(own_gallery) as opened:
        assert opened.failures() == []


def test_what_is_no_longer_there_can_be_forgotten(cli, own_gallery, folder, monkeypatch):
    monkeypatch.chdir(folder)
    (folder / "0.jpg").unlink()
    assert cli("forget", "0.jpg", "--gallery", own_gallery).stdout.startswith("Forgot 1 picture.")


def test_what_was_written_about_a_folder_that_was_moved_goes_with_it(cli, own_gallery, folder):
    cli("edit", folder / "0.jpg", "--caption", "Grandma", "--gallery", own_gallery)
    moved = folder.rename(folder.with_name("elsewhere"))
    cli("index", moved, "--gallery", own_gallery)
    done = cli("forget", folder, "--gallery", own_gallery)
    assert done.code == 0, done.stderr
    assert "What was written about 1 of them stays with the same pictures elsewhere." in done.stdout
    with open_gallery(own_gallery) as opened:
        captions = {record.path: record.caption for record in opened.scan(limit=100).records}
    assert captions[str(moved / "0.jpg")] == "Grandma"
    assert all(Path(path).parent == moved for path in captions)


def test_an_empty_text_does_not_mean_the_folder_one_is_in(cli, own_gallery, folder, monkeypatch):
    monkeypatch.chdir(folder)
    done = cli("forget", "", "--gallery", own_gallery)
    assert (done.code, done.stdout) == (2, "")
    assert images(own_gallery) == 8


def test_a_name_that_only_begins_alike_is_not_forgotten(cli, own_gallery, folder):
    cli("index", folder, "--gallery", own_gallery)
    done = cli("forget", folder / "0.jp", folder.with_name("alb"), "--gallery", own_gallery)
    assert (done.code, done.stdout) == (1, "")
    assert "None of these" in done.stderr
    assert images(own_gallery) == 8


def test_a_forgotten_picture_comes_back_with_its_folder(cli, own_gallery, folder):
    cli("forget", folder / "0.jpg", "--gallery", own_gallery)
    assert cli("index", folder, "--gallery", own_gallery).stdout.startswith("1 added, 0 updated, 8 unchanged")


@pytest.mark.parametrize("verb", [["forget"], ["edit", "--caption", "a dog"]])
def test_a_file_whose_name_looks_like_a_uri_and_is_no_text_is_found(cli, own_gallery, folder, monkeypatch, verb):
    name = os.fsdecode(b"a:\xff.jpg")
    (folder / name).write_bytes(picture_bytes(31, (64, 48)))
    monkeypatch.chdir(folder)
    assert cli("index", name, "--gallery", own_gallery).code == 0
    assert cli(*verb, name, "--gallery", own_gallery).code == 0


# export and import


@pytest.mark.parametrize("layout", ["parquet", pytest.param("clip-retrieval", marks=pytest.mark.slow)])
def test_what_is_exported_is_found_again_after_import(cli, gallery, album, tmp_path, layout):
    out = tmp_path / "out"
    done = cli("export", out, "--layout", layout, "--gallery", gallery)
    assert (done.code, done.stdout) == (0, f"8 pictures in {out}\n")
    new = tmp_path / "new.gallery"
    space = ["--space", next(iter(_spaces(gallery)))] if layout == "clip-retrieval" else []
    done = cli("import", out, *space, "--gallery", new)
    assert (done.code, done.stdout) == (0, "8 added, 0 updated, 0 unchanged, 0 removed, 0 failed\n"), done.stderr
    before = cli("search", album / "3.jpg", "--gallery", gallery, "--json", "-k", 4).objects
    after = cli("search", album / "3.jpg", "--gallery", new, "--json", "-k", 4).objects
    assert [one["uri"] for one in after] == [one["uri"] for one in before]
    assert [one["score"] for one in after][1:] == pytest.approx([one["score"] for one in before][1:], abs=1e-3)


def _spaces(gallery: Path):
    with open_gallery(gallery) as opened:
        return opened.spaces


def test_a_filter_chooses_what_is_exported(cli, gallery, tmp_path):
    done = cli("export", tmp_path / "out", "--where", "path:*/3.jpg", "--gallery", gallery)
    assert done.stdout.startswith("1 picture in")


@pytest.mark.parametrize("layout", ["parquet", "clip-retrieval"])
def test_where_there_is_nothing_to_export_nothing_is_left(cli, gallery, tmp_path, layout):
    before = {*tmp_path.iterdir()}
    done = cli("export", tmp_path / "none", "--where", "width>9999", "--layout", layout, "--gallery", gallery)
    assert (done.code, done.stdout) == (1, "")
    assert "nothing to write" in done.stderr
    assert {*tmp_path.iterdir()} == before


def test_import_says_each_picture_as_json(cli, gallery, tmp_path):
    cli("export", tmp_path / "out", "--gallery", gallery)
    done = cli("import", tmp_path / "out", "--gallery", tmp_path / "new.gallery", "--json")
    assert {one["outcome"] for one in done.objects} == {"added"}
    assert len(done.objects) == 8


def test_an_unknown_space_is_refused_with_those_there_are(cli, tmp_path):
    (tmp_path / "in").mkdir()
    done = cli("import", tmp_path / "in", "--space", "clip", "--gallery", tmp_path / "new.gallery")
    assert done.code == 2
    assert "mini@" in done.stderr


def test_vectors_of_clip_retrieval_come_in_as_the_error_says(cli, tmp_path):
    for name in ("img_emb", "metadata"):
        (tmp_path / "in" / name).mkdir(parents=True)
    np.save(tmp_path / "in" / "img_emb" / "img_emb_0.npy", np.eye(3, 512, dtype=np.float32))
    table = pa.table({"image_path": [f"/pictures/{n}.jpg" for n in range(3)]})
    pq.write_table(table, tmp_path / "in" / "metadata" / "metadata_0.parquet")
    done = cli("import", tmp_path / "in", "--gallery", tmp_path / "new.gallery")
    assert done.code == 2
    assert "--encoder NAME --space SPACE" in done.stderr
    assert "lookalike encoders show NAME" in done.stderr
    named = ["--encoder", "mini", "--space", "mini@2/visual"]
    done = cli("import", tmp_path / "in", *named, "--gallery", tmp_path / "new.gallery")
    assert (done.code, done.stdout) == (0, "3 added, 0 updated, 0 unchanged, 0 removed, 0 failed\n"), done.stderr


def test_import_of_nothing_is_said(cli, tmp_path):
    for verb in (["import"], ["index"], ["index", "--table"]):
        assert cli(*verb, tmp_path / "nowhere", "--gallery", tmp_path / "new.gallery").code == 2
    assert not (tmp_path / "new.gallery").exists()


# backup


def test_a_backup_is_a_gallery_like_the_first(cli, gallery, album, tmp_path):
    copy = tmp_path / "copy.gallery"
    done = cli("backup", copy, "--gallery", gallery)
    assert (done.code, done.stdout) == (0, f"The copy is {copy}.\n")
    assert images(copy) == 8
    assert cli("search", album / "3.jpg", "--gallery", copy, "--json", "-k", 1).objects[0]["tier"] == "identical"


def test_the_home_folder_may_stand_after_an_option_and_in_quotes(cli, gallery, home, album):
    assert cli("backup", "~/copy.gallery", "--gallery", gallery).code == 0
    assert (home / "copy.gallery").is_file()
    assert cli("search", album / "1.jpg", "--sheet=~/found.html", "--gallery", gallery).code == 0
    assert (home / "found.html").is_file()
    assert cli("export", "~/all.parquet", "--gallery", gallery).code == 0
    assert cli("import", "~/all.parquet", "--gallery", home / "other.gallery").code == 0
    shutil.copy(album / "1.jpg", home / "1.jpg")
    assert cli("index", home / "1.jpg", "--gallery", gallery).code == 0
    assert cli("block", "~/1.jpg", "--gallery", gallery).code == 0
    assert cli("forget", "~/1.jpg", "--gallery", gallery).stdout.startswith("Forgot 1 ")


def test_a_backup_takes_the_uploads_along(cli, gallery, tmp_path):
    uploads = tmp_path / f"{gallery.name}.uploads"
    (uploads / "ab").mkdir(parents=True)
    (uploads / "ab" / "abc.jpg").write_bytes(b"uploaded")
    (uploads / "incoming").mkdir()
    (uploads / "incoming" / "half").write_bytes(b"not whole yet")
    done = cli("backup", tmp_path / "copy", "--gallery", gallery)
    assert done.stdout == f"The copy is {tmp_path / 'copy'}, and 1 uploaded picture in {tmp_path / 'copy.uploads'}.\n"
    assert [path.name for path in (tmp_path / "copy.uploads").rglob("*") if path.is_file()] == ["abc.jpg"]
    assert (tmp_path / "copy.uploads" / "ab" / "abc.jpg").read_bytes() == b"uploaded"


def test_an_upload_that_is_copied_has_its_name_only_with_its_mode_and_time(tmp_path, monkeypatch):
    source, target = tmp_path / "uploads", tmp_path / "copy"
    source.mkdir()
    target.mkdir()
    (source / "abc.jpg").write_bytes(b"uploaded")
    (source / "abc.jpg").chmod(0o640)
    os.utime(source / "abc.jpg", ns=(1_600_000_000_000_000_000, 1_600_000_000_000_000_000))
    left = target / ".lookalike-left.unfinished"
    left.write_bytes(b"half")
    os.utime(left, (0, 0))

    def no_links(*_: object) -> None:
        raise OSError(errno.EXDEV, "Another disk")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "link", no_links)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copystat", full)
        with pytest.raises(OSError, match="No space left"):
            copy_uploads(source, target)
    assert list(target.iterdir()) == []
    assert copy_uploads(source, target) == 1
    copy, original = (target / "abc.jpg").stat(), (source / "abc.jpg").stat()
    assert (copy.st_mode, copy.st_mtime_ns) == (original.st_mode, original.st_mtime_ns)
    assert (target / "abc.jpg").read_bytes() == b"uploaded"


def test_a_backup_takes_the_block_list_along(cli, gallery, album, tmp_path):
    assert cli("block", album / "3.jpg", "--gallery", gallery).code == 0
    copy = tmp_path / "elsewhere" / "copy.gallery"
    copy.parent.mkdir()
    assert cli("backup", copy, "--gallery", gallery).code == 0
    for path in tmp_path.glob(f"{gallery.name}*"):
        path.rename(tmp_path / f"lost {path.name}")
    smaller = tmp_path / "smaller.jpg"
    with Image.open(album / "3.jpg") as picture:
        picture.resize((picture.width * 4 // 5, picture.height * 4 // 5)).save(smaller)
    assert "1 failed" in cli("index", smaller, "--gallery", copy).stdout
    assert "edited copy" in cli("failures", "--gallery", copy).stdout


@pytest.mark.parametrize("left", ["copy", "copy-wal", "copy.blocked", "copy.blocked.pictures"])
def test_a_backup_beside_what_is_left_of_another_is_refused_before_anything_is_written(cli, gallery, tmp_path, left):
    (tmp_path / left).write_text("of an older backup")
    (tmp_path / f"{gallery.name}.uploads").mkdir()
    before = set(tmp_path.iterdir())
    done = cli("backup", tmp_path / "copy", "--gallery", gallery)
    assert done.code == 2
    assert f"{tmp_path / left} is there already" in done.stderr
    assert set(tmp_path.iterdir()) == before


def test_a_backup_under_a_name_that_is_no_text_is_refused(cli, gallery, tmp_path):
    done = cli("backup", tmp_path / os.fsdecode(b"copy\xff"), "--gallery", gallery)
    assert done.code == 2
    assert "SQLite cannot take" in done.stderr


def test_a_copy_that_was_broken_off_still_gets_the_pictures_of_the_block_list(cli, gallery, album, tmp_path):
    assert cli("block", album / "3.jpg", "--gallery", gallery).code == 0
    target = tmp_path / "copy.gallery"
    link = os.link

    def interrupted(source: Path, path: Path) -> None:
        if ".pictures" in str(path):
            raise KeyboardInterrupt
        link(source, path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "link", interrupted)
        assert cli("copy", gallery, target).code != 0
    assert cli("copy", gallery, target).code == 0
    pictures = [path.name for path in Path(f"{gallery}.blocked.pictures").rglob("*") if path.is_file()]
    assert pictures
    assert [path.name for path in Path(f"{target}.blocked.pictures").rglob("*") if path.is_file()] == pictures


def test_a_token_is_not_told_to_two_servers_where_nothing_says_whose_it_is(cli, monkeypatch):
    monkeypatch.setenv("LOOKALIKE_GALLERY_TOKEN", "ann:hush")
    done = cli("copy", "milvus://127.0.0.1:9/photos", "milvus://127.0.0.2:9/photos")
    assert done.code == 2
    assert "which of the two" in done.stderr
    assert "hush" not in done.stderr


@pytest.fixture
def second_disk():
    """Where nothing can be linked to from the first."""
    folder = Path(f"/dev/shm/lookalike-test-{os.getpid()}")  # noqa: S108
    if not folder.parent.is_dir():
        pytest.skip("there is no second disk")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_uploads_are_copied_where_they_cannot_be_linked(tmp_path, second_disk):
    source = tmp_path / "uploads"
    (source / "ab").mkdir(parents=True)
    (source / "ab" / "abc.jpg").write_bytes(b"uploaded")
    assert copy_uploads(source, second_disk) == 1
    assert copy_uploads(source, second_disk) == 1
    assert (second_disk / "ab" / "abc.jpg").read_bytes() == b"uploaded"
    assert [path.name for path in (second_disk / "ab").iterdir()] == ["abc.jpg"]


def test_uploads_that_were_copied_are_on_the_disk_under_their_names(tmp_path, second_disk, monkeypatch):
    synced, sync = set(), os.fsync

    def noted(descriptor: int) -> None:
        synced.add(os.fstat(descriptor).st_ino)
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    (tmp_path / "uploads" / "ab").mkdir(parents=True)
    (tmp_path / "uploads" / "ab" / "abc.jpg").write_bytes(b"uploaded")
    copy_uploads(tmp_path / "uploads", second_disk)
    copied = second_disk / "ab" / "abc.jpg"
    assert {path.stat().st_ino for path in (copied, *list(copied.parents)[:3])} <= synced


def test_a_backup_overwrites_nothing(cli, gallery, tmp_path):
    (tmp_path / "copy.gallery").write_text("something dear")
    done = cli("backup", tmp_path / "copy.gallery", "--gallery", gallery)
    assert done.code != 0
    assert (tmp_path / "copy.gallery").read_text() == "something dear"


# demo


def test_the_demo_pictures_are_made_once_and_mended(cli, tmp_path):
    pytest.importorskip("skimage")
    folder = tmp_path / "demo"
    done = cli("demo", folder)
    assert (done.code, done.stdout) == (0, f"119 pictures in {folder}\n")
    stamps = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    (folder / "coffee-mirrored.jpg").unlink()
    assert cli("demo", folder).code == 0
    again = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert again.keys() == stamps.keys()
    assert [path.name for path in again if again[path] != stamps[path]] == ["coffee-mirrored.jpg"]


def test_without_scikit_image_the_demo_names_the_extra(cli, tmp_path, monkeypatch):
    monkeypatch.setattr("lookalike.demo.find_spec", lambda _: None)
    done = cli("demo", tmp_path / "demo")
    assert done.code == 3
    assert "pip install 'lookalike[demo]'" in done.stderr
    assert not (tmp_path / "demo").exists()


# doctor


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


def test_the_doctor_finds_a_damaged_gallery(cli, gallery):
    data = bytearray(gallery.read_bytes())
    for start in range(4096, len(data), 8192):
        data[start + 100 : start + 600] = os.urandom(500)
    gallery.write_bytes(data)
    done = cli("doctor", "--gallery", gallery, "--json")
    assert done.code == 3
    bad = [one for one in done.objects if one["state"] == "error"]
    assert bad
    assert all(one["what"] for one in bad)
    assert any("-wal" in one.get("fix", "") for one in bad)


def test_the_doctor_looks_at_the_block_list(cli, gallery, album):
    blocked = gallery.with_name(f"{gallery.name}.blocked")
    assert cli("block", album / "3.jpg", "--gallery", gallery).code == 0
    assert f"block list 1 pictures in {blocked}, sound" in cli("doctor", "--gallery", gallery).stdout
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
