"""Does a stamp say whose words stand, and who else gave the picture?"""

import pytest

from lookalike.stamps import holds, joined, lacks, without

FILE, WEB = "file:///a.jpg", "https://photos.example/a.jpg"


@pytest.mark.parametrize(
    ("old", "new", "uri", "together"),
    [
        ("1", "2", FILE, "2"),
        ("1", "2 table:a:5f", FILE, "2 table:a:5f folder:"),
        ("1", "2 table:a:5f", WEB, "2 table:a:5f"),
        ("1 table:a:5f", "2", FILE, "2 table:a:5f folder:"),
        ("1 table:a:5f", "2", WEB, "2 table:a:5f"),
        ("1 table:a:5f folder:", "2", FILE, "2 table:a:5f folder:"),
        ("1 table:a:5f", "1 table:a:77", FILE, "1 table:a:77"),
        ("1 table:a:5f folder:", "1 table:b:77", FILE, "1 table:b:77 table:a: folder:"),
        ("1 table:b:77 table:a: folder:", "1 table:a:5f", FILE, "1 table:a:5f table:b: folder:"),
    ],
)
def test_the_words_of_the_last_that_says_something_stand_and_the_others_are_named(old, new, uri, together):
    assert joined(old, new, uri) == together
    assert joined(together, new, uri) == together


@pytest.mark.parametrize(
    ("stamp", "uri", "left"),
    [
        ("1 table:a:5f", FILE, ""),
        ("1 table:a:5f folder:", FILE, "1"),
        ("1 table:a:5f table:b:", WEB, "1 table:b:"),
        ("1 table:b:77 table:a:", WEB, "1 table:b:77"),
        ("1", FILE, "1"),
    ],
)
def test_a_source_that_gives_a_picture_no_more_is_struck_out(stamp, uri, left):
    assert without(stamp, {"table:a:"}, uri) == left


def test_a_record_is_as_a_table_offers_it_while_that_tables_words_stand():
    assert holds("1 table:a:5f", "1 table:a:5f")
    assert holds("1 table:a:5f folder:", "1 table:a:5f")
    assert not holds("1 table:a:5f0", "1 table:a:5f")
    assert not holds("1 table:b:77 table:a:", "1 table:a:5f")


def test_a_folder_is_missing_only_where_it_is_not_named():
    assert lacks("1 table:a:5f", "1", FILE)
    assert not any(lacks(stamp, "1", FILE) for stamp in ("1", "1 table:a:5f folder:"))
    assert not lacks("1 table:a:5f", "1", WEB)
