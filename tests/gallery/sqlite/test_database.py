"""What happens when the disk is full, another process writes, or a write is interrupted?"""

import os
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path

import apsw
import pytest

from lookalike.errors import GalleryError
from lookalike.gallery.sqlite import SqliteGallery
from lookalike.testing import assert_same_records, make_record, make_records, make_space
from lookalike.testing.records import make_vectors
from lookalike.types import Fingerprint

FILL = """
import resource, signal, sys
from dataclasses import replace
from itertools import count
from lookalike.errors import GalleryError
from lookalike.gallery.sqlite import SqliteGallery
from lookalike.testing import make_records, make_space

def limit(bytes_):
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_, resource.RLIM_INFINITY))

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with SqliteGallery.open(sys.argv[1]) as gallery:
    gallery.add_space(make_space(dim=512))
    stored = 0
    limit(2_000_000)
    try:
        while True:
            records = make_records(50, dim=512, seed=stored)
            gallery.put([replace(one, id=f"{stored}-{one.id}", uri=f"{one.uri}?{stored}") for one in records])
            stored += 50
    except GalleryError as error:
        print(error.what)
    print(gallery.count() == stored > 0, gallery.check())
    limit(resource.RLIM_INFINITY)
    gallery.put(make_records(1, dim=512))
    print(gallery.count() == stored + 1, gallery.check())
"""

HOLD = """
import sys
import apsw
connection = apsw.Connection(sys.argv[1])
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def small_disk(tmp_path: Path):
    """A disk of 3 MB, where this user may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this user may mount no disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def put_without_end(gallery: SqliteGallery) -> None:
    for number in count():
        gallery.put([make_record(f"file:///{number}", caption="long " * 20_000)])


@pytest.mark.slow
def test_a_full_disk_is_an_error_that_says_so_and_the_gallery_stays_of_use(small_disk):
    kept = make_records(20, dim=0)
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(1_000_000))
    with SqliteGallery.open(small_disk / "test.gallery") as gallery:
        gallery.put(kept)
        with pytest.raises(GalleryError, match="The disk is full at") as refusal:
            put_without_end(gallery)
        assert "free some space" in refusal.value.fix
        assert_same_records(gallery.get([one.id for one in kept]), kept)
        stored = gallery.count()
        assert 20 < stored < 120
        assert gallery.check() == []
        ballast.unlink()
        gallery.put([make_record("file:///small")])
    with SqliteGallery.open(small_disk / "test.gallery") as again:
        assert again.count() == stored + 1
        assert again.check() == []


def test_a_disk_that_is_full_from_the_beginning_is_an_error(small_disk):
    (small_disk / "ballast").write_bytes(bytes(3_000_000))
    with pytest.raises(GalleryError, match=r"disk is full|failed"):
        SqliteGallery.open(small_disk / "test.gallery")
    (small_disk / "ballast").unlink()
    with SqliteGallery.open(small_disk / "test.gallery") as gallery:
        gallery.put([make_record()])


def test_what_lies_on_a_full_disk_can_be_read(small_disk):
    kept = make_records(3, dim=0)
    with SqliteGallery.open(small_disk / "test.gallery") as gallery:
        gallery.put(kept)
    with (small_disk / "ballast").open("wb", buffering=0) as ballast, suppress(OSError):
        while True:
            ballast.write(bytes(512))
    with SqliteGallery.open(small_disk / "test.gallery", create=False) as again:
        assert_same_records(again.get([one.id for one in kept]), kept)
        with pytest.raises(GalleryError) as refusal:
            again.put([make_record("file:///more")])
    assert "free space" in refusal.value.fix


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows limits no file sizes")
def test_a_file_that_may_not_grow_loses_only_the_call_that_failed(path, run_python):
    said, after_failure, after_relief = run_python(FILL, path).splitlines()
    assert "test.gallery" in said
    assert after_failure == after_relief == "True []"


def test_on_a_mac_all_is_written_past_the_memory_of_the_drive_whoever_writes_or_closes_last(gallery):
    with gallery._database.writing() as writer, gallery._database.reading() as reader:
        assert [one.pragma("fullfsync") for one in (writer, reader)] == [1, 1]


def test_free_pages_are_given_back_without_the_whole_file_in_memory(path):
    prints = [Fingerprint(pixels="ab" * 16, features=bytes(1_000_000)) for _ in range(40)]
    with SqliteGallery.open(path) as gallery:
        gallery.put([make_record(f"file:///{i}", fingerprint=one) for i, one in enumerate(prints)])
    with SqliteGallery.open(path) as gallery:
        gallery._database._take_writer().execute("PRAGMA cache_size = -1024")
        apsw.memory_high_water(reset=True)
        before = apsw.memory_used()
        gallery._database.shrink()
        assert apsw.memory_high_water() - before < path.stat().st_size / 4
        assert gallery.count() == 40


@pytest.mark.skipif(os.name == "nt", reason="Windows lets nobody move a file that is open")
def test_a_file_that_is_not_there_any_more_is_neither_written_nor_read(gallery, path, tmp_path):
    moved = path.rename(tmp_path / "moved.gallery")
    for _ in range(2):
        with pytest.raises(GalleryError, match="moved, deleted or replaced"):
            gallery.put(make_records(41)[40:])
        with pytest.raises(GalleryError, match="moved, deleted or replaced"):
            gallery.count()
        path.write_bytes(b"another file by that name")
    path.unlink()
    moved.rename(path)
    gallery.put(make_records(41)[40:])
    assert gallery.count() == 41


@pytest.mark.skipif(os.name == "nt", reason="Windows lets nobody move a file that is open")
def test_a_new_gallery_in_the_place_of_an_open_one_is_not_taken_for_it(gallery, path):
    assert gallery.count() == 40
    for file in path.parent.glob("test.gallery*"):
        file.unlink()
    with SqliteGallery.open(path) as other:
        other.put([make_record()])
        for call in (gallery.count, lambda: gallery.scan().records, lambda: gallery.state):
            with pytest.raises(GalleryError, match="moved, deleted or replaced"):
                call()
        assert other.count() == 1


@pytest.mark.parametrize("puts", [0, 5], ids=["of an earlier revision", "of a later revision"])
def test_another_gallery_written_into_the_same_file_is_not_taken_for_it(gallery, path, tmp_path, puts):
    gallery.close()
    with SqliteGallery.open(tmp_path / "other.gallery") as other:
        for number in range(puts):
            other.put([make_record(f"file:///{number}")])
    with SqliteGallery.open(path) as again:
        assert again.count() == 40
        while again._database._idle:
            again._database._idle.pop().close()  # as a reader that fails does
        path.write_bytes((tmp_path / "other.gallery").read_bytes())
        for call in (again.count, lambda: again.put([make_record()])):
            with pytest.raises(GalleryError, match="moved, deleted or replaced"):
                call()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no process is forked off here")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_gallery_that_was_open_before_a_fork_says_that_it_is_of_no_use_after_it(gallery):
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        said = []
        for call in (gallery.count, lambda: gallery.put([make_record()])):
            try:
                call()
            except GalleryError as error:
                said.append(error.what)
        gallery.close()
        os.write(theirs, "\n".join(said).encode())
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours) as answer:
        first, second = answer.read().split("\n")
    os.waitpid(child, 0)
    assert first == second
    assert "opened before this process was forked off" in first
    gallery.put(make_records(41)[40:])
    assert gallery.count() == 41
    assert gallery.check() == []


def test_each_connection_is_set_up_as_it_is_meant_to_be(gallery):
    with gallery._database.writing() as writer:
        told = {name: writer.pragma(name) for name in ("synchronous", "wal_autocheckpoint", "journal_size_limit")}
    assert told == {"synchronous": 2, "wal_autocheckpoint": 8_192, "journal_size_limit": 64 * 2**20}
    with gallery._database.reading() as reader:
        assert (reader.pragma("query_only"), reader.pragma("cache_size")) == (1, -8_192)


def test_much_content_is_not_written_anew_to_give_free_pages_back(gallery, path, monkeypatch):
    prints = [Fingerprint(pixels="ab" * 16, features=bytes(100_000)) for _ in range(10)]
    records = [make_record(f"file:///{i}", fingerprint=one) for i, one in enumerate(prints)]
    gallery.put(records)
    gallery.delete([one.id for one in records])
    before = gallery.size_bytes()
    with monkeypatch.context() as patch:
        patch.setattr("lookalike.gallery.sqlite.database._MOST_SHRUNK_BYTES", 100_000)
        gallery._database.shrink()
        assert gallery.size_bytes() == before
    gallery._database.shrink()
    assert gallery.size_bytes() < before - 1_000_000


def test_a_gallery_locked_for_too_long_is_an_error_and_can_be_read_meanwhile(gallery, path):
    holder = subprocess.Popen([sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout.readline() == b"locked\n"
    try:
        with SqliteGallery.open(path, busy_timeout_s=0.2) as second:
            with pytest.raises(GalleryError, match="Another program has been writing"):
                second.put(make_records(1))
            assert second.count() == 40
    finally:
        holder.communicate(b"go\n", timeout=30)
    gallery.put(make_records(41)[40:])
    assert gallery.count() == 41


@pytest.mark.slow
def test_a_writer_waits_for_the_one_before(path, gallery):
    with SqliteGallery.open(path) as second:
        threads = [
            threading.Thread(target=one.put, args=([make_record(f"file:///{number}")],))
            for number in range(20)
            for one in (gallery, second)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert gallery.count() == 60
    assert gallery.check() == []


def test_who_waits_for_another_thread_to_write_lets_others_have_the_turn(gallery, assert_steps_aside):
    database = gallery._database
    database._writing.acquire()
    assert_steps_aside(lambda: gallery.put([make_record()]), database._writing.release)
    assert gallery.count() == 41


@pytest.mark.slow
def test_what_fails_in_the_middle_of_a_write_is_undone_whole(gallery, monkeypatch):
    before = gallery.get([one.id for one in make_records(40)], embeddings=True)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    for step in ("writing.write_pages", "vectors.write_codes", "writing._count_rows", "writing.build_where_due"):
        with monkeypatch.context() as patch:
            patch.setattr(f"lookalike.gallery.sqlite.{step}", interrupt)
            with pytest.raises(KeyboardInterrupt):
                gallery.put(make_records(60, seed=9))
        assert gallery.count() == 40
        assert_same_records(gallery.get([one.id for one in before], embeddings=True), before)
        assert gallery.check() == []


def test_a_reader_that_fails_gives_its_connection_back_to_nobody(gallery):
    for _ in range(20):
        with pytest.raises(GalleryError):
            gallery.nearest("toy@1/unknown", make_vectors(1, dim=3), 1)
    assert gallery.count() == 40


@pytest.mark.slow
def test_two_hundred_readers_at_once_all_get_an_answer(gallery):
    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.append(gallery.count())) for _ in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [40] * 200


def test_a_space_of_another_encoder_is_refused_with_the_way_out(gallery):
    with pytest.raises(GalleryError) as refusal:
        gallery.add_space(replace(make_space(), digest="f" * 64, encoder="onnx:other"))
    assert "'toy'" in refusal.value.what
    assert refusal.value.fix == "Use --encoder toy, or another --gallery."
