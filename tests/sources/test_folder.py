import errno
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path, PureWindowsPath
from unicodedata import normalize

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lookalike.errors import BadInput, NotFound
from lookalike.sources import FolderSource
from lookalike.sources.excluding import Exclusion, check_places
from lookalike.types import Failure, Item, Outcome
from lookalike.uris import local_path


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "pictures"
    made.mkdir()
    return made


def put(folder: Path, *names: str) -> list[Path]:
    paths = [folder / name for name in names]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return paths


def names(source: FolderSource) -> list[str]:
    return [local_path(item.uri).name for item in source.items() if isinstance(item, Item)]


def failures(source: FolderSource) -> list[Failure]:
    return [item for item in source.items() if isinstance(item, Failure)]


def test_files_come_in_the_order_of_their_names_folder_by_folder(folder):
    put(folder, "b.jpg", "a.jpg", "deep/er/z.jpg", "deep/y.jpg", "c/x.jpg", "é.jpg")
    assert names(FolderSource([folder])) == ["a.jpg", "b.jpg", "é.jpg", "x.jpg", "y.jpg", "z.jpg"]


def test_every_file_is_offered_whatever_its_name(folder: Path) -> None:
    put(folder, "no-ending", "odd.name", "PICTURE.JPG")
    assert names(FolderSource([folder])) == ["PICTURE.JPG", "no-ending", "odd.name"]


def test_what_lies_beside_pictures_is_passed_over_unless_it_is_a_picture_or_asked_for(folder: Path) -> None:
    put(folder, "notes.txt", "IMG_1.MOV", "IMG_1.jpg.xmp", "a.jpg")
    (folder / "really.txt").write_bytes(b"\xff\xd8\xff\xe0 and so on")
    assert names(FolderSource([folder])) == ["a.jpg", "really.txt"]
    assert names(FolderSource([folder / "notes.txt"])) == ["notes.txt"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_called_like_a_text_keeps_nobody_waiting(folder: Path) -> None:
    os.mkfifo(folder / "pipe.txt")
    assert names(FolderSource([folder])) == []


def test_a_version_changes_with_size_and_with_time(folder):
    (path,) = put(folder, "a.jpg")
    source = FolderSource([folder])
    versions = [next(source.items()).version]
    path.write_bytes(b"longer")
    versions.append(next(source.items()).version)
    os.utime(path, ns=(1, 1))
    versions.append(next(source.items()).version)
    assert len(set(versions)) == 3
    assert next(source.items()).version == versions[-1]


@given(st.binary(min_size=1, max_size=60).filter(lambda name: not set(name) & {0, ord("/")}))
@example(b"caf\xe9 \xff\xfe.jpg")
@example(b"100% #1 ?.jpg")
@example("新年 🎉.jpg".encode())
@example(b"new\nline\ttab.jpg")
@example(b"a\\b:c.jpg")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_name_of_any_bytes_survives_the_way_to_a_uri_and_back(tmp_path, name):
    if name in {b".", b".."}:
        return
    path = Path(os.fsdecode(os.fsencode(tmp_path / "x" / "y")[:-1] + name))
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x")
    try:
        (item,) = FolderSource([path]).items()
        assert local_path(item.uri) == path
        assert item.uri == path.as_uri()
        assert item.uri.isascii()
        if name[:1] != b"." and not any(hidden in name for hidden in (b".gallery", b"@eaDir", b"Thumbs", b"desktop")):
            assert [one.uri for one in FolderSource([path.parent]).items()] == [item.uri]
    finally:
        path.unlink()


def test_hidden_files_galleries_and_what_file_managers_leave_are_passed_over(folder):
    put(folder, ".hidden.jpg", ".git/a.jpg", "@eaDir/a.jpg", "Thumbs.db", "desktop.ini", "a.gallery", "kept.jpg")
    put(folder, "a.gallery-wal", "a.gallery-shm", "a.gallery.thumbnails", "a.gallery.uploads/ab/abc.jpg")
    assert names(FolderSource([folder])) == ["kept.jpg"]


def test_galleries_are_told_by_their_very_case_and_what_is_left_behind_in_any(folder):
    put(folder, "Smith.Gallery/a.jpg", "Desktop.ini", "@EADIR/b.jpg", "own.gallery", "THUMBS.DB")
    assert names(FolderSource([folder])) == ["a.jpg"]
    assert names(FolderSource([folder], ["smith.*"])) == []


def test_on_windows_a_path_from_the_root_is_whole(monkeypatch):
    monkeypatch.setattr("lookalike.sources.excluding.Path", PureWindowsPath)
    assert not Exclusion(["/trash"]).below(PureWindowsPath("C:/photos")).match("trash")
    assert Exclusion(["C:/photos/trash"]).below(PureWindowsPath("C:/photos")).match("trash")


def test_a_hidden_folder_that_is_asked_for_by_name_is_listed(folder):
    put(folder, ".private/a.jpg")
    assert names(FolderSource([folder / ".private"])) == ["a.jpg"]


def test_globs_exclude_names_everywhere_and_with_a_slash_paths_below_the_folder(folder):
    put(folder, "a.png", "deep/b.png", "trash/c.jpg", "deep/trash/d.jpg", "e.jpg")
    assert names(FolderSource([folder], ["*.png"])) == ["e.jpg", "d.jpg", "c.jpg"]
    assert names(FolderSource([folder], ["trash/*"])) == ["a.png", "e.jpg", "b.png", "d.jpg"]
    assert names(FolderSource([folder], ["trash"])) == ["a.png", "e.jpg", "b.png"]


@pytest.mark.parametrize(
    ("glob", "left"),
    [
        ("private/", ["a.JPG", "c.PNG"]),
        ("./private/", ["a.JPG", "d.jpg", "c.PNG"]),
        ("./private/*", ["a.JPG", "d.jpg", "c.PNG"]),
        ("deep//./private", ["a.JPG", "c.PNG", "b.jpg"]),
        ("*.jpg", ["c.PNG"]),
        ("PRIVATE", ["a.JPG", "c.PNG"]),
        ("{folder}/private", ["a.JPG", "d.jpg", "c.PNG"]),
        ("{folder}/deep/", ["a.JPG", "b.jpg"]),
        ("{folder}/*/*.png", ["a.JPG", "d.jpg", "b.jpg"]),
        ("{parent}/*/private", ["a.JPG", "d.jpg", "c.PNG"]),
        ("{parent}/elsewhere/private", ["a.JPG", "d.jpg", "c.PNG", "b.jpg"]),
        ("{folder}", ["a.JPG", "d.jpg", "c.PNG", "b.jpg"]),
    ],
)
def test_what_is_excluded_may_be_spelt_in_many_ways(glob, left, folder):
    put(folder, "a.JPG", "private/b.jpg", "deep/c.PNG", "deep/private/d.jpg")
    source = FolderSource([folder], [glob.format(folder=folder, parent=folder.parent)])
    assert sorted(names(source)) == sorted(left)
    part = source.only([path for path in folder.rglob("*") if path.is_file()])
    assert sorted(names(part)) == sorted(left)


@pytest.mark.parametrize(
    ("glob", "left"),
    [
        ("Büro", "Größe.jpg"),
        ("BÜRO/*", "Größe.jpg"),
        ("B?ro", "Größe.jpg"),
        ("{folder}/büro", "Größe.jpg"),
        ("deep/größe.*", "a.jpg"),
        ("{folder}/deep/Größe.jpg", "a.jpg"),
    ],
)
@pytest.mark.parametrize("typed", ["NFC", "NFD"])
@pytest.mark.parametrize("on_disk", ["NFC", "NFD"])
def test_an_accent_is_the_same_in_one_character_or_two(glob, left, typed, on_disk, tmp_path):
    folder = tmp_path / normalize(on_disk, "Köln")
    put(folder, *(normalize(on_disk, name) for name in ("Büro/a.jpg", "deep/Größe.jpg")))
    glob = normalize(typed, glob.format(folder=tmp_path / "Köln"))
    check_places([glob], [folder])
    source = FolderSource([folder], [glob])
    assert names(source) == [normalize(on_disk, left)]
    part = source.only([path for path in folder.rglob("*") if path.is_file()])
    assert names(part) == [normalize(on_disk, left)]


def test_a_whole_path_excludes_in_the_folder_it_lies_in_only(home):
    put(home, "one/trash/a.jpg", "other/trash/b.jpg")
    source = FolderSource([home / "one", home / "other"], ["~/one/trash"])
    assert names(source) == ["b.jpg"]


@pytest.mark.parametrize("glob", ["", ".", "./", "/", "//", "..", "../trash/*", "a/../.."])
def test_what_can_exclude_nothing_is_refused(glob, folder):
    with pytest.raises(BadInput, match="excludes nothing"):
        FolderSource([folder], [glob])


def test_a_whole_path_that_lies_in_none_of_the_folders_is_refused_where_it_is_asked_for(folder, home):
    check_places(["*.png", "./trash", f"{folder}/trash", "~/deep/*"], [folder, home])
    for glob in ("/trash", f"{folder}-other/trash", "~/trash", f"{folder}"):
        with pytest.raises(BadInput, match="below none of the folders given"):
            check_places([glob], [folder])


def test_single_files_and_folders_can_be_set_apart_however_the_folder_is_spelt(folder, tmp_path):
    put(folder, "db", "deep/db", "cache/a.jpg", "deep/cache/b.jpg")
    (tmp_path / "link").symlink_to(folder)
    apart = [folder / "db", folder / "cache", folder / "nothing here"]
    assert names(FolderSource([folder], apart_from=apart)) == ["db", "b.jpg"]
    assert names(FolderSource([tmp_path / "link"], apart_from=apart)) == ["db", "b.jpg"]
    changed = [folder / "db", folder / "cache" / "a.jpg", folder / "deep" / "db"]
    assert FolderSource([folder], apart_from=apart).only(changed).prefixes == (changed[2].as_uri(),)


def test_what_was_moved_away_is_passed_over_from_then_on_also_two_files_of_one_name(folder):
    put(folder, "a.jpg", "spare/one/b.jpg", "spare/two/b.jpg", "spare/own.jpg")
    moved: list[Path] = []
    source = FolderSource([folder], moved_away=lambda: moved)
    assert names(source) == ["a.jpg", "own.jpg", "b.jpg", "b.jpg"]
    moved += [folder / "spare" / name / "b.jpg" for name in ("one", "two")]
    assert names(source) == ["a.jpg", "own.jpg"]
    assert source.only(moved).prefixes == ()


def test_what_was_moved_away_counts_only_while_it_is_there(folder):
    put(folder, "a.jpg", "spare/b.jpg", "spare/own.jpg")
    moved = folder / "spare" / "b.jpg"
    source = FolderSource([folder], moved_away=lambda: [moved])
    assert source.passes_over(moved.as_uri())
    moved.unlink()
    assert not source.passes_over(moved.as_uri())
    assert source.only([moved]).prefixes == (moved.as_uri(), f"{moved.as_uri()}/")


def test_files_of_the_name_of_one_that_was_moved_away_are_not_compared_with_it(folder, tmp_path, monkeypatch):
    put(folder, "one/cover.jpg", "two/cover.jpg")
    asked: list[str] = []
    samefile = Path.samefile
    monkeypatch.setattr(Path, "samefile", lambda self, other: asked.append(str(other)) or samefile(self, other))
    source = FolderSource([folder], moved_away=lambda: [tmp_path / "drive" / "cover.jpg"])
    assert names(source) == ["cover.jpg", "cover.jpg"]
    assert asked == []


def test_a_missing_path_is_said_before_anything_is_listed(folder):
    put(folder, "a.jpg")
    with pytest.raises(NotFound, match=r"no file or folder .*nowhere"):
        next(FolderSource([folder, folder / "nowhere"]).items())


def test_an_empty_folder_asked_for_by_name_is_a_failure_and_one_below_is_not(folder):
    (folder / "empty").mkdir()
    put(folder, "a.jpg")
    assert failures(FolderSource([folder])) == []
    (failure,) = failures(FolderSource([folder / "empty"]))
    assert failure.uri == (folder / "empty").as_uri() + "/"
    assert failure.outcome is Outcome.UNREACHABLE
    assert "not mounted" in failure.reason


def test_a_folder_that_has_gone_when_the_listing_ends_is_a_failure(folder, tmp_path):
    put(folder, "1.jpg", "below/2.jpg")
    put(tmp_path / "drive", "3.jpg")
    listing = FolderSource([folder, tmp_path / "drive"]).items()
    next(listing)
    shutil.rmtree(tmp_path / "drive")
    shutil.rmtree(folder / "below")
    (failure,) = listing
    assert failure.uri == (tmp_path / "drive").as_uri() + "/"
    assert failure.outcome is Outcome.UNREACHABLE


def test_a_link_to_a_folder_is_not_followed_so_that_a_loop_ends(folder):
    put(folder, "a.jpg", "below/b.jpg")
    (folder / "below" / "loop").symlink_to(folder)
    assert names(FolderSource([folder])) == ["a.jpg", "b.jpg"]


def test_a_link_to_a_folder_that_is_asked_for_by_name_is_followed(folder, tmp_path):
    put(folder, "a.jpg")
    (tmp_path / "link").symlink_to(folder)
    (item,) = FolderSource([tmp_path / "link"]).items()
    assert item.uri == (tmp_path / "link" / "a.jpg").as_uri()


def test_a_link_to_a_file_is_followed_and_one_to_nothing_passed_over(folder, tmp_path):
    (target,) = put(tmp_path, "target.jpg")
    (folder / "good.jpg").symlink_to(target)
    (folder / "dangling.jpg").symlink_to(tmp_path / "nothing")
    (item,) = FolderSource([folder]).items()
    assert item.uri.endswith("/good.jpg")


def test_where_links_may_not_lead_out_one_that_does_is_a_failure_and_tells_nothing(folder, tmp_path):
    (target, inside) = put(tmp_path, "secret.jpg", "pictures/a.jpg")
    (folder / "out.jpg").symlink_to(target)
    (folder / "out.txt").symlink_to(target)
    (folder / "nowhere.jpg").symlink_to(tmp_path / "nothing")
    (folder / "within.jpg").symlink_to(inside)
    source = FolderSource([folder], within=[folder])
    assert names(source) == ["a.jpg", "within.jpg"]
    told = failures(source)
    assert [local_path(one.uri).name for one in told] == ["nowhere.jpg", "out.jpg", "out.txt"]
    assert len({one.reason for one in told}) == 1
    assert failures(source.only([folder / "out.jpg"]))
    assert failures(FolderSource([folder / "out.jpg"], within=[folder]))


def test_a_link_to_a_folder_that_is_asked_for_by_name_may_not_lead_out_either(folder, tmp_path):
    put(folder, "inside/a.jpg")
    put(tmp_path, "elsewhere/secret.jpg")
    (tmp_path / "empty").mkdir()
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    (folder / "emptied").symlink_to(tmp_path / "empty")
    source = FolderSource([folder / "link", folder / "emptied"], within=[folder])
    assert names(source) == []
    assert [one.reason for one in failures(source)] == ["the link leads out of the folders that may be indexed"] * 2
    (folder / "link").unlink()
    (folder / "link").symlink_to(folder / "inside")
    assert names(FolderSource([folder / "link"], within=[folder])) == ["a.jpg"]


def test_the_folders_that_no_link_may_lead_out_of_may_lie_in_the_home_folder(home):
    put(home / "pictures", "a.jpg")
    assert names(FolderSource([home / "pictures"], within=[Path("~/pictures")])) == ["a.jpg"]


def test_a_link_to_itself_is_a_failure_of_its_own(folder):
    put(folder, "a.jpg")
    (folder / "ouroboros.jpg").symlink_to(folder / "ouroboros.jpg")
    source = FolderSource([folder])
    assert names(source) == ["a.jpg"]
    (failure,) = failures(source)
    assert failure.uri.endswith("/ouroboros.jpg")
    assert "symbolic links" in failure.reason


def test_pipes_and_sockets_are_passed_over(folder):
    put(folder, "a.jpg")
    os.mkfifo(folder / "pipe.jpg")
    assert names(FolderSource([folder])) == ["a.jpg"]


def test_a_file_that_vanishes_during_the_listing_is_passed_over(folder):
    _, second, _ = put(folder, "1.jpg", "2.jpg", "3.jpg")
    listing = FolderSource([folder]).items()
    next(listing)
    second.unlink()
    assert [local_path(item.uri).name for item in listing] == ["3.jpg"]


def test_a_folder_that_vanishes_during_the_listing_is_passed_over(folder):
    put(folder, "1.jpg", "below/2.jpg", "later/3.jpg")
    listing = FolderSource([folder]).items()
    next(listing)
    shutil.rmtree(folder / "below")
    assert [local_path(item.uri).name for item in listing] == ["3.jpg"]


LISTING = """
import sys
from pathlib import Path
from lookalike.sources import FolderSource
for one in FolderSource([Path(sys.argv[1])]).items():
    print(type(one).__name__, one.uri, getattr(one, "reason", ""), sep="|")
"""


def list_unprivileged(folder: Path, unprivileged: list[str]) -> list[list[str]]:
    done = subprocess.run(
        [*unprivileged, sys.executable, "-c", LISTING, str(folder)], capture_output=True, text=True, check=True
    )
    return [line.split("|") for line in done.stdout.splitlines()]


@pytest.mark.slow
def test_a_folder_that_may_not_be_read_is_a_failure_and_the_others_are_listed(folder, unprivileged):
    put(folder, "a.jpg", "locked/b.jpg", "open/c.jpg")
    (folder / "locked").chmod(0o000)
    try:
        found = list_unprivileged(folder, unprivileged)
    finally:
        (folder / "locked").chmod(0o755)
    assert [one[0] for one in found] == ["Item", "Failure", "Item"]
    assert found[1][1] == (folder / "locked").as_uri() + "/"
    assert found[1][2] == "the folder cannot be listed: Permission denied"


class Unknown:
    """An entry of a disk whose listings say only names, and which cannot be looked at."""

    def __init__(self, entry: os.DirEntry[str]) -> None:
        self.name, self.path = entry.name, entry.path

    def is_dir(self, **_: bool) -> bool:
        raise OSError(errno.EIO, os.strerror(errno.EIO), self.path)


def test_one_entry_that_cannot_be_looked_at_does_not_end_the_listing(folder, monkeypatch):
    put(folder, "a.jpg", "b/x.jpg", "c/y.jpg", "d.jpg")
    listed = os.scandir

    @contextmanager
    def scandir(path):
        with listed(path) as entries:
            yield [Unknown(entry) if entry.name == "b" else entry for entry in entries]

    monkeypatch.setattr(os, "scandir", scandir)
    source = FolderSource([folder])
    assert names(source) == ["a.jpg", "d.jpg", "y.jpg"]
    (told,) = failures(source)
    assert (told.uri, told.reason) == ((folder / "b").as_uri(), "it cannot be looked at: Input/output error")
    assert {folder, folder / "c"} <= {*source.folders()}


@pytest.mark.slow
def test_files_in_a_folder_that_may_not_be_entered_are_a_failure_each(folder, unprivileged):
    put(folder, "shut/a.jpg", "shut/b.jpg")
    (folder / "shut").chmod(0o444)
    try:
        found = list_unprivileged(folder, unprivileged)
        inside = list_unprivileged(folder / "shut" / "a.jpg", unprivileged)
    finally:
        (folder / "shut").chmod(0o755)
    assert [one[0] for one in found] == ["Failure", "Failure"]
    assert found[0][2] == "the file cannot be looked at: Permission denied"
    assert inside == [found[0]]


def test_the_root_of_all_folders_has_three_slashes():
    source = FolderSource([Path("/")])
    assert source.prefixes == ("file:///",)
    assert next(source.items()).uri.startswith("file:///")
    assert not next(source.items()).uri.startswith("file:////")


def test_prefixes_tell_folders_from_files(folder):
    (path,) = put(folder, "a.jpg")
    assert FolderSource([folder]).prefixes == (folder.as_uri() + "/",)
    assert FolderSource([path]).prefixes == ()


def test_what_lies_in_two_of_the_folders_asked_for_is_offered_once(folder):
    deep, by_name, notes, *_ = put(folder, "deep/a.jpg", "b.jpg", "notes.txt", "c.jpg", ".hidden/d.jpg", "odd/e.jpg")
    asked = [folder / "deep", folder, by_name, notes, folder / ".hidden", folder, folder / "odd"]
    source = FolderSource(asked, ["odd"])
    assert sorted(names(source)) == ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg", "notes.txt"]
    assert sorted(names(source.only([deep, by_name]))) == ["a.jpg", "b.jpg"]


@pytest.mark.parametrize("pattern", ["*/raw/*", "raw/*", "2020/*", "shoot/raw/*"])
def test_what_holds_below_a_folder_says_nothing_of_another_one_asked_for_within_it(folder, pattern):
    put(folder, "a.jpg", "shoot/b.jpg", "shoot/raw/c.jpg", "shoot/raw/2021/d.jpg", "2020/e.jpg")
    deep = folder / "shoot" / "raw" / "2021" / "d.jpg"
    inner = [folder / "shoot" / "raw", folder / "2020"]
    source = FolderSource([folder, *inner], [pattern])
    assert sorted(names(source)) == ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg"]
    assert names(source.only([deep])) == ["d.jpg"]
    assert set(inner) <= set(source.folders())


def test_what_holds_below_an_inner_folder_holds_however_it_is_reached(folder):
    put(folder, "trash/a.jpg", "shoot/trash/b.jpg", "shoot/c.jpg")
    source = FolderSource([folder / "shoot", folder], ["trash/*"])
    assert names(source) == ["c.jpg"]
    assert names(source.only([folder / "shoot" / "trash" / "b.jpg"])) == []


def test_a_folder_asked_for_in_another_one_is_a_failure_if_it_is_empty(folder):
    put(folder, "a.jpg")
    (folder / "drive").mkdir()
    assert [one.uri for one in failures(FolderSource([folder, folder / "drive"]))] == [
        f"{(folder / 'drive').as_uri()}/"
    ]


def test_a_part_holds_just_what_changed_and_forgets_what_vanished(folder):
    changed, kept, gone = put(folder, "changed.jpg", "kept.jpg", "gone.jpg")
    gone.unlink()
    part = FolderSource([folder]).only([changed, gone])
    assert names(part) == ["changed.jpg"]
    assert set(part.prefixes) == {changed.as_uri(), gone.as_uri(), gone.as_uri() + "/"}
    assert names(FolderSource([folder])) == ["changed.jpg", "kept.jpg"], "the whole is as it was"
    assert kept.exists()


def test_a_part_passes_over_what_the_whole_would(folder):
    put(folder, "a.png", ".cache/b.jpg", "trash/c.jpg", "d.jpg")
    changed = [path for path in folder.rglob("*") if path.is_file()]
    part = FolderSource([folder], ["*.png", "trash/*"]).only([*changed, folder.parent / "elsewhere.jpg"])
    assert names(part) == ["d.jpg"]


def test_a_part_follows_links_as_the_whole_does(folder, tmp_path):
    target, _, kept = put(tmp_path, "target.jpg", "elsewhere/secret.jpg", "pictures/deep/a.jpg")
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    (folder / "deep" / "loop").symlink_to(folder)
    (folder / "good.jpg").symlink_to(target)
    changed = [folder / name for name in ("link", "link/secret.jpg", "deep/loop", "deep/loop/deep/a.jpg", "good.jpg")]
    part = FolderSource([folder]).only([*changed, kept])
    assert sorted(names(part)) == sorted(names(FolderSource([folder]))) == ["a.jpg", "good.jpg"]
    (tmp_path / "door").symlink_to(folder)
    by_link = FolderSource([tmp_path / "door"]).only([tmp_path / "door" / "deep" / "a.jpg"])
    assert names(by_link) == ["a.jpg"], "asked for by name"


def test_a_part_passes_over_what_lies_beside_pictures_too(folder):
    notes, listing = put(folder, "notes.txt", "really.txt")
    listing.write_bytes(b"\xff\xd8\xff\xe0 and so on")
    assert names(FolderSource([folder]).only([notes, listing])) == ["really.txt"]
    assert names(FolderSource([notes]).only([notes])) == ["notes.txt"], "asked for by name"


def test_a_part_forgets_nothing_when_the_whole_folder_has_gone(folder):
    (path,) = put(folder, "a.jpg")
    shutil.rmtree(folder)
    assert FolderSource([folder]).only([path, folder]).prefixes == ()


def test_what_only_another_listing_reaches_is_told_from_what_vanished(folder):
    put(folder, ".hidden/a.jpg", "own.uploads/b.jpg", "kept/c.jpg")
    (folder / "link").symlink_to(folder / "kept")
    source = FolderSource([folder], ["*.png"], apart_from=[folder / "own.uploads"])
    for name in (".hidden/a.jpg", "own.uploads/b.jpg", "link/c.jpg"):
        assert source.passes_over((folder / name).as_uri())
        assert not FolderSource([folder / name]).passes_over((folder / name).as_uri()), "asked for by name"
    for name in ("kept/c.jpg", "gone.jpg", "gone/d.jpg", "excluded.png"):
        assert not source.passes_over((folder / name).as_uri())


def test_what_only_a_table_could_not_find_is_left_to_it(folder):
    put(folder, "kept.jpg", "captions.csv")
    source = FolderSource([folder])
    for name in ("captions.csv/line=3/", "captions.csv/", "missing.jpg"):
        assert source.passes_over(f"{folder.as_uri()}/{name}", "- table:abc:")
    assert not source.passes_over((folder / "gone.jpg").as_uri(), "1-1 table:abc:def")


def test_what_a_table_could_not_find_is_not_left_to_one_that_has_gone_nor_where_it_is_asked_for(folder):
    put(folder, "kept.jpg")
    for name in ("captions.csv/line=3/", "captions.csv/"):
        assert not FolderSource([folder]).passes_over(f"{folder.as_uri()}/{name}", "- table:abc:")
    asked = FolderSource([folder / "missing.jpg", folder / "kept.jpg"], may_be_missing=True)
    assert not asked.passes_over((folder / "missing.jpg").as_uri(), "- table:abc:")
    assert asked.passes_over((folder / "kept.jpg").as_uri(), "- table:abc:")


def test_many_files_that_vanished_one_by_one_are_told_from_others_in_no_time(folder):
    put(folder, "kept.jpg")
    gone = [folder / f"{number:05}.jpg" for number in range(5_000)]
    part = FolderSource([folder]).only(gone)
    begun = time.process_time()
    assert not any(part.passes_over(path.as_uri()) for path in gone)
    assert time.process_time() - begun < 5, "of processor time; half a second is usual, and a minute if each met each"


def test_a_part_offers_a_file_once_though_its_folder_changed_too(folder):
    (path,) = put(folder, "new/a.jpg")
    assert names(FolderSource([folder]).only([path, folder / "new"])) == ["a.jpg"]


COUNTING = """
import sys, time
from pathlib import Path
from lookalike.sources import FolderSource
start = time.process_time()
uris = {item.uri for item in FolderSource([Path(sys.argv[1])], ["*.png", "trash/*"]).items()}
print(len(uris), time.process_time() - start)
"""


@pytest.mark.slow
def test_100_000_files_in_one_folder_are_listed_in_seconds(folder):
    for number in range(100_000):
        os.close(os.open(folder / f"{number:06}.jpg", os.O_CREAT | os.O_WRONLY))
    counting = [sys.executable, "-c", COUNTING, folder]
    found, seconds = subprocess.run(counting, capture_output=True, text=True, check=True).stdout.split()
    assert found == "100000"
    assert float(seconds) < 15, "of processor time; one second is usual, and more where others use the caches"


def test_the_folders_are_those_that_the_listing_enters(folder, tmp_path):
    for name in (".hidden", "trash", "kept", "kept/deep"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "link").symlink_to(tmp_path)
    found = set(FolderSource([folder], exclude=["trash"]).folders())
    assert {folder, folder / "kept", folder / "kept" / "deep"} <= found
    assert found.isdisjoint({folder / ".hidden", folder / "trash", folder / "link"})
