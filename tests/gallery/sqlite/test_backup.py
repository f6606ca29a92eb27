"""Is a backup whole, of one moment, and never in another file's place?"""

import os
import subprocess
import threading
from pathlib import Path

import pytest

from lookalike.errors import BadInput, GalleryError
from lookalike.gallery.sqlite import SqliteGallery
from lookalike.testing import assert_same_records, make_record, make_records

BACKUP_PAST_A_LIMIT = """
import resource, signal, sys
from pathlib import Path
from lookalike.errors import GalleryError
from lookalike.gallery.sqlite import SqliteGallery

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with SqliteGallery.open(sys.argv[1]) as gallery:
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
    try:
        gallery.backup(Path(sys.argv[2]))
    except GalleryError as error:
        print(error.what)
"""


def test_a_backup_holds_everything_and_is_private(gallery, tmp_path):
    copy = tmp_path / "copy.gallery"
    gallery.backup(copy)
    records = make_records(40)
    with SqliteGallery.open(copy) as restored:
        assert_same_records(restored.get([one.id for one in records], embeddings=True), records)
        assert restored.check() == []
        restored.put([make_record("file:///new.jpg")])
        assert (gallery.count(), restored.count()) == (40, 41)
    assert copy.stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_a_backup_while_others_write_is_of_one_moment(gallery, tmp_path):
    """Pairs are put at once; a copy of two moments would hold half a pair, or words without a record."""
    done = threading.Event()

    def write() -> None:
        number = 0
        while not done.is_set():
            gallery.put([make_record(f"file:///pair/{number}/{half}") for half in "ab"])
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            copy = tmp_path / f"copy-{number}.gallery"
            gallery.backup(copy)
            with SqliteGallery.open(copy, create=False) as restored:
                assert restored.count() % 2 == 0
                assert restored.count() >= 40
                assert restored.check() == []
    finally:
        done.set()
        writer.join()


def test_a_backup_overwrites_nothing_and_leaves_nothing_behind(gallery, tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("not to be lost")
    before = set(tmp_path.iterdir())
    for path in (precious, tmp_path, Path(gallery.url)):
        with pytest.raises(BadInput, match="overwrites nothing"):
            gallery.backup(path)
    assert precious.read_text() == "not to be lost"
    assert set(tmp_path.iterdir()) == before


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_name_that_sqlite_cannot_take_is_refused(gallery, tmp_path):
    with pytest.raises(BadInput, match="cannot take"):
        gallery.backup(tmp_path / os.fsdecode(b"copy\xff"))
    assert list(tmp_path.glob("*copy*")) == []


def test_a_file_that_appears_while_the_backup_is_made_is_kept(gallery, tmp_path, monkeypatch):
    copy = tmp_path / "copy.gallery"
    real = os.fsync

    def appear(handle: int) -> None:
        real(handle)
        copy.write_text("first come")

    monkeypatch.setattr(os, "fsync", appear)
    with pytest.raises(BadInput, match="overwrites nothing"):
        gallery.backup(copy)
    assert copy.read_text() == "first come"
    assert not list(tmp_path.glob(".*"))


def test_a_disk_without_links_takes_a_backup_as_well(gallery, tmp_path, monkeypatch):
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    gallery.backup(tmp_path / "copy.gallery")
    with SqliteGallery.open(tmp_path / "copy.gallery", create=False) as restored:
        assert restored.count() == 40
    with pytest.raises(BadInput, match="overwrites nothing"):
        gallery.backup(tmp_path / "copy.gallery")


def test_a_folder_that_is_not_there_is_an_error(gallery, tmp_path):
    with pytest.raises(GalleryError, match="cannot be written"):
        gallery.backup(tmp_path / "missing" / "copy.gallery")


def test_a_full_disk_is_an_error_and_leaves_nothing_behind(gallery, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(disk)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this user may mount no disk")
    try:
        with pytest.raises(GalleryError, match=r"copy\.gallery cannot be written: No space left"):
            gallery.backup(disk / "copy.gallery")
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)
    assert gallery.check() == []


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows limits no file sizes")
def test_a_disk_that_fails_is_not_taken_for_the_gallerys_own(gallery, path, tmp_path, run_python):
    copy = tmp_path / "copy.gallery"
    assert run_python(BACKUP_PAST_A_LIMIT, path, copy).startswith(f"The backup {copy} cannot be written: ")
    assert not list(tmp_path.glob("*copy*"))
