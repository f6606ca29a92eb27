"""Does everything that leaves a gallery as a file come back as it was, whole or not at all?"""

import json
import resource
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from galleries_exchanged import SPACE, everything, outcomes

from lookalike.describing import Edit
from lookalike.errors import BadInput, GalleryError, NotFound
from lookalike.exchange import export_gallery, import_gallery
from lookalike.gallery import Gallery
from lookalike.gallery.filters import matches, parse_filter
from lookalike.gallery.serving import Embedded
from lookalike.testing import MemoryGallery, assert_same_records, make_record, make_records, make_space
from lookalike.types import Fingerprint, ImageRecord, Learned, Outcome
from lookalike.uris import image_id

pytestmark = pytest.mark.slow


def test_an_export_comes_back_as_it_was_and_goes_out_again_the_same(
    full: MemoryGallery, empty: Gallery, tmp_path: Path
) -> None:
    assert export_gallery(full, tmp_path / "out.parquet") == 57
    done = list(import_gallery(empty, tmp_path / "out.parquet"))
    assert {one.outcome for one in done} == {Outcome.ADDED}
    assert {one.id for one in done} == {image_id(one.uri) for one in done}
    assert dict(empty.spaces) == dict(full.spaces)
    assert_same_records(everything(empty), everything(full))
    assert export_gallery(empty, tmp_path / "again.parquet") == 57
    first, again = (pq.read_table(tmp_path / name).sort_by("id") for name in ("out.parquet", "again.parquet"))
    assert first.equals(again)


def test_what_a_gallery_has_learned_about_its_scores_stays_with_it(empty: Gallery, tmp_path: Path) -> None:
    with MemoryGallery() as taught:
        space = replace(make_space(), calibration=(5.0, -2.0))
        taught.add_space(space)
        taught.put(make_records(3))
        taught.calibrate(space.name, Learned(pictures=(9.0, -1.0), texts=(8.0, -3.0), note="of 40 pictures"))
        export_gallery(taught, tmp_path / "export.parquet")
    list(import_gallery(empty, tmp_path / "export.parquet"))
    assert empty.spaces == {space.name: space}


def test_only_what_passes_the_filter_leaves(full: MemoryGallery, tmp_path: Path) -> None:
    where = parse_filter("label:dog,cat width>=1000")
    expected = {record.id for record in everything(full) if matches(record, where)}
    assert export_gallery(full, tmp_path / "out.parquet", where) == len(expected) > 3
    assert set(pq.read_table(tmp_path / "out.parquet")["id"].to_pylist()) == expected


def test_an_empty_gallery_leaves_and_comes_back_too(empty: Gallery, tmp_path: Path) -> None:
    assert export_gallery(empty, tmp_path / "out.parquet") == 0
    assert list(import_gallery(empty, tmp_path / "out.parquet")) == []
    assert list(empty.spaces) == []


def test_others_can_read_the_export(full: MemoryGallery, tmp_path: Path) -> None:
    export_gallery(full, tmp_path / "out.parquet")
    table = pq.read_table(tmp_path / "out.parquet")
    row = {name: table[name][10].as_py() for name in table.schema.names}
    record = full.get([row["id"]], embeddings=True)[0]
    assert row["uri"] == record.uri
    assert row["tags"] == list(record.tags)
    assert json.loads(row["metadata"]) == record.metadata
    assert row["taken_at"] == record.taken_at
    assert row["added_at"] == record.added_at
    np.testing.assert_array_equal(row[f"embedding:{SPACE.name}"], record.embeddings[SPACE.name])


def test_importing_again_changes_nothing_and_goes_on_where_it_was_broken_off(
    full: MemoryGallery, empty: Gallery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lookalike.exchange.batches._FEW", 10)
    monkeypatch.setattr("lookalike.exchange.batches._ROWS", 10)
    export_gallery(full, tmp_path / "out.parquet")
    broken_off = import_gallery(empty, tmp_path / "out.parquet")
    acknowledged = {next(broken_off).id for _ in range(15)}
    broken_off.close()
    assert acknowledged <= {record.id for record in everything(empty)}
    assert empty.count() == 20
    assert outcomes(import_gallery(empty, tmp_path / "out.parquet")) == {Outcome.UNCHANGED: 20, Outcome.ADDED: 37}
    assert outcomes(import_gallery(empty, tmp_path / "out.parquet")) == {Outcome.UNCHANGED: 57}
    assert_same_records(everything(empty), everything(full))


def test_a_changed_record_is_updated_and_keeps_when_it_was_added(empty: Gallery, tmp_path: Path) -> None:
    newer = MemoryGallery()
    newer.put([make_record(label="new", added_at=datetime(2030, 1, 1, tzinfo=UTC))])
    empty.put([make_record(label="old")])
    export_gallery(newer, tmp_path / "out.parquet")
    assert outcomes(import_gallery(empty, tmp_path / "out.parquet")) == {Outcome.UPDATED: 1}
    assert_same_records(everything(empty), [make_record(label="new")])


def test_an_export_that_comes_back_to_where_it_came_from_changes_nothing(full: MemoryGallery, tmp_path: Path) -> None:
    before = everything(full)
    export_gallery(full, tmp_path / "out.parquet")
    assert outcomes(import_gallery(full, tmp_path / "out.parquet")) == {Outcome.UNCHANGED: 57}
    assert_same_records(everything(full), before)


def test_what_a_file_does_not_say_of_the_same_bytes_stays_as_it_was(full: MemoryGallery, tmp_path: Path) -> None:
    (old,) = (one for one in everything(full) if one.fingerprint.perceptual)
    columns = {"uri": [old.uri], "sha256": [old.sha256], "width": [9_000], "quality": [80]}
    pq.write_table(pa.table(columns), tmp_path / "widths.parquet")
    assert outcomes(import_gallery(full, tmp_path / "widths.parquet")) == {Outcome.UPDATED: 1}
    expected = replace(old, width=9_000, fingerprint=replace(old.fingerprint, quality=80))
    assert_same_records(full.get([old.id], embeddings=True), [expected])


def test_embeddings_in_other_spaces_stay_while_the_bytes_are_the_same(empty: Gallery, tmp_path: Path) -> None:
    record = make_records(1)[0]
    second = make_space("toy@1/second", 8)
    plus = {second.name: np.eye(8, dtype=np.float16)[1]}
    other = MemoryGallery()
    other.add_space(second)
    other.put([replace(record, embeddings=plus)])
    export_gallery(other, tmp_path / "same.parquet")
    empty.add_space(SPACE)
    empty.put([record])
    assert outcomes(import_gallery(empty, tmp_path / "same.parquet")) == {Outcome.UPDATED: 1}
    assert set(everything(empty)[0].embeddings) == {SPACE.name, second.name}
    other.put([replace(record, embeddings=plus, sha256="cd" * 32)])
    export_gallery(other, tmp_path / "changed.parquet")
    assert outcomes(import_gallery(empty, tmp_path / "changed.parquet")) == {Outcome.UPDATED: 1}
    assert set(everything(empty)[0].embeddings) == {second.name}


def test_what_others_add_to_a_record_while_a_file_comes_in_stays(
    empty: Gallery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = replace(make_records(1)[0], caption="", fingerprint=Fingerprint(pixels="", features=b"points"))
    second = make_space("toy@1/second", 8)
    plus = {second.name: np.eye(8, dtype=np.float16)[1]}
    other = MemoryGallery()
    other.put([replace(record, title="theirs", embeddings={}, fingerprint=Fingerprint(pixels=""))])
    export_gallery(other, tmp_path / "titles.parquet")
    empty.add_space(SPACE)
    empty.add_space(second)
    empty.put([record])
    get = empty.get

    def got_and_changed(*asked: Any, **how: Any) -> list[ImageRecord]:
        found = get(*asked, **how)
        monkeypatch.undo()
        empty.embed([Embedded(id=record.id, sha256=record.sha256, embeddings=plus)])
        empty.describe([record.id], lambda one: replace(one, caption="a dog", caption_source="mini"))
        return found

    monkeypatch.setattr(empty, "get", got_and_changed)
    assert outcomes(import_gallery(empty, tmp_path / "titles.parquet")) == {Outcome.UPDATED: 1}
    expected = replace(
        record, title="theirs", caption="a dog", caption_source="mini", embeddings={**record.embeddings, **plus}
    )
    assert_same_records(everything(empty), [expected])


def test_embeddings_of_other_weights_are_refused(full: MemoryGallery, empty: Gallery, tmp_path: Path) -> None:
    export_gallery(full, tmp_path / "out.parquet")
    empty.add_space(replace(SPACE, digest="0" * 64))
    with pytest.raises(GalleryError):
        list(import_gallery(empty, tmp_path / "out.parquet"))
    assert empty.count() == 0


def test_nothing_is_ever_overwritten(full: MemoryGallery, tmp_path: Path) -> None:
    for layout in ("parquet", "clip-retrieval"):
        precious = tmp_path / layout
        precious.write_text("not to be lost")
        with pytest.raises(BadInput, match="already"):
            export_gallery(full, precious, layout=layout)
        assert precious.read_text() == "not to be lost"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("layout", [pytest.param("parquet", marks=pytest.mark.slow), "clip-retrieval"])
def test_a_full_disk_leaves_nothing_behind(layout: Any, full: MemoryGallery, tmp_path: Path) -> None:
    full.put(make_records(1_000, seed=7))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        with pytest.raises(GalleryError, match="cannot be written"):
            export_gallery(full, tmp_path / "out", layout=layout)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []
    assert export_gallery(full, tmp_path / "out", layout=layout) > 0


def test_a_folder_that_is_not_there_is_named(full: MemoryGallery, tmp_path: Path) -> None:
    with pytest.raises(GalleryError, match="nowhere"):
        export_gallery(full, tmp_path / "nowhere" / "out.parquet")
    with pytest.raises(NotFound):
        list(import_gallery(full, tmp_path / "nowhere.parquet"))


def test_a_persons_words_stay_before_those_of_an_import(full: MemoryGallery, empty: Gallery, tmp_path: Path) -> None:
    export_gallery(full, tmp_path / "out.parquet")
    list(import_gallery(empty, tmp_path / "out.parquet"))
    first = everything(empty)[0]
    edit = Edit(caption="mine", tags=("mine",), title="")
    empty.describe([first.id], edit.apply)
    assert outcomes(import_gallery(empty, tmp_path / "out.parquet")).get(Outcome.UPDATED, 0) <= 1
    now = empty.get([first.id])[0]
    assert (now.caption, now.caption_source, now.tags) == ("mine", "person", ("mine",))
    assert "tags" in now.edited


@pytest.fixture
def told(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Gallery, ImageRecord, ImageRecord], ImageRecord]:
    """Give a function that imports a record over another one of the same picture, and gives what is there then."""

    def told(empty: Gallery, before: ImageRecord, exported: ImageRecord) -> ImageRecord:
        other = MemoryGallery()
        other.put([exported])
        file = tmp_path_factory.mktemp("told") / "one.parquet"
        export_gallery(other, file)
        empty.put([before])
        list(import_gallery(empty, file))
        return empty.get([before.id])[0]

    return told


def test_a_source_s_caption_stands_before_the_one_of_a_captioner(empty: Gallery, told: Any) -> None:
    record = replace(make_record("file:///a.jpg"), sha256="ab" * 32, version="1 table:2")
    source = replace(record, caption="by hand", caption_source="source")
    for said in ("a guess", ""):
        now = told(empty, source, replace(record, caption=said, caption_source="mini", version="1"))
        assert (now.caption, now.caption_source, now.version) == ("by hand", "source", "1 table:2")
    guess = replace(record, caption="a guess", caption_source="mini")
    now = told(empty, replace(guess, id=image_id("file:///b.jpg"), uri="file:///b.jpg"), guess)
    assert now.caption_source == "mini"


def test_what_a_person_took_away_stays_away(empty: Gallery, told: Any) -> None:
    record = replace(make_record("file:///a.jpg"), sha256="ab" * 32, tags=("a", "b"), recognised={"dog": 0.5})
    now = told(empty, record, Edit(remove_tags=("a", "b", "dog")).apply(record))
    assert (now.tags, dict(now.recognised), now.edited) == ((), {}, ("tags",))


@pytest.mark.parametrize("sha256", ["ab" * 32, "cd" * 32])
def test_a_persons_newer_words_stay_before_older_ones_that_come_back_in_a_file(
    empty: Gallery, told: Any, sha256: str
) -> None:
    record = replace(make_record("file:///a.jpg"), sha256="ab" * 32, tags=("a",), recognised={"dog": 0.5})
    older = Edit(title="Old", caption="old", label="old", add_tags=("b",)).apply(replace(record, sha256=sha256))
    now = told(empty, Edit(title="New", caption="new", remove_tags=("a", "dog")).apply(record), older)
    assert (now.title, now.caption, now.caption_source, now.tags) == ("New", "new", "person", ())
    assert (now.label, now.edited) == ("old", ("label", "tags", "title"))
    assert dict(now.recognised) == ({} if sha256 == record.sha256 else {"dog": 0.5})


def test_what_a_person_writes_after_an_export_outlives_its_import(empty: Gallery, tmp_path: Path) -> None:
    record = replace(make_record("file:///a.jpg"), sha256="ab" * 32)
    empty.put([Edit(title="Old", caption="old").apply(record)])
    export_gallery(empty, tmp_path / "out.parquet")
    empty.describe([record.id], Edit(title="New", caption="new").apply)
    assert outcomes(import_gallery(empty, tmp_path / "out.parquet")) == {Outcome.UNCHANGED: 1}
    now = empty.get([record.id])[0]
    assert (now.title, now.caption) == ("New", "new")
