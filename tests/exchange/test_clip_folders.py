"""Are folders laid out as clip-retrieval's written, read, and refused where they are none?"""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from galleries_exchanged import SPACE, everything, outcomes

from lookalike.errors import BadInput
from lookalike.exchange import export_gallery, import_gallery
from lookalike.gallery import Gallery
from lookalike.testing import MemoryGallery, assert_same_records, make_records
from lookalike.types import Outcome, Space
from lookalike.uris import image_id

pytestmark = pytest.mark.slow

CLIP = Space(name="clip@1/image", dim=32, encoder="clip ViT-B/32", digest="")


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


def test_where_python_leaves_assertions_out_an_export_still_says_how_many_rows_it_has(tmp_path: Path) -> None:
    export = (
        "from pathlib import Path; from lookalike.exchange import export_gallery; from lookalike.testing import *; "
        "gallery = MemoryGallery(); gallery.add_space(make_space()); gallery.put(make_records(3)); "
        f"export_gallery(gallery, Path({str(tmp_path / 'out')!r}), layout='clip-retrieval')"
    )
    subprocess.run([sys.executable, "-O", "-c", export], check=True)
    assert np.load(tmp_path / "out" / "img_emb" / "img_emb_0000.npy").shape == (3, SPACE.dim)


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


@pytest.mark.parametrize("is_known", [True, False])
def test_an_embedding_of_a_folder_replaces_none_that_is_known_to_be_of_the_pictures_bytes(
    empty: Gallery, tmp_path: Path, is_known: bool
) -> None:
    old, new = np.eye(32, dtype=np.float16)[:2]
    record = replace(make_records(1)[0], embeddings={CLIP.name: old})
    record = record if is_known else replace(record, sha256="")
    empty.add_space(CLIP)
    empty.put([record])
    write_clip_folder(tmp_path / "clip", "0", new[None], {"image_path": [record.path], "lens": ["wide"]})
    assert outcomes(import_gallery(empty, tmp_path / "clip", CLIP)) == {Outcome.UPDATED: 1}
    expected = replace(
        record,
        metadata={**record.metadata, "lens": "wide"},
        embeddings={CLIP.name: old if is_known else new},
    )
    assert_same_records(everything(empty), [expected])
    assert outcomes(import_gallery(empty, tmp_path / "clip", CLIP)) == {Outcome.UNCHANGED: 1}


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
        assert not gallery.spaces
    (tmp_path / "nothing").mkdir()
    with pytest.raises(BadInput, match="img_emb"):
        list(import_gallery(MemoryGallery(), tmp_path / "nothing", CLIP))
    (tmp_path / "rows" / "metadata" / "metadata_0.parquet").unlink()
    with pytest.raises(BadInput, match="lacks"):
        list(import_gallery(MemoryGallery(), tmp_path / "rows", CLIP))


@pytest.mark.parametrize("double", ["img_emb/img_emb_00.npy", "metadata/metadata_00.parquet"])
def test_two_files_of_one_number_are_refused_as_nobody_knows_which_belongs_there(tmp_path: Path, double: str) -> None:
    unit = np.eye(32, dtype=np.float16)
    write_clip_folder(tmp_path, "0", unit[:1], {"image_path": ["a"]})
    (tmp_path / double).write_bytes((tmp_path / double.replace("_00.", "_0.")).read_bytes())
    gallery = MemoryGallery()
    with pytest.raises(BadInput, match=r"_0\..* and .*_00\.") as refusal:
        list(import_gallery(gallery, tmp_path, CLIP))
    assert "Keep one" in refusal.value.fix
    assert gallery.count() == 0


@pytest.mark.parametrize("layout", ["parquet", "clip-retrieval"])
@pytest.mark.parametrize("change", [{"name": "toy@1/other"}, {"digest": "ab" * 32}, {"dim": 32}])
def test_what_an_export_says_of_its_embeddings_is_not_overruled_by_the_space_that_one_names(
    empty: Gallery, tmp_path: Path, layout: Any, change: dict[str, Any]
) -> None:
    gallery = MemoryGallery()
    gallery.add_space(SPACE)
    gallery.put(make_records(3))
    export_gallery(gallery, tmp_path / "out", layout=layout)
    with pytest.raises(BadInput, match=f"are of {SPACE.name}, and not of") as refusal:
        list(import_gallery(empty, tmp_path / "out", replace(SPACE, **change)))
    assert "Name no space" in refusal.value.fix
    assert (empty.count(), dict(empty.spaces)) == (0, {})
    assert outcomes(import_gallery(empty, tmp_path / "out", SPACE)) == {Outcome.ADDED: 3}


def test_a_later_matrix_of_another_encoder_lets_nothing_in(tmp_path: Path) -> None:
    write_clip_folder(tmp_path / "clip", "0", np.eye(32)[:1], {"image_path": ["a"]})
    write_clip_folder(tmp_path / "clip", "1", np.eye(16)[:1], {"image_path": ["b"]})
    gallery = MemoryGallery()
    with pytest.raises(BadInput, match="dimensions"):
        list(import_gallery(gallery, tmp_path / "clip", CLIP))
    assert gallery.count() == 0
    assert not gallery.spaces


class Mine:
    """Would be made, and its code run, by reading a pickle."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("pickle-was-run",)


def headed(header: str) -> bytes:
    """Give the beginning of an array's file with this header."""
    line = header.ljust(117).encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(line).to_bytes(2, "little") + line


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
        headed("{'shape': ((1, 32)"),
        headed("[" * 150 + "]" * 150),
        headed("-" * 9_000 + "1"),
        headed("{'descr': (), 'fortran_order': False, 'shape': (1, 32)}"),
    ):
        matrix.write_bytes(broken)
        with pytest.raises(BadInput):
            list(import_gallery(MemoryGallery(), tmp_path / "clip", CLIP))
    for shape in ("(1000000000000, 32)", "(-1, 32)", "(1,)", "(2, 32)"):
        matrix.write_bytes(headed("{'descr': '<f2', 'fortran_order': False, 'shape': " + shape + ", }") + bytes(64))
        with pytest.raises(BadInput):
            list(import_gallery(MemoryGallery(), tmp_path / "clip", CLIP))
    assert not (tmp_path / "pickle-was-run").exists()
