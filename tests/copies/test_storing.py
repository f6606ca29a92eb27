import errno
import os
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import numpy as np
import pytest

from lookalike.copies import storing
from lookalike.copies.features import detect
from lookalike.copies.fingerprint import Fingerprinter
from lookalike.copies.index import CopyIndex
from lookalike.copies.pdq import dihedral
from lookalike.copies.segment import Segment
from lookalike.errors import GalleryError, NotFound

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def greys(draw_busy):
    return [draw_busy(200 + seed) for seed in range(12)]


def add(index: CopyIndex, greys: list, first: int, last: int) -> None:
    prints = [Fingerprinter().fingerprint(grey, "") for grey in greys[first:last]]
    hashes = np.array([list(bytes.fromhex(one.perceptual)) for one in prints], np.uint8)
    keys = np.arange(first, last, dtype=np.int64)
    index.add(keys, [one.features for one in prints], hashes, np.full(last - first, 90, np.uint8))


@pytest.fixture
def index(greys):
    index = CopyIndex()
    add(index, greys, 0, 10)
    return index


def answers(index: CopyIndex, greys: list) -> list:
    return [index.candidates(detect(grey, 300), 3) for grey in greys[:4]]


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.segment"))


def test_a_saved_index_answers_as_before(index, greys, tmp_path):
    before = answers(index, greys)
    index.save(tmp_path / "index")
    assert answers(index, greys) == before
    loaded = CopyIndex.load(tmp_path / "index")
    assert answers(loaded, greys) == before
    assert loaded.hash_matches(dihedral(greys[2]).bits, 0).keys.tolist() == [2]
    assert sorted(loaded.keys()) == list(range(10))


def test_removals_and_additions_after_loading_are_kept_by_the_next_save(index, greys, tmp_path):
    index.save(tmp_path)
    loaded = CopyIndex.load(tmp_path)
    loaded.remove(np.array([1], np.int64))
    add(loaded, greys, 10, 12)
    loaded.save(tmp_path)
    again = CopyIndex.load(tmp_path)
    assert sorted(again.keys()) == [0, *range(2, 12)]
    assert again.candidates(detect(greys[11], 300), 1)[0].key == 11
    assert 1 not in {one.key for one in again.candidates(detect(greys[1], 300), 20)}


def test_saving_again_writes_only_what_is_new_and_removes_what_counts_no_more(index, greys, tmp_path):
    index.save(tmp_path)
    written = files(tmp_path)
    index.save(tmp_path)
    assert files(tmp_path) == written
    add(index, greys, 10, 12)
    index.save(tmp_path)
    assert set(written) < set(files(tmp_path))
    assert len(files(tmp_path)) == 2
    index.remove(np.arange(12, dtype=np.int64))
    index.save(tmp_path)
    assert files(tmp_path) == []
    assert len(CopyIndex.load(tmp_path)) == 0


def test_an_index_in_use_survives_the_removal_of_its_files(index, greys, tmp_path):
    before = answers(index, greys)
    index.save(tmp_path)
    for path in files(tmp_path):
        path.unlink()
    assert answers(index, greys) == before
    index.save(tmp_path)
    assert answers(CopyIndex.load(tmp_path), greys) == before


def test_where_nothing_was_saved_there_is_nothing_to_load(tmp_path):
    with pytest.raises(NotFound, match="no index of copies"):
        CopyIndex.load(tmp_path)


def test_a_file_that_was_never_finished_does_not_count(index, greys, tmp_path):
    index.save(tmp_path)
    (tmp_path / ".lookalike-0123456789abcdef.unfinished").write_bytes(b"half")
    assert answers(CopyIndex.load(tmp_path), greys) == answers(index, greys)


@pytest.mark.parametrize("share", [0.0, 0.0001, 0.5, 0.999])
def test_a_segment_cut_short_is_refused(index, tmp_path, share):
    index.save(tmp_path)
    (path,) = files(tmp_path)
    whole = path.read_bytes()
    path.unlink()  # its pages are still in use
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(GalleryError, match=r"is broken\. Delete it"):
        CopyIndex.load(tmp_path)


@pytest.mark.parametrize("place", [3, 40, 700])
def test_a_changed_byte_at_the_front_is_noticed(index, tmp_path, place):
    index.save(tmp_path)
    spoil(files(tmp_path)[0], place)
    with pytest.raises(GalleryError, match="is broken"):
        CopyIndex.load(tmp_path)


@pytest.mark.parametrize("mapped", [False, True], ids=["read", "mapped"])
@pytest.mark.parametrize("place", [-20, -6_000])
def test_a_changed_byte_among_the_features_is_noticed(index, tmp_path, monkeypatch, mapped, place):
    monkeypatch.setattr(storing, "_MAPPED_BYTES", 0 if mapped else 2**40)
    index.save(tmp_path)
    spoil(files(tmp_path)[0], place)
    with pytest.raises(GalleryError, match="is broken"):
        CopyIndex.load(tmp_path)


def test_a_changed_list_is_noticed(index, tmp_path):
    index.save(tmp_path)
    spoil(tmp_path / "segments.json", -5)
    with pytest.raises(GalleryError, match="is broken"):
        CopyIndex.load(tmp_path)


def test_a_segment_that_vanished_is_noticed(index, tmp_path):
    index.save(tmp_path)
    files(tmp_path)[0].unlink()
    with pytest.raises(GalleryError, match="is broken"):
        CopyIndex.load(tmp_path)


@pytest.mark.parametrize("mapped", [False, True], ids=["read", "mapped"])
def test_an_index_knows_when_somebody_cut_off_a_file_that_it_still_reads(index, greys, tmp_path, monkeypatch, mapped):
    monkeypatch.setattr(storing, "_MAPPED_BYTES", 0 if mapped else 2**40)
    index.save(tmp_path)
    loaded = CopyIndex.load(tmp_path)
    before = answers(loaded, greys)
    file = files(tmp_path)[0]
    file.rename(tmp_path / "elsewhere")
    assert loaded.is_whole  # its pages are still there
    assert answers(loaded, greys) == before
    (tmp_path / "elsewhere").rename(file)
    os.truncate(file, 4_096)
    assert loaded.is_whole is not mapped
    if not mapped:
        assert answers(loaded, greys) == before


def test_a_folder_that_cannot_be_made_is_named(index, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(GalleryError, match="cannot be written"):
        index.save(tmp_path / "file")


def spoil(path: Path, place: int) -> None:
    changed = bytearray(path.read_bytes())
    changed[place] ^= 0xFF
    path.unlink()
    path.write_bytes(bytes(changed))


def test_what_a_full_disk_cut_short_is_not_left_behind(index, tmp_path, monkeypatch):
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(GalleryError, match="No space left"):
        index.save(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_of_two_who_save_at_once_none_removes_what_the_other_names(index, greys, tmp_path, monkeypatch):
    index.save(tmp_path)
    fsync, other = os.fsync, CopyIndex.load(tmp_path)
    add(index, greys, 10, 12)
    with ThreadPoolExecutor(1) as threads:

        def overtaken(descriptor: int) -> None:
            """Let somebody else save, if that is possible, between a segment and the list that names it."""
            if len(files(tmp_path)) == 2:
                monkeypatch.setattr(os, "fsync", fsync)
                wait([threads.submit(other.save, tmp_path)], 0.5)
            fsync(descriptor)

        monkeypatch.setattr(os, "fsync", overtaken)
        index.save(tmp_path)
    assert len(CopyIndex.load(tmp_path)) in {10, 12}, "whoever was last"


def test_what_is_saved_anew_while_somebody_loads_it_is_loaded(index, greys, tmp_path, monkeypatch):
    index.save(tmp_path)
    read = storing._read

    def overtaken(path: Path) -> Segment:
        monkeypatch.setattr(storing, "_read", read)
        index.remove(np.arange(8, dtype=np.int64))  # of a segment that is mostly gone, the rest is written anew
        index.save(tmp_path)
        return read(path)

    monkeypatch.setattr(storing, "_read", overtaken)
    assert sorted(CopyIndex.load(tmp_path).keys()) == [8, 9]


def test_a_segment_that_cannot_be_removed_yet_goes_another_time(index, tmp_path, monkeypatch):
    index.save(tmp_path)
    (old,) = files(tmp_path)
    index.remove(np.arange(8, dtype=np.int64))
    unlink = Path.unlink

    def in_use(path: Path, *, missing_ok: bool = False) -> None:
        """Refuse, as Windows does what somebody has mapped."""
        if path.suffix == ".segment":
            raise PermissionError(errno.EACCES, "The process cannot access the file", str(path))
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", in_use)
    index.save(tmp_path)
    assert len(CopyIndex.load(tmp_path)) == 2
    assert old in files(tmp_path)
    monkeypatch.undo()
    index.save(tmp_path)
    assert old not in files(tmp_path)


def test_what_a_killed_process_left_is_swept_away_and_what_another_is_writing_is_not(index, tmp_path):
    left, fresh = tmp_path / ".lookalike-left.unfinished", tmp_path / ".lookalike-fresh.unfinished"
    for path in (left, fresh):
        path.write_bytes(b"half a segm")
    os.utime(left, (0, 0))
    index.save(tmp_path)
    assert (left.exists(), fresh.exists()) == (False, True)
