"""Are BLEU and CIDEr-D what everyone else computes, and are words what everyone else counts?"""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

TRAINING = Path(__file__).parents[2] / "training"

SAID = [
    "a dog runs on the grass",
    "two men play football",
    "a man in a red shirt",
    "a dog",
    "people on a beach at night",
]


def references() -> list[list[list[str]]]:
    """Five captions each of forty pictures, of few words, so that many n-grams agree."""
    random = np.random.default_rng(0)
    words = " ".join(SAID).split()
    return [[list(random.choice(words, random.integers(3, 12))) for _ in range(5)] for _ in range(40)]


@pytest.fixture
def measures(monkeypatch) -> ModuleType:
    monkeypatch.syspath_prepend(TRAINING)
    return import_module("captioning.measures")


@pytest.fixture
def words(monkeypatch) -> ModuleType:
    monkeypatch.syspath_prepend(TRAINING)
    return import_module("captioning.words")


def test_bleu_of_a_caption_counts_ngrams_once_and_by_the_closest_length(measures):
    one = measures.count_bleu(
        ["the", "the", "the", "cat"], [["the", "cat", "sat"], ["a", "cat", "on", "the", "mat", "there"]]
    )
    assert one.counts.tolist() == [2, 1, 0, 0, 4, 3, 2, 1, 4, 3]
    assert one.scores[0] == pytest.approx(50)
    assert one.scores[1] == pytest.approx(100 * (2 / 4 * 1 / 3) ** 0.5)


def test_bleu_is_lower_for_captions_that_are_too_short(measures):
    short = measures.count_bleu(["a", "dog"], [["a", "dog", "runs", "on"]])
    assert short.scores[0] == pytest.approx(100 * np.exp(1 - 4 / 2))


def test_cider_is_highest_for_what_people_said_of_this_picture(measures):
    several = [[[*text.split()]] * 2 for text in SAID]
    cider = measures.Cider(several)
    for picture, text in enumerate(SAID):
        scores = [cider.score(other, text.split()) for other in range(len(SAID))]
        assert int(np.argmax(scores)) == picture
    # Each order of n-grams that the caption has at all agrees wholly: four of four, or two of four for two words.
    assert cider.score(0, SAID[0].split()) == pytest.approx(1000)
    assert cider.score(3, SAID[3].split()) <= 500


def test_cider_falls_with_words_said_twice_and_with_length(measures):
    cider = measures.Cider([[["a", "dog", "runs"]], [["two", "cats", "sleep"]]])
    right, twice = (
        cider.score(0, ["a", "dog", "runs"]),
        cider.score(0, ["a", "dog", "runs", "dog", "runs", "dog", "runs"]),
    )
    assert twice < right
    assert cider.score(1, ["a", "dog", "runs"]) == 0
    assert cider.score(0, []) == 0


@pytest.mark.slow
@pytest.mark.skipif(not find_spec("pycocoevalcap"), reason="pycocoevalcap is not installed: nothing to compare with")
def test_bleu_and_cider_are_those_of_the_public_code(measures):
    from pycocoevalcap.bleu.bleu_scorer import BleuScorer
    from pycocoevalcap.cider.cider_scorer import CiderScorer

    several = [four[:4] for four in references()]
    captions = [five[4] for five in references()]
    bleu, cider = BleuScorer(n=4), CiderScorer(n=4, sigma=6.0)
    for caption, texts in zip(captions, several, strict=True):
        pair = " ".join(caption), [" ".join(text) for text in texts]
        bleu += pair
        cider += pair
    mine = measures.Cider(several)
    scores = [mine.score(picture, caption) for picture, caption in enumerate(captions)]
    mean, each = cider.compute_score()
    np.testing.assert_allclose(scores, 100 * np.asarray(each), rtol=1e-9)
    assert np.mean(scores) == pytest.approx(100 * mean)
    counted = [measures.count_bleu(caption, texts) for caption, texts in zip(captions, several, strict=True)]
    theirs = bleu.compute_score(option="closest", verbose=0)[0]
    np.testing.assert_allclose(measures.add_bleu(counted).scores, 100 * np.asarray(theirs), rtol=1e-9)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("A man's t-shirt, red .", "a man 's t-shirt red"),
        ("They don’t run !", "they do n't run"),
        ('Two "dogs" -- black and white', "two dogs black and white"),
        ("at 3.5 miles", "at 3.5 miles"),
        (" . ", ""),
    ],
)
def test_words_are_split_as_in_the_penn_treebank_without_punctuation(words, text, tokens):
    assert words.tokenise(text) == tokens.split()


def test_rare_words_are_read_but_never_written(words):
    vocabulary = words.build_vocabulary([["a", "dog"], ["a", "cat"], ["a", "dog"]], 2)
    assert vocabulary.words == ("a", "dog")
    assert vocabulary.encode(["a", "cat"]) == [1, vocabulary.unknown, words.END]
    assert vocabulary.decode([1, 2, words.END, 1]) == ["a", "dog"]


@pytest.mark.slow
def test_a_long_caption_is_cut_and_does_not_end(words):
    vocabulary = words.build_vocabulary([["a"]], 1)
    assert vocabulary.encode(["a"] * 40) == [1] * words.LONGEST
