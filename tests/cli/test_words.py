"""The verbs `caption` and `edit`, and `index` with captions and tables."""

import json

import pytest
from PIL import Image

from lookalike.cli.wording import record_json
from lookalike.gallery import open_gallery
from lookalike.testing import make_record, picture_bytes
from lookalike.uris import image_id


def only(ran):
    (one,) = ran.objects
    return one


@pytest.fixture
def found(gallery, album):
    """Says what the gallery knows about the first picture of the album."""

    def found():
        with open_gallery(gallery) as opened:
            return record_json(opened.get([image_id((album / "0.jpg").as_uri())])[0])

    return found


@pytest.mark.slow
def test_a_person_writes_about_a_picture_by_path_or_id_and_it_is_found_so(cli, gallery, album, found):
    ran = cli("edit", album / "0.jpg", "--caption", "Grandma on the beach", "--add-tag", "family", "--gallery", gallery)
    assert (ran.code, ran.stdout) == (0, "Changed 1 picture.\n")
    words = found()
    assert (words["caption"], words["caption_source"], words["tags"]) == ("Grandma on the beach", "person", ["family"])
    arguments = ("--tags", "a, b", "--label", "people", "--meta", "camera=X100", "--json", "--gallery", gallery)
    changed = only(cli("edit", words["id"], *arguments))
    assert (changed["tags"], changed["label"], changed["metadata"]) == (["a", "b"], "people", {"camera": "X100"})
    assert changed["edited"] == ["label", "metadata", "tags"]
    cli("edit", words["id"], "--caption", "", "--meta", "camera=", "--tags", "", "--gallery", gallery)
    assert (found()["caption"], found()["caption_source"], found()["metadata"]) == ("", "", {})
    assert found()["edited"] == ["label"]


def test_a_file_whose_name_looks_like_a_uri_is_found_by_it(cli, gallery, tmp_path, monkeypatch):
    (tmp_path / "img:1.jpg").write_bytes(picture_bytes(1, (96, 72)))
    cli("index", tmp_path, "--gallery", gallery)
    monkeypatch.chdir(tmp_path)
    assert cli("edit", "img:1.jpg", "--title", "x", "--gallery", gallery).stdout == "Changed 1 picture.\n"
    assert cli("forget", "img:1.jpg", "--gallery", gallery).code == 0


def test_a_folder_is_all_that_lies_below(cli, gallery, album):
    assert cli("edit", album, "--add-tag", "x", "--gallery", gallery).stdout == "Changed 8 pictures.\n"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("0.jpg",), 2, "nothing to change"),
        (("nowhere.jpg", "--title", "x"), 1, "None of these"),
        (("", "--title", "x"), 2, "empty text"),
        (("0.jpg", "--meta", "x"), 2, "is not NAME=TEXT"),
        (("0.jpg", "--link", "file:///x"), 2, "no web page"),
    ],
)
def test_an_edit_that_cannot_be_says_why(cli, gallery, arguments, code, says):
    ran = cli("edit", *arguments, "--gallery", gallery)
    assert ran.code == code
    assert says in ran.stderr


def test_editing_is_refused_where_there_is_no_gallery(cli, tmp_path):
    ran = cli("edit", "x.jpg", "--title", "x", "--gallery", tmp_path / "no.gallery")
    assert ran.code == 2
    assert not (tmp_path / "no.gallery").exists()


@pytest.mark.slow
def test_a_table_is_indexed_with_what_it_says(cli, album, tmp_path):
    (tmp_path / "t.csv").write_text("href,words\n0.jpg,a zebra\n1.jpg,an okapi\n")
    where = ("--images", album, "--gallery", tmp_path / "g.gallery")
    mapped = ("--map", "image=href", "--map", "caption=words")
    ran = cli("index", "--table", tmp_path / "t.csv", *mapped, *where, "--json")
    assert [one["outcome"] for one in ran.objects] == ["added", "added"]
    with open_gallery(tmp_path / "g.gallery") as opened:
        (record,) = opened.get([image_id((album / "1.jpg").as_uri())])
    assert (record.caption, record.caption_source) == ("an okapi", "source")
    (tmp_path / "t.csv").write_text("href,words\n0.jpg,a zebra,oops\n1.jpg,a giraffe\n")
    ran = cli("index", "--table", tmp_path / "t.csv", *mapped, *where)
    assert ran.stdout == "0 added, 1 updated, 0 unchanged, 0 removed, 1 failed\n"
    assert "3 fields" in cli("failures", "--gallery", tmp_path / "g.gallery").stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "nothing to index"),
        (("pictures", "--images", "."), "Name it with --table"),
        (("--table", "t.csv", "--watch"), "cannot be watched"),
        (("--table", "t.csv", "--exclude", "*.jpg"), "not which rows of a table"),
        (("--table", "t.csv", "--map", "caption"), "names no column"),
        (("--table", "t.csv", "--map", "kaption=x"), "Did you mean caption?"),
        (("--table", "no.csv"), "There is no file"),
        (("--table", "."), "is a folder, not a table"),
        (("--table", "t.csv", "--encoding", "klingon"), "no encoding"),
    ],
)
def test_a_table_that_cannot_be_says_why(cli, tmp_path, monkeypatch, arguments, says):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text("image\nx.jpg\n")
    ran = cli("index", *arguments, "--gallery", tmp_path / "g.gallery")
    assert ran.code == 2
    assert says in ran.stderr
    assert ran.stdout == ""


def test_whoever_imports_a_table_hears_how_to(cli, tmp_path):
    (tmp_path / "t.csv").write_text("image\nx.jpg\n")
    ran = cli("import", tmp_path / "t.csv", "--gallery", tmp_path / "g.gallery")
    assert ran.code == 2
    assert "index --table" in ran.stderr


@pytest.mark.slow
def test_pictures_are_captioned_from_the_terminal(cli, gallery, album, found):
    said = only(cli("caption", album / "0.jpg", "--json"))
    assert 0 <= said["confidence"] <= 1
    assert said["recognised"]
    assert cli("caption", album / "0.jpg", "--save", "--gallery", gallery).code == 0
    assert (found()["caption"], found()["caption_source"]) == (said["caption"], "mini")
    assert json.loads(cli("index", album, "--captions", "--gallery", gallery, "--json").stdout.splitlines()[1])
    assert cli("caption", album / "notes.jpg").code == 2


@pytest.mark.slow
def test_where_there_is_no_caption_none_is_said_to_be_kept(cli, gallery, album, tmp_path):
    plain = tmp_path / "grey.png"
    Image.new("RGB", (64, 64), (128, 128, 128)).save(plain)
    ran = cli("caption", plain, "--save", "--gallery", gallery)
    assert "no caption: it would only be a guess" in ran.stdout
    assert "There is no caption to keep." in ran.stderr
    assert "Kept" not in ran.stderr


@pytest.mark.slow
def test_a_picture_that_cannot_be_captioned_is_named_by_its_path(cli, gallery):
    with open_gallery(gallery) as opened:
        opened.put([make_record("file:///not/d%C3%A4.jpg")])
    ran = cli("caption", "--all", "--where", "path:*/dä.jpg", "--gallery", gallery)
    assert ran.code == 1
    assert ran.stderr.startswith("lookalike: /not/dä.jpg: ")


@pytest.mark.slow
def test_the_whole_gallery_is_captioned_again_but_for_what_people_wrote(cli, gallery, album):
    cli("edit", album / "0.jpg", "--caption", "Grandma", "--gallery", gallery)
    where = ("--gallery", gallery)
    assert cli("caption", "--all", *where).stdout == "7 captioned, 1 left as they were, 0 failed\n"
    assert cli("caption", "--all", *where).stdout == "0 captioned, 8 left as they were, 0 failed\n"
    ran = cli(
        "caption", "--all", "--anew", "--where", "path:*/1.jpg", "--beams", 1, "--max-tokens", 5, "--json", *where
    )
    assert only(ran)["outcome"] == "updated"
    with open_gallery(gallery) as opened:
        (record,) = opened.get([image_id((album / "1.jpg").as_uri())])
    assert len(record.caption.split()) <= 5


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "Which pictures are meant?"),
        (("--all", "0.jpg"), "Which pictures are meant?"),
        (("0.jpg", "--where", "label:x"), "Which pictures are meant?"),
        (("0.jpg", "--captioner", "blip"), "There is no captioner 'blip'"),
        (("0.jpg", "--captioner", "none"), "the captioner is none"),
        (("0.jpg", "--beams", "99"), "lookalike: --beams: "),
        (("0.jpg", "--max-tokens", "-1"), "lookalike: --max-tokens: "),
        (("--all", "--where", "colour:blue", "--gallery", "GALLERY"), "colour"),
    ],
)
def test_captions_that_cannot_be_made_say_why(cli, gallery, album, arguments, says):
    given = {"0.jpg": album / "0.jpg", "GALLERY": gallery}
    ran = cli("caption", *(given.get(one, one) for one in arguments))
    assert ran.code == 2
    assert says in ran.stderr


@pytest.mark.slow
def test_naming_a_captioner_means_that_captions_are_wanted(cli, album, tmp_path):
    for name, source in (("mini", "mini"), ("none", "")):
        assert cli("index", album / "0.jpg", "--captioner", name, "--gallery", tmp_path / name).code == 0
        with open_gallery(tmp_path / name) as opened:
            assert opened.scan().records[0].caption_source == source
