"""Which records do words find, in which order, and is any text safe to search for?"""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.gallery.filters import parse_filter
from lookalike.gallery.sqlite import SqliteGallery
from lookalike.testing import make_record
from lookalike.types import Neighbors

HOSTILE = [
    *("", " ", "*", '"', '""', "'", "(", ")", "^", "-", "--", "+", ":", "{", "}", ",", "\\", "\0", "\ud800", "�", "🐼"),
    *("AND", "OR", "NOT", "NEAR", "dog AND", "AND dog", "NOT dog", "dog NOT", "NEAR(dog cat, 2)", "dog OR (", "(dog"),
    *("title:dog", "words:dog", "{title caption}:dog", "-title:dog", "^dog", "dog*", "do*", '"dog', 'dog"', '"dog" *'),
    *("dog + cat", "'; DROP TABLE words; --", "dog\0cat", "d\u0301og", "\u202edog", "x" * 100_000, "dog " * 20_000),
    *(" ".join(f"w{i}" for i in range(20_000)), "rank", "rowid", "NULL", "%s", "$1", "?1"),
]


def gallery_of(path: Path, *captions: str) -> SqliteGallery:
    gallery = SqliteGallery.open(path)
    folder = "file:///" + "x" * 61  # longer than any text that is searched for, so that no file is called as one
    gallery.put([make_record(f"{folder}{i}", id=str(i), caption=caption) for i, caption in enumerate(captions)])
    return gallery


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_searched_for_as_text(gallery, text):
    found = gallery.match_text(text, 5)
    assert len(found.ids) == len(set(found.ids)) == len(found.scores) <= 5
    assert np.isfinite(found.scores).all()


@given(text=st.text(max_size=60))
def test_any_text_finds_the_record_that_says_just_that(tmp_path_factory, text):
    with gallery_of(tmp_path_factory.mktemp("text") / "test.gallery", "something else", text) as gallery:
        found = gallery.match_text(text, 5)
        assert found.ids[:1] in ((), ("1",))


def test_records_with_all_words_come_before_those_with_some(path):
    long = "dog beach " + "with very many other words that make it long " * 8
    with gallery_of(path, "dog dog dog", long, "beach beach", "cat") as gallery:
        found = gallery.match_text("dog beach", 10)
        assert found.ids[0] == "1"
        assert set(found.ids[1:]) == {"0", "2"}
        assert list(found.scores) == sorted(found.scores, reverse=True)


def test_the_last_word_may_be_unfinished_and_whole_words_come_first(path):
    with gallery_of(path, "a seagull", "the sea", "seasons of the sea", "a gull") as gallery:
        found = gallery.match_text("the sea", 10)
        assert set(found.ids[:2]) == {"1", "2"}
        assert gallery.match_text("seag", 10).ids == ("0",)
        assert gallery.match_text("se", 10).ids == (), "two letters begin too many words"
        assert gallery.match_text("seag the", 10).ids[0] in ("1", "2"), "only the last word may be unfinished"


def test_the_title_counts_more_than_the_metadata(path):
    with SqliteGallery.open(path) as gallery:
        gallery.put(
            [
                make_record("file:///1", id="metadata", metadata={"note": "zebra"}),
                make_record("file:///2", id="title", title="zebra"),
                *(make_record(f"file:///other{i}", title="giraffe") for i in range(20)),
            ]
        )
        assert gallery.match_text("zebra", 5).ids == ("title", "metadata")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("IMG_2019-snow.jpg", ["img", "2019", "snow", "img 2019"]),
        ("BeachHoliday2021.png", ["beach", "holiday", "2021", "BeachHoliday2021"]),
        ("%C3%9CberUns.jpg", ["uber", "Über", "uns"]),
        ("my.cat.and.dog.gif", ["cat", "dog"]),
    ],
)
def test_the_words_of_a_file_name_are_found(path, name, words):
    with SqliteGallery.open(path) as gallery:
        gallery.put([make_record(f"file:///folder/{name}"), make_record("file:///other/picture.webp")])
        for word in words:
            assert len(gallery.match_text(word, 5).ids) == 1, word
        assert gallery.match_text("folder", 5).ids == (), "folders are for filters"


def test_numbers_and_nested_values_of_the_metadata_are_found(path):
    with SqliteGallery.open(path) as gallery:
        gallery.put([make_record(metadata={"camera": {"make": "Leica", "lens": [35, 50]}, "f": 1.7, "none": None})])
        for word in ("leica", "35", "1.7"):
            assert len(gallery.match_text(word, 5).ids) == 1, word


def test_words_of_replaced_and_deleted_records_are_forgotten(path):
    with gallery_of(path, "zebra", "okapi") as gallery:
        gallery.put([make_record("file:///0", id="0", caption="giraffe")])
        gallery.delete(["1"])
        assert gallery.match_text("zebra", 5).ids == ()
        assert gallery.match_text("okapi", 5).ids == ()
        assert gallery.match_text("giraffe", 5).ids == ("0",)
        assert gallery.check() == []


def test_a_filter_holds_in_every_stage(path):
    with SqliteGallery.open(path) as gallery:
        gallery.put(
            [
                make_record(f"file:///{i}", id=str(i), caption=caption, label="yes" if i % 2 else "no")
                for i, caption in enumerate(
                    ["dog sea", "dog sea", "dog seaside", "dog seaside", "dog", "dog", "cat", "cat"]
                )
            ]
        )
        found = gallery.match_text("dog sea", 10, parse_filter("label:yes"))
        assert found.ids == ("1", "3", "5")
        assert gallery.match_text("dog sea", 10, parse_filter("label:maybe")).ids == ()
        assert len(gallery.match_text("dog sea", 10).ids) == 6


def test_common_words_do_not_drown_the_rare_ones(path, monkeypatch):
    monkeypatch.setattr("lookalike.gallery.sqlite.matching._RANKED", 20)
    common = [f"photo of a thing number{i}" for i in range(200)]
    with gallery_of(path, *common, "a zebra") as gallery:
        found = gallery.match_text("photo of a zebra", 5)
        assert found.ids[0] == "200"
        assert len(gallery.match_text("photo", 5).ids) == 5


@pytest.mark.parametrize("small", [0, 1_000])
def test_who_is_named_for_a_common_word_comes_before_whose_long_text_holds_it(path, monkeypatch, small):
    for name, less in {
        "_SMALL": small,
        "_RANKED": 20,
        "_RANKED_IN_GROUP": 2,
        "_CANDIDATES": 12,
        "_COUNTED": 20,
    }.items():
        monkeypatch.setattr(f"lookalike.gallery.sqlite.matching.{name}", less)
    monkeypatch.setattr("lookalike.gallery.sqlite.matching._LOOKED_THROUGH", 50)
    with gallery_of(path, *["a man, a dog and a thing on the grass beside a house in the sun"] * 200) as gallery:
        named = [
            make_record(f"file:///{i}", id=f"named {i}", title="the dog", caption="a man") for i in range(200, 203)
        ]
        gallery.put(named)
        for text in ("dog", "man dog"):
            assert sorted(gallery.match_text(text, 3).ids) == [one.id for one in named], text


def test_a_filter_finds_what_comes_after_all_that_may_be_ranked(path, monkeypatch):
    monkeypatch.setattr("lookalike.gallery.sqlite.matching._RANKED", 20)
    with SqliteGallery.open(path) as gallery:
        gallery.put([make_record(f"file:///{i}", id=str(i), caption="photo", label=f"l{i}") for i in range(100)])
        assert gallery.match_text("photo", 5, parse_filter("label:l99")).ids == ("99",)


def test_how_common_a_word_is_is_learnt_anew_when_records_come(path):
    with gallery_of(path, "dog", "cat", "dog cat") as gallery, SqliteGallery.open(path) as other:
        before = gallery.match_text("dog cat", 5).scores
        assert gallery.match_text("dog cat", 5).scores.tolist() == before.tolist()
        other.put([make_record(f"file:///more/{i}", id=f"more {i}", caption="dog") for i in range(20)])
        after = gallery.match_text("dog cat", 30)
        with SqliteGallery.open(path) as fresh:
            assert fresh.match_text("dog cat", 30).scores.tolist() == after.scores.tolist()
        scores = dict(zip(after.ids, after.scores.tolist(), strict=True))
        assert scores["1"] > scores["0"], "a cat is rarer now than a dog"


def test_no_text_finds_nothing(gallery):
    found = gallery.match_text("", 5)
    assert found == Neighbors((), found.scores)
    assert found.scores.shape == (0,)
    assert found.scores.dtype == np.float32


@pytest.mark.parametrize("wrong", [0, 1, 2])
def test_a_known_picture_is_found_among_many_by_most_of_its_words(path, monkeypatch, wrong):
    for name, small in {
        "_SMALL": 0,
        "_RANKED": 5,
        "_RANKED_IN_GROUP": 2,
        "_COUNTED": 20,
        "_CANDIDATES": 12,
        "_ENOUGH": 6,
    }.items():
        monkeypatch.setattr(f"lookalike.gallery.sqlite.matching.{name}", small)
    words = [f"w{'abcdefghij'[i]}x" for i in range(10)]
    captions = [" ".join(words[(i + step * (i % 7)) % 10] for step in range(5)) for i in range(300)]
    known = "wax wcx wex wgx wix zebra okapi"
    with gallery_of(path, *captions, known) as gallery:
        asked = known.split()
        for place in range(wrong):
            asked[-1 - place] = "quagga"
        assert gallery.match_text(" ".join(asked), 5).ids[0] == "300" or wrong == 2
        assert len(gallery.match_text("wax wbx", 5).ids) == 5
        assert len(gallery.match_text("wax", 50).ids) == 50


@pytest.mark.parametrize("rare", [1, 60])
def test_as_many_are_found_as_hold_any_of_the_words_however_many_words_are_rarer(path, rare):
    names = ("anna", "krystof", "otokar", "emilka")
    captions = [f"beach {names[i % 4]}" if i < 4 * rare else "beach" for i in range(2_500)]
    with gallery_of(path, *captions) as gallery:
        for count in range(5):
            found = gallery.match_text(" ".join(["beach", *names[:count]]), 1_000)
            assert len(found.ids) == 1_000, count
            assert {*map(int, found.ids[: count * rare])} <= {*range(4 * rare)}


def test_a_layout_without_these_words_is_filled_from_the_records(path):
    from lookalike.gallery.sqlite.text import REFILL, TABLE, teach

    record = make_record("file:///x/IMG_7.jpg", title="one", caption="two", tags=("three",), metadata={"a": "four"})
    with SqliteGallery.open(path) as gallery:
        gallery.put([record])
    import apsw

    connection = apsw.Connection(str(path))
    teach(connection)
    connection.execute(f"DROP TABLE words; {TABLE} {REFILL}")
    connection.close()
    with SqliteGallery.open(path) as gallery:
        for word in ("one", "two", "three", "four", "img", "7"):
            assert gallery.match_text(word, 5).ids == (record.id,), word
        assert gallery.check() == []
