"""Does every verb work on a gallery that Milvus holds, and does a gallery move there and back?"""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from milvus_servers import Shelf
from networks import make_whole_checkpoint
from PIL import Image
from typer.testing import CliRunner

from lookalike.cli import app
from lookalike.exchange import copy_gallery, verify_copy
from lookalike.gallery import open_gallery
from lookalike.gallery.milvus import MilvusGallery
from lookalike.gallery.milvus.schema import records_of
from lookalike.testing import draw_picture, make_records, make_space, picture_bytes
from lookalike.testing.claims import assert_same_records, refuses
from lookalike.types import Failure, Learned, Outcome

pytestmark = [pytest.mark.milvus, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def album(tmp_path: Path) -> Path:
    folder = tmp_path / "album"
    folder.mkdir()
    for seed in range(6):
        (folder / f"{seed}.jpg").write_bytes(picture_bytes(seed, (200, 150)))
    for name in ("notes", "letter", "poem", "list"):
        (folder / f"{name}.jpg").write_text("not a picture")
    Image.fromarray(draw_picture(3, (200, 150))[10:140, 20:180]).save(tmp_path / "cropped.jpg", quality=70)
    return folder


@pytest.fixture
def url(milvus_lite: Shelf, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("LOOKALIKE_WORKERS", "1")
    yield milvus_lite.url("verbs")
    milvus_lite.clear()


def run(*arguments: object, code: int = 0) -> str:
    done = CliRunner().invoke(app, [str(one) for one in arguments])
    assert done.exit_code == code, f"{arguments}: {done.output} {done.exception!r}"
    return done.stdout


def test_a_gallery_on_a_server_is_filled_searched_changed_and_emptied_by_the_same_verbs(album, url, tmp_path):
    done = CliRunner().invoke(app, ["index", str(album), "--gallery", url.replace("//", "//ann:hush@")])
    assert done.exit_code == 0, done.output
    assert "hush" not in done.output
    assert f"lookalike failures --gallery {url}" in done.output
    assert "10 unchanged" in run("index", album, "--gallery", url)
    assert json.loads(run("info", "--gallery", url, "--json"))["images"] == 6
    hits = json.loads(run("search", tmp_path / "cropped.jpg", "--gallery", url, "--json").splitlines()[0])
    assert hits["path"].endswith("3.jpg")
    assert hits["tier"] == "edited"
    run("edit", album / "2.jpg", "--caption", "an okapi", "--add-tag", "congo", "--gallery", url)
    assert "2.jpg" in run("search", "okapi", "-k", 1, "--gallery", url)
    assert "2.jpg" in run("search", album / "2.jpg", "--where", "tag:congo", "--gallery", url)
    assert "notes.jpg" in run("failures", "--gallery", url)
    (album / "twin.jpg").write_bytes((album / "1.jpg").read_bytes())
    run("index", album, "--gallery", url)
    assert "twin.jpg" in run("duplicates", "--gallery", url)
    run("forget", album / "5.jpg", "--gallery", url)
    assert "6 pictures" in run("export", tmp_path / "all.parquet", "--gallery", url)
    assert "Milvus" in run("doctor", "--gallery", url)
    refused = CliRunner().invoke(app, ["backup", str(tmp_path / "a copy"), "--gallery", f"{url}?timeout=60"])
    assert refused.exit_code == 2
    assert f"`lookalike copy '{url}?timeout=60' '{tmp_path / 'a copy'}'`" in refused.output
    there, back = tmp_path / "local.gallery", f"{url}?pictures=1M"
    assert "holds all 6 pictures" in run("copy", back, there)
    assert "2.jpg" in run("search", "okapi", "-k", 1, "--gallery", there)


def test_copies_are_moved_away_pictures_blocked_search_measured_and_the_encoder_changed(
    album, url, tmp_path, monkeypatch
):
    monkeypatch.setattr(os, "nice", lambda _: 0)
    for name, content in make_whole_checkpoint().items():
        (tmp_path / name).write_bytes(content)
    model = f"onnx:{tmp_path / 'colours.onnx'}"
    on = ("--gallery", url)

    def facts() -> dict[str, Any]:
        return json.loads(run("info", *on, "--json"))

    (album / "twin.jpg").write_bytes((album / "1.jpg").read_bytes())
    run("index", album, *on)
    run("duplicates", "--apply", "move", "--to", tmp_path / "spare", "--yes", *on)
    assert (facts()["images"], len(list((tmp_path / "spare").rglob("*.jpg")))) == (6, 1)
    run("duplicates", "--undo", *on)
    run("index", album, *on)
    assert facts()["images"] == 7
    run("block", album / "3.jpg", "--forget", *on)
    assert facts()["images"] == 6
    assert json.loads(run("evaluate", "--copies", "--queries", 3, *on, "--json"))["queries"]
    run("calibrate", *on, code=2)
    assert run("reencode", "--encoder", model, *on) == f"{model} answers queries.\n"
    assert facts()["encoder"] == model
    similar = [json.loads(line) for line in run("search", tmp_path / "cropped.jpg", *on, "--json").splitlines()]
    assert {one["evidence"]["signal"] for one in similar if one["tier"] == "similar"} == {"colours@1/colour"}
    assert run("reencode", "--rollback", *on) == "mini answers queries.\n"
    run("reencode", "--drop", model, *on)
    assert "colours@1/colour" not in {one["name"] for one in facts()["spaces"]}
    run("export", tmp_path / "all.parquet", *on)
    run("forget", *(album / f"{seed}.jpg" for seed in (0, 1)), *on)
    run("import", tmp_path / "all.parquet", *on)
    assert facts()["images"] == 6


def test_encoders_are_compared_on_a_server_that_asks_for_a_password(album, milvus, home, monkeypatch):
    monkeypatch.setenv("LOOKALIKE_WORKERS", "1")
    on = ("--gallery", milvus.url("compared"))  # with user and password
    run("index", album, *on)
    told = run("evaluate", "--copies", "--queries", 2, "--compare", "mini", "mini", *on, "--json")
    assert all("hush" not in line for line in told.splitlines())
    run("forget", *album.glob("*.jpg"), *on)
    milvus.clear()


def test_a_copy_holds_vectors_failures_and_what_was_learned_and_goes_on_where_it_broke_off(url, tmp_path):
    records = make_records(60)
    failure = Failure(
        uri="file:///broken.jpg", version="1", outcome=Outcome.UNREADABLE, reason="x", at=records[0].added_at
    )
    with open_gallery(tmp_path / "source.gallery") as source, open_gallery(url) as target:
        source.add_space(make_space())
        source.put(records, [failure])
        source.calibrate(make_space().name, Learned(pictures=(3.0, -1.0), note="of 60"))
        target.add_space(make_space())
        target.put(records[:25])
        outcomes = [one.outcome for one in copy_gallery(source, target)]
        assert outcomes.count(Outcome.UNCHANGED) == 25
        assert outcomes.count(Outcome.ADDED) == 35
        assert_same_records(target.get([one.id for one in records], embeddings=True), records)
        assert target.failures() == [failure]
        assert target.spaces[make_space().name].calibration == (3.0, -1.0)
        assert {one.outcome for one in copy_gallery(source, target)} == {Outcome.UNCHANGED}
        found = verify_copy(source, target)
        assert (found.records, found.agreement) == (60, 1.0)
        target.delete([records[7].id])
        with refuses():
            verify_copy(source, target)


def test_a_copy_of_a_gallery_in_which_a_vector_of_no_record_lies_is_found_whole(url, tmp_path):
    records = make_records(60)
    farthest = -sum(one.embeddings[make_space().name].astype(np.float32) for one in records)
    vectors = {make_space().name: (farthest / np.linalg.norm(farthest)).astype(np.float16)}
    with MilvusGallery.open(url) as source, open_gallery(tmp_path / "target.gallery") as target:
        source.add_space(make_space())
        source.put([replace(records[0], embeddings=vectors), replace(records[1], embeddings={}), *records[2:]])
        source._server.delete(records_of(source._server.address.name), [records[0].id])
        list(copy_gallery(source, target))
        assert verify_copy(source, target).records == target.count() == 59


def test_what_belongs_to_a_gallery_on_a_server_lies_in_the_users_data_folder_and_no_secret_is_shown(home):
    from lookalike.library import Lookalike

    with Lookalike("milvus://ann:secret@db.example.org/photos?database=art") as library:
        assert library.gallery_name == "milvus://db.example.org:19530/photos?database=art"
        assert library.gallery_path.parent.name == "servers"
        assert "secret" not in str(library.uploads)
