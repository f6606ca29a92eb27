import os
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from lookalike.errors import GalleryError, NotFound
from lookalike.ingest import ingest
from lookalike.sources import FolderSource
from lookalike.testing import ColourEncoder, MemoryGallery, picture_bytes
from lookalike.types import Embeddings, Failure, Ingested, Item, Outcome, Pixels, image_id, local_path

pytestmark = pytest.mark.slow


class CountingEncoder(ColourEncoder):
    """Remembers how many pictures it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.encoded = 0

    def encode(self, images: Sequence[Pixels]) -> dict[str, Embeddings]:
        self.encoded += len(images)
        return super().encode(images)


class TrippingSource(FolderSource):
    """Does something to a file when it has just been offered."""

    def __init__(self, folder: Path, trip) -> None:
        super().__init__([folder])
        self._trip = trip

    def open(self, item: Item) -> Path | bytes:
        path = super().open(item)
        self._trip(path)
        return path


@pytest.fixture(scope="module")
def pictures():
    """Files of ten small pictures by their names, drawn once."""
    return {
        **{f"holiday/picture-{seed}.jpg": picture_bytes(seed, (64, 48)) for seed in range(3)},
        **{f"picture-{seed}.png": picture_bytes(seed, (64, 48), "png") for seed in range(3, 10)},
    }


@pytest.fixture
def photos(tmp_path, pictures):
    folder = tmp_path / "photos"
    (folder / "holiday").mkdir(parents=True)
    for name, data in pictures.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture
def gallery():
    return MemoryGallery()


@pytest.fixture
def encoder():
    return CountingEncoder()


@pytest.fixture
def run(gallery, encoder, decoder):
    def run(source: FolderSource | Path, **options) -> dict[str, Outcome]:
        source = FolderSource([source]) if isinstance(source, Path) else source
        return {_name(one.uri): one.outcome for one in ingest(source, gallery, encoder, decoder, **options)}

    return run


def _name(uri: str) -> str:
    return local_path(uri).name


def test_pictures_are_added_once_and_unchanged_the_next_time(run, photos, gallery, encoder):
    names = [f"picture-{seed}.{'jpg' if seed < 3 else 'png'}" for seed in range(10)]
    assert run(photos) == dict.fromkeys(names, Outcome.ADDED)
    assert gallery.count() == encoder.encoded == 10
    assert run(photos) == dict.fromkeys(names, Outcome.UNCHANGED)
    assert encoder.encoded == 10


def test_a_record_says_what_the_file_says(run, tmp_path, gallery):
    path = tmp_path / "Fotos für Anna" / "caf\udce9 #1.png"
    path.parent.mkdir()
    path.write_bytes(picture_bytes(1, (60, 40), "png"))
    run(path)
    (record,) = gallery.get([image_id(path.as_uri())], embeddings=True)
    assert (record.width, record.height, record.format) == (60, 40, "png")
    assert record.bytes == path.stat().st_size
    assert record.path.endswith("/Fotos für Anna/caf� #1.png")
    (vector,) = record.embeddings.values()
    assert np.linalg.norm(vector.astype(np.float32)) == pytest.approx(1, abs=1e-3)


def test_a_changed_picture_is_updated_and_a_vanished_one_removed(run, photos, gallery):
    run(photos)
    (photos / "picture-5.png").write_bytes(picture_bytes(99, file_format="png"))
    (photos / "picture-6.png").unlink()
    outcomes = run(photos)
    assert outcomes["picture-5.png"] is Outcome.UPDATED
    assert outcomes["picture-6.png"] is Outcome.REMOVED
    assert gallery.count() == 9


def test_what_lies_outside_the_source_is_left_alone(run, photos, tmp_path, gallery):
    (tmp_path / "photos-of-others.png").write_bytes(picture_bytes(50, file_format="png"))
    run(tmp_path / "photos-of-others.png")
    run(photos)
    assert Outcome.REMOVED not in run(photos).values()
    assert gallery.count() == 11


def test_one_file_of_a_folder_can_be_indexed_without_forgetting_the_others(run, photos, gallery):
    run(photos)
    assert run(photos / "picture-5.png") == {"picture-5.png": Outcome.UNCHANGED}
    assert gallery.count() == 10


def test_what_is_excluded_later_is_removed(run, photos, gallery):
    run(photos)
    outcomes = run(FolderSource([photos], ["*.png"]))
    assert sorted(outcomes.values()) == [Outcome.REMOVED] * 7 + [Outcome.UNCHANGED] * 3
    assert gallery.count() == 3


def test_a_bad_picture_is_an_outcome_with_a_reason_and_the_others_go_on(gallery, encoder, decoder, photos):
    (photos / "broken.jpg").write_bytes(picture_bytes(1)[:100])
    (photos / "notes.jpg").write_text("no picture")
    outcomes = list(ingest(FolderSource([photos]), gallery, encoder, decoder))
    bad = {_name(one.uri): one for one in outcomes if one.outcome.failed}
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
    assert [_name(one.uri) for one in gallery.failures()] == ["picture-5.png"]
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


def test_the_same_bytes_under_another_name_are_not_encoded_again(run, tmp_path, gallery, encoder):
    folder = tmp_path / "copies"
    folder.mkdir()
    two = [picture_bytes(seed, (64, 48)) for seed in range(2)]
    for number in range(40):
        (folder / f"{number:02}.jpg").write_bytes(two[number % 2])
    run(folder)
    assert gallery.count() == 40
    assert encoder.encoded <= 6, "two pictures, and again in each batch that was encoded before the first was stored"
    (folder / "later.jpg").write_bytes(two[0])
    before = encoder.encoded
    run(folder)
    assert encoder.encoded == before
    ids = [image_id((folder / name).as_uri()) for name in ("00.jpg", "later.jpg")]
    one, other = gallery.get(ids, embeddings=True)
    assert one.embeddings.keys() == other.embeddings.keys()
    assert all(np.array_equal(one.embeddings[space], other.embeddings[space]) for space in one.embeddings)


def test_what_is_yielded_is_stored_already(photos, gallery, encoder, decoder):
    (photos / "bad.jpg").write_text("no picture")
    for one in ingest(FolderSource([photos]), gallery, encoder, decoder):
        stored = {record.id for record in gallery.get([image_id(one.uri)])} | {bad.uri for bad in gallery.failures()}
        assert stored & {one.id, one.uri}


def test_stopping_in_the_middle_loses_nothing_that_was_yielded_and_the_next_run_goes_on(
    tmp_path, gallery, encoder, decoder, run
):
    folder = tmp_path / "many"
    folder.mkdir()
    some = [picture_bytes(seed, (32, 24)) for seed in range(5)]
    for number in range(600):
        (folder / f"{number:03}.jpg").write_bytes(some[number % 5])
    outcomes = ingest(FolderSource([folder]), gallery, encoder, decoder)
    told = [next(outcomes).id for _ in range(5)]
    outcomes.close()
    assert len(gallery.get(told)) == 5
    assert gallery.count() < 600
    kept = gallery.count()
    again = list(run(folder).values())
    assert again.count(Outcome.UNCHANGED) == kept
    assert again.count(Outcome.ADDED) == 600 - kept
    assert gallery.count() == 600


def test_no_thread_stays_behind(photos, gallery, encoder, decoder):
    outcomes = ingest(FolderSource([photos]), gallery, encoder, decoder)
    next(outcomes)
    outcomes.close()
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("encode")]


class EndlessSource:
    """Offers the same file under ever new uris."""

    prefixes = ()

    def __init__(self, path: Path) -> None:
        self._path = path
        self.offered = 0

    def items(self) -> Iterator[Item]:
        while True:
            self.offered += 1
            yield Item(uri=f"test:{self.offered}", version="1")

    def open(self, item: Item) -> Path:  # noqa: ARG002 - all are the same
        return self._path


def test_it_never_runs_far_ahead_of_what_is_stored(tmp_path, gallery, encoder, decoder):
    path = tmp_path / "a.jpg"
    path.write_bytes(picture_bytes(1, (16, 16)))
    source = EndlessSource(path)
    outcomes = ingest(source, gallery, encoder, decoder)
    ahead = []
    for number, _ in zip(range(1, 1_500), outcomes, strict=False):
        ahead.append(source.offered - number)
    outcomes.close()
    assert max(ahead) < 900, "a look-ahead, a batch to store, and what is being encoded"


class BrokenEncoder(ColourEncoder):
    def encode(self, images: Sequence[Pixels]) -> dict[str, Embeddings]:  # noqa: ARG002 - none comes so far
        raise RuntimeError("the accelerator fell out")


def test_an_encoder_that_breaks_ends_the_run_and_stores_nothing_half(photos, gallery, decoder):
    with pytest.raises(RuntimeError, match="fell out"):
        list(ingest(FolderSource([photos]), gallery, BrokenEncoder(), decoder))
    assert gallery.count() == 0


def test_another_encoder_of_the_same_name_is_refused(run, photos, gallery, encoder, decoder):
    class Altered(ColourEncoder):
        def __init__(self) -> None:
            super().__init__()
            from dataclasses import replace

            self.spaces = {name: replace(space, digest="0" * 64) for name, space in self.spaces.items()}

    run(photos)
    with pytest.raises(GalleryError):
        list(ingest(FolderSource([photos]), gallery, Altered(), decoder))


def test_overlapping_paths_take_each_picture_in(run, photos, gallery):
    run(FolderSource([photos, photos / "holiday", photos / "picture-5.png"]))
    assert gallery.count() == 10
    assert gallery.failures() == []


def test_a_folder_that_becomes_a_file_and_back_is_followed(run, tmp_path, gallery):
    folder = tmp_path / "root"
    (folder / "thing").mkdir(parents=True)
    (folder / "thing" / "inside.png").write_bytes(picture_bytes(1, file_format="png"))
    (folder / "other.png").write_bytes(picture_bytes(2, file_format="png"))
    run(folder)
    (folder / "thing" / "inside.png").unlink()
    (folder / "thing").rmdir()
    (folder / "thing").write_bytes(picture_bytes(3))
    assert run(folder) == {
        "thing": Outcome.ADDED, "other.png": Outcome.UNCHANGED, "inside.png": Outcome.REMOVED
    }  # fmt: skip
    assert gallery.count() == 2


@pytest.mark.skipif(sys.platform == "win32", reason="names are bytes elsewhere")
def test_names_that_differ_only_in_bytes_that_are_no_text_stay_apart(run, tmp_path, gallery):
    folder = tmp_path / "bytes"
    folder.mkdir()
    for name in (b"\xe9.png", b"\xe8.png", b"\xff.png"):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(picture_bytes(name[0]))
    run(folder)
    assert gallery.count() == 3
    assert set(run(folder).values()) == {Outcome.UNCHANGED}


def test_outcomes_come_with_ids_and_reasons(photos, gallery, encoder, decoder):
    for one in ingest(FolderSource([photos]), gallery, encoder, decoder):
        assert one == Ingested(uri=one.uri, outcome=Outcome.ADDED, id=image_id(one.uri))
