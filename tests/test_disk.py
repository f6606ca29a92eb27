"""Is a path read as a shell would, and is a file there whole or not at all?"""

import errno
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from lookalike.disk import expand_home, held_alone, replacing, sweep_unfinished


def test_a_tilde_is_the_home_folder(home):
    assert expand_home("~") == expand_home(Path("~")) == home
    assert expand_home("~/Pictures/a.jpg") == home / "Pictures" / "a.jpg"


@pytest.mark.parametrize("name", ["~$holiday.jpg", "~nobody-at-all/x", "a/~", "", "..", "/~/a"])
def test_other_names_stay_as_they_are(name):
    assert expand_home(name) == expand_home(Path(name)) == Path(name)


@pytest.mark.parametrize("name", ["./~", "./~/a.jpg", "./~root", ".//~", "././~$a"])
def test_a_name_that_begins_with_a_tilde_can_be_meant_by_a_dot(home, name):
    meant = expand_home(name)
    assert meant == home / Path(name)
    assert expand_home(meant) == meant, "it may be read twice"


def test_a_file_is_replaced_when_all_is_written(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with replacing(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_what_fails_in_the_middle_leaves_nothing_behind(tmp_path, error):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail() -> None:
        with replacing(path) as file:
            file.write(b"ne")
            raise error

    with pytest.raises(error):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_names_the_file_that_was_wanted_not_the_one_beside_it(tmp_path):
    path = tmp_path / "nowhere" / "a.txt"
    with pytest.raises(FileNotFoundError) as raised, replacing(path):
        pass
    assert raised.value.filename == str(path)
    path.parent.mkdir()
    with pytest.raises(OSError, match="No space left") as raised, replacing(path):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert raised.value.filename == str(path)


@pytest.mark.skipif(os.name == "nt", reason="needs permissions as Unix has them")
def test_a_private_file_is_private_from_the_start(tmp_path):
    with replacing(tmp_path / "a.txt", mode=0o600) as file:
        assert os.fstat(file.fileno()).st_mode & 0o077 == 0


def test_a_name_of_any_length_that_the_disk_takes_is_taken(tmp_path):
    path = tmp_path / ("a" * 251 + ".txt")
    with replacing(path, synced=False) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"


def test_the_file_that_is_being_written_tells_where_it_lies(tmp_path):
    with replacing(tmp_path / "a.txt") as file:
        os.utime(file.name, (1, 1))
    assert (tmp_path / "a.txt").stat().st_mtime == 1


def test_what_a_killed_program_left_is_swept_away_and_what_another_is_writing_is_not(tmp_path):
    names = (".lookalike-old.unfinished", ".lookalike-new.unfinished", "old.unfinished", "a.txt")
    for name in names:
        (tmp_path / name).write_bytes(b"half")
        os.utime(tmp_path / name, None if "new" in name else (0, 0))
    sweep_unfinished(tmp_path)
    sweep_unfinished(tmp_path / "nowhere")
    assert {path.name for path in tmp_path.iterdir()} == set(names[1:])


@pytest.mark.skipif(os.name == "nt", reason="Windows has no fcntl")
def test_on_a_mac_the_drive_itself_is_asked_and_a_drive_that_cannot_is_asked_as_elsewhere(tmp_path, monkeypatch):
    import fcntl

    asked, synced, refuses, plain = [], [], False, os.fsync

    def ask(descriptor: int, what: int) -> None:
        if refuses:
            raise OSError(errno.ENOTSUP, "Operation not supported")
        asked.append((os.fstat(descriptor).st_ino, what))

    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", ask)
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(descriptor) or plain(descriptor))
    with replacing(tmp_path / "a.txt") as file:
        file.write(b"new")
    assert asked == [(path.stat().st_ino, 51) for path in (tmp_path / "a.txt", tmp_path)]
    assert synced == []
    refuses = True
    with replacing(tmp_path / "a.txt") as file:
        file.write(b"newer")
    assert len(synced) == 2


def test_what_somebody_holds_on_windows_is_waited_for_as_elsewhere(tmp_path, monkeypatch):
    answers = [OSError(errno.EDEADLK, "held for ten seconds"), OSError(errno.EDEADLK, "held"), None]

    def locking(*_: object) -> None:
        if answer := answers.pop(0):
            raise answer

    path = tmp_path / ".lock"
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "msvcrt", SimpleNamespace(locking=locking, LK_LOCK=1))
        patched.setattr("os.name", "nt")
        with held_alone(path):
            assert not answers
        answers.append(OSError(errno.EACCES, "no such right"))
        with pytest.raises(PermissionError), held_alone(path):
            pass
