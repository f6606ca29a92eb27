"""Does a record whose texts say more of what was asked score higher, always between 0 and 1?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.gallery.suiting import HeldWords, Measure, Sought, Term, as_terms, sought, with_rarity
from lookalike.gallery.texts import PLACES, texts_of
from lookalike.testing import make_record


def suit(asked: list[Sought], found: tuple[str, ...]) -> float:
    return Measure(asked).score(found)


def wanted(*terms: Term | str, holders: int = 3, records: int = 1_000) -> list[Sought]:
    given_ = [Term(one) if isinstance(one, str) else one for one in terms]
    return [with_rarity(one, holders, records) for one in sought(given_)]


def texts(**places: str) -> list[str]:
    return [places.get(place, "") for place in PLACES]


@given(st.lists(st.text(max_size=8), max_size=5), st.lists(st.text(max_size=20), min_size=6, max_size=6))
def test_a_score_is_a_share(words: list[str], found: list[str]) -> None:
    score = suit(wanted(*words), found)
    assert 0 <= score <= 1
    assert score or not HeldWords([Term(word) for word in words]).within(found)


def test_more_of_the_words_count_more_than_a_better_place() -> None:
    asked = wanted("snowy", "dog", "hill")
    two_in_the_title = suit(asked, texts(title="snowy dog"))
    all_in_a_long_caption = suit(asked, texts(caption="a dog on a hill, far away, " + "and so on " * 20 + "snowy"))
    assert suit(asked, texts(caption="a cat")) == 0 < two_in_the_title < all_in_a_long_caption <= 1


def test_among_equals_the_better_place_and_the_shorter_text_win() -> None:
    asked = wanted("dog")
    places = [
        texts(title="dog"),
        texts(caption="a dog"),
        texts(caption="a dog on a very long walk with many other dogs' owners and friends"),
        texts(metadata="dog"),
        texts(recognised="dog"),
    ]
    scores = [suit(asked, one) for one in places]
    assert scores == sorted(scores, reverse=True)


def test_a_rare_word_counts_more_than_a_common_one_and_a_weight_turns_that_round() -> None:
    def asked(weight: float) -> list[Sought]:
        rare, common = sought([Term("zebra"), Term("grass", weight)])
        return [with_rarity(rare, 2, 1_000), with_rarity(common, 400, 1_000)]

    zebra, grass = texts(caption="zebra"), texts(caption="grass")
    assert suit(asked(1), zebra) > suit(asked(1), grass)
    assert suit(asked(50), zebra) < suit(asked(50), grass)


@pytest.mark.parametrize("word", ["the", "im", "dans", "na"])
def test_words_that_only_hold_others_together_hardly_count(word: str) -> None:
    asked = wanted(word, "water")
    assert suit(asked, texts(caption=f"a cat {word} sofa")) < 0.2
    assert suit(asked, texts(caption="water")) > 0.8
    assert HeldWords([Term(word), Term("water")]).within(texts(caption=f"{word} water")) == ("water",)
    assert HeldWords([Term(word)]).within(texts(caption=f"{word} water")) == (word,), "where nothing else was asked"


def test_an_unfinished_word_counts_less_than_a_whole_one() -> None:
    asked = wanted(Term("sea", unfinished=True))
    assert 0 < suit(asked, texts(caption="a seagull")) < suit(asked, texts(caption="the sea"))
    assert suit(wanted(Term("sea")), texts(caption="a seagull")) == 0


def test_an_unfinished_word_is_said_to_be_held_by_what_begins_like_it() -> None:
    assert HeldWords([Term("sea", unfinished=True)]).within(texts(caption="a seagull")) == ("sea",)
    assert HeldWords([Term("sea")]).within(texts(caption="a seagull")) == ()


@pytest.mark.parametrize("holders", [0, 1, 999, 1_000, 1_200])
def test_a_word_tells_the_less_the_more_records_hold_it_and_never_against_them(holders: int) -> None:
    (one,), (rarer,) = (wanted("dog", holders=number, records=1_000) for number in (holders, holders // 2))
    assert 0 < one.rarity <= rarer.rarity
    assert 0 < suit([one], texts(caption="a dog")) <= 1


def test_a_phrase_stands_in_one_place_and_in_its_order() -> None:
    asked = wanted("in the snow")
    assert suit(asked, texts(caption="A dog in the snow.")) > 0.8
    for other in (texts(caption="the snow in spring"), texts(title="in the", caption="snow")):
        assert suit(asked, other) == 0


def test_repeated_words_are_one_with_more_weight() -> None:
    (one,) = sought(as_terms("dog Dogs DOG"))
    assert (one.tokens, one.weight, one.unfinished) == (("dog",), 3.0, True)


def test_the_texts_of_a_record_are_where_the_places_say() -> None:
    record = make_record(
        "file:///photos/BeachHoliday2021.jpg",
        title="T",
        caption="C",
        tags=("a", "b"),
        metadata={"camera": "A7", "f": 1.8, "none": None},
        recognised={"seashore": 0.7, "sandbar": 0.2},
    )
    assert dict(zip(PLACES, texts_of(record), strict=True)) == {
        "title": "T",
        "caption": "C",
        "tags": "a b",
        "name": "BeachHoliday2021.jpg Beach Holiday 2021.jpg",
        "metadata": "A7 1.8 ",
        "recognised": "seashore sandbar",
    }
