"""Is each picture taken in once, and again when it changed?"""

import os
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from lookalike.errors import GalleryError
from lookalike.ingest import ingest
from lookalike.sources import FolderSource
from lookalike.testing import ColourEncoder, picture_bytes
from lookalike.types import Embeddings, Ingested, Item, Outcome, Pixels
from lookalike.uris import image_id

pytestmark = pytest.mark.slow


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
