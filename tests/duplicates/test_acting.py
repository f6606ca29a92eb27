"""Does acting on duplicates lose nothing: not the last copy, not a changed file, not what is to come back?"""

import errno
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lookalike.duplicates import (
    Action,
    Group,
    Journal,
    KeepRules,
    acting,
    carry_out,
    foresee,
    plan_steps,
    renaming,
    undo,
)
from lookalike.duplicates.acting import set_aside
from lookalike.duplicates.renaming import copy_file, file_sha256
from lookalike.errors import BadInput, GalleryError
from lookalike.testing import make_record
from lookalike.types import ImageRecord, Tier


def record_of(path: Path) -> ImageRecord:
    data = path.read_bytes()
    return replace(make_record(path.as_uri()), sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))


def group_of(*paths: Path) -> Group:
    keep, *others = map(record_of, paths)
    return Group(
        tier=Tier.IDENTICAL,
        keep=keep,
        kept_for="oldest",
        records=(keep, *others),
        reasons={one.id: "same bytes" for one in others},
    )


@pytest.fixture
def folder(tmp_path) -> Path:
    """`a.jpg` and `b.jpg` of the same bytes, and `edited.jpg`."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, data in (("a.jpg", b"the picture"), ("b.jpg", b"the picture"), ("edited.jpg", b"the edited picture")):
        (folder / name).write_bytes(data)
        os.utime(folder / name, ns=(1_600_000_000_000_000_000, 1_600_000_000_000_000_000))
    return folder


@pytest.fixture
def journal(tmp_path) -> Journal:
    return Journal(tmp_path / "duplicates.jsonl")


def act(action, group, journal, *, protected=(), to=None) -> list[str]:
    rules = KeepRules.parse("", protected)
    return [done.obstacle for done in carry_out(plan_steps([group], action, rules, to), journal)]


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_plan_touches_nothing(folder, journal, tmp_path):
    before = files(tmp_path)
    (step,) = plan_steps([group_of(folder / "a.jpg", folder / "b.jpg")], Action.DELETE, KeepRules())
    assert (step.path, step.kept_path, step.obstacle) == (folder / "b.jpg", folder / "a.jpg", "")
    assert files(tmp_path) == before


def test_what_its_name_alone_hinders_is_foreseen_as_when_it_is_done(folder, journal, tmp_path):
    (folder / "link.jpg").symlink_to("a.jpg")
    os.link(folder / "a.jpg", folder / "same.jpg")
    (tmp_path / "photos-too").symlink_to(folder)
    names = (folder / "b.jpg", folder / "link.jpg", folder / "same.jpg", tmp_path / "photos-too" / "a.jpg")
    group = group_of(folder / "a.jpg", *names)
    before = files(tmp_path)
    foreseen = [foresee(step).obstacle for step in plan_steps([group], Action.DELETE, KeepRules())]
    assert files(tmp_path) == before
    is_link, one_file = (
        f"{folder / 'link.jpg'} is not there any more, or is a link.",
        "Both names are one file already.",
    )
    assert foreseen == ["", is_link, one_file, one_file]
    assert act(Action.DELETE, group, journal) == foreseen


@pytest.mark.parametrize("action", list(Action))
def test_what_was_done_to_a_copy_can_be_taken_back(folder, journal, tmp_path, action):
    before = {name: (folder / name).stat().st_mtime_ns for name in files(folder)}
    assert act(action, group_of(folder / "a.jpg", folder / "b.jpg"), journal, to=tmp_path / "spare") == [""]
    assert (folder / "b.jpg").exists() == (action is Action.HARDLINK)
    assert (folder / "a.jpg").read_bytes() == b"the picture"
    assert [one.obstacle for one in undo(journal)] == [""]
    assert files(folder) == {"a.jpg": b"the picture", "b.jpg": b"the picture", "edited.jpg": b"the edited picture"}
    assert {name: (folder / name).stat().st_mtime_ns for name in before} == before
    assert not (folder / "a.jpg").samefile(folder / "b.jpg")
    assert journal.deeds() == []
    assert list(undo(journal)) == []


def test_a_moved_picture_keeps_its_folders(folder, journal, tmp_path):
    act(Action.MOVE, group_of(folder / "a.jpg", folder / "edited.jpg"), journal, to=tmp_path / "spare")
    moved = tmp_path / "spare" / (folder / "edited.jpg").relative_to("/")
    assert moved.read_bytes() == b"the edited picture"
    assert not (folder / "edited.jpg").exists()


def test_moving_without_a_folder_is_refused(folder):
    with pytest.raises(BadInput, match="folder"):
        list(plan_steps([group_of(folder / "a.jpg", folder / "b.jpg")], Action.MOVE, KeepRules()))


def test_a_linked_copy_shares_the_space_of_the_one_kept(folder, journal):
    group = group_of(folder / "a.jpg", folder / "b.jpg")
    assert act(Action.HARDLINK, group, journal) == [""]
    assert (folder / "a.jpg").samefile(folder / "b.jpg")
    assert act(Action.HARDLINK, group, journal) == ["Both names are one file already."]


def test_an_edited_copy_is_never_linked(folder, journal):
    (obstacle,) = act(Action.HARDLINK, group_of(folder / "a.jpg", folder / "edited.jpg"), journal)
    assert "bytes differ" in obstacle
    assert (folder / "edited.jpg").read_bytes() == b"the edited picture"


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("name", ["a.jpg", "b.jpg"])
def test_a_file_that_has_changed_since_it_was_indexed_is_left_alone(folder, journal, tmp_path, action, name):
    group = group_of(folder / "a.jpg", folder / "b.jpg")
    (folder / name).write_bytes(b"something else")
    before = files(folder)
    (obstacle,) = act(action, group, journal, to=tmp_path / "spare")
    assert "has changed" in obstacle
    assert files(folder) == before
    assert not journal.path.exists()


@pytest.mark.parametrize("action", list(Action))
def test_the_last_copy_is_never_touched(folder, journal, tmp_path, action):
    group = group_of(folder / "a.jpg", folder / "b.jpg")
    (folder / "a.jpg").unlink()
    (obstacle,) = act(action, group, journal, to=tmp_path / "spare")
    assert "not there any more" in obstacle
    assert (folder / "b.jpg").exists()


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("kind", ["file link", "folder link", "hard link"])
def test_two_names_of_one_file_are_no_two_copies(folder, journal, tmp_path, action, kind):
    other = tmp_path / "other" / "a.jpg"
    if kind == "folder link":
        other.parent.symlink_to(folder)
    else:
        other.parent.mkdir()
        (other.symlink_to if kind == "file link" else other.hardlink_to)(folder / "a.jpg")
    for group in (group_of(folder / "a.jpg", other), group_of(other, folder / "a.jpg")):
        assert act(action, group, journal, to=tmp_path / "spare") != [""]
    assert (folder / "a.jpg").read_bytes() == b"the picture"
    assert os.path.lexists(other)


@pytest.fixture
def mounted_twice(folder, tmp_path, monkeypatch) -> Path:
    """The folder once more, as another mount shows it: with files that pass for others."""
    mount = tmp_path / "mount"
    mount.symlink_to(folder)
    monkeypatch.setattr(Path, "samefile", lambda *_: False)
    return mount


@pytest.mark.parametrize("action", list(Action))
def test_a_file_that_two_mounts_show_is_not_lost(folder, mounted_twice, journal, tmp_path, action):
    before = files(folder)
    obstacles = act(action, group_of(folder / "a.jpg", mounted_twice / "a.jpg"), journal, to=tmp_path / "spare")
    assert obstacles == ["Both names are one file already."]
    assert files(folder) == before
    assert not any(path.is_file() for path in (tmp_path / "spare").rglob("*"))


@pytest.fixture
def saved_right_before(folder, monkeypatch) -> None:
    """Have somebody save `b.jpg` when it was looked at and is about to be dealt with."""
    begin = Journal.begin

    def begun_and_saved(*given, **facts):
        deed = begin(*given, **facts)
        (folder / "edited.jpg").replace(folder / "b.jpg")
        return deed

    monkeypatch.setattr(Journal, "begin", begun_and_saved)


@pytest.mark.usefixtures("saved_right_before")
@pytest.mark.parametrize("action", list(Action))
def test_what_somebody_saves_right_before_a_deed_stays(folder, journal, tmp_path, action):
    group = group_of(folder / "a.jpg", folder / "b.jpg")
    assert act(action, group, journal, to=tmp_path / "spare") == [
        f"{folder / 'b.jpg'} has changed since it was indexed."
    ]
    assert files(folder) == {"a.jpg": b"the picture", "b.jpg": b"the edited picture"}
    assert journal.deeds() == []


@pytest.fixture
def while_looking(monkeypatch) -> Callable[[Callable[[], None]], None]:
    """Have something happen whenever the bytes of a file are looked at, which takes seconds on a slow disk."""

    def happens(happening: Callable[[], None]) -> None:
        def looked(path: Path) -> str:
            happening()
            return file_sha256(path)

        monkeypatch.setattr(acting, "file_sha256", looked)

    return happens


def test_a_copy_that_is_linked_keeps_its_name_while_its_bytes_are_looked_at(folder, journal, while_looking):
    names = []
    while_looking(lambda: names.append((folder / "b.jpg").exists()))
    assert act(Action.HARDLINK, group_of(folder / "a.jpg", folder / "b.jpg"), journal) == [""]
    assert names
    assert all(names)
    assert (folder / "a.jpg").samefile(folder / "b.jpg")
    assert set(files(folder)) == {"a.jpg", "b.jpg", "edited.jpg"}


def test_what_somebody_saves_while_a_copy_is_linked_stays(folder, journal, while_looking):
    def saved() -> None:
        if journal.path.exists() and (folder / "edited.jpg").exists():  # after the first look
            (folder / "edited.jpg").replace(folder / "b.jpg")

    while_looking(saved)
    assert act(Action.HARDLINK, group_of(folder / "a.jpg", folder / "b.jpg"), journal) == [""]
    assert files(folder) == {"a.jpg": b"the picture", "b.jpg": b"the edited picture"}


@pytest.mark.parametrize("is_undone", [False, True])
@pytest.mark.parametrize("is_linked", [False, True])
def test_a_file_that_was_being_linked_when_the_program_was_killed_comes_back_as_one_of_its_own(
    folder, journal, is_linked, is_undone
):
    facts = {"kept": str(folder / "a.jpg"), "sha256": record_of(folder / "b.jpg").sha256}
    deed = journal.begin(Action.HARDLINK, folder / "b.jpg", modified_ns=0, **facts)
    before = files(folder)
    (folder / "b.jpg").rename(set_aside(deed))
    if is_linked:
        (folder / "b.jpg").hardlink_to(folder / "a.jpg")
    if is_undone:
        assert [one.obstacle for one in undo(journal)] == [""]
    else:
        assert list(carry_out([], journal)) == []
    assert files(folder) == before
    assert not (folder / "a.jpg").samefile(folder / "b.jpg")
    assert (folder / "b.jpg").stat().st_mtime_ns == 1_600_000_000_000_000_000


@pytest.mark.parametrize("action", [Action.MOVE, Action.DELETE])
def test_a_file_that_was_set_aside_when_the_program_was_killed_comes_back(folder, journal, tmp_path, action):
    facts = {"kept": str(folder / "a.jpg"), "sha256": record_of(folder / "b.jpg").sha256}
    deed = journal.begin(action, folder / "b.jpg", modified_ns=0, to=str(tmp_path / "spare" / "b.jpg"), **facts)
    before = files(folder)
    (folder / "b.jpg").rename(set_aside(deed))
    (folder / "a.jpg").rename(tmp_path / "a.jpg")
    assert [one.obstacle for one in undo(journal)] == [""]
    (tmp_path / "a.jpg").rename(folder / "a.jpg")
    assert files(folder) == before
    assert journal.deeds() == []


@pytest.mark.parametrize("action", [Action.MOVE, Action.DELETE])
def test_a_file_that_was_set_aside_at_a_kill_is_there_again_before_anything_else_is_done(
    folder, journal, tmp_path, action
):
    facts = {"kept": str(folder / "a.jpg"), "sha256": record_of(folder / "b.jpg").sha256}
    deed = journal.begin(action, folder / "b.jpg", modified_ns=0, to=str(tmp_path / "spare" / "b.jpg"), **facts)
    before = files(folder)
    (folder / "b.jpg").rename(set_aside(deed))
    assert list(carry_out([], journal)) == []
    assert files(folder) == before
    assert journal.deeds() == [deed], "its record may have been forgotten meanwhile"
    assert [one.obstacle for one in undo(journal)] == [""]
    assert files(folder) == before


@pytest.mark.parametrize("same_disk", [True, False])
@pytest.mark.parametrize("undone", [True, False])
def test_a_move_that_was_killed_before_its_end_leaves_no_second_file_in_the_way(
    folder, journal, tmp_path, same_disk, undone
):
    group, spare = group_of(folder / "a.jpg", folder / "b.jpg"), tmp_path / "spare"
    (step,) = plan_steps([group], Action.MOVE, KeepRules(), spare)
    deed = journal.begin(
        step.action, step.path, kept=str(step.kept_path), to=str(step.to), sha256=step.record.sha256, modified_ns=0
    )
    aside = set_aside(deed)
    before = files(folder)
    step.path.rename(aside)
    step.to.parent.mkdir(parents=True)
    os.link(aside, step.to) if same_disk else copy_file(aside, step.to)
    if undone:
        assert [one.obstacle for one in undo(journal)] == [""]
        assert files(folder) == before
        assert files(spare) == {}
    assert act(Action.MOVE, group, journal, to=spare) == [""]


def test_what_somebody_put_where_a_killed_move_went_stays(folder, journal, tmp_path):
    theirs = tmp_path / "spare.jpg"
    theirs.write_bytes(b"something else")
    facts = {"kept": str(folder / "a.jpg"), "sha256": record_of(folder / "b.jpg").sha256}
    deed = journal.begin(Action.MOVE, folder / "b.jpg", modified_ns=0, to=str(theirs), **facts)
    (folder / "b.jpg").rename(set_aside(deed))
    assert [one.obstacle for one in undo(journal)] == [""]
    assert theirs.read_bytes() == b"something else"


def test_what_another_gallery_set_aside_is_not_taken_for_the_last_file(folder, journal, tmp_path):
    assert act(Action.DELETE, group_of(folder / "a.jpg", folder / "b.jpg"), journal) == [""]
    facts = {"kept": "", "sha256": record_of(folder / "a.jpg").sha256}
    theirs = Journal(tmp_path / "theirs.jsonl").begin(Action.DELETE, folder / "c.jpg", modified_ns=0, **facts)
    set_aside(theirs).write_bytes(b"the picture")
    before = files(folder)
    assert list(carry_out([], journal)) == []
    assert files(folder) == before
    assert [(deed.number, deed.path) for deed in journal.deeds()] == [(theirs.number, str(folder / "b.jpg"))]


@pytest.mark.parametrize("is_undone", [False, True])
@pytest.mark.parametrize(("action", "is_linked"), [*((one, False) for one in Action), (Action.HARDLINK, True)])
def test_what_was_saved_right_before_a_kill_gets_its_name_back(folder, journal, tmp_path, action, is_linked, is_undone):
    facts = {"kept": str(folder / "a.jpg"), "sha256": record_of(folder / "b.jpg").sha256}
    there = tmp_path / "there.jpg" if action is Action.MOVE else None
    deed = journal.begin(action, folder / "b.jpg", modified_ns=0, to=str(there or ""), **facts)
    (folder / "edited.jpg").rename(set_aside(deed))
    (folder / "b.jpg").unlink()
    if is_linked:
        (folder / "b.jpg").hardlink_to(folder / "a.jpg")
    if there:
        there.write_bytes(b"the picture")  # it is somebody else's: nothing is moved before its bytes are looked at
    if is_undone:
        assert [one.obstacle for one in undo(journal)] == [""]
    else:
        assert list(carry_out([], journal)) == []
    assert files(folder) == {"a.jpg": b"the picture", "b.jpg": b"the edited picture"}
    assert not there or there.read_bytes() == b"the picture"


@pytest.mark.usefixtures("saved_right_before")
@pytest.mark.parametrize("action", list(Action))
def test_what_was_saved_right_before_a_deed_is_not_forgotten_though_its_name_is_taken_again(
    folder, journal, tmp_path, action, monkeypatch, while_looking
):
    def saved() -> None:
        if any(folder.glob(".lookalike-set-aside-*")):
            (tmp_path / "later.jpg").write_bytes(b"the picture as it was saved later")
            (tmp_path / "later.jpg").replace(folder / "b.jpg")

    group = group_of(folder / "a.jpg", folder / "b.jpg")
    while_looking(saved)
    obstacle = f"{folder / 'b.jpg'} is there already."
    assert act(action, group, journal, to=tmp_path / "spare") == [obstacle]
    monkeypatch.undo()
    (deed,) = journal.deeds()
    assert [one.obstacle for one in undo(journal)] == [obstacle]
    assert (folder / "b.jpg").read_bytes() == b"the picture as it was saved later"
    assert set_aside(deed).read_bytes() == b"the edited picture"
    (folder / "b.jpg").unlink()
    assert [one.obstacle for one in undo(journal)] == [""]
    assert files(folder) == {"a.jpg": b"the picture", "b.jpg": b"the edited picture"}


@pytest.mark.parametrize("action", list(Action))
def test_what_a_killed_program_had_copied_half_is_swept_away(folder, journal, tmp_path, action):
    act(action, group_of(folder / "a.jpg", folder / "b.jpg"), journal, to=tmp_path / "spare")
    spare = tmp_path / "spare" / folder.relative_to("/")
    places = [folder, spare] if action is Action.MOVE else [folder]
    before = [files(place) for place in places]
    for place in places:
        (place / ".lookalike-unfinished-4711").write_bytes(b"the pic")
    assert list(carry_out([], journal)) == []
    assert [files(place) for place in places] == before


def test_a_program_that_is_interrupted_right_after_setting_a_file_aside_gives_it_its_name_back(
    folder, journal, monkeypatch
):
    rename, before = Path.rename, files(folder)

    def interrupted(source: Path, target: Path) -> None:
        rename(source, target)
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        act(Action.DELETE, group_of(folder / "a.jpg", folder / "b.jpg"), journal)
    assert files(folder) == before


def test_a_file_set_aside_whose_name_somebody_took_meanwhile_is_not_forgotten(folder, journal, monkeypatch):
    def taken(_: Path) -> None:
        (folder / "b.jpg").write_bytes(b"something else")
        raise OSError(errno.EACCES, "Not this one")

    group = group_of(folder / "a.jpg", folder / "b.jpg")
    monkeypatch.setattr(Path, "unlink", taken)
    assert act(Action.DELETE, group, journal) == [f"{folder / 'b.jpg'} is there already."]
    monkeypatch.undo()
    (deed,) = journal.deeds()
    assert set_aside(deed).read_bytes() == b"the picture"
    (folder / "b.jpg").unlink()
    assert [one.obstacle for one in undo(journal)] == [""]
    assert (folder / "b.jpg").read_bytes() == b"the picture"


@pytest.fixture
def keeps_read_only(monkeypatch) -> None:
    """Have the system delete nothing that is read-only, as Windows does."""
    unlink = Path.unlink

    def unlink_writable(path: Path, *, missing_ok: bool = False) -> None:
        if path.exists() and not path.stat().st_mode & 0o200:
            raise PermissionError(errno.EACCES, "Access is denied")
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(renaming, "_KEEPS_READ_ONLY", True)
    monkeypatch.setattr(Path, "unlink", unlink_writable)


@pytest.mark.usefixtures("keeps_read_only")
@pytest.mark.parametrize("is_far", [False, True], ids=["one disk", "another disk"])
@pytest.mark.parametrize("action", [Action.MOVE, Action.DELETE])
def test_read_only_pictures_are_moved_and_deleted_too(folder, journal, tmp_path, monkeypatch, action, is_far):
    if is_far:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError(errno.EXDEV, "Another disk")))
    (folder / "b.jpg").chmod(0o444)
    assert act(action, group_of(folder / "a.jpg", folder / "b.jpg"), journal, to=tmp_path / "spare") == [""]
    assert not (folder / "b.jpg").exists()
    if action is Action.MOVE:
        moved = tmp_path / "spare" / (folder / "b.jpg").relative_to("/")
        assert moved.stat().st_mode & 0o777 == 0o444


@pytest.mark.usefixtures("keeps_read_only")
def test_a_read_only_picture_that_must_stay_stays_read_only(folder, journal, tmp_path, unsyncable):
    there = tmp_path / "spare" / (folder / "b.jpg").relative_to("/")
    there.parent.mkdir(parents=True)
    unsyncable(there.parent)
    (folder / "b.jpg").chmod(0o444)
    group = group_of(folder / "a.jpg", folder / "b.jpg")
    assert act(Action.MOVE, group, journal, to=tmp_path / "spare") == ["The disk is tired."]
    assert not there.exists()
    assert (folder / "b.jpg").stat().st_mode & 0o777 == 0o444


def test_what_another_gallery_set_aside_is_neither_overwritten_nor_in_the_way(folder, journal, tmp_path):
    facts = {"kept": "", "sha256": record_of(folder / "a.jpg").sha256}
    theirs = Journal(tmp_path / "theirs.jsonl").begin(Action.DELETE, folder / "c.jpg", modified_ns=0, **facts)
    set_aside(theirs).write_bytes(b"the last copy")
    assert act(Action.DELETE, group_of(folder / "a.jpg", folder / "b.jpg"), journal) == [""]
    assert [deed.number for deed in journal.deeds()] == [theirs.number]
    assert set_aside(theirs).read_bytes() == b"the last copy"


@pytest.mark.parametrize("action", list(Action))
def test_a_protected_folder_is_left_alone(folder, journal, tmp_path, action):
    group = group_of(folder / "a.jpg", folder / "b.jpg")
    (obstacle,) = act(action, group, journal, protected=[folder], to=tmp_path / "spare")
    assert "protected" in obstacle
    assert len(files(folder)) == 3


def test_moving_overwrites_nothing(folder, journal, tmp_path):
    there = tmp_path / "spare" / (folder / "b.jpg").relative_to("/")
    there.parent.mkdir(parents=True)
    there.write_bytes(b"something dear")
    (obstacle,) = act(Action.MOVE, group_of(folder / "a.jpg", folder / "b.jpg"), journal, to=tmp_path / "spare")
    assert "there already" in obstacle
    assert there.read_bytes() == b"something dear"
    assert (folder / "b.jpg").exists()


@pytest.mark.parametrize("action", list(Action))
def test_the_journal_is_written_before_the_deed(folder, journal, tmp_path, action, monkeypatch):
    """A crash in the middle leaves a line that undo understands, whichever half was done."""
    monkeypatch.setattr(Journal, "finish", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        act(action, group_of(folder / "a.jpg", folder / "b.jpg"), journal, to=tmp_path / "spare")
    monkeypatch.undo()
    (deed,) = journal.deeds()
    assert (deed.action, deed.path) == (action, str(folder / "b.jpg"))
    assert [one.obstacle for one in undo(journal)] == [""]
    assert (folder / "b.jpg").read_bytes() == b"the picture"


@pytest.fixture
def full_disk(monkeypatch, journal) -> Callable[[str], None]:
    """Fill the disk of the journal from the first line on that holds a word."""

    def fill(word: str) -> None:
        write = os.write

        def full(descriptor: int, data: bytes) -> int:
            if f'"{word}"'.encode() in data:
                raise OSError(errno.ENOSPC, "No space left on device")
            return write(descriptor, data)

        monkeypatch.setattr(os, "write", full)

    return fill


@pytest.mark.parametrize("action", list(Action))
def test_what_was_done_when_the_disk_got_full_is_told_and_can_be_taken_back(
    folder, journal, tmp_path, action, monkeypatch, full_disk
):
    full_disk("done")
    assert act(action, group_of(folder / "a.jpg", folder / "b.jpg"), journal, to=tmp_path / "spare") == [""]
    monkeypatch.undo()
    assert [one.obstacle for one in undo(journal)] == [""]
    assert (folder / "b.jpg").read_bytes() == b"the picture"


def test_what_failed_when_the_disk_got_full_says_why(folder, journal, monkeypatch, full_disk):
    def refused(_: Path) -> None:
        raise OSError(errno.EACCES, "Not this one")

    monkeypatch.setattr(Path, "unlink", refused)
    full_disk("undone")
    assert act(Action.DELETE, group_of(folder / "a.jpg", folder / "b.jpg"), journal) == ["Not this one."]
    monkeypatch.undo()
    assert [one.obstacle for one in undo(journal)] == [""]
    assert (folder / "b.jpg").read_bytes() == b"the picture"


def test_what_was_taken_back_when_the_disk_got_full_says_so_and_is_taken_back_again(
    folder, journal, monkeypatch, full_disk
):
    act(Action.DELETE, group_of(folder / "a.jpg", folder / "b.jpg"), journal)
    full_disk("undone")
    with pytest.raises(GalleryError, match=r"cannot be written down in .*: No space left"):
        list(undo(journal))
    monkeypatch.undo()
    assert (folder / "b.jpg").read_bytes() == b"the picture"
    assert [one.obstacle for one in undo(journal)] == [""]
    assert journal.deeds() == []


def test_a_deed_that_was_announced_and_not_done_is_taken_back_as_it_is(folder, journal):
    facts = {"kept": str(folder / "a.jpg"), "sha256": record_of(folder / "b.jpg").sha256}
    for action in Action:
        journal.begin(action, folder / "b.jpg", modified_ns=0, **facts)
    before = files(folder)
    assert [one.obstacle for one in undo(journal)] == ["", "", ""]
    assert files(folder) == before


def test_only_the_same_bytes_are_ever_deleted_or_linked(folder, journal):
    for action in (Action.DELETE, Action.HARDLINK):
        (obstacle,) = act(action, group_of(folder / "a.jpg", folder / "edited.jpg"), journal)
        assert "it can be moved" in obstacle
    assert files(folder)["edited.jpg"] == b"the edited picture"


def test_two_at_once_cannot_each_delete_what_the_other_keeps(folder, journal):
    the_other_way_round = group_of(folder / "b.jpg", folder / "a.jpg")
    with journal.alone(), pytest.raises(GalleryError, match="just now"):
        act(Action.DELETE, group_of(folder / "a.jpg", folder / "b.jpg"), Journal(journal.path))
    assert act(Action.DELETE, group_of(folder / "a.jpg", folder / "b.jpg"), journal) == [""]
    (obstacle,) = act(Action.DELETE, the_other_way_round, journal)
    assert "not there any more" in obstacle
    assert (folder / "a.jpg").read_bytes() == b"the picture"


def test_the_journal_keeps_the_record_of_a_picture_that_goes(folder, journal, tmp_path):
    for action in Action:
        act(action, group_of(folder / "a.jpg", folder / "b.jpg"), journal, to=tmp_path / "spare")
        (deed,) = journal.deeds()
        assert bool(deed.record) == (action is not Action.HARDLINK)
        list(undo(journal))


def test_a_deed_is_struck_out_when_the_next_one_is_asked_for(folder, journal, tmp_path):
    act(Action.MOVE, group_of(folder / "a.jpg", folder / "b.jpg"), journal, to=tmp_path / "spare")
    running = undo(journal)
    assert next(running).obstacle == ""
    running.close()
    assert len(journal.deeds()) == 1, "whoever asked may not have put the record back"
    assert [one.obstacle for one in undo(journal)] == [""]
    assert journal.deeds() == []


def test_undo_overwrites_nothing(folder, journal, tmp_path):
    act(Action.MOVE, group_of(folder / "a.jpg", folder / "b.jpg"), journal, to=tmp_path / "spare")
    (folder / "b.jpg").write_bytes(b"a new picture")
    (undone,) = undo(journal)
    assert "another file by now" in undone.obstacle
    assert (folder / "b.jpg").read_bytes() == b"a new picture"
    (folder / "b.jpg").unlink()
    assert [one.obstacle for one in undo(journal)] == [""]


def test_a_linked_copy_that_was_deleted_meanwhile_is_made_again(folder, journal):
    act(Action.HARDLINK, group_of(folder / "a.jpg", folder / "b.jpg"), journal)
    (folder / "b.jpg").unlink()
    assert [one.obstacle for one in undo(journal)] == [""]
    assert (folder / "b.jpg").read_bytes() == b"the picture"
    assert (folder / "b.jpg").stat().st_mtime_ns == 1_600_000_000_000_000_000
    assert not (folder / "a.jpg").samefile(folder / "b.jpg")


def test_two_names_that_are_parted_again_have_each_its_own_time(folder, journal):
    os.utime(folder / "b.jpg", ns=(1_500_000_000_000_000_000, 1_500_000_000_000_000_000))
    act(Action.HARDLINK, group_of(folder / "a.jpg", folder / "b.jpg"), journal)
    assert [one.obstacle for one in undo(journal)] == [""]
    assert not (folder / "a.jpg").samefile(folder / "b.jpg")
    times = [(folder / name).stat().st_mtime_ns for name in ("a.jpg", "b.jpg")]
    assert times == [1_600_000_000_000_000_000, 1_500_000_000_000_000_000]


@pytest.mark.parametrize(
    "text", ['{"number": 1}', '{"number": 1, "action": "fly"}', "no JSON", "[1, 2]", "5", '"number"', "null"]
)
def test_a_journal_that_holds_something_else_is_said_to_and_nothing_is_done(folder, journal, text):
    act(Action.DELETE, group_of(folder / "a.jpg", folder / "b.jpg"), journal)
    content = f"{text}\n{journal.path.read_text()}"
    journal.path.write_text(content)
    group = group_of(folder / "a.jpg", folder / "edited.jpg")
    for attempt in (lambda: list(undo(journal)), lambda: act(Action.DELETE, group, Journal(journal.path))):
        with pytest.raises(GalleryError, match=re.escape(str(journal.path))) as refusal:
            attempt()
        assert refusal.value.fix == "Move the file away."
    assert set(files(folder)) == {"a.jpg", "edited.jpg"}
    assert journal.path.read_text() == content


def test_a_linked_copy_that_was_written_to_meanwhile_is_left_alone(folder, journal):
    act(Action.HARDLINK, group_of(folder / "a.jpg", folder / "b.jpg"), journal)
    with (folder / "a.jpg").open("ab") as file:
        file.write(b", and more")
    written_ns = (folder / "b.jpg").stat().st_mtime_ns
    (undone,) = undo(journal)
    assert undone.obstacle == f"{folder / 'b.jpg'} is another file by now."
    assert (folder / "a.jpg").samefile(folder / "b.jpg")
    assert (folder / "b.jpg").stat().st_mtime_ns == written_ns
    assert len(journal.deeds()) == 1, "it is tried again next time"


def test_the_last_deed_is_taken_back_first(folder, journal, tmp_path):
    group = group_of(folder / "a.jpg", folder / "b.jpg", folder / "edited.jpg")
    act(Action.MOVE, group, journal, to=tmp_path / "spare")
    assert [Path(one.deed.path).name for one in undo(journal)] == ["edited.jpg", "b.jpg"]


def test_a_journal_of_before_jobs_were_noted_is_read_and_belongs_to_none(folder, journal):
    act(Action.DELETE, group_of(folder / "a.jpg", folder / "b.jpg"), journal)
    begun, *others = map(json.loads, journal.path.read_text().splitlines())
    del begun["job"]
    journal.path.write_text("".join(f"{json.dumps(line)}\n" for line in (begun, *others)))
    older = Journal(journal.path)
    assert list(undo(older, job="5f2c9e1a7b3d4c60")) == []
    assert [one.obstacle for one in undo(older, job="")] == [""]
    assert list(undo(older)) == []


def test_a_line_that_a_crash_cut_off_is_passed_over(folder, journal):
    act(Action.DELETE, group_of(folder / "a.jpg", folder / "b.jpg"), journal)
    with journal.path.open("a") as file:
        file.write('{"number": 2, "act')
    again = Journal(journal.path)
    assert len(again.deeds()) == 1
    (folder / "b.jpg").write_bytes(b"the picture")
    act(Action.DELETE, group_of(folder / "a.jpg", folder / "b.jpg"), again)
    assert [deed.number for deed in again.deeds()] == [1, 2]
    assert all(json.loads(line) for line in journal.path.read_text().splitlines())


def test_a_system_that_cannot_read_at_a_place_keeps_a_journal_too(folder, journal, monkeypatch):
    monkeypatch.delattr(os, "pread", raising=False)
    assert act(Action.DELETE, group_of(folder / "a.jpg", folder / "b.jpg"), journal) == [""]
    assert [one.obstacle for one in undo(journal)] == [""]
    assert [json.loads(line).get("at", "") != "" for line in journal.path.read_text().splitlines()] == [True] * 3


def test_a_journal_that_is_none_is_refused(journal):
    journal.path.write_text("my diary\nsecond line\n")
    with pytest.raises(GalleryError, match="line 1"):
        journal.deeds()


def test_names_in_any_encoding_come_back(folder, journal, tmp_path):
    odd = Path(os.fsdecode(os.fsencode(folder) + b"/\xff\xe9.jpg"))
    odd.write_bytes(b"the picture")
    assert act(Action.MOVE, group_of(folder / "a.jpg", odd), journal, to=tmp_path / "spare") == [""]
    assert not odd.exists()
    assert [one.obstacle for one in undo(Journal(journal.path))] == [""]
    assert odd.read_bytes() == b"the picture"


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="there is no second disk")  # noqa: S108
def test_a_picture_is_moved_to_another_disk_and_back(folder, journal):
    spare = Path(f"/dev/shm/lookalike-test-{os.getpid()}")  # noqa: S108
    try:
        assert act(Action.MOVE, group_of(folder / "a.jpg", folder / "b.jpg"), journal, to=spare) == [""]
        assert list(files(spare).values()) == [b"the picture"]
        assert [one.obstacle for one in undo(journal)] == [""]
        assert (folder / "b.jpg").read_bytes() == b"the picture"
        assert files(spare) == {}
    finally:
        for path in sorted(spare.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        if spare.exists():
            spare.rmdir()


@pytest.mark.parametrize("unknown", [0, 1])
@pytest.mark.parametrize("action", list(Action))
def test_what_was_imported_without_its_sum_is_left_alone_with_the_reason(folder, journal, tmp_path, action, unknown):
    group = group_of(folder / "a.jpg", folder / "b.jpg")
    records = tuple(replace(one, sha256="") if n == unknown else one for n, one in enumerate(group.records))
    (obstacle,) = act(action, replace(group, keep=records[0], records=records), journal, to=tmp_path / "spare")
    assert "index its folder first" in obstacle
    assert (folder / "b.jpg").read_bytes() == b"the picture"


@pytest.fixture
def unsyncable(monkeypatch):
    """How to have a disk that does not bring the names in some folders to disk, as some network disks do."""

    def refuse(*folders: Path) -> None:
        def fsync(descriptor: int) -> None:
            if any(os.path.samestat(os.fstat(descriptor), one.stat()) for one in folders):
                raise OSError(errno.EIO, "The disk is tired")
            synced(descriptor)

        synced = os.fsync
        monkeypatch.setattr(os, "fsync", fsync)

    return refuse


@pytest.mark.parametrize("action", list(Action))
def test_what_was_done_is_told_though_the_disk_does_not_say_that_it_lasts(
    folder, journal, tmp_path, action, unsyncable
):
    unsyncable(folder)
    assert act(action, group_of(folder / "a.jpg", folder / "b.jpg"), journal, to=tmp_path / "spare") == [""]
    (deed,) = journal.deeds()
    assert deed.path == str(folder / "b.jpg")
    assert [one.obstacle for one in undo(journal)] == [""]
    assert (folder / "b.jpg").read_bytes() == (folder / "a.jpg").read_bytes()
    assert not (folder / "b.jpg").samefile(folder / "a.jpg")


@pytest.mark.parametrize("is_far", [False, True], ids=["one disk", "another disk"])
def test_a_picture_whose_new_place_may_not_last_stays_where_it_is(
    folder, journal, tmp_path, unsyncable, monkeypatch, is_far
):
    there = tmp_path / "spare" / (folder / "b.jpg").relative_to("/")
    there.parent.mkdir(parents=True)
    unsyncable(there.parent)
    if is_far:
        monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError(errno.EXDEV, "Another disk")))
    before = files(folder)
    group = group_of(folder / "a.jpg", folder / "b.jpg")
    assert act(Action.MOVE, group, journal, to=tmp_path / "spare") == ["The disk is tired."]
    assert files(folder) == before
    assert files(tmp_path / "spare") == {}
    assert journal.deeds() == []


@pytest.mark.parametrize("refused", ["link", "unlink"])
def test_a_link_that_cannot_be_put_in_place_leaves_nothing_behind(folder, journal, monkeypatch, refused):
    before = files(folder)
    monkeypatch.setattr(os, refused, lambda *_: (_ for _ in ()).throw(OSError(errno.EPERM, "Not this one")))
    assert act(Action.HARDLINK, group_of(folder / "a.jpg", folder / "b.jpg"), journal) == ["Not this one."]
    assert files(folder) == before
    assert not (folder / "a.jpg").samefile(folder / "b.jpg")
    assert journal.deeds() == []


def test_a_link_that_cannot_be_parted_leaves_nothing_behind(folder, journal, monkeypatch):
    act(Action.HARDLINK, group_of(folder / "a.jpg", folder / "b.jpg"), journal)
    before = files(folder)
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(errno.EPERM, "Not this one")))
    assert [one.obstacle for one in undo(journal)] == ["Not this one."]
    assert files(folder) == before
    assert len(journal.deeds()) == 1, "it is tried again next time"


@pytest.fixture
def as_a_plain_user(folder, monkeypatch) -> Iterator[None]:
    """Work in the folder as somebody who is bound by the modes of files."""
    monkeypatch.chdir(folder)
    if not hasattr(os, "geteuid") or os.geteuid():
        yield
        return
    for path in (folder, *folder.iterdir()):
        os.chown(path, 65_534, 65_534)
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.usefixtures("as_a_plain_user")
def test_a_read_only_picture_is_copied_with_its_mode_and_times():
    source, target = Path("a.jpg"), Path("copy.jpg")
    source.chmod(0o444)
    copy_file(source, target)
    assert target.read_bytes() == b"the picture"
    assert (target.stat().st_mode, target.stat().st_mtime_ns) == (source.stat().st_mode, source.stat().st_mtime_ns)
