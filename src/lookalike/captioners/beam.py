"""Which sentence is the likeliest? Beam search over several pictures at once, within the rules of wording."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from jaxtyping import Float32, Int64

from lookalike.captioners.card import Writing
from lookalike.captioners.wording import END, Wording


@dataclass(frozen=True, slots=True)
class Choices:
    """The likeliest next words of each sentence, best first."""

    words: Int64[np.ndarray, "pictures beams k"]
    log_probs: Float32[np.ndarray, "pictures beams k"]


class Speaker(Protocol):
    """Goes on with sentences of several pictures; keeps what it looks at and what it was about to say."""

    def step(self, words: Int64[np.ndarray, "pictures beams"]) -> Choices:
        """Take the words last written, and give the next ones."""
        ...

    def follow(self, pictures: Int64[np.ndarray, " kept"], beams: Int64[np.ndarray, "kept beams"]) -> None:
        """Keep these pictures, and of each these sentences, in this order."""
        ...


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence so far, or ended."""

    words: tuple[int, ...]
    log_prob: float
    """Of its words, and of its end where it has ended."""
    steps: int
    """Words and end that `log_prob` is of."""

    @property
    def fluency(self) -> float:
        """Mean log-probability of a word."""
        return self.log_prob / max(1, self.steps)

    def score(self, exponent: float) -> float:
        """Give what sentences of different lengths are compared by."""
        return self.log_prob / float(max(1, self.steps) ** exponent)


class _Search:
    """The sentences of one picture."""

    def __init__(self, writing: Writing, wording: Wording) -> None:
        self.writing, self.wording = writing, wording
        self.live = [Sentence((), 0.0, 0)]
        self.parents = [0]
        """The beam that each live sentence goes on from."""
        self.ended: list[Sentence] = []

    def extend(self, choices: Choices, picture: int) -> None:
        """Take the best words that may follow."""
        beams = len(self.live)
        totals = choices.log_probs[picture, :beams] + np.array([[one.log_prob] for one in self.live], np.float32)
        words = choices.words[picture]
        live, parents = [], []
        for place in np.argsort(-totals, axis=None, kind="stable"):
            beam, rank = divmod(int(place), totals.shape[1])
            before, word = self.live[beam], int(words[beam, rank])
            if not self._may_follow(before.words, word):
                continue
            total = float(totals[beam, rank])
            if word == END:
                self.ended.append(Sentence(before.words, total, before.steps + 1))
                continue
            live.append(Sentence((*before.words, word), total, before.steps + 1))
            parents.append(beam)
            if len(live) == self.writing.beams:
                break
        if not live and not self.ended:
            self.ended = self.live[:1]
        self.live, self.parents = live, parents

    def _may_follow(self, written: Sequence[int], word: int) -> bool:
        return (word == END or len(written) < self.writing.longest) and self.wording.may_follow(written, word)

    @property
    def done(self) -> bool:
        """Whether no sentence can become better than the best one that has ended."""
        if not self.live:
            return True
        if not self.ended:
            return False
        hope = self.live[0].log_prob / float((self.writing.longest + 1) ** self.writing.length_exponent)
        return len(self.ended) >= self.writing.beams or self._score(self.best) >= hope

    @property
    def best(self) -> Sentence:
        """The best sentence that has ended, or else the best so far."""
        return max(self.ended or self.live, key=self._score)

    def _score(self, sentence: Sentence) -> float:
        return sentence.score(self.writing.length_exponent)


def search(speaker: Speaker, pictures: int, writing: Writing, wording: Wording) -> list[Sentence]:
    """Write a sentence for each picture that the speaker looks at; ties go to the first found."""
    searches = [_Search(writing, wording) for _ in range(pictures)]
    active = searches
    while active:
        choices = speaker.step(np.array([_padded([_last(one) for one in s.live], writing.beams) for s in active]))
        for picture, one in enumerate(active):
            one.extend(choices, picture)
        going = [picture for picture, one in enumerate(active) if not one.done]
        if not going:
            break
        beams = [_padded(active[picture].parents, writing.beams) for picture in going]
        speaker.follow(np.array(going), np.array(beams))
        active = [active[picture] for picture in going]
    return [one.best for one in searches]


def _last(sentence: Sentence) -> int:
    return sentence.words[-1] if sentence.words else END


def _padded(numbers: Sequence[int], length: int) -> list[int]:
    return [*numbers, *[numbers[0]] * (length - len(numbers))]
