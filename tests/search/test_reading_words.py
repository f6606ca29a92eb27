"""Are words read as the page says, with an error that points where they cannot be?"""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lookalike.errors import BadInput
from lookalike.gallery.filters import And, Matches, Not, parse_filter
from lookalike.search.words import MAX_CHARACTERS, Part, parse_words, plain_words

SIGNS = st.sampled_from(['"', *"-: ()“<*,é2\\", "dog", "OR", "label:", "0.5"])


@given(st.one_of(st.text(max_size=40), st.lists(SIGNS, max_size=12).map("".join)))
@example("16:9 \u202e-dog:2")
@example("OR label:dog")
@example("label:dog OR cat")
@example('-"a b":2 c\0d')
def test_any_text_is_read_or_refused_and_what_was_read_reads_the_same_again(text: str) -> None:
    try:
        words = parse_words(text)
    except BadInput:
        return
    assert parse_words(str(words)) == words


@given(st.text())
def test_the_words_of_any_text_can_be_read_again(text: str) -> None:
    words = plain_words(text)
    if words.wanted and "\ud800" not in text and "OR" not in text:
        read = parse_words(str(words)) if not any("\ud800" <= one <= "\udfff" for one in text) else words
        assert read == words


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("playing dogs", [Part("playing"), Part("dogs")]),
        ('"in the snow" dog', [Part("in the snow", 1, True), Part("dog")]),
        ("„im Schnee“ «dans la neige»", [Part("im Schnee", 1, True), Part("dans la neige", 1, True)]),
        ('beach:2 "red car":0.5', [Part("beach", 2), Part("red car", 0.5, True)]),
        ("16:9", [Part("16", 9)]),
        ('a 5" disk dog"s', [Part(one) for one in ("a", "5", "disk", "dog", "s")]),
        ("Star Wars: a new hope!", [Part(one) for one in ("Star", "Wars", "a", "new", "hope")]),
        ("dog,cat; (bird) – fish - <3", [Part(one) for one in ("dog", "cat", "bird", "fish", "3")]),
        ("don't t-shirt 🐼 C++", [Part(one) for one in ("don't", "t-shirt", "🐼", "C")]),
        ("a\0b\tc", [Part(one) for one in "abc"]),
        ("--dog", [Part("dog")]),
        ("כלב \u202bשלג", [Part("כלב"), Part("שלג")]),
    ],
)
def test_words_phrases_and_weights_are_told_apart(text: str, wanted: list[Part]) -> None:
    words = parse_words(text)
    assert list(words.wanted) == wanted
    assert (words.excluded, words.filters) == ((), ())


@pytest.mark.parametrize("text", ["#label:2 dog", "dog -#text:0.5", "~meta.camera:3"])
def test_a_weighted_word_that_is_a_field_once_it_is_cleaned_stays_a_word(text: str) -> None:
    words = parse_words(text)
    assert words.filters == ()
    assert parse_words(str(words)) == words


def test_what_is_left_out_and_filters_become_one_filter() -> None:
    words = parse_words('dogs -people -"in the snow":2 label:pet,friend -width<1000 meta."f stop":2')
    assert words.wanted == (Part("dogs"),)
    assert words.excluded == (Part("people"), Part("in the snow", 2, True))
    typed = parse_filter('label:pet,friend -width<1000 meta."f stop":2')
    assert isinstance(typed, And)
    assert words.where == And(
        (*typed.parts, Not(Matches("text", "people")), Not(Matches("text", "in the snow"))),
    )
    assert str(words) == 'dogs -people -"in the snow":2 label:pet,friend -width<=999 meta."f stop":2'


def test_only_plain_words_are_plain() -> None:
    assert parse_words("playing dogs").is_plain
    for text in ('"playing dogs"', "dogs:2", "dogs -cats", "dogs label:pet"):
        assert not parse_words(text).is_plain, text


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ('dog "in the snow', "    ^", "never closed"),
        ("lable:dog", "^^^^^", "no such field"),
        ("dog foo:bar", "    ^^^", "no such field"),
        ("dog:0", "    ^", "above 0"),
        ("dog:2015", "    ^^^^", "above 0"),
        ("dog:" + "9" * 50, "    ^", "above 0"),
        ("dog taken:never", "          ^^^^^", "a date"),
        ("dog label:", "          ^", "a value"),
        ("dog \ud800", "    ^", "no character"),
        ("dog (label:pet OR label:wild)", "     ^", "neither grouped"),
        ("label:pet OR label:wild", "             ^", "neither grouped"),
        ("dog -(cat)", "    ^^", "one word or phrase"),
    ],
)
def test_an_error_points_at_the_place_and_says_what_to_write(text: str, place: str, says: str) -> None:
    with pytest.raises(BadInput, match=says) as refusal:
        parse_words(text)
    shown = refusal.value.what.splitlines()
    assert shown[0] == "The words cannot be read:"
    assert shown[2].startswith(f"  {place}")
    assert refusal.value.fix


@pytest.mark.parametrize("text", ["", "  ", "...", '""', "- – (", "<>"])
def test_nothing_to_look_for_is_said(text: str) -> None:
    with pytest.raises(BadInput, match="no word"):
        parse_words(text)


def test_a_text_as_long_as_a_book_is_refused() -> None:
    parse_words("a" * MAX_CHARACTERS)
    with pytest.raises(BadInput, match="100,000 characters"):
        parse_words("a" * 100_000)
    assert len(str(plain_words("dog " * 50_000))) <= MAX_CHARACTERS


def test_the_last_word_may_be_unfinished_but_no_phrase() -> None:
    assert [term.unfinished for term in parse_words("playing do").terms] == [False, True]
    assert [term.unfinished for term in parse_words('playing "do"').terms] == [False, False]
