"""Does a caption never say a phrase twice, nor end in the air?"""

import pytest

from lookalike.captioners.wording import END, Wording

TEXT = "a man in blue shirt and dog dogs the park 's is run n't do of two down"

WORDS = ["", *TEXT.split()]


@pytest.fixture
def wording():
    return Wording(WORDS)


def allowed(wording: Wording, sentence: str) -> bool:
    """Whether every word of a sentence may follow those before it."""
    numbers = [WORDS.index(word) for word in sentence.split()]
    return all(wording.may_follow(tuple(numbers[:i]), number) for i, number in enumerate(numbers))


@pytest.mark.parametrize(
    "sentence",
    [
        "a blue shirt and a blue shirt",
        "a man and a man",
        "dog dog",
        "two dogs run and two dogs",
        "a man in a park in a park",
    ],
)
def test_a_phrase_is_not_said_twice(wording, sentence):
    assert not allowed(wording, sentence)


@pytest.mark.parametrize(
    "sentence",
    ["a man in a blue shirt in a park", "a dog and two dogs", "a blue dog in blue", "the man and a dog and the dogs"],
)
def test_small_words_and_single_ones_may_come_again(wording, sentence):
    assert allowed(wording, sentence)


@pytest.mark.parametrize(
    ("sentence", "ends"),
    [
        ("a man in a", False),
        ("a man in a park", True),
        ("the dog run down", True),
        ("two dogs and", False),
        ("two dogs", False),
        ("a dog is", False),
    ],
)
def test_a_sentence_ends_neither_in_the_air_nor_after_two_words(wording, sentence, ends):
    assert wording.may_follow([WORDS.index(word) for word in sentence.split()], END) == ends


def test_a_sentence_does_not_end_before_it_begins(wording):
    assert not wording.may_follow((), END)
    assert wording.may_follow((), 1)


@pytest.mark.parametrize(
    ("sentence", "spelt"),
    [
        ("a man in a park in the", "a man in a park"),
        ("the man 's dog do n't run", "the man's dog don't run"),
        ("", ""),
    ],
)
def test_a_sentence_is_spelt_without_what_it_trails_off_with(wording, sentence, spelt):
    assert wording.spell([WORDS.index(word) for word in sentence.split()]) == spelt
