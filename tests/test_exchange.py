"""Does everything that leaves a gallery as files come back as it was, and nothing come in that cannot be?"""

import json
import os
import resource
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lookalike.describing import Edit
from lookalike.errors import BadInput, GalleryError, NotFound
from lookalike.exchange import export_gallery, import_gallery
from lookalike.gallery import Gallery, open_gallery
from lookalike.gallery.filters import matches, parse_filter
from lookalike.testing import MemoryGallery, assert_same_records, make_record, make_records, make_space
from lookalike.types import Failure, Fingerprint, ImageRecord, Ingested, Learned, Outcome, Space, image_id

pytestmark = pytest.mark.slow

SPACE = make_space()
CLIP = Space(name="clip@1/image", dim=32, encoder="clip ViT-B/32", digest="")
HOSTILE = 'quote " back\\slash\nnew\0line 日本語 🐼 \u202e'


@pytest.fixture(params=["memory", "sqlite"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Gallery]:
    """A gallery of each kind, with nothing in it."""
    gallery = MemoryGallery() if request.param == "memory" else open_gallery(tmp_path / "empty.gallery")
    with gallery:
        yield gallery


@pytest.fixture
def full() -> MemoryGallery:
    """A gallery with records of every sort: in two spaces, in one, in none, with odd texts and times."""
    second = make_space("toy@1/sec.ond", 8)
    gallery = MemoryGallery()
    gallery.add_space(SPACE)
    gallery.add_space(second)
    records = make_records(57)
    records[3] = replace(records[3], embeddings={})
    records[4] = replace(records[4], embeddings={**records[4].embeddings, second.name: np.eye(8, dtype=np.float16)[2]})
    records[5] = replace(
        records[5],
        title=HOSTILE,
        caption=HOSTILE,
        tags=(HOSTILE, "b"),
        metadata={HOSTILE: HOSTILE, "nested": {"list": [1, 2.5, None, True]}},
        taken_at=datetime(1839, 1, 1, 10, 30, 0, 123_456),  # noqa: DTZ001
        added_at=datetime(2024, 5, 6, 7, 8, 9, 987_654, tzinfo=UTC),
        fingerprint=Fingerprint(pixels="ab" * 16),
    )
    gallery.put(records)
    return gallery


def everything(gallery: Gallery) -> list[ImageRecord]:
    return sorted(gallery.scan(limit=10_000, embeddings=True).records, key=lambda record: record.id)


def outcomes(ingested: Iterator[Ingested]) -> dict[Outcome, int]:
    found = [one.outcome for one in ingested]
    return {outcome: found.count(outcome) for outcome in set(found)}


# There and back


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
    monkeypatch.setattr("lookalike.exchange.parquet.READ_ROWS", 10)
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


def test_embeddings_of_other_weights_are_refused(full: MemoryGallery, empty: Gallery, tmp_path: Path) -> None:
    export_gallery(full, tmp_path / "out.parquet")
    empty.add_space(replace(SPACE, digest="0" * 64))
    with pytest.raises(GalleryError):
        list(import_gallery(empty, tmp_path / "out.parquet"))
    assert empty.count() == 0


# Whole or not at all


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


# clip-retrieval


def test_the_layout_of_clip_retrieval_comes_back_as_it_was(
    full: MemoryGallery, empty: Gallery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lookalike.exchange.parquet._ROW_GROUP", 10)
    monkeypatch.setattr("lookalike.exchange.clip_writing._SHARD_ROWS", 20)
    assert export_gallery(full, tmp_path / "out", layout="clip-retrieval") == 56
    names = sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.*"))
    assert names == [f"img_emb/img_emb_000{i}.npy" for i in range(3)] + [
        f"metadata/metadata_000{i}.parquet" for i in range(3)
    ]
    assert outcomes(import_gallery(empty, tmp_path / "out")) == {Outcome.ADDED: 56}
    expected = [
        replace(record, embeddings={SPACE.name: record.embeddings[SPACE.name]})
        for record in everything(full)
        if record.embeddings
    ]
    assert_same_records(everything(empty), expected)
    assert dict(empty.spaces) == {SPACE.name: SPACE}
    assert outcomes(import_gallery(empty, tmp_path / "out")) == {Outcome.UNCHANGED: 56}


def test_clip_retrieval_finds_what_it_reads_itself(tmp_path: Path) -> None:
    gallery = MemoryGallery()
    gallery.add_space(SPACE)
    embedded = make_records(3)
    web = replace(embedded[1], uri="https://example.org/b.jpg", id=image_id("https://example.org/b.jpg"), caption="b")
    gallery.put([embedded[0], web])
    export_gallery(gallery, tmp_path / "out", layout="clip-retrieval")
    matrix = np.load(tmp_path / "out" / "img_emb" / "img_emb_0000.npy")
    assert matrix.dtype == np.float16
    np.testing.assert_array_equal(matrix, [embedded[0].embeddings[SPACE.name], embedded[1].embeddings[SPACE.name]])
    rows = pq.read_table(tmp_path / "out" / "metadata" / "metadata_0000.parquet").to_pylist()
    assert [row["image_path"] for row in rows] == [embedded[0].path, web.uri]
    assert [row["url"] for row in rows] == ["", web.uri]
    assert rows[1]["caption"] == "b"


def write_clip_folder(folder: Path, number: str, matrix: np.ndarray, columns: dict[str, Any]) -> None:
    (folder / "img_emb").mkdir(parents=True, exist_ok=True)
    (folder / "metadata").mkdir(exist_ok=True)
    np.save(folder / "img_emb" / f"img_emb_{number}.npy", matrix)
    pq.write_table(pa.table(columns), folder / "metadata" / f"metadata_{number}.parquet")


def test_a_folder_of_clip_retrieval_comes_in_with_the_space_that_one_names(empty: Gallery, tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    write_clip_folder(
        tmp_path / "clip",
        "0",
        (random.standard_normal((3, 32)) * 9).astype(np.float32),
        {
            "image_path": ["pictures/a b.jpg", "/data/ä.jpg", "000000012"],
            "caption": ["a dog", None, "snow"],
            "url": [None, None, "https://example.org/12.jpg"],
            "width": [256, 256, 256],
            "similarity": [0.3, float("nan"), 0.1],
            "exif": [{"a": 1}, None, None],
        },
    )
    write_clip_folder(tmp_path / "clip", "1", random.standard_normal((1, 32)), {"image_path": ["/data/z.jpg"]})
    with pytest.raises(BadInput, match="which encoder"):
        list(import_gallery(empty, tmp_path / "clip"))
    assert outcomes(import_gallery(empty, tmp_path / "clip", CLIP)) == {Outcome.ADDED: 4}
    assert dict(empty.spaces) == {CLIP.name: CLIP}
    found = {record.uri: record for record in everything(empty)}
    assert set(found) == {
        (tmp_path / "pictures" / "a b.jpg").as_uri(),
        "file:///data/%C3%A4.jpg",
        "https://example.org/12.jpg",
        "file:///data/z.jpg",
    }
    web = found["https://example.org/12.jpg"]
    assert (web.caption, web.caption_source) == ("snow", "source")
    assert web.metadata == {"width": 256, "similarity": 0.1}
    assert (web.sha256, web.width, web.height, web.format) == ("", 0, 0, "")
    for record in found.values():
        assert np.linalg.norm(record.embeddings[CLIP.name].astype(np.float32)) == pytest.approx(1, abs=1e-3)
    nearest = empty.nearest(CLIP.name, web.embeddings[CLIP.name].astype(np.float32)[None], 1)[0]
    assert nearest.ids == (web.id,)
    assert outcomes(import_gallery(empty, tmp_path / "clip", CLIP)) == {Outcome.UNCHANGED: 4}


def test_a_folder_of_clip_retrieval_adds_to_what_is_known_of_a_picture(empty: Gallery, tmp_path: Path) -> None:
    record = replace(make_records(1)[0], title="mine", metadata={"camera": "A7", "stars": 5})
    empty.add_space(SPACE)
    empty.put([record])
    write_clip_folder(
        tmp_path / "clip",
        "0",
        np.eye(32, dtype=np.float16)[:1],
        {"image_path": [record.path], "caption": ["theirs"], "stars": [3]},
    )
    assert outcomes(import_gallery(empty, tmp_path / "clip", CLIP)) == {Outcome.UPDATED: 1}
    embeddings = {**record.embeddings, CLIP.name: np.eye(32, dtype=np.float16)[0]}
    expected = replace(
        record,
        caption="theirs",
        caption_source="source",
        metadata={"camera": "A7", "stars": 3},
        embeddings=embeddings,
    )
    assert_same_records(everything(empty), [expected])


# What cannot be


@pytest.mark.parametrize(("bits", "unnoticed"), [(20, 4), pytest.param(200, 20, marks=pytest.mark.slow)])
def test_a_flipped_bit_in_the_data_is_noticed(full: MemoryGallery, tmp_path: Path, bits: int, unnoticed: int) -> None:
    export_gallery(full, tmp_path / "out.parquet")
    whole = (tmp_path / "out.parquet").read_bytes()
    footer = int.from_bytes(whole[-8:-4], "little") + 8
    headers = 0
    for at in np.linspace(4, len(whole) - footer - 1, bits).astype(int):
        spoiled = bytearray(whole)
        spoiled[at] ^= 1
        (tmp_path / "out.parquet").write_bytes(spoiled)
        gallery = MemoryGallery()
        try:
            list(import_gallery(gallery, tmp_path / "out.parquet"))
        except BadInput:
            continue
        assert_same_records(everything(gallery), everything(full))
        headers += 1
    assert headers < unnoticed, "only a bit in the headers of pages may go unnoticed, where it means nothing"


def rewrite(path: Path, **columns: Any) -> Path:
    """Replace columns of an exported file; None takes one away."""
    table = pq.read_table(path)
    for name, values in columns.items():
        at = table.schema.get_field_index(name)
        field = name.replace("__", ":")
        if values is None:
            table = table.remove_column(at)
        elif at < 0:
            table = table.append_column(field, values)
        else:
            table = table.set_column(at, field, values)
    pq.write_table(table, path)
    return path


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """A file of three records."""
    gallery = MemoryGallery()
    gallery.add_space(SPACE)
    gallery.put(make_records(3))
    export_gallery(gallery, tmp_path / "three.parquet")
    return tmp_path / "three.parquet"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("uri", pa.array([1, 2, 3])),
        ("uri", None),
        ("width", pa.array(["a", "b", "c"])),
        ("width", pa.array([1.5, 2.5, 3.5])),
        ("bytes", pa.array([2**64 - 1] * 3, pa.uint64())),
        ("taken_at", pa.array(["2019", "2020", "2021"])),
        ("added_at", pa.array([2**60] * 3, pa.timestamp("us"))),
        ("tags", pa.array(["a", "b", "c"])),
        ("tags", pa.array([[1], [2], [3]])),
        ("metadata", pa.array([{"a": 1}] * 3)),
        ("sha256", pa.array([b"a", b"b", b"c"])),
        (f"embedding:{SPACE.name}", pa.array(["a", "b", "c"])),
        (f"embedding:{SPACE.name}", pa.array([[1.0, 2.0]] * 3)),
        (f"embedding:{SPACE.name}", pa.array([["x"] * 64] * 3)),
        (f"embedding:{SPACE.name}", None),
        ("embedding:toy@1/other", pa.array([[1.0, 2.0]] * 3)),
    ],
)
def test_a_column_of_the_wrong_type_is_named(name: str, values: pa.Array | None, exported: Path) -> None:
    rewrite(exported, **{name: values})
    gallery = MemoryGallery()
    with pytest.raises(BadInput) as refusal:
        list(import_gallery(gallery, exported))
    assert name in refusal.value.what or "embeddings of [2] dimensions" in refusal.value.what
    assert gallery.count() == 0


def test_types_that_mean_the_same_are_read(exported: Path, empty: Gallery) -> None:
    table = pq.read_table(exported)
    rewrite(
        exported,
        uri=table["uri"].cast(pa.large_string()),
        label=table["label"].combine_chunks().dictionary_encode(),
        width=table["width"].cast(pa.int16()),
        owner=pa.nulls(3),
        caption=None,
        taken_at=pa.array([1_500_000_000_123_456_789] * 3, pa.timestamp("ns")),
        tags=table["tags"].cast(pa.large_list(pa.large_string())),
        **{f"embedding:{SPACE.name}": table[f"embedding:{SPACE.name}"].cast(pa.list_(pa.float64()))},
    )
    assert outcomes(import_gallery(empty, exported)) == {Outcome.ADDED: 3}
    expected = [
        replace(record, owner="", caption="", taken_at=datetime(2017, 7, 14, 2, 40, 0, 123_456))  # noqa: DTZ001
        for record in make_records(3)
    ]
    assert_same_records(everything(empty), sorted(expected, key=lambda record: record.id))


def test_a_file_with_nothing_but_uris_is_enough(tmp_path: Path, empty: Gallery) -> None:
    pq.write_table(pa.table({"uri": ["file:///a.jpg", "file:///b.jpg"], "unknown": [1, 2]}), tmp_path / "x.parquet")
    assert outcomes(import_gallery(empty, tmp_path / "x.parquet")) == {Outcome.ADDED: 2}
    assert {record.uri for record in everything(empty)} == {"file:///a.jpg", "file:///b.jpg"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("uri", ""),
        ("uri", None),
        ("uri", "file:///" + "x" * 9_000),
        ("uri", "file:///a\nb"),
        ("uri", "http://[broken"),
        ("width", -1),
        ("sha256", "not hexadecimal"),
        ("sha256", "abcd"),
        ("metadata", "[1, 2]"),
        ("metadata", "{broken"),
        ("metadata", '{"a": NaN}'),
        ("metadata", '{"a": 1e999}'),
        ("metadata", '{"a": "\\ud800"}'),
        ("metadata", "[" * 100_000),
    ],
)
def test_a_row_that_cannot_be_is_passed_over_with_a_reason(
    name: str, value: Any, exported: Path, empty: Gallery
) -> None:
    values = pq.read_table(exported)[name].to_pylist()
    values[1] = value
    rewrite(exported, **{name: pa.array(values)})
    done = list(import_gallery(empty, exported))
    assert [one.outcome for one in done] == [Outcome.ADDED, Outcome.UNREADABLE, Outcome.ADDED]
    assert done[1].reason
    assert not done[1].id
    assert empty.count() == 2


def test_what_a_gallery_refuses_is_passed_over_and_the_rest_comes_in(exported: Path) -> None:
    class Narrow(MemoryGallery):
        def put(self, records: Sequence[ImageRecord], failures: Sequence[Failure] = (), **options: Any) -> None:
            if any(record.width == 7 for record in records):
                raise BadInput("Seven is too narrow.")
            super().put(records, failures, **options)

    rewrite(exported, width=pa.array([7, 8, 7]))
    gallery = Narrow()
    done = list(import_gallery(gallery, exported))
    assert [one.outcome for one in done] == [Outcome.UNREADABLE, Outcome.ADDED, Outcome.UNREADABLE]
    assert done[2].reason == "Seven is too narrow."
    assert [record.width for record in everything(gallery)] == [8]


def test_an_embedding_without_a_direction_is_passed_over(exported: Path, empty: Gallery) -> None:
    name = f"embedding:{SPACE.name}"
    good = pq.read_table(exported)[name].to_pylist()
    for bad in ([0.0] * 64, [float("nan")] * 64, [float("inf")] + [0.0] * 63, [1e300] * 64, [None] * 64):
        rewrite(exported, **{name: pa.array([good[0], bad, None], pa.list_(pa.float64()))})
        done = list(import_gallery(empty, exported))
        assert done[1].outcome is Outcome.UNREADABLE
        assert "direction" in done[1].reason
    assert empty.count() == 2


def test_a_broken_file_is_refused_wherever_it_breaks(exported: Path) -> None:
    whole = exported.read_bytes()
    for end in (0, 3, 100, len(whole) // 2, len(whole) - 1):
        exported.write_bytes(whole[:end])
        with pytest.raises(BadInput, match=r"three\.parquet"):
            list(import_gallery(MemoryGallery(), exported))
    random = np.random.default_rng(5)
    for _ in range(300):
        spoiled = bytearray(whole)
        for at in random.integers(0, len(whole), 3):
            spoiled[at] = random.integers(256)
        exported.write_bytes(spoiled)
        try:
            list(import_gallery(MemoryGallery(), exported))
        except (BadInput, GalleryError):
            continue


@pytest.mark.parametrize(
    "noted",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b'{"version": 1, "spaces": [{}]}',
        b'{"version": 1, "spaces": [{"name": 1, "dim": 2, "encoder": "", "digest": "", "calibration": [0, 0]}]}',
        b'{"version": 1, "spaces": [{"name": "a", "dim": 0, "encoder": "", "digest": "", "calibration": [0, 0]}]}',
        b'{"version": 2, "spaces": []}',
        b"[" * 100_000,
    ],
)
def test_broken_definitions_of_spaces_are_refused(noted: bytes, exported: Path) -> None:
    table = pq.read_table(exported)
    pq.write_table(table.replace_schema_metadata({b"lookalike": noted}), exported)
    with pytest.raises(BadInput):
        list(import_gallery(MemoryGallery(), exported))


def test_a_folder_that_is_not_clip_retrievals_is_refused(tmp_path: Path) -> None:
    unit = np.eye(32, dtype=np.float16)
    bad: dict[str, tuple[np.ndarray, dict[str, Any]]] = {
        "rows": (unit[:2], {"image_path": ["a"]}),
        "dimensions": (np.eye(16, dtype=np.float16)[:1], {"image_path": ["a"]}),
        "shape": (unit[0], {"image_path": ["a"]}),
        "integers": (np.eye(32, dtype=np.int64)[:1], {"image_path": ["a"]}),
        "image_path": (unit[:1], {"image_path": [1]}),
        "caption": (unit[:1], {"image_path": ["a"], "caption": [[1]]}),
        "neither": (unit[:1], {"name": ["a"]}),
    }
    for name, (matrix, columns) in bad.items():
        write_clip_folder(tmp_path / name, "0", matrix, columns)
        gallery = MemoryGallery()
        with pytest.raises(BadInput) as refusal:
            list(import_gallery(gallery, tmp_path / name, CLIP))
        assert name in refusal.value.what
        assert gallery.count() == 0
    (tmp_path / "nothing").mkdir()
    with pytest.raises(BadInput, match="img_emb"):
        list(import_gallery(MemoryGallery(), tmp_path / "nothing", CLIP))
    (tmp_path / "rows" / "metadata" / "metadata_0.parquet").unlink()
    with pytest.raises(BadInput, match="lacks"):
        list(import_gallery(MemoryGallery(), tmp_path / "rows", CLIP))


class Mine:
    """Would be made, and its code run, by reading a pickle."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("pickle-was-run",)


def test_a_pickle_in_a_matrix_is_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_clip_folder(tmp_path / "clip", "0", np.eye(32)[:1], {"image_path": ["a"]})
    matrix = tmp_path / "clip" / "img_emb" / "img_emb_0.npy"
    np.save(matrix, np.array([Mine()], dtype=object), allow_pickle=True)
    with pytest.raises(BadInput):
        list(import_gallery(MemoryGallery(), tmp_path / "clip", CLIP))
    for broken in (
        b"",
        b"\x93NUMPY",
        b"PK\x03\x04 zip",
        matrix.read_bytes()[:60],
        b"\x93NUMPY\x01\x00\xff\xff" + b"[" * 65_535,
    ):
        matrix.write_bytes(broken)
        with pytest.raises(BadInput):
            list(import_gallery(MemoryGallery(), tmp_path / "clip", CLIP))
    for shape in ("(1000000000000, 32)", "(-1, 32)", "(1,)", "(2, 32)"):
        header = ("{'descr': '<f2', 'fortran_order': False, 'shape': " + shape + ", }").ljust(117) + "\n"
        matrix.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + bytes(64))
        with pytest.raises(BadInput):
            list(import_gallery(MemoryGallery(), tmp_path / "clip", CLIP))
    assert not (tmp_path / "pickle-was-run").exists()


# What people and machines say


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


@pytest.mark.parametrize("text", ["{", "[]", '{"dog": "sure"}', '{"dog": 1.5}', '{"dog": NaN}'])
def test_what_was_recognised_must_be_names_with_confidences(exported: Path, text: str) -> None:
    rewrite(exported, recognised=pa.array([text, '{"dog": 0.5}', None]))
    gallery = MemoryGallery()
    done = list(import_gallery(gallery, exported))
    assert [one.outcome for one in done] == [Outcome.UNREADABLE, Outcome.ADDED, Outcome.ADDED]
    assert sorted(map(str, (dict(one.recognised) for one in everything(gallery)))) == ["{'dog': 0.5}", "{}"]


def test_only_fields_that_there_are_count_as_edited(exported: Path) -> None:
    rewrite(exported, edited=pa.array([["tags", "sha256", "tags"], None, []], pa.list_(pa.string())))
    gallery = MemoryGallery()
    list(import_gallery(gallery, exported))
    assert sorted(one.edited for one in everything(gallery)) == [(), (), ("tags",)]
