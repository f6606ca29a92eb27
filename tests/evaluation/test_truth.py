"""Is ground truth read as it is meant, from the gallery, from tables, and from the files of benchmarks?"""

import json
import pickle
from dataclasses import replace
from pathlib import Path
from unicodedata import normalize

import pytest

from lookalike.errors import BadInput, NotFound
from lookalike.evaluation.truth.captions import read_captions
from lookalike.evaluation.truth.labels import in_words, read_labels
from lookalike.evaluation.truth.naming import Names
from lookalike.evaluation.truth.pairs import Truth, read_pairs
from lookalike.evaluation.truth.tables import Told, read_table
from lookalike.testing import make_record


def record(uri, **words):
    return replace(make_record(uri), **({"label": "", "caption": "", "metadata": {}} | words))


CATS = record("file:///photos/cats/1.jpg", label="cat")
DOGS = record("file:///photos/dogs/1.jpg", label="dog")
MORE = record("file:///photos/dogs/rex.png", label="dog")
NAMES = Names([CATS, DOGS, MORE])


@pytest.mark.parametrize(
    "name", ["rex.png", "rex", "dogs/rex.png", "./dogs/rex.png", "dogs\\rex.png", MORE.uri, MORE.id]
)
def test_a_picture_may_be_named_in_many_ways(name):
    assert NAMES.find(name) == MORE.id


def test_a_name_that_two_pictures_share_means_neither():
    assert NAMES.find("1.jpg") is None
    assert NAMES.find("cats/1.jpg") == CATS.id
    assert NAMES.find("") is NAMES.find("nobody.jpg") is None


LONG = record("file:///data/train_val2018/Aves/2761/x.jpg")
TWIN = record("file:///data/test2018/Aves/2761/x.jpg")


@pytest.mark.parametrize(
    "name", ["train_val2018/Aves/2761/x.jpg", "/train_val2018/Aves/2761/x.jpg", "data/train_val2018/Aves/2761/x"]
)
def test_a_name_may_have_as_many_parts_as_it_likes(name):
    assert Names([LONG, CATS]).find(name) == Names([LONG, TWIN]).find(name) == LONG.id
    assert Names([LONG, TWIN]).find("Aves/2761/x.jpg") is None
    assert NAMES.find("/dogs/rex.png") == MORE.id
    assert NAMES.find("elsewhere/photos/dogs/rex.png") is None, "it is another file"


def test_a_whole_name_comes_before_one_without_its_ending():
    plain, derived = record("file:///photos/photo.jpg"), record("file:///photos/photo.jpg.webp")
    names = Names([plain, derived])
    assert names.find("photo.jpg") == names.find("photo") == plain.id
    assert names.find("photo.jpg.webp") == derived.id
    assert Names([plain, derived, record("file:///more/photo.jpg")]).find("photo.jpg") is None, "there are two"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_is_one_however_its_letters_are_put_together(form):
    mac = record(Path(normalize("NFD", "/photos/Grüße/Märkte/2019/Büro.jpg")).as_uri())
    names = Names([mac, CATS])
    for name in ("Büro.jpg", "Büro", "2019/Büro.jpg", "/photos/Grüße/Märkte/2019/Büro.jpg"):
        assert names.find(normalize(form, name)) == mac.id, name


def test_two_names_that_look_the_same_are_told_apart_where_they_are_exact():
    both = [record(Path(normalize(form, "/photos/Büro.jpg")).as_uri()) for form in ("NFC", "NFD")]
    names = Names(both)
    assert [names.find(one.path) for one in both] == [one.id for one in both]
    assert names.find("Büro.jpg") is None


def test_classes_are_labels_folders_or_metadata():
    records = [CATS, DOGS, MORE]
    assert read_labels(records, "label", {}) == {CATS.id: "cat", DOGS.id: "dog", MORE.id: "dog"}
    assert read_labels(records, "folder", {})[CATS.id] == "cats"
    kinds = [replace(one, metadata={"kind": kind}) for one, kind in zip(records, (1, 1, 2.5), strict=True)]
    assert read_labels(kinds, "meta.kind", {}) == {CATS.id: "1", DOGS.id: "1", MORE.id: "2.5"}


def test_a_table_knows_better_than_the_gallery():
    told = {CATS.id: Told(label="lion"), MORE.id: Told()}
    assert read_labels([CATS, DOGS, MORE], "label", told)[CATS.id] == "lion"
    assert read_labels([CATS, DOGS, MORE], "label", told)[MORE.id] == "dog"


@pytest.mark.parametrize(
    ("records", "by", "said"),
    [
        ([CATS, DOGS], "colour", "told apart"),
        ([CATS, DOGS], "owner", "has a owner"),
        ([DOGS, MORE], "label", "same label"),
        ([CATS, DOGS], "label", "share a label"),
    ],
)
def test_what_cannot_be_asked_by_is_refused_with_a_way_out(records, by, said):
    with pytest.raises(BadInput, match=said) as raised:
        read_labels([replace(one, owner="") for one in records], by, {})
    assert raised.value.fix


def test_classes_of_one_picture_each_will_do_for_names():
    assert len(read_labels([CATS, DOGS], "label", {}, alone=True)) == 2


def test_a_class_is_said_in_words():
    assert in_words("Golden-Delicious_apple") == "golden delicious apple"


def test_only_what_people_wrote_is_a_caption():
    written = replace(CATS, caption="a cat", caption_source="person", metadata={"captions": ["a tom", "a cat", 7]})
    guessed = replace(DOGS, caption="a dog", caption_source="mini")
    told = {MORE.id: Told(captions=("Rex", "my dog")), CATS.id: Told(label="cat")}
    found = read_captions([written, guessed, MORE], told)
    assert found == {CATS.id: ("a cat", "a tom"), MORE.id: ("Rex", "my dog")}
    with pytest.raises(BadInput, match="Fewer than two"):
        read_captions([written, guessed], {})


def test_tables_of_many_kinds_tell_labels_and_captions(tmp_path):
    tables = {
        "labels.csv": "image,label,caption\nrex.png,dog,a dog\nrex.png,husky,Rex\nelse.png,bird,a bird\n",
        "Flickr8k.token.txt": "rex.png#0\ta dog\nrex.png#1\tRex\n",
        "coco.json": json.dumps(
            {
                "images": [{"id": 7, "file_name": "rex.png"}],
                "annotations": [{"image_id": 7, "caption": "a dog"}, {"image_id": 7, "caption": "Rex"}],
            }
        ),
        "custom_dataset.json": json.dumps({"images": [{"imgurl": "rex.png", "description": ["a dog", "Rex"]}]}),
    }
    for name, text in tables.items():
        (tmp_path / name).write_text(text)
        told = read_table(tmp_path / name, NAMES)
        assert told.keys() == {MORE.id}
        assert told[MORE.id].captions == ("a dog", "Rex"), name
    assert read_table(tmp_path / "labels.csv", NAMES)[MORE.id].label == "dog"


def test_a_table_about_other_pictures_is_refused(tmp_path):
    (tmp_path / "other.csv").write_text("image,label\nnobody.png,dog\n")
    with pytest.raises(BadInput, match="None of the 1 rows"):
        read_table(tmp_path / "other.csv", NAMES)
    with pytest.raises(NotFound):
        read_table(tmp_path / "missing.csv", NAMES)


def test_pairs_come_a_row_each_or_several_in_a_cell(tmp_path):
    (tmp_path / "pairs.csv").write_text("relevant,query,note\na.jpg;b.jpg,q.jpg,x\nc.jpg,q.jpg,\n,lonely.jpg,\n")
    assert read_pairs(tmp_path / "pairs.csv") == [
        Truth(query="q.jpg", relevant=("a.jpg", "b.jpg", "c.jpg")),
        Truth(query="lonely.jpg", relevant=()),
    ]


def test_pairs_may_be_parted_by_semicolons_as_spreadsheets_do(tmp_path):
    (tmp_path / "pairs.csv").write_bytes("\ufeffquery;relevant\r\nq.jpg;a.jpg\r\n".encode())
    assert read_pairs(tmp_path / "pairs.csv") == [Truth(query="q.jpg", relevant=("a.jpg",))]


def test_words_may_hold_any_sign_that_ends_no_row(tmp_path):
    (tmp_path / "pairs.csv").write_text('query,relevant\na\u2028b\x0cc,a.jpg\n"on two\nlines",b.jpg\n', "utf-8")
    assert [truth.query for truth in read_pairs(tmp_path / "pairs.csv")] == ["a\u2028b\x0cc", "on two\nlines"]


def test_disc_needs_no_heading(tmp_path):
    (tmp_path / "dev.csv").write_text("Q00000,\nQ00003,R123456\n")
    assert read_pairs(tmp_path / "dev.csv") == [
        Truth(query="Q00000", relevant=(), bare=True),
        Truth(query="Q00003", relevant=("R123456",), bare=True),
    ]


@pytest.mark.parametrize(
    ("rows", "bare"),
    [
        ("query_image,match\nIMG_1,IMG_2.jpg\n", True),
        ("image1,image2\nIMG_1,IMG_2.jpg\n", True),
        ("a,b\nIMG_1,IMG_2.jpg\n", True),
        ("Query_ID,reference_id\nIMG_1,IMG_2.jpg\n", True),
        ("IMG_0,\nIMG_1,IMG_2.jpg\n", True),
        ("query,relevant\nIMG_1,IMG_2\n", False),
    ],
)
def test_queries_are_pictures_where_the_heading_says_so_or_there_is_none(tmp_path, rows, bare):
    (tmp_path / "pairs.csv").write_text(rows)
    assert {truth.bare for truth in read_pairs(tmp_path / "pairs.csv")} == {bare}


LANDMARKS = {
    "imlist": ["a", "b", "c", "d"],
    "qimlist": ["q"],
    "gnd": [{"bbx": [1, 2.5, 30, 40], "easy": [0], "hard": [1], "junk": [3]}],
}


@pytest.mark.parametrize(
    ("difficulty", "relevant", "ignored"),
    [("easy", ("a",), ("b", "d")), ("medium", ("a", "b"), ("d",)), ("hard", ("b",), ("a", "d"))],
)
def test_roxford_has_three_protocols(tmp_path, difficulty, relevant, ignored):
    (tmp_path / "gnd.json").write_text(json.dumps(LANDMARKS))
    (truth,) = read_pairs(tmp_path / "gnd.json", difficulty)
    assert truth == Truth(
        query="q", relevant=relevant, ignored=ignored, among=("a", "b", "c", "d"), box=(1, 2.5, 30, 40), bare=True
    )


def test_a_mapping_will_do(tmp_path):
    (tmp_path / "pairs.json").write_text('{"q.jpg": ["a.jpg"]}')
    assert read_pairs(tmp_path / "pairs.json") == [Truth(query="q.jpg", relevant=("a.jpg",))]


def test_a_pickle_is_refused_unopened(tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "sprung"), "w"))

    (tmp_path / "gnd.pkl").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(BadInput, match="pickle") as raised:
        read_pairs(tmp_path / "gnd.pkl")
    assert "json" in raised.value.fix
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", ""),
        ("a.csv", "query,other\na,b\n"),
        ("a.csv", "a,b,c\n"),
        ("a.json", "{"),
        ("a.json", "[1]"),
        ("a.json", "[" * 100_000),
        ("a.json", '{"q": "a"}'),
        ("a.json", '{"imlist": [], "qimlist": ["q"], "gnd": [{"easy": [5], "hard": []}]}'),
        ("a.json", '{"imlist": ["a"], "qimlist": ["q"], "gnd": [{"easy": [-1], "hard": []}]}'),
        ("a.json", '{"imlist": ["a"], "qimlist": ["q"], "gnd": [{"easy": [Infinity], "hard": []}]}'),
        ("a.json", '{"gnd": []}'),
        ("a.csv", "query,relevant\n"),
    ],
)
def test_what_is_no_ground_truth_is_refused_with_a_reason(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(BadInput) as raised:
        read_pairs(tmp_path / name)
    assert str(tmp_path / name) in raised.value.what


def test_pairs_in_another_encoding_or_nowhere_are_refused(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"query,relevant\n\xff\xfe,b\n")
    with pytest.raises(BadInput, match="cannot be read"):
        read_pairs(tmp_path / "a.csv")
    with pytest.raises(NotFound):
        read_pairs(tmp_path / "b.csv")
