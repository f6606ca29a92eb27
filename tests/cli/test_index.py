import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from lookalike.cli.index import _take_in_patiently
from lookalike.cli.progress import Tally
from lookalike.errors import GalleryError
from lookalike.gallery import open_gallery
from lookalike.library import Lookalike, ReadyParts
from lookalike.sources.files import BESIDE_PICTURES
from lookalike.testing import ColourEncoder, MemoryGallery, picture_bytes
from lookalike.types import Ingested, Outcome

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path) -> Path:
    made = tmp_path / "pictures"
    made.mkdir()
    for seed in range(3):
        (made / f"{seed}.jpg").write_bytes(picture_bytes(seed, (64, 48)))
    return made


def test_a_summary_is_the_last_result_and_a_failure_is_told_with_its_reason(cli, folder, tmp_path):
    gallery = tmp_path / "new.gallery"
    (folder / "bad.jpg").write_text("not a picture")
    done = cli("index", folder, "--gallery", gallery)
    assert done.code == 0
    assert done.stdout == "3 added, 0 updated, 0 unchanged, 0 removed, 1 failed\n"
    assert done.stderr.startswith(f"{folder / 'bad.jpg'}: ")
    again = cli("index", folder, "--gallery", gallery)
    assert again.stdout == "0 added, 0 updated, 4 unchanged, 0 removed, 0 failed\n"
    assert again.stderr == done.stderr, "it still cannot be read"


def test_who_has_many_failures_is_told_how_to_see_them(cli, folder, tmp_path):
    for number in range(4):
        (folder / f"bad-{number}.jpg").write_text("not a picture")
    for gallery, named in ((tmp_path / "new.gallery", "{}"), (tmp_path / "my new.gallery", "'{}'")):
        done = cli("index", folder, "--gallery", gallery)
        hint = f"4 files could not be taken in: `lookalike failures --gallery {named.format(gallery)}` says why.\n"
        assert done.stderr == hint


def test_the_next_time_says_what_changed(cli, folder, tmp_path):
    gallery = tmp_path / "new.gallery"
    cli("index", folder, "--gallery", gallery)
    (folder / "0.jpg").unlink()
    (folder / "1.jpg").write_bytes(picture_bytes(77, (64, 48)))
    (folder / "new.jpg").write_bytes(picture_bytes(78, (64, 48)))
    done = cli("index", folder, "--gallery", gallery)
    assert done.stdout == "1 added, 1 updated, 1 unchanged, 1 removed, 0 failed\n"
    assert done.stderr == ""


def test_names_may_begin_with_a_tilde(cli, folder, monkeypatch, tmp_path):
    (folder / "0.jpg").rename(folder / "~$holiday.jpg")
    (folder / "~").mkdir()
    (folder / "1.jpg").rename(folder / "~" / "1.jpg")
    monkeypatch.chdir(folder)
    done = cli("index", "~$holiday.jpg", "./~", "--gallery", tmp_path / "new.gallery", "--json")
    assert (done.code, len(done.objects)) == (0, 2), "of the home folder, nothing"
    assert [one["path"] for one in done.objects] == [str(folder / "~$holiday.jpg"), str(folder / "~" / "1.jpg")]


def test_a_gallery_may_be_named_after_nobody(cli, folder, monkeypatch, tmp_path):
    (tmp_path / "~nobody-at-all").mkdir()
    monkeypatch.chdir(tmp_path)
    assert cli("--config", "~nobody-at-all/x.toml", "info").code == 2
    assert cli("index", folder, "--gallery", "~nobody-at-all/x").code == 0
    assert (tmp_path / "~nobody-at-all" / "x").is_file()


def test_json_gives_one_object_a_picture_and_the_summary_aside(cli, folder, tmp_path):
    (folder / "bad.jpg").write_text("not a picture")
    done = cli("index", folder, "--gallery", tmp_path / "new.gallery", "--json")
    assert [set(one) for one in done.objects] == [{"uri", "path", "outcome", "reason", "id"}] * 4
    by_name = {Path(one["path"]).name: one for one in done.objects}
    assert by_name["0.jpg"]["outcome"] == "added"
    assert len(by_name["0.jpg"]["id"]) == 16
    assert by_name["bad.jpg"]["outcome"] == "unreadable"
    assert by_name["bad.jpg"]["reason"]
    assert "3 added" in done.stderr


def test_names_in_any_encoding_come_in_and_out_again(run, cli, folder, tmp_path):
    gallery = tmp_path / "new.gallery"
    names = [
        b"caf\xe9.jpg",
        "新年 🎉.jpg".encode(),
        b"two\nlines.jpg",
        b"100% #1 ?.jpg",
        b" spaces .jpg",
        b"\x1b[31m.jpg",
    ]
    for seed, name in enumerate(names):
        path = Path(os.fsdecode(os.fsencode(folder) + b"/" + name))
        path.write_bytes(picture_bytes(seed + 10, (64, 48)))
    assert "9 added" in run("index", folder, "--gallery", gallery).stdout
    assert "9 unchanged" in cli("index", folder, "--gallery", gallery).stdout
    for name in names[:3]:
        path = os.fsencode(folder) + b"/" + name
        done = cli("search", os.fsdecode(path), "--gallery", gallery, "-k", 1, "--json")
        (hit,) = done.objects
        assert hit["tier"] == "identical"
        assert hit["path"] == path.decode(errors="replace")
        assert done.code == 0
    table = run("search", folder / "0.jpg", "--gallery", gallery).stdout
    assert "\x1b" not in table
    assert "two�lines.jpg" in table


def test_names_in_any_encoding_are_shown_in_any_locale(run, folder, tmp_path):
    (folder / "新年 café.jpg").write_bytes(picture_bytes(10, (64, 48)))
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = run("index", folder, "--gallery", tmp_path / "new.gallery", "--json", env=environment)
    assert done.code == 0, done.stderr
    assert any(one["path"].endswith("新年 café.jpg") for one in done.objects)
    done = run("search", folder / "0.jpg", "--gallery", tmp_path / "new.gallery", env=environment)
    assert done.code == 0, done.stderr


def test_a_path_that_excludes_nothing_is_refused_before_its_pictures_come_in(cli, folder, tmp_path):
    gallery = tmp_path / "some.gallery"
    for glob in (f"{tmp_path}/private", "../private"):
        done = cli("index", folder, "--exclude", glob, "--gallery", gallery)
        assert done.code == 2
        assert "excludes nothing" in done.stderr
    assert not gallery.exists()


def test_excluded_names_stay_out_by_flag_and_by_setting(cli, folder, tmp_path, monkeypatch):
    gallery = tmp_path / "new.gallery"
    assert "1 added" in cli("index", folder, "--exclude", "[12].jpg", "--gallery", gallery).stdout
    monkeypatch.setenv("LOOKALIKE_EXCLUDE", "2.jpg")
    assert "1 added, 0 updated, 1 unchanged" in cli("index", folder, "--gallery", gallery).stdout


def test_the_gallerys_own_files_are_no_pictures_whatever_its_name(cli, folder):
    gallery = folder / "my database"
    (folder / "below").mkdir()
    (folder / "2.jpg").rename(folder / "below" / "my database")
    for _ in range(2):
        cli("index", folder, "--gallery", gallery)
    cli("search", folder / "0.jpg", "--gallery", gallery, "--sheet", folder.parent / "sheet.html")
    done = cli("index", folder, "--gallery", gallery)
    assert done.stdout == "0 added, 0 updated, 3 unchanged, 0 removed, 0 failed\n"


def test_a_closed_pipe_is_no_drama(folder, tmp_path, album):
    gallery = tmp_path / "new.gallery"
    line = f"'{sys.executable}' -m lookalike index '{folder}' '{album}' --gallery '{gallery}' --json | head -n 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", line], capture_output=True, text=True, check=False)
    assert json.loads(done.stdout)["uri"].startswith("file:///")
    assert "Traceback" not in done.stderr
    assert "Broken pipe" not in done.stderr
    assert done.returncode == 0


def test_pictures_of_another_encoder_are_refused_with_the_fix(cli, folder, tmp_path, gallery, monkeypatch):
    with open_gallery(gallery) as opened:
        space = next(iter(opened.spaces))
    assert space.startswith("mini@")
    model = _other_model(tmp_path)
    done = cli("index", folder, "--gallery", gallery, "--encoder", f"onnx:{model}")
    assert done.code == 3
    assert "encoder" in done.stderr
    assert "mini" in done.stderr


def _other_model(folder: Path) -> Path:
    """Copy the bundled model under its own name, with preprocessing of another kind."""
    import lookalike.encoders

    bundled = Path(lookalike.encoders.__file__).parent / "mini"
    for path in bundled.iterdir():
        shutil.copy(path, folder)
    card = folder / "mini.toml"
    text = card.read_text()
    card.write_text(text.replace('fit = "', 'margin = 0.5\nfit = "') if "margin" not in text else _other_margin(text))
    return folder / "mini.onnx"


def _other_margin(text: str) -> str:
    return "\n".join("margin = 0.5" if line.startswith("margin") else line for line in text.splitlines())


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_in_a_terminal_a_bar_shows_how_far_it_is_and_goes_when_it_is_done(start, folder, tmp_path):
    (folder / "bad.jpg").write_text("not a picture")
    ours, theirs = os.openpty()
    process = start("index", folder, "--gallery", tmp_path / "new.gallery", stdout=theirs, stderr=theirs, stdin=theirs)
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # that is how a terminal says that the other side is closed
        while part := os.read(ours, 4096):
            shown += part
    os.close(ours)
    assert process.wait() == 0
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode())
    assert re.search(r"4/4", text)
    assert re.search(r"1 failed", text)
    assert "\x1b[2K" in shown.decode()[-400:], "the bar is wiped away"
    assert "3 added, 0 updated, 0 unchanged, 0 removed, 1 failed\r\n" in text


def test_odd_broken_and_hostile_files_are_pictures_or_failures_with_a_reason(run, messy_images, tmp_path):
    gallery = tmp_path / "new.gallery"
    files = [path for path in messy_images.rglob("*") if path.is_file()]
    beside = [path for path in files if BESIDE_PICTURES.fullmatch(path.suffix)]  # has a reason only where it is named
    done = run("index", messy_images, *beside, "--gallery", gallery)
    assert done.code == 0, done.stderr
    (facts,) = run("info", "--gallery", gallery, "--json").objects
    assert facts["images"] + facts["failures"] == len(files)
    assert facts["images"] > 500
    assert all(one["reason"] for one in run("failures", "--gallery", gallery, "--json").objects)


def test_watching_follows_the_folder_until_ctrl_c(start, interrupt, folder, tmp_path):
    gallery = tmp_path / "new.gallery"
    process = start("index", folder, "--gallery", gallery, "--watch", "--json")
    first = [json.loads(process.stdout.readline()) for _ in range(3)]
    assert Counter(one["outcome"] for one in first) == {"added": 3}
    (folder / "new.jpg").write_bytes(picture_bytes(50, (64, 48)))
    new = json.loads(process.stdout.readline())
    assert (Path(new["path"]).name, new["outcome"]) == ("new.jpg", "added")
    (folder / "0.jpg").unlink()
    gone = json.loads(process.stdout.readline())
    assert (Path(gone["path"]).name, gone["outcome"]) == ("0.jpg", "removed")
    with open_gallery(gallery) as opened:
        assert opened.count() == 3
    _, stderr = interrupt(process)
    assert process.returncode == 130
    assert "Watching; stop with Ctrl-C." in stderr


def test_watching_goes_on_when_a_gallery_that_was_away_is_back(start, interrupt, folder, tmp_path):
    gallery, aside = tmp_path / "new.gallery", tmp_path / "aside.gallery"
    process = start("index", folder, "--gallery", gallery, "--watch", "--json")
    for _ in range(3):
        process.stdout.readline()
    said = iter(process.stderr.readline, "")
    assert any("Watching" in line for line in said)
    gallery.rename(aside)
    (folder / "new.jpg").write_bytes(picture_bytes(50, (64, 48)))
    assert any("was moved" in line for line in said)
    (folder / "newer.jpg").write_bytes(picture_bytes(51, (64, 48)))
    aside.rename(gallery)
    new = [json.loads(process.stdout.readline()) for _ in range(2)]
    assert {(Path(one["path"]).name, one["outcome"]) for one in new} == {("new.jpg", "added"), ("newer.jpg", "added")}
    interrupt(process)
    assert process.returncode == 130


class FailingGallery(MemoryGallery):
    """Stores nothing for a while, saying why."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__()
        self._reasons = reasons

    def put(self, *given, **named) -> None:
        if self._reasons:
            raise GalleryError(self._reasons.pop(0), "Make room.")
        super().put(*given, **named)


def test_a_gallery_that_cannot_store_is_waited_for_also_while_a_drive_is_away(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(_take_in_patiently.__globals__, "_PAUSE_S", 0.0)  # the verb hides its module's name
    away, tally = tmp_path / "drive", Tally()
    away.mkdir()
    gallery = FailingGallery(["The disk is full.", "The disk is full.", "The disk is gone."])
    with gallery, Lookalike(tmp_path / "g", ColourEncoder(), ready=ReadyParts(gallery=gallery)) as library:
        everything = library.folder_source([folder, away])
        away.rmdir()
        _take_in_patiently(everything.only([folder / "0.jpg"]), everything, library, tally, as_json=False)
        assert gallery.count() == 3
    assert tally.summary() == "3 added, 0 updated, 0 unchanged, 0 removed, 0 failed"
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("lookalike: ")]
    assert said == ["lookalike: The disk is full.", "lookalike: The disk is gone."]


def test_watching_waits_also_where_the_gallery_is_away_when_failures_are_counted(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(_take_in_patiently.__globals__, "_PAUSE_S", 0.0)
    (folder / "bad.jpg").write_text("not a picture")
    with (
        MemoryGallery() as gallery,
        Lookalike(tmp_path / "g", ColourEncoder(), ready=ReadyParts(gallery=gallery)) as library,
    ):
        everything, counted = library.folder_source([folder]), gallery.failures
        away = ["The server is away."]

        def failures():
            if away and len(counted()) == gallery.count() - 2 == 1:  # all has been taken in
                raise GalleryError(away.pop())
            return counted()

        monkeypatch.setattr(gallery, "failures", failures)
        failed = _take_in_patiently(everything, everything, library, Tally(), as_json=False)
    assert [Path(one.uri).name for one in failed] == ["bad.jpg"]
    assert "The server is away." in capsys.readouterr().err


def test_what_is_looked_at_once_more_is_counted_once():
    tally = Tally()
    for _ in range(3):
        tally.begin_again()
        for outcome in (Outcome.UNCHANGED, Outcome.UNREADABLE):
            tally.add(Ingested(uri="file:///a.jpg", outcome=outcome))
    tally.add(Ingested(uri="file:///b.jpg", outcome=Outcome.ADDED))
    tally.begin_again()
    assert tally.summary() == "1 added, 0 updated, 0 unchanged, 0 removed, 0 failed"


def test_what_became_of_a_table_is_said_where_a_folder_is_watched_besides(start, folder, tmp_path):
    (tmp_path / "beside.jpg").write_bytes(picture_bytes(51, (64, 48)))
    (tmp_path / "t.csv").write_text("image\nbeside.jpg\nmissing.jpg\n")
    process = start("index", "--table", tmp_path / "t.csv", folder, "--gallery", tmp_path / "new.gallery", "--watch")
    assert process.stdout.readline() == "4 added, 0 updated, 0 unchanged, 0 removed, 1 failed\n"


def test_watching_a_folder_that_holds_the_gallery_comes_to_rest(start, interrupt, folder):
    process = start("index", folder, "--gallery", folder / "db", "--watch", "--json")
    for _ in range(3):
        process.stdout.readline()
    time.sleep(5)
    stdout, stderr = interrupt(process)
    assert stdout == ""
    assert stderr.count("Watching") == 1


def test_a_folder_that_may_not_be_read_keeps_no_other_from_being_watched(start, folder, tmp_path, unprivileged):
    for name in ("a", "lost+found", "z"):
        (folder / name).mkdir()
    (folder / "lost+found").chmod(0o000)
    process = start("index", folder, "--gallery", tmp_path / "new.gallery", "--watch", "--json", prefix=unprivileged)
    first = [json.loads(process.stdout.readline()) for _ in range(4)]
    assert Counter(one["outcome"] for one in first) == {"added": 3, "unreachable": 1}
    for name in ("a", "z"):
        (folder / name / "new.jpg").write_bytes(picture_bytes(50, (64, 48)))
        new = json.loads(process.stdout.readline())
        assert (Path(new["path"]).parent.name, new["outcome"]) == (name, "added")


def test_a_folder_that_may_not_be_written_is_said(run, folder, tmp_path, unprivileged):
    (tmp_path / "shut").mkdir(mode=0o555)
    done = run("index", folder, "--gallery", tmp_path / "shut" / "new.gallery", prefix=unprivileged)
    assert done.code == 3
    assert "cannot be made: Permission denied" in done.stderr
    assert "may be written" in done.stderr


def test_a_gallery_that_may_not_be_written_is_searched_but_not_filled(
    run, folder, gallery, album, tmp_path, unprivileged
):
    (tmp_path / "shut").mkdir()
    shut = Path(shutil.copy(gallery, tmp_path / "shut"))
    shut.chmod(0o444)
    shut.parent.chmod(0o555)
    done = run("index", folder, "--gallery", shut, prefix=unprivileged)
    assert done.code == 3
    assert "Traceback" not in done.stderr
    done = run("search", album / "3.jpg", "--gallery", shut, "--json", "-k", 1, prefix=unprivileged)
    assert done.code == 0, done.stderr
    assert done.objects[0]["tier"] == "identical"
    shut.parent.chmod(0o755)


def test_pictures_that_may_not_be_read_are_failures_and_come_in_once_they_may(run, folder, tmp_path, unprivileged):
    gallery = tmp_path / "new.gallery"
    (folder / "locked").mkdir()
    (folder / "locked" / "deep.jpg").write_bytes(picture_bytes(40, (64, 48)))
    (folder / "locked").chmod(0)
    (folder / "1.jpg").chmod(0)
    done = run("index", folder, "--gallery", gallery, prefix=unprivileged)
    assert done.stdout == "2 added, 0 updated, 0 unchanged, 0 removed, 2 failed\n"
    listed = run("failures", "--gallery", gallery).stdout
    assert "the folder cannot be listed: Permission denied" in listed
    assert "The file cannot be read: Permission denied." in listed
    (folder / "locked").chmod(0o755)
    (folder / "1.jpg").chmod(0o644)
    done = run("index", folder, "--gallery", gallery, prefix=unprivileged)
    assert done.stdout == "2 added, 0 updated, 2 unchanged, 0 removed, 0 failed\n"
    assert run("failures", "--gallery", gallery).stdout == "No failures.\n"


def test_how_much_is_kept_of_local_features_may_be_chosen(cli, folder, tmp_path):
    sizes = []
    for kept in ("none", "fast", "full"):
        path = tmp_path / f"{kept}.gallery"
        assert cli("index", folder, "--gallery", path, "--features", kept).code == 0
        with open_gallery(path) as gallery:
            pages = list(gallery.fingerprints(-1))
            sizes.append(sum(len(packed) for page in pages for packed in page.features))
    none, fast, full = sizes
    assert none == 0
    assert 0 < fast < full
    refused = cli("index", folder, "--gallery", tmp_path / "other.gallery", "--features", "all")
    assert refused.code == 2
    assert "--features" in refused.stderr
