"""What becomes of a picture that cannot be read, or is not there any more?"""

import os
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from lookalike.decode import Decoded, DecodePool
from lookalike.decode.child import KILLED
from lookalike.describing import Edit
from lookalike.errors import NotFound, Overloaded
from lookalike.fetch import Fetcher
from lookalike.ingest import ingest
from lookalike.sources import FolderSource, Source, TableSource
from lookalike.testing import picture_bytes
from lookalike.types import EmptyFolder, Failure, Item, Outcome
from lookalike.uris import image_id, local_path

pytestmark = pytest.mark.slow


class TrippingSource(FolderSource):
    """Does something to a file when it has just been offered."""

    def __init__(self, folder: Path, trip) -> None:
        super().__init__([folder])
        self._trip = trip

    def open(self, item: Item) -> Path | bytes:
        path = super().open(item)
        self._trip(path)
        return path


def test_a_bad_picture_is_an_outcome_with_a_reason_and_the_others_go_on(gallery, encoder, decoder, photos):
    (photos / "broken.jpg").write_bytes(picture_bytes(1)[:100])
    (photos / "notes.jpg").write_text("no picture")
    outcomes = list(ingest(FolderSource([photos]), gallery, encoder, decoder))
    bad = {local_path(one.uri).name: one for one in outcomes if one.outcome.failed}
    assert bad.keys() == {"broken.jpg", "notes.jpg"}
    assert all(one.outcome is Outcome.UNREADABLE and one.reason and not one.id for one in bad.values())
    assert "text" in bad["notes.jpg"].reason
    assert {(one.uri, one.reason) for one in gallery.failures()} == {(one.uri, one.reason) for one in bad.values()}
    assert gallery.count() == 10


def test_what_failed_is_tried_again_only_when_asked_or_changed(run, photos, gallery):
    bad = photos / "bad.jpg"
    bad.write_text("no picture")
    assert run(photos)["bad.jpg"] is Outcome.UNREADABLE
    assert run(photos)["bad.jpg"] is Outcome.UNCHANGED
    assert run(photos, retry=True)["bad.jpg"] is Outcome.UNREADABLE
    bad.write_bytes(picture_bytes(42))
    assert run(photos)["bad.jpg"] is Outcome.ADDED
    assert gallery.failures() == []


def test_a_failure_is_forgotten_with_its_file(run, photos, gallery):
    (photos / "bad.jpg").write_text("no picture")
    run(photos)
    (photos / "bad.jpg").unlink()
    assert run(photos)["bad.jpg"] is Outcome.REMOVED
    assert gallery.failures() == []


def test_a_picture_that_becomes_unreadable_keeps_its_record_and_is_listed_as_a_failure(run, photos, gallery):
    run(photos)
    (photos / "picture-5.png").write_text("overwritten")
    assert run(photos)["picture-5.png"] is Outcome.UNREADABLE
    assert gallery.count() == 10
    assert [local_path(one.uri).name for one in gallery.failures()] == ["picture-5.png"]
    (photos / "picture-5.png").write_bytes(picture_bytes(5, file_format="png"))
    assert run(photos)["picture-5.png"] is Outcome.UPDATED
    assert gallery.failures() == []


def test_a_picture_that_is_put_back_as_it_was_is_no_failure_any_more(run, photos, gallery, encoder):
    run(photos)
    before = (photos / "picture-5.png").stat()
    data = (photos / "picture-5.png").read_bytes()
    (photos / "picture-5.png").write_text("overwritten")
    run(photos)
    (photos / "picture-5.png").write_bytes(data)
    os.utime(photos / "picture-5.png", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert run(photos)["picture-5.png"] is Outcome.UPDATED
    assert gallery.failures() == []
    assert encoder.encoded == 10, "nothing is encoded again"


def test_a_file_that_vanishes_before_it_is_read_is_unreachable_and_removed_the_next_time(run, photos, gallery):
    source = TrippingSource(photos, lambda path: path.unlink() if path.name == "picture-5.png" else None)
    assert run(source)["picture-5.png"] is Outcome.UNREACHABLE
    assert "No such file" in gallery.failures()[0].reason
    assert run(photos)["picture-5.png"] is Outcome.REMOVED
    assert gallery.failures() == []
    assert gallery.count() == 9


def test_a_file_that_grows_while_it_is_read_is_taken_in_again_the_next_time(run, photos, gallery):
    def grow(path: Path) -> None:
        if path.name == "picture-5.png":
            with path.open("ab") as file:
                file.write(b"more behind the end")

    assert run(TrippingSource(photos, grow))["picture-5.png"] is Outcome.ADDED
    assert run(photos)["picture-5.png"] is Outcome.UPDATED
    assert run(photos)["picture-5.png"] is Outcome.UNCHANGED
    (record,) = gallery.get([image_id((photos / "picture-5.png").as_uri())])
    assert record.bytes == (photos / "picture-5.png").stat().st_size


def test_a_file_that_was_still_being_written_is_taken_in_when_it_is_whole(run, photos):
    whole = picture_bytes(77)
    (photos / "late.jpg").write_bytes(whole[: len(whole) // 3])
    assert run(photos)["late.jpg"] is Outcome.UNREADABLE
    (photos / "late.jpg").write_bytes(whole)
    assert run(photos)["late.jpg"] is Outcome.ADDED


class UnlistableSource(FolderSource):
    """Cannot list what lies in `holiday`, like a drive that went away."""

    def items(self) -> Iterator[Item | Failure]:
        for item in super().items():
            if "/holiday/" not in item.uri:
                yield item
        folder = self.roots[0] / "holiday"
        yield Failure(uri=folder.as_uri() + "/", version="", outcome=Outcome.UNREACHABLE, reason="gone", at=_long_ago())


def _long_ago():
    from datetime import UTC, datetime

    return datetime(2020, 1, 1, tzinfo=UTC)


class ReplacingSource(FolderSource):
    """Overlooks a file the first time, as one that is replaced while its folder is looked at."""

    def __init__(self, folder: Path, replaced: Path) -> None:
        super().__init__([folder])
        self._replaced: Path | None = replaced

    def items(self) -> Iterator[Item | Failure | EmptyFolder]:
        replaced, self._replaced = self._replaced, None
        return (item for item in super().items() if not (replaced and item.uri == replaced.as_uri()))


@pytest.mark.parametrize("seed", [5, 42])
def test_a_file_that_is_replaced_while_its_folder_is_listed_is_not_forgotten(seed, run, photos, gallery):
    run(photos)
    replaced = photos / "picture-5.png"
    if seed != 5:
        replaced.write_bytes(picture_bytes(seed, file_format="png"))
    outcomes = run(ReplacingSource(photos, replaced))
    assert outcomes["picture-5.png"] is (Outcome.UNCHANGED if seed == 5 else Outcome.UPDATED)
    assert gallery.count() == 10


def test_nothing_is_forgotten_below_a_folder_that_cannot_be_listed(run, photos, gallery):
    run(photos)
    outcomes = run(UnlistableSource([photos]))
    assert outcomes.pop("holiday") is Outcome.UNREACHABLE
    assert set(outcomes.values()) == {Outcome.UNCHANGED}
    assert gallery.count() == 10
    assert Outcome.REMOVED not in run(photos).values(), "the folder that can be listed again is no picture"
    assert gallery.failures() == []


def test_a_file_that_cannot_be_looked_at_keeps_no_other_from_being_removed(run, photos):
    run(photos)
    (photos / "picture").symlink_to("picture")
    (photos / "picture-5.png").unlink()
    outcomes = run(photos)
    assert outcomes["picture"] is Outcome.UNREACHABLE
    assert outcomes["picture-5.png"] is Outcome.REMOVED


@pytest.mark.parametrize("by_name", [False, True])
def test_a_link_whose_drive_is_away_keeps_its_picture_until_the_link_goes_too(by_name, run, photos, gallery):
    drive = photos.with_name("nas")
    drive.mkdir()
    (drive / "far.png").write_bytes(picture_bytes(42, file_format="png"))
    link = photos / "link.png"
    link.symlink_to(drive / "far.png")
    run(photos)
    described = image_id(link.as_uri())
    gallery.describe([described], Edit(caption="Grandma").apply)
    drive.rename(photos.with_name("away"))
    source = FolderSource([photos]).only([link]) if by_name else photos
    assert Outcome.REMOVED not in run(source).values()
    assert gallery.get([described])[0].caption == "Grandma"
    link.unlink()
    assert run(photos)["link.png"] is Outcome.REMOVED


def test_a_link_is_forgotten_with_its_file_where_other_files_are_there(run, photos, gallery):
    album = photos.with_name("album")
    album.mkdir()
    (album / "link.png").symlink_to(photos / "picture-5.png")
    assert run(album)["link.png"] is Outcome.ADDED
    (photos / "picture-5.png").unlink()
    (album / "other.png").write_bytes(picture_bytes(42, file_format="png"))
    assert run(album)["link.png"] is Outcome.REMOVED


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file of which nothing can be read")
@pytest.mark.parametrize("by_name", [False, True])
def test_a_picture_called_like_a_backup_is_not_forgotten_when_its_bytes_cannot_be_read(by_name, run, photos, gallery):
    scan = photos / "scan.bak"
    (photos / "picture-5.png").rename(scan)
    run(photos)
    scan.rename(photos.with_name("whole"))
    scan.symlink_to("/proc/self/mem")
    with pytest.raises(OSError, match="Input/output"), scan.open("rb") as file:
        file.read(1)
    outcomes = run(FolderSource([photos]).only([scan]) if by_name else photos)
    assert not {Outcome.REMOVED, Outcome.UNREACHABLE} & set(outcomes.values()), "nobody asked for what may be a backup"
    scan.unlink()
    scan.write_text("a text by now")
    assert run(photos)["scan.bak"] is Outcome.REMOVED
    assert gallery.count() == 9


def test_what_another_source_took_in_below_the_folder_is_left_alone(run, photos, gallery):
    (photos / "holiday").rename(photos / ".holiday")
    run(photos / ".holiday")
    assert Outcome.REMOVED not in run(photos).values()
    assert gallery.count() == 10


def test_a_drive_that_is_pulled_while_it_is_listed_forgets_nothing(run, photos, gallery):
    run(photos)
    source = TrippingSource(photos, lambda _: photos.exists() and photos.rename(photos.with_name("pulled")))
    (photos / "a-new.jpg").write_bytes(picture_bytes(11))
    assert Outcome.REMOVED not in run(source).values()
    assert gallery.count() == 10


def test_what_was_unreachable_is_tried_again_without_being_asked(run, photos, gallery):
    source = TrippingSource(photos, lambda path: path.rename(f"{path}.away") if path.name == "picture-5.png" else None)
    assert run(source)["picture-5.png"] is Outcome.UNREACHABLE
    (photos / "picture-5.png.away").rename(photos / "picture-5.png")
    assert run(photos)["picture-5.png"] is Outcome.ADDED


def test_a_missing_source_is_an_error_and_forgets_nothing(run, photos, gallery):
    run(photos)
    photos.rename(photos.with_name("moved"))
    with pytest.raises(NotFound):
        run(photos)
    assert gallery.count() == 10


def test_an_empty_folder_forgets_nothing(run, photos, gallery):
    run(photos)
    photos.rename(photos.with_name("unmounted"))
    photos.mkdir()
    assert run(photos) == {"photos": Outcome.UNREACHABLE}
    assert gallery.count() == 10


def mount_point(folder: Path) -> None:
    """Make an empty folder that is older than all pictures."""
    folder.mkdir()
    os.utime(folder, (1_000_000_000, 1_000_000_000))


@pytest.mark.parametrize("hidden", [False, True])
def test_a_drive_below_the_folder_that_is_not_mounted_keeps_its_pictures_and_is_named(run, photos, gallery, hidden):
    (photos / "holiday" / "deep").mkdir()
    (photos / "holiday" / "picture-0.jpg").rename(photos / "holiday" / "deep" / "picture-0.jpg")
    run(photos)
    (photos / "holiday").rename(photos.with_name("drive"))
    if hidden:
        (photos / "holiday").mkdir()
        (photos / "holiday" / ".DS_Store").write_bytes(b"left behind")
    else:
        mount_point(photos / "holiday")
    for source in (photos, FolderSource([photos]).only([photos / "holiday"])):
        outcomes = run(source)
        assert outcomes.pop("holiday") is Outcome.UNREACHABLE
        assert set(outcomes.values()) <= {Outcome.UNCHANGED}
        assert gallery.count() == 10
        (failure,) = gallery.failures()
        assert failure.uri == (photos / "holiday").as_uri() + "/"
        assert "not mounted" in failure.reason
    shutil.rmtree(photos / "holiday")
    photos.with_name("drive").rename(photos / "holiday")
    assert set(run(photos).values()) == {Outcome.UNCHANGED}
    assert gallery.failures() == []


def test_a_folder_that_a_person_emptied_by_moving_its_pictures_is_no_failure(run, photos, gallery):
    run(photos)
    for path in (photos / "holiday").iterdir():
        path.rename(photos / f"moved-{path.name}")
    outcomes = run(photos)
    assert sorted(outcomes.values()) == [Outcome.ADDED] * 3 + [Outcome.REMOVED] * 3 + [Outcome.UNCHANGED] * 7
    assert gallery.count() == 10
    assert gallery.failures() == []


def test_a_folder_that_a_person_emptied_by_deleting_its_pictures_is_no_failure(run, photos, gallery):
    (photos / "holiday" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 broken")
    run(photos)
    for path in (photos / "holiday").iterdir():
        path.unlink()
    assert list(run(photos).values()).count(Outcome.REMOVED) == 4
    assert gallery.count() == 7
    assert gallery.failures() == []


def test_a_copy_of_one_picture_has_no_other_of_an_empty_folder_forgotten(run, photos, gallery):
    run(photos)
    (photos / "holiday" / "picture-0.jpg").rename(photos / "moved.jpg")
    shutil.rmtree(photos / "holiday")
    mount_point(photos / "holiday")
    outcomes = run(photos)
    assert (outcomes["picture-0.jpg"], outcomes["holiday"]) == (Outcome.REMOVED, Outcome.UNREACHABLE)
    assert gallery.count() == 10
    (photos / "holiday").rmdir()
    assert list(run(photos).values()).count(Outcome.REMOVED) == 2, "the folder was deleted, too"
    assert gallery.failures() == []


@pytest.mark.parametrize(("seconds_before", "outcome"), [(1.9, Outcome.REMOVED), (2.1, Outcome.UNREACHABLE)])
def test_a_folder_was_emptied_if_its_disk_may_have_noted_so_after_its_picture_came(
    seconds_before, outcome, run, photos, gallery
):
    """FAT notes even seconds, and so may call a change that comes after a picture up to two seconds older than it."""
    for path in [*(photos / "holiday").iterdir()][1:]:
        path.unlink()
    (path,) = (photos / "holiday").iterdir()
    run(photos)
    path.unlink()
    (record,) = gallery.get([image_id(path.as_uri())])
    changed = record.added_at.timestamp() - seconds_before
    os.utime(photos / "holiday", (changed, changed))
    assert run(photos)[path.name if outcome is Outcome.REMOVED else "holiday"] is outcome


def test_a_mount_point_that_is_younger_than_its_pictures_keeps_those_that_a_person_described(run, photos, gallery):
    (photos / "holiday" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 broken")
    run(photos)
    described = image_id((photos / "holiday" / "picture-0.jpg").as_uri())
    gallery.describe([described], Edit(caption="Grandma").apply)
    (photos / "holiday").rename(photos.with_name("drive"))
    (photos / "holiday").mkdir()
    outcomes = run(photos)
    assert {name for name, outcome in outcomes.items() if outcome is Outcome.REMOVED} == {
        "picture-1.jpg",
        "picture-2.jpg",
    }
    assert outcomes["holiday"] is Outcome.UNREACHABLE
    assert {local_path(one.uri).name for one in gallery.failures()} == {"holiday", "broken.jpg"}
    (photos / "holiday").rmdir()
    photos.with_name("drive").rename(photos / "holiday")
    outcomes = run(photos)
    assert {name for name, outcome in outcomes.items() if outcome is Outcome.ADDED} == {
        "picture-1.jpg",
        "picture-2.jpg",
    }
    assert gallery.get([described])[0].caption == "Grandma"


def test_failures_below_a_drive_that_is_not_mounted_stay_and_go_with_a_folder_that_was_emptied(run, photos, gallery):
    (photos / "holiday" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 broken")
    run(photos)
    (photos / "holiday").rename(photos.with_name("drive"))
    mount_point(photos / "holiday")
    assert Outcome.REMOVED not in run(photos).values()
    assert {local_path(one.uri).name for one in gallery.failures()} == {"holiday", "broken.jpg"}
    os.utime(photos / "holiday")
    assert run(photos)["broken.jpg"] is Outcome.REMOVED
    assert gallery.failures() == []


class KillingDecoder(DecodePool):
    """Is killed at each picture, as by a system that is out of memory."""

    def submit(self, *_, **__) -> Future[Decoded]:
        failed: Future[Decoded] = Future()
        failed.set_exception(Overloaded(KILLED))
        return failed


def test_a_picture_that_kills_the_decoder_is_tried_once_more_and_is_too_large_then(gallery, encoder, photos):
    def outcomes(**options) -> set[Outcome]:
        with KillingDecoder() as decoder:
            done = ingest(FolderSource([photos / "picture-5.png"]), gallery, encoder, decoder, **options)
            return {one.outcome for one in done}

    assert outcomes() == {Outcome.UNREACHABLE}
    assert outcomes() == {Outcome.TOO_LARGE}
    assert outcomes() == {Outcome.UNCHANGED}
    assert outcomes(retry=True) == {Outcome.TOO_LARGE}
    os.utime(photos / "picture-5.png", (1, 1))
    assert outcomes() == {Outcome.UNREACHABLE}


def test_a_picture_that_kills_the_decoder_is_known_again_whichever_source_offers_it(gallery, encoder, photos):
    (photos / "table.csv").write_text("image,title\npicture-5.png,A wall\n")
    folder, table = FolderSource([photos / "picture-5.png"]), TableSource(photos / "table.csv", Fetcher())

    def outcomes(source: Source) -> set[Outcome]:
        with KillingDecoder() as decoder:
            return {one.outcome for one in ingest(source, gallery, encoder, decoder)}

    assert outcomes(table) == {Outcome.UNREACHABLE}
    assert outcomes(folder) == {Outcome.TOO_LARGE}
    assert outcomes(folder) == outcomes(table) == {Outcome.UNCHANGED}


def test_an_empty_folder_of_which_nothing_is_known_is_no_failure(run, photos, gallery):
    (photos / "new" / "deep").mkdir(parents=True)
    for _ in range(2):
        assert Outcome.UNREACHABLE not in run(photos).values()
    assert gallery.failures() == []


def test_a_drive_below_the_folder_that_is_pulled_while_it_is_listed_forgets_nothing(run, photos, gallery):
    (photos / "holiday" / "deep").mkdir()
    (photos / "holiday" / "deep" / "more.jpg").write_bytes(picture_bytes(12))
    run(photos)

    def pull(_: Path) -> None:
        if (photos / "holiday" / "deep").exists():
            (photos / "holiday").rename(photos.with_name("pulled"))
            mount_point(photos / "holiday")

    (photos / "holiday" / "a-new.jpg").write_bytes(picture_bytes(11))
    outcomes = run(TrippingSource(photos, pull))
    assert Outcome.REMOVED not in outcomes.values()
    assert outcomes["holiday"] is Outcome.UNREACHABLE
    assert gallery.count() == 11


def test_a_drive_whose_mount_point_holds_hidden_files_only_forgets_nothing(run, photos, gallery):
    run(photos)
    photos.rename(photos.with_name("unmounted"))
    photos.mkdir()
    (photos / ".keep").touch()
    assert run(photos) == {"photos": Outcome.UNREACHABLE}
    assert gallery.count() == 10
