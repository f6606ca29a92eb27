"""Does a stamp say whose words stand, and whether a folder gave the picture, too?"""

import pytest

from lookalike.stamps import bytes_version, holds, is_in_folder, joined, words_mark

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
        ("1 table:a:5f folder:", "1 table:b:77", FILE, "1 table:b:77 folder:"),
        (" table:a:5f folder:", "1", FILE, "1 table:a:5f folder:"),
    ],
)
def test_the_words_of_the_last_that_says_something_stand_and_a_folder_is_named_beside(old, new, uri, together):
    assert joined(old, new, uri) == together
    assert joined(together, new, uri) == together


@pytest.mark.parametrize(
    ("stamp", "uri", "version", "mark", "is_there"),
    [
        ("1", FILE, "1", "", True),
        ("1", WEB, "1", "", False),
        ("", FILE, "", "", True),
        ("1 table:a:5f", FILE, "1", "table:a:5f", False),
        ("1 table:a:5f folder:", FILE, "1", "table:a:5f", True),
        (" table:a:5f folder:", FILE, "", "table:a:5f", True),
        ("- table:a:5f", FILE, "-", "table:a:5f", False),
    ],
)
def test_a_stamp_is_taken_apart(stamp, uri, version, mark, is_there):
    assert (bytes_version(stamp), words_mark(stamp), is_in_folder(stamp, uri)) == (version, mark, is_there)


def test_a_record_is_as_a_table_offers_it_while_that_tables_words_stand():
    assert holds("1 table:a:5f", "1 table:a:5f")
    assert holds("1 table:a:5f folder:", "1 table:a:5f")
    assert not holds("1 table:a:5f0", "1 table:a:5f")
    assert not holds("1 table:b:77 folder:", "1 table:a:5f")
