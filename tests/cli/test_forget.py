"""Does `lookalike forget` find what is meant, and forget nothing else?"""

import os
from pathlib import Path

import pytest

from lookalike.gallery import open_gallery
from lookalike.testing import picture_bytes

pytestmark = pytest.mark.slow


def test_a_file_a_folder_an_id_and_a_uri_are_forgotten_and_the_files_stay(cli, own_gallery, folder, images):
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


def test_an_empty_text_does_not_mean_the_folder_one_is_in(cli, own_gallery, folder, monkeypatch, images):
    monkeypatch.chdir(folder)
    done = cli("forget", "", "--gallery", own_gallery)
    assert (done.code, done.stdout) == (2, "")
    assert images(own_gallery) == 8


def test_a_name_that_only_begins_alike_is_not_forgotten(cli, own_gallery, folder, images):
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
