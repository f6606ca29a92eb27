"""Does beam search find the likeliest sentence, for each of several pictures, within the rules?"""

from dataclasses import dataclass, field
from itertools import product

import numpy as np
import pytest

from lookalike.captioners.beam import Choices, Sentence, search
from lookalike.captioners.card import Writing
from lookalike.captioners.wording import END, Wording

WORDS = ["", "dogs", "cats", "run", "sleep", "outside"]


@dataclass
class Chain:
    """Says words by chance: how likely each is depends on the picture and the word before."""

    logits: np.ndarray
    """(pictures, words, words)"""
    k: int = len(WORDS)
    asked: list[tuple[int, int]] = field(default_factory=list)

    def step(self, words: np.ndarray) -> Choices:
        self.asked.append(words.shape)
        logits = np.take_along_axis(self.logits, words[:, :, None], axis=1)
        log_probs = (logits - np.log(np.exp(logits).sum(-1, keepdims=True))).astype(np.float32)
        order = np.argsort(-log_probs, axis=-1, kind="stable")[..., : self.k]
        return Choices(order.astype(np.int64), np.take_along_axis(log_probs, order, axis=-1))

    def follow(self, pictures: np.ndarray, beams: np.ndarray) -> None:
        assert beams.shape[0] == len(pictures)
        self.logits = self.logits[pictures]


def chain(pictures: int, seed: int = 0) -> Chain:
    return Chain(np.random.default_rng(seed).normal(0, 2, (pictures, len(WORDS), len(WORDS))))


def writing(beams: int = 3, longest: int = 5, length_exponent: float = 0.8) -> Writing:
    return Writing(beams=beams, longest=longest, length_exponent=length_exponent)


def best_of_all(logits: np.ndarray, how: Writing) -> float:
    """The score of the best allowed sentence, found by trying every one."""
    table = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    wording = Wording(WORDS)
    scores = []
    for length in range(1, how.longest + 1):
        for words in product(range(1, len(WORDS)), repeat=length):
            full = (*words, END)
            if all(wording.may_follow(full[:i], word) for i, word in enumerate(full)):
                total = sum(table[one, other] for one, other in zip((END, *words), full, strict=True))
                scores.append(total / len(full) ** how.length_exponent)
    return max(scores)


@pytest.mark.parametrize("seed", range(4))
def test_a_wide_beam_finds_the_best_sentence_of_all(seed):
    how = writing(beams=16, longest=3)
    spoken = chain(1, seed)
    (found,) = search(chain(1, seed), 1, how, Wording(WORDS))
    assert found.score(how.length_exponent) == pytest.approx(best_of_all(spoken.logits[0], how), abs=1e-4)


def test_pictures_are_captioned_alike_together_and_alone():
    how = writing()
    together = search(chain(6), 6, how, Wording(WORDS))
    for picture in range(6):
        (alone,) = search(Chain(chain(6).logits[picture : picture + 1]), 1, how, Wording(WORDS))
        assert alone.words == together[picture].words
        assert alone.log_prob == pytest.approx(together[picture].log_prob, abs=1e-5)


def test_a_picture_whose_sentence_is_done_is_asked_no_more():
    quick = np.full((1, len(WORDS), len(WORDS)), -9.0)
    for one, other in ((END, 1), (1, 3), (3, 5), (5, END)):
        quick[0, one, other] = 9
    spoken = Chain(np.concatenate([quick, chain(1, 3).logits]))
    first, _ = search(spoken, 2, writing(longest=12), Wording(WORDS))
    assert first.words == (1, 3, 5)
    assert spoken.asked[0] == (2, 3)
    assert spoken.asked[-1] == (1, 3)


def test_no_sentence_is_longer_than_allowed_though_none_would_end():
    endless = np.random.default_rng(1).normal(0, 2, (1, len(WORDS), len(WORDS)))
    endless[:, :, END] = -50
    (found,) = search(Chain(endless), 1, writing(longest=4), Wording(WORDS))
    assert len(found.words) == 4


def test_a_sentence_that_no_word_may_follow_is_given_as_it_stands():
    stuck = np.full((1, len(WORDS), len(WORDS)), -9.0)
    stuck[0, :, 1] = 9
    (found,) = search(Chain(stuck, k=1), 1, writing(), Wording(WORDS))
    assert found.words == (1,)


def test_no_pictures_get_no_sentences():
    assert search(chain(0), 0, writing(), Wording(WORDS)) == []


def test_the_exponent_decides_between_short_and_long():
    short, long = Sentence((1, 3, 5), -4.0, 4), Sentence((1, 3, 5, 2, 4), -5.0, 6)
    assert short.score(0) > long.score(0)
    assert short.score(1) < long.score(1)
