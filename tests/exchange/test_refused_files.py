"""Does nothing come in that cannot be, and is it said what and where?"""

import json
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from galleries_exchanged import SPACE, everything, outcomes

from lookalike.errors import BadInput, GalleryError
from lookalike.exchange import export_gallery, import_gallery
from lookalike.exchange.clip_reading import read_clip_folder
from lookalike.exchange.parquet import read_parquet
from lookalike.gallery import Gallery
from lookalike.testing import MemoryGallery, assert_same_records, make_records
from lookalike.types import Failure, ImageRecord, Outcome

pytestmark = pytest.mark.slow


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


def test_what_is_no_parquet_file_is_named_in_a_sentence_that_ends_once(tmp_path: Path) -> None:
    (tmp_path / "out.parquet").write_bytes(b"no such thing" * 100)
    with pytest.raises(BadInput, match=r"out\.parquet' is no sound Parquet file: .*[^.]\. Write it again\.$"):
        list(import_gallery(MemoryGallery(), tmp_path / "out.parquet"))


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


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("uri", pa.array([1, 2, 3])),
        ("uri", None),
        ("width", pa.array(["a", "b", "c"])),
        ("width", pa.array([1.5, 2.5, 3.5])),
        ("bytes", pa.array([2**64 - 1] * 3, pa.uint64())),
        ("taken_at", pa.array(["2019", "2020", "2021"])),
        ("tags", pa.array(["a", "b", "c"])),
        ("tags", pa.array([[1], [2], [3]])),
        ("metadata", pa.array([{"a": 1}] * 3)),
        ("sha256", pa.array([b"a", b"b", b"c"])),
        ("features", pa.array(["a", "b", "c"])),
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
    assert not gallery.spaces, "no encoder answers because of a file that did not come in"


def test_metadata_may_be_nested_fifty_deep(exported: Path, empty: Gallery) -> None:
    deep = '{"a": ' * 50 + "1" + "}" * 50
    rewrite(exported, metadata=pa.array([deep] * 3))
    assert outcomes(import_gallery(empty, exported)) == {Outcome.ADDED: 3}
    assert {json.dumps(record.metadata) for record in everything(empty)} == {deep}


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
        ("metadata", '{"a": ' * 51 + "1" + "}" * 51),
        ("metadata", '{"a": ' + "[" * 300 + "]" * 300 + "}"),
        ("uri", "file:///a%00b.jpg"),
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


@pytest.mark.parametrize("name", ["taken_at", "added_at"])
@pytest.mark.parametrize("unit", ["s", "ms", "us"])
@pytest.mark.parametrize("year", [0, 10_000, 100_000])
def test_a_row_of_a_time_that_no_calendar_here_knows_is_passed_over(
    name: str, unit: str, year: int, exported: Path, empty: Gallery
) -> None:
    times = np.array([2024 - 1970, year - 1970, 1], "datetime64[Y]").astype(f"datetime64[{unit}]")
    rewrite(exported, **{name: pa.array(times)})
    done = list(import_gallery(empty, exported))
    assert [one.outcome for one in done] == [Outcome.ADDED, Outcome.UNREADABLE, Outcome.ADDED]
    assert done[1].reason == f"its {name} lies outside of the years 1 to 9999"
    assert {getattr(record, name).year for record in everything(empty)} == {2024, 1971}


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


SOUND = {"name": "a", "dim": 2, "encoder": "b", "digest": "", "calibration": [1, 0]}


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
        *(
            json.dumps({"version": 1, "spaces": [SOUND | wrong]}).encode()
            for wrong in (
                {"name": ""},
                {"encoder": "\ud800"},
                {"dim": 2**40},
                {"calibration": [float("inf"), 1]},
                {"calibration": [float("nan"), 1]},
            )
        ),
        b'{"version": 2, "spaces": []}',
        b"[" * 100_000,
    ],
)
def test_broken_definitions_of_spaces_are_refused(noted: bytes, exported: Path) -> None:
    table = pq.read_table(exported)
    pq.write_table(table.replace_schema_metadata({b"lookalike": noted}), exported)
    with pytest.raises(BadInput):
        list(import_gallery(MemoryGallery(), exported))


@pytest.mark.parametrize("text", ["{", "[]", '{"dog": "sure"}', '{"dog": 1.5}', '{"dog": NaN}'])
def test_what_was_recognised_must_be_names_with_confidences(exported: Path, text: str) -> None:
    rewrite(exported, recognised=pa.array([text, '{"dog": 0.5}', None]))
    gallery = MemoryGallery()
    done = list(import_gallery(gallery, exported))
    assert [one.outcome for one in done] == [Outcome.UNREADABLE, Outcome.ADDED, Outcome.ADDED]
    assert sorted(map(str, (dict(one.recognised) for one in everything(gallery)))) == ["{'dog': 0.5}", "{}"]


def test_links_that_are_no_web_pages_and_empty_or_repeated_tags_are_left_out(exported: Path) -> None:
    rewrite(
        exported,
        link=pa.array(["javascript:alert(1)", "https://example.org/a", None]),
        tags=pa.array([["a", "", "b", "a", None], [], None], pa.list_(pa.string())),
    )
    gallery = MemoryGallery()
    list(import_gallery(gallery, exported))
    assert sorted((one.link, one.tags) for one in everything(gallery)) == [
        ("", ()),
        ("", ("a", "b")),
        ("https://example.org/a", ()),
    ]


def test_only_fields_that_there_are_count_as_edited(exported: Path) -> None:
    rewrite(exported, edited=pa.array([["tags", "sha256", "tags"], None, []], pa.list_(pa.string())))
    gallery = MemoryGallery()
    list(import_gallery(gallery, exported))
    assert sorted(one.edited for one in everything(gallery)) == [(), (), ("tags",)]


@pytest.mark.parametrize(
    ("column", "values"),
    [("perceptual", ["x" * 64, "ab" * 32, ""]), ("perceptual", ["ab", "ab" * 32, ""]), ("quality", [101, 100, 0])],
)
def test_a_fingerprint_that_cannot_be_is_passed_over(exported: Path, column: str, values: list[Any]) -> None:
    rewrite(exported, **{column: pa.array(values)})
    gallery = MemoryGallery()
    done = list(import_gallery(gallery, exported))
    assert [one.outcome for one in done] == [Outcome.UNREADABLE, Outcome.ADDED, Outcome.ADDED]


@pytest.mark.parametrize("features", [b"\x01", bytes(9), b"\xff" * 100])
def test_features_that_this_version_cannot_read_are_left_out(exported: Path, features: bytes) -> None:
    rewrite(exported, features=pa.array([features, b"", None]))
    gallery = MemoryGallery()
    assert outcomes(import_gallery(gallery, exported)) == {Outcome.ADDED: 3}
    assert {one.fingerprint.features for one in gallery.scan(embeddings=True).records} == {b""}


@pytest.mark.parametrize("kind", ["plain", "coded", "coded lists"])
@pytest.mark.parametrize("as_folder", [False, True])
def test_long_texts_that_a_file_of_few_bytes_holds_for_many_rows_take_little_memory(
    tmp_path: Path, kind: str, as_folder: bool
) -> None:
    (tmp_path / "img_emb").mkdir()
    (tmp_path / "metadata").mkdir()
    np.save(tmp_path / "img_emb" / "img_emb_0.npy", np.ones((1_000, SPACE.dim), np.float16))
    path = tmp_path / "metadata" / "metadata_0.parquet"
    texts = pa.array(["x" * 300_000] * 1_000)
    coded = texts.dictionary_encode()
    lists = pa.ListArray.from_arrays(pa.array(range(1_001), pa.int32()), coded)
    uris = [f"https://example.org/{n}.jpg" for n in range(1_000)]
    column = {"plain": {"caption": texts}, "coded": {"caption": coded}, "coded lists": {"tags": lists}}[kind]
    pq.write_table(pa.table({"url" if as_folder else "uri": uris, **column}), path)
    del texts, coded, lists, column
    usual = pa.default_memory_pool()
    arrow = pa.proxy_memory_pool(usual)
    pa.set_memory_pool(arrow)
    tracemalloc.start()
    try:
        _, batches = read_clip_folder(tmp_path, SPACE) if as_folder else read_parquet(path)
        assert sum(len(batch) for batch in batches) == 1_000
        assert arrow.max_memory() + tracemalloc.get_traced_memory()[1] < 200_000_000
    finally:
        tracemalloc.stop()
        pa.set_memory_pool(usual)
