import os
from io import BytesIO

import pytest
from PIL import Image

from lookalike.testing import picture_bytes

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def own(gallery, monkeypatch):
    """A gallery that a test may change, and that every command uses."""
    monkeypatch.setenv("LOOKALIKE_GALLERY", str(gallery))
    return gallery


def test_a_blocked_picture_is_listed_kept_out_and_let_in_again(cli, album):
    done = cli("block", album / "3.jpg", "--title", "the old logo", "--forget")
    assert done.code == 0, done.stderr
    assert "the old logo" in done.stdout
    assert "Forgot 1 copy" in done.stdout
    (listed,) = cli("block", "--list", "--json").objects
    assert listed["title"] == "the old logo"
    assert "1 failed" in cli("index", album).stdout
    assert "blocked picture" in cli("failures").stdout
    assert cli("block", "--remove", listed["id"]).code == 0
    assert cli("block", "--list").code == 1
    assert "1 added" in cli("failures", "--retry").stderr


def test_a_file_whose_name_is_no_unicode_is_blocked(cli, album, tmp_path):
    named = tmp_path / os.fsdecode(b"b\xe9.jpg")
    named.write_bytes((album / "3.jpg").read_bytes())
    assert cli("block", named).code == 0
    (listed,) = cli("block", "--list", "--json").objects
    assert listed["title"] == "b�.jpg"


def test_copies_in_the_gallery_are_named_but_stay_unless_asked(cli, album):
    (before,) = cli("info", "--json").objects
    (done,) = cli("block", album / "3.jpg", "--json").objects
    assert done["title"] == "3.jpg"
    assert len(done["copies"]) == 1
    assert not done["forgotten"]
    (after,) = cli("info", "--json").objects
    assert after["images"] == before["images"]


def test_dozens_of_copies_are_forgotten(cli, tmp_path):
    folder = tmp_path / "many"
    folder.mkdir()
    with Image.open(BytesIO(picture_bytes(33, (320, 240)))) as picture:
        for width in range(200, 230):
            picture.resize((width, 150)).save(folder / f"{width}.jpg")
    assert "30 added" in cli("index", folder).stdout
    assert "Forgot 30 copies" in cli("block", folder / "210.jpg", "--forget").stdout


def test_a_picture_of_the_gallery_is_blocked_by_its_id(cli, album):
    id_ = cli("search", album / "3.jpg", "--json").objects[0]["id"]
    (done,) = cli("block", id_, "--json").objects
    assert done["title"] == "3.jpg"
    assert done["copies"] == [id_]


@pytest.mark.parametrize("words", [(), ("--list", "x.jpg"), ("--list", "--remove", "a" * 16)])
def test_one_thing_at_a_time(cli, words):
    done = cli("block", *words)
    assert done.code == 2
    assert "one thing at a time" in done.stderr


def test_nothing_blocked_is_said_and_makes_no_list(cli, own):
    done = cli("block", "--list")
    assert (done.code, done.stdout) == (1, "")
    assert not own.with_name(f"{own.name}.blocked").exists()


def test_one_that_cannot_be_blocked_does_not_hold_up_the_others(cli, album):
    done = cli("block", album / "notes.jpg", album / "3.jpg")
    assert done.code == 2
    assert f"{album / 'notes.jpg'}: It is text" in done.stderr
    assert "Blocked" in done.stdout


def test_an_unknown_picture_or_id_is_refused(cli, album):
    assert cli("block", "nowhere.jpg").code == 2
    cli("block", album / "3.jpg")
    assert cli("block", "--remove", "a" * 16).code == 2
