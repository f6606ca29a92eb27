"""Do uploads come to lie beside a copy of a gallery, whole and for good?"""

import errno
import os
import shutil
from pathlib import Path

import pytest

from lookalike.cli.beside import copy_uploads

pytestmark = pytest.mark.slow


@pytest.fixture
def second_disk():
    """Where nothing can be linked to from the first."""
    folder = Path(f"/dev/shm/lookalike-test-{os.getpid()}")  # noqa: S108
    if not folder.parent.is_dir():
        pytest.skip("there is no second disk")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


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


@pytest.mark.parametrize("begun", [False, True])
def test_what_is_deleted_while_uploads_are_copied_is_passed_over(tmp_path, monkeypatch, begun):
    source, target = tmp_path / "uploads", tmp_path / "copy"
    source.mkdir()
    for name in ("abc.jpg", "def.jpg"):
        (source / name).write_bytes(b"uploaded")
    link, copystat = os.link, shutil.copystat

    def deleted(path: Path, other: Path) -> None:
        if begun:
            raise OSError(errno.EXDEV, "Another disk")
        if path.name == "abc.jpg":
            path.unlink()
        link(path, other)

    def deleted_while_copied(path: Path, other: str) -> None:
        if path.name == "abc.jpg":
            path.unlink()
        copystat(path, other)

    monkeypatch.setattr(os, "link", deleted)
    monkeypatch.setattr(shutil, "copystat", deleted_while_copied)
    assert copy_uploads(source, target) == 1
    assert [path.name for path in target.iterdir()] == ["def.jpg"]


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
