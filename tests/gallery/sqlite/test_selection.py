"""What does the translation of filters into masks take for granted?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.gallery.filters import Kind, Matches, Not, Or, matcher, parse_filter
from lookalike.gallery.filters.patterns import fold, plain
from lookalike.gallery.sqlite import SqliteGallery, selection
from lookalike.gallery.sqlite.columns import _REMEMBERED
from lookalike.gallery.sqlite.pages import folder
from lookalike.gallery.sqlite.selection import _longest_piece
from lookalike.testing import make_record, make_records

ALPHABET = st.text("ab/*?\\é\u0301", max_size=8)


@given(pattern=ALPHABET, value=ALPHABET)
def test_all_that_matches_holds_the_longest_piece_or_is_no_ascii(pattern, value):
    if matcher(Kind.PATH, pattern)(value) or matcher(Kind.EXACT, pattern)(value):
        assert _longest_piece(pattern) in value or not value.isascii()


@given(pattern=ALPHABET, path=ALPHABET)
def test_a_pattern_for_all_below_a_folder_needs_only_the_folder(pattern, path):
    passes = matcher(Kind.PATH, f"{pattern}/*")
    assert passes(path) == passes(folder(path))


@given(pattern=ALPHABET, value=ALPHABET.filter(bool))
def test_a_word_without_wildcards_matches_what_is_folded_alike(pattern, value):
    exact = plain(fold(pattern))
    assert exact is None or matcher(Kind.WORD, pattern)(value) == (fold(value) == exact)


def test_each_tag_is_folded_once_however_many_a_filter_lists(gallery, monkeypatch):
    folded = []
    monkeypatch.setattr(selection, "fold", lambda text: folded.append(text) or fold(text))
    listed = [f"no{number}" for number in range(300)]
    assert (
        gallery.count(parse_filter(f"tag:{','.join([*listed, 'HOLIDAY'])}"))
        == gallery.count(parse_filter("tag:holiday"))
        > 0
    )
    tags = {tag for record in make_records(40) for tag in record.all_tags}
    assert len(folded) <= 302 + 2 * len(tags)


@pytest.mark.parametrize(
    ("pattern", "piece"),
    [("", ""), ("*", ""), ("abc", "abc"), ("a*bcd?e", "bcd"), (r"a\*b", "a*b"), (r"*\\*", "\\"), ("tail\\", "tail")],
)
def test_the_longest_piece_is_what_every_match_holds(pattern, piece):
    assert _longest_piece(pattern) == piece


def test_a_sign_that_stands_for_a_plain_letter_finds_it_in_paths(path):
    with SqliteGallery.open(path) as gallery:
        gallery.put([make_record("file:///photos/Kelvin.jpg")])
        assert gallery.count(parse_filter("path:*\N{KELVIN SIGN}*")) == 1


def test_more_filters_than_are_remembered_are_answered(gallery):
    expected = [sum(one.width >= 100 * i for one in make_records(40)) for i in range(3 * _REMEMBERED)]
    for _ in range(2):
        assert [gallery.count(parse_filter(f"width>={100 * i}")) for i in range(3 * _REMEMBERED)] == expected


def test_a_remembered_answer_is_not_changed_by_what_is_made_of_it(gallery):
    dogs = gallery.count(Matches("label", "dog"))
    for where in (Or((Matches("label", "dog"), Matches("label", "cat"))), Not(Matches("label", "dog"))):
        gallery.count(where)
    assert gallery.count(Matches("label", "dog")) == dogs > 0


def test_a_new_label_is_seen_by_a_filter_asked_before(path):
    with SqliteGallery.open(path) as gallery:
        gallery.put([make_record("file:///1", label="dog")])
        assert gallery.count(parse_filter("label:d*")) == 1
        gallery.put([make_record("file:///2", label="deer")])
        assert gallery.count(parse_filter("label:d*")) == 2
