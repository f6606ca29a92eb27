"""Is what `lookalike export` wrote, or clip-retrieval, there again after `lookalike import`?"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lookalike.gallery import open_gallery

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("layout", ["parquet", pytest.param("clip-retrieval", marks=pytest.mark.slow)])
def test_what_is_exported_is_found_again_after_import(cli, gallery, album, tmp_path, layout):
    out = tmp_path / "out"
    done = cli("export", out, "--layout", layout, "--gallery", gallery)
    assert (done.code, done.stdout) == (0, f"8 pictures in {out}\n")
    new = tmp_path / "new.gallery"
    space = ["--space", next(iter(_spaces(gallery)))] if layout == "clip-retrieval" else []
    done = cli("import", out, *space, "--gallery", new)
    assert (done.code, done.stdout) == (0, "8 added, 0 updated, 0 unchanged, 0 removed, 0 failed\n"), done.stderr
    before = cli("search", album / "3.jpg", "--gallery", gallery, "--json", "-k", 4).objects
    after = cli("search", album / "3.jpg", "--gallery", new, "--json", "-k", 4).objects
    assert [one["uri"] for one in after] == [one["uri"] for one in before]
    assert [one["score"] for one in after][1:] == pytest.approx([one["score"] for one in before][1:], abs=1e-3)


def _spaces(gallery: Path):
    with open_gallery(gallery) as opened:
        return opened.spaces


def test_a_filter_chooses_what_is_exported(cli, gallery, tmp_path):
    done = cli("export", tmp_path / "out", "--where", "path:*/3.jpg", "--gallery", gallery)
    assert done.stdout.startswith("1 picture in")


@pytest.mark.parametrize("layout", ["parquet", "clip-retrieval"])
def test_where_there_is_nothing_to_export_nothing_is_left(cli, gallery, tmp_path, layout):
    before = {*tmp_path.iterdir()}
    done = cli("export", tmp_path / "none", "--where", "width>9999", "--layout", layout, "--gallery", gallery)
    assert (done.code, done.stdout) == (1, "")
    assert "nothing to write" in done.stderr
    assert {*tmp_path.iterdir()} == before


def test_import_says_each_picture_as_json(cli, gallery, tmp_path):
    cli("export", tmp_path / "out", "--gallery", gallery)
    done = cli("import", tmp_path / "out", "--gallery", tmp_path / "new.gallery", "--json")
    assert {one["outcome"] for one in done.objects} == {"added"}
    assert len(done.objects) == 8


def test_an_unknown_space_is_refused_with_those_there_are(cli, tmp_path):
    (tmp_path / "in").mkdir()
    done = cli("import", tmp_path / "in", "--space", "clip", "--gallery", tmp_path / "new.gallery")
    assert done.code == 2
    assert "mini@" in done.stderr


def test_vectors_of_clip_retrieval_come_in_as_the_error_says(cli, tmp_path):
    for name in ("img_emb", "metadata"):
        (tmp_path / "in" / name).mkdir(parents=True)
    np.save(tmp_path / "in" / "img_emb" / "img_emb_0.npy", np.eye(3, 512, dtype=np.float32))
    table = pa.table({"image_path": [f"/pictures/{n}.jpg" for n in range(3)]})
    pq.write_table(table, tmp_path / "in" / "metadata" / "metadata_0.parquet")
    done = cli("import", tmp_path / "in", "--gallery", tmp_path / "new.gallery")
    assert done.code == 2
    assert "--encoder NAME --space SPACE" in done.stderr
    assert "lookalike encoders show NAME" in done.stderr
    named = ["--encoder", "mini", "--space", "mini@2/visual"]
    done = cli("import", tmp_path / "in", *named, "--gallery", tmp_path / "new.gallery")
    assert (done.code, done.stdout) == (0, "3 added, 0 updated, 0 unchanged, 0 removed, 0 failed\n"), done.stderr


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_cannot_be_imported_leaves_no_gallery_behind(cli, tmp_path, kind):
    if kind == "file":
        (tmp_path / "in").write_bytes(b"no Parquet")
    else:
        (tmp_path / "in").mkdir()
    assert cli("import", tmp_path / "in", "--gallery", tmp_path / "new.gallery").code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_import_of_nothing_is_said(cli, tmp_path):
    for verb in (["import"], ["index"], ["index", "--table"]):
        assert cli(*verb, tmp_path / "nowhere", "--gallery", tmp_path / "new.gallery").code == 2
    assert not (tmp_path / "new.gallery").exists()
