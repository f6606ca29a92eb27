"""Is what `lookalike backup` makes a gallery like the first, and is nothing overwritten for it?"""

import os

import pytest
from PIL import Image

pytestmark = pytest.mark.slow


def test_a_backup_is_a_gallery_like_the_first(cli, gallery, album, tmp_path, images):
    copy = tmp_path / "copy.gallery"
    done = cli("backup", copy, "--gallery", gallery)
    assert (done.code, done.stdout) == (0, f"The copy is {copy}.\n")
    assert images(copy) == 8
    assert cli("search", album / "3.jpg", "--gallery", copy, "--json", "-k", 1).objects[0]["tier"] == "identical"


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


def test_a_backup_overwrites_nothing(cli, gallery, tmp_path):
    (tmp_path / "copy.gallery").write_text("something dear")
    done = cli("backup", tmp_path / "copy.gallery", "--gallery", gallery)
    assert done.code != 0
    assert (tmp_path / "copy.gallery").read_text() == "something dear"
