"""Does `lookalike duplicates` show what is there more than once, and touch nothing unless told to?"""

import io
import re
import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lookalike.gallery import open_gallery
from lookalike.testing import draw_picture, picture_bytes
from lookalike.types import Fingerprint
from lookalike.uris import image_id

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path) -> Path:
    """`a.jpg` and `copies/b.jpg` of the same bytes, `c.png` of the pixels of `c.bmp`, and `other.jpg`."""
    folder = tmp_path / "photos"
    (folder / "copies").mkdir(parents=True)
    (folder / "a.jpg").write_bytes(picture_bytes(1, (96, 72)))
    (folder / "copies" / "b.jpg").write_bytes(picture_bytes(1, (96, 72)))
    for name in ("c.png", "c.bmp"):
        Image.fromarray(draw_picture(2, (120, 90))).save(folder / name)
    (folder / "other.jpg").write_bytes(picture_bytes(3, (96, 72)))
    return folder


@pytest.fixture
def own_gallery(cli, folder, tmp_path) -> Path:
    path = tmp_path / "own.gallery"
    assert cli("index", folder, "--gallery", path).code == 0
    return path


def ids(gallery: Path) -> set[str]:
    with open_gallery(gallery) as opened:
        return {record.id for record in opened.scan().records}


def with_hash(gallery: Path, path: Path, flipped: int) -> None:
    """Give a picture a perceptual hash that is `flipped` bits off zero."""
    bits = np.arange(256) < flipped
    with open_gallery(gallery) as opened:
        (record,) = opened.get([image_id(path.as_uri())], embeddings=True)
        print_ = Fingerprint(
            pixels=record.fingerprint.pixels, perceptual=np.packbits(bits).tobytes().hex(), quality=100
        )
        opened.put([replace(record, fingerprint=print_)])


def test_groups_are_listed_with_the_best_first_and_why(cli, own_gallery, folder):
    done = cli("duplicates", "--tier", "identical", "--gallery", own_gallery)
    assert done.code == 0
    first, pixels, second, copy = done.stdout.splitlines()
    assert first == f"identical: keep {folder}/c.bmp (largest file: {(folder / 'c.bmp').stat().st_size:,} bytes)"
    assert pixels == f"    {folder}/c.png  same pixels"
    assert second.startswith(f"identical: keep {folder}/a.jpg (")
    assert copy == f"    {folder}/copies/b.jpg  same bytes"
    assert "2 groups with 2 spare pictures" in done.stderr


def test_groups_as_json(cli, own_gallery, folder):
    best, twin = cli("duplicates", "--json", "--gallery", own_gallery).objects
    assert (best["tier"], best["keep"]["path"]) == ("identical", str(folder / "c.bmp"))
    assert best["keep"]["reason"].startswith("largest file")
    assert [one["path"] for one in twin["others"]] == [str(folder / "copies" / "b.jpg")]
    assert twin["spare_bytes"] == (folder / "a.jpg").stat().st_size
    assert twin["others"][0]["reason"] == "same bytes"


def test_a_folder_of_which_the_gallery_knows_nothing_is_no_answer_but_an_error(cli, own_gallery, folder):
    done = cli("duplicates", folder / "copie", "--gallery", own_gallery)
    assert (done.code, done.stdout) == (2, "")
    assert f"holds no picture below '{folder / 'copie'}'" in done.stderr
    assert "Correct the path" in done.stderr


def test_a_folder_that_is_empty_today_is_no_error(cli, own_gallery, folder):
    (folder / "inbox").mkdir()
    done = cli("duplicates", folder / "inbox", "--gallery", own_gallery)
    assert (done.code, done.stdout) == (1, "")
    assert f"holds no picture below '{folder / 'inbox'}'" in done.stderr


def test_only_a_folder_or_a_filter_may_be_asked_for(cli, own_gallery, folder):
    assert cli("duplicates", folder / "copies", "--gallery", own_gallery).code == 1
    assert len(cli("duplicates", folder, "--json", "--gallery", own_gallery).objects) == 2
    (group,) = cli("duplicates", "--where", "format:jpeg", "--json", "--gallery", own_gallery).objects
    assert group["keep"]["format"] == "jpeg"


def test_the_keep_rules_can_be_chosen(cli, own_gallery, folder):
    best = cli("duplicates", "--keep", "format", "--json", "--gallery", own_gallery).objects[0]
    assert best["keep"]["path"] == str(folder / "c.png")
    protected = ("--protect", folder / "copies", "--json", "--gallery", own_gallery)
    assert cli("duplicates", *protected).objects[0]["keep"]["path"] == str(folder / "copies" / "b.jpg")


def test_nothing_found_is_said(cli, gallery):
    done = cli("duplicates", "--gallery", gallery)
    assert (done.code, done.stdout) == (1, "")
    assert "more than once" in done.stderr


def test_pictures_with_close_hashes_are_compared_by_their_pixels(cli, own_gallery, folder):
    large = draw_picture(7, (400, 300))
    Image.fromarray(large).save(folder / "large.png")
    buffer = io.BytesIO()
    Image.fromarray(large).resize((200, 150)).save(buffer, "JPEG", quality=60)
    (folder / "small.jpg").write_bytes(buffer.getvalue())
    Image.fromarray(draw_picture(8, (400, 300))).save(folder / "stranger.png")
    assert cli("index", folder, "--gallery", own_gallery).code == 0
    for name, flipped in (("large.png", 0), ("small.jpg", 20), ("stranger.png", 25)):
        with_hash(own_gallery, folder / name, flipped)
    groups = cli("duplicates", "--json", "--gallery", own_gallery).objects
    (edited,) = [group for group in groups if group["tier"] == "edited"]
    assert edited["keep"]["path"] == str(folder / "large.png")
    assert [one["path"] for one in edited["others"]] == [str(folder / "small.jpg")]
    assert edited["others"][0]["reason"] == "hashes differ in 20 of 256 bits"


def test_without_yes_nothing_is_touched(cli, own_gallery, folder, tmp_path):
    before = {path: path.read_bytes() for path in folder.rglob("*.*")}
    known = ids(own_gallery)
    for action in (["delete"], ["hardlink"], ["move", "--to", tmp_path / "spare"]):
        done = cli("duplicates", "--apply", *action, "--gallery", own_gallery)
        assert done.code == 0
        assert f"{folder}/copies/b.jpg  {action[0]}" in done.stdout
        assert "add --yes" in done.stderr
    assert {path: path.read_bytes() for path in folder.rglob("*.*")} == before
    assert ids(own_gallery) == known
    assert not (tmp_path / "spare").exists()


def test_spare_pictures_are_moved_forgotten_and_brought_back(cli, own_gallery, folder, tmp_path):
    before = {path: path.read_bytes() for path in folder.rglob("*.*")}
    known = ids(own_gallery)
    spare = tmp_path / "spare"
    done = cli("duplicates", "--apply", "move", "--to", spare, "--yes", "--json", "--gallery", own_gallery)
    assert [one["done"] for one in done.objects] == [True, True]
    assert {path.name for path in folder.rglob("*.*")} == {"a.jpg", "c.bmp", "other.jpg"}
    assert sorted(path.name for path in spare.rglob("*.*")) == ["b.jpg", "c.png"]
    assert len(known) - len(ids(own_gallery)) == 2
    assert cli("duplicates", "--gallery", own_gallery).code == 1
    undone = cli("duplicates", "--undo", "--json", "--gallery", own_gallery)
    assert [one["undone"] for one in undone.objects] == [True, True]
    assert {path: path.read_bytes() for path in folder.rglob("*.*")} == before
    assert cli("index", folder, "--gallery", own_gallery).code == 0
    assert ids(own_gallery) == known
    for asked in (("--undo",), ("--undo", "--all"), ("--undo", "--all", "--yes")):
        nothing = cli("duplicates", *asked, "--gallery", own_gallery)
        assert (nothing.code, nothing.stdout, nothing.stderr) == (1, "", "There is nothing to take back.\n")


def test_the_last_run_is_taken_back_and_those_before_it_when_all_is_asked_for(cli, own_gallery, folder, tmp_path):
    before = {path: path.read_bytes() for path in folder.rglob("*.*")}
    for where in ("format:jpeg", "-format:jpeg"):
        asked = ("--where", where, "--apply", "move", "--to", tmp_path / "spare", "--yes")
        assert cli("duplicates", *asked, "--gallery", own_gallery).code == 0
    first, second = folder / "copies" / "b.jpg", folder / "c.png"
    assert not any(path.exists() for path in (first, second))
    last = cli("duplicates", "--undo", "--gallery", own_gallery)
    assert last.stdout == f"{second}  is back\n"
    today = datetime.now().astimezone().date()
    days = f"({today - timedelta(days=1)}|{today})"
    assert re.search(rf"what was last done, until {days} \d\d:\d\d, to 1 file\.", last.stderr)
    assert not first.exists()
    listed = cli("duplicates", "--undo", "--all", "--gallery", own_gallery)
    assert (listed.code, listed.stdout) == (0, f"{first}  would be brought back\n")
    assert "add --yes to do it" in listed.stderr
    (told,) = cli("duplicates", "--undo", "--all", "--json", "--gallery", own_gallery).objects
    assert (told["path"], told["undone"]) == (str(first), False)
    assert not first.exists()
    assert cli("duplicates", "--undo", "--all", "--yes", "--gallery", own_gallery).stdout == f"{first}  is back\n"
    assert {path: path.read_bytes() for path in folder.rglob("*.*")} == before
    assert cli("duplicates", "--undo", "--all", "--gallery", own_gallery).code == 1


def test_a_run_that_cannot_be_taken_back_is_no_reason_to_forget_those_before(cli, own_gallery, folder):
    cli("duplicates", "--apply", "delete", "--yes", "--gallery", own_gallery)
    (folder / "a.jpg").unlink()
    done = cli("duplicates", "--undo", "--gallery", own_gallery)
    assert "0 pictures back, 1 not" in done.stderr
    assert "--undo --all" in done.stderr


@pytest.mark.parametrize("action", ["move", "delete"])
def test_what_a_person_wrote_comes_back_with_the_file(cli, own_gallery, folder, tmp_path, action):
    spare = folder / "copies" / "b.jpg"
    cli("edit", spare, "--caption", "Ada at seven", "--add-tag", "birthday", "--gallery", own_gallery)
    asked = ("--apply", action, *(("--to", tmp_path / "spare") if action == "move" else ()), "--yes")
    assert cli("duplicates", "--tier", "identical", *asked, "--gallery", own_gallery).code == 0
    assert not spare.exists()
    assert cli("duplicates", "--undo", "--gallery", own_gallery).code == 0
    for _ in range(2):
        with open_gallery(own_gallery) as opened:
            (back,) = opened.get([image_id(spare.as_uri())], embeddings=True)
        assert (back.caption, back.caption_source, back.tags) == ("Ada at seven", "person", ("birthday",))
        indexed = cli("index", folder, "--json", "--gallery", own_gallery)
    assert back.embeddings
    assert {one["outcome"] for one in indexed.objects} == {"unchanged"}


@pytest.mark.parametrize("action", ["move", "delete"])
@pytest.mark.parametrize("is_described", [False, True], ids=["nobody described it", "a person described it"])
def test_what_a_person_wrote_stays_with_the_picture_that_is_kept(
    cli, own_gallery, folder, tmp_path, action, is_described
):
    spare, kept = folder / "copies" / "b.jpg", folder / "a.jpg"
    cli("edit", spare, "--caption", "Ada at seven", "--add-tag", "birthday", "--gallery", own_gallery)
    if is_described:
        cli("edit", kept, "--caption", "My sister", "--gallery", own_gallery)
    asked = ("--apply", action, *(("--to", tmp_path / "spare") if action == "move" else ()), "--yes")
    assert cli("duplicates", "--tier", "identical", *asked, "--gallery", own_gallery).code == 0
    assert not spare.exists()
    with open_gallery(own_gallery) as opened:
        (left,) = opened.get([image_id(kept.as_uri())])
    assert (left.caption, left.tags) == (("My sister", ()) if is_described else ("Ada at seven", ("birthday",)))


def test_what_was_moved_within_an_indexed_folder_does_not_come_in_again(cli, own_gallery, folder):
    spare = folder / "spare"
    cli("duplicates", "--apply", "move", "--to", spare, "--yes", "--gallery", own_gallery)
    assert len(list(spare.rglob("*.*"))) == 2
    known = ids(own_gallery)
    again = cli("index", folder, "--json", "--gallery", own_gallery)
    assert [one["outcome"] for one in again.objects] == ["unchanged"] * 3
    assert ids(own_gallery) == known
    assert cli("duplicates", "--gallery", own_gallery).code == 1
    named = cli("index", spare, "--json", "--gallery", own_gallery)
    assert [one["outcome"] for one in named.objects] == ["added"] * 2, "asked for by name"
    gone, _ = sorted(spare.rglob("*.*"))
    gone.unlink()
    last = cli("index", folder, "--json", "--gallery", own_gallery)
    assert [one["uri"] for one in last.objects if one["outcome"] == "removed"] == [gone.as_uri()]


@pytest.mark.parametrize("named", ["spare", "copies/../spare", "link"])
def test_a_folder_that_pictures_were_moved_to_is_indexed_by_any_name(cli, own_gallery, folder, named):
    (folder / "spare").mkdir()
    (folder / "link").symlink_to(folder / "spare")
    to = folder / "link" / ".." / "spare" if named == "spare" else folder / "link"
    cli("duplicates", "--apply", "move", "--to", to, "--yes", "--gallery", own_gallery)
    whole = cli("index", folder, "--json", "--gallery", own_gallery)
    assert [one["outcome"] for one in whole.objects] == ["unchanged"] * 3
    part = cli("index", f"{folder}/{named}", "--json", "--gallery", own_gallery)
    assert [one["outcome"] for one in part.objects] == ["added"] * 2


def test_files_come_back_though_the_gallery_has_gone(cli, own_gallery, folder):
    cli("duplicates", "--apply", "delete", "--yes", "--gallery", own_gallery)
    own_gallery.unlink()
    done = cli("duplicates", "--undo", "--gallery", own_gallery)
    assert (done.code, done.stdout) == (0, f"{folder}/copies/b.jpg  is back\n")
    assert not own_gallery.exists()


@pytest.mark.parametrize("asked", [["--apply", "delete", "--yes"], ["--undo"]], ids=["delete", "undo"])
@pytest.mark.parametrize("is_locked", [False, True], ids=["no lock yet", "a lock that is read-only"])
def test_beside_a_gallery_that_is_read_only_nothing_is_done_and_that_is_said(
    run, own_gallery, folder, unprivileged, asked, is_locked
):
    shut = own_gallery.parent / "shut" / own_gallery.name
    shut.parent.mkdir()
    shutil.copy(own_gallery, shut)
    if is_locked:
        shut.with_name("own.gallery.duplicates.jsonl.lock").touch(0o444)
    shut.parent.chmod(0o555)
    done = run("duplicates", *asked, "--gallery", shut, prefix=unprivileged)
    assert (done.code, done.stdout) == (3, "")
    assert f"cannot be written down in {shut.parent}" in done.stderr
    assert (folder / "a.jpg").exists()
    assert (folder / "copies" / "b.jpg").exists()


def test_links_are_made_for_the_same_bytes_only(cli, own_gallery, folder):
    done = cli("duplicates", "--apply", "hardlink", "--yes", "--gallery", own_gallery)
    assert (folder / "a.jpg").samefile(folder / "copies" / "b.jpg")
    assert not (folder / "c.png").samefile(folder / "c.bmp")
    assert f"{folder}/c.png  left alone: Its bytes differ" in done.stdout
    assert "1 picture done, 1 left alone" in done.stderr


def test_a_changed_file_is_left_alone_and_stays_in_the_gallery(cli, own_gallery, folder):
    (folder / "copies" / "b.jpg").write_bytes(picture_bytes(9, (96, 72)))
    known = ids(own_gallery)
    done = cli("duplicates", "--tier", "identical", "--apply", "delete", "--yes", "--gallery", own_gallery)
    assert "has changed since it was indexed" in done.stdout
    assert (folder / "copies" / "b.jpg").exists()
    assert image_id((folder / "copies" / "b.jpg").as_uri()) in ids(own_gallery) <= known


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--tier", "alike"], "identical, edited, similar"),
        (["--apply", "burn"], "move, delete, hardlink"),
        (["--apply", "move"], "--to"),
        (["--apply", "delete", "--tier", "similar"], "not deleted"),
        (["--keep", "beauty"], "resolution"),
        (["--sheet", "groups.png"], ".html"),
        (["--yes"], "--apply move --to FOLDER"),
        (["--to", "spare"], "say --apply move"),
        (["--all"], "say --undo --all"),
        (["--apply", "delete", "--to", "spare"], "say --apply move"),
    ],
)
def test_a_wrong_option_is_refused_with_what_would_be_right(cli, own_gallery, arguments, said):
    done = cli("duplicates", *arguments, "--gallery", own_gallery)
    assert (done.code, done.stdout) == (2, "")
    assert said in done.stderr


@pytest.mark.parametrize(
    "choice",
    [
        ["copies"],
        ["--tier", "identical"],
        ["--keep", "age"],
        ["--protect", "."],
        ["--where", "format:png"],
        ["--sheet", "groups.html"],
        ["--apply", "delete"],
        ["--to", "spare"],
        ["--yes"],
    ],
    ids=" ".join,
)
def test_a_part_of_what_was_done_cannot_be_taken_back_and_so_nothing_is(cli, own_gallery, folder, choice):
    cli("duplicates", "--apply", "delete", "--yes", "--gallery", own_gallery)
    done = cli("duplicates", *choice, "--undo", "--gallery", own_gallery)
    assert (done.code, done.stdout) == (2, "")
    assert "goes with no other choice" in done.stderr
    assert not (folder / "copies" / "b.jpg").exists()


def test_the_page_shows_every_group_and_asks_for_nothing(cli, own_gallery, folder, tmp_path):
    page = tmp_path / "groups.html"
    (folder / "c.png").unlink()
    done = cli("duplicates", "--sheet", page, "--gallery", own_gallery)
    assert done.code == 0
    text = page.read_text("utf-8")
    assert text.count("<section>") == 2
    assert text.count("data:image/jpeg;base64,") == 3
    assert "not there any more" in text
    assert "kept: largest file" in text
    assert "default-src 'none'" in text


def test_names_cannot_write_html(cli, own_gallery, folder, tmp_path):
    name = "<img src=x onerror=alert(1)>.jpg"
    (folder / name).write_bytes((folder / "a.jpg").read_bytes())
    assert cli("index", folder, "--gallery", own_gallery).code == 0
    page = tmp_path / "groups.html"
    cli("duplicates", "--sheet", page, "--gallery", own_gallery)
    assert "<img src=x" not in page.read_text("utf-8")
    assert "&lt;img src=x" in page.read_text("utf-8")


def test_pictures_that_cannot_be_had_are_told_of(cli, own_gallery, folder):
    for name, flipped in (("a.jpg", 0), ("other.jpg", 4)):
        with_hash(own_gallery, folder / name, flipped)
    (folder / "other.jpg").unlink()
    done = cli("duplicates", "--where", "-path:*/copies/* -path:*/c.*", "--gallery", own_gallery)
    assert done.code == 1
    assert f"1 picture that may be a copy was compared with nothing: The file '{folder}/other.jpg'" in done.stderr
    assert "No picture is there more than once, as far as can be told." in done.stderr
