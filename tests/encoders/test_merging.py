"""Do queries that come at the same time share a pass, each with the answer that it would have had alone?"""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest

from lookalike.encoders import Recogniser, TextEncoder
from lookalike.encoders.merging import Merging, merged
from lookalike.testing import ColourEncoder, WordlessEncoder, draw_picture

PATIENCE_S = 20


class Passes:
    """Doubles numbers; the first pass waits until it is let go."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.begun, self.let_go = Event(), Event()

    def __call__(self, numbers):
        self.sizes.append(len(numbers))
        self.begun.set()
        assert self.let_go.wait(PATIENCE_S)
        if 13 in numbers:
            raise ValueError("thirteen")
        return [2 * number for number in numbers]


@pytest.fixture
def together():
    """Ask one number, and others while its pass is under way; gives the answers, or what was raised, and the passes."""

    def ask(numbers, at_once=1):
        passes = Passes()
        merging = Merging(passes, at_once, most=16)
        with ThreadPoolExecutor(len(numbers)) as threads:
            first = threads.submit(merging, numbers[0])
            assert passes.begun.wait(PATIENCE_S)
            others = [threads.submit(merging, number) for number in numbers[1:]]
            while at_once == 1 and len(merging._waiting) < len(others):
                pass
            passes.let_go.set()
            asked = [first, *others]
            return [one.exception(PATIENCE_S) or one.result() for one in asked], passes.sizes

    return ask


def test_who_comes_alone_goes_at_once_and_those_who_wait_go_together(together):
    answers, sizes = together([1, 2, 3, 4])
    assert answers == [2, 4, 6, 8]
    assert sizes == [1, 3]


def test_no_more_than_so_many_go_together(together):
    answers, sizes = together(list(range(40, 80)))
    assert answers == [2 * number for number in range(40, 80)]
    assert sizes == [1, 16, 16, 7]


def test_one_bad_query_does_not_spoil_the_others(together):
    answers, sizes = together([1, 2, 13, 4])
    assert (answers[0], answers[1], answers[3]) == (2, 4, 8)
    assert str(answers[2]) == "thirteen"
    assert sizes == [1, 3, 1, 1, 1]


def test_vectors_are_those_that_each_would_have_had_alone():
    encoder = ColourEncoder()
    shared = merged(encoder)
    pictures = [draw_picture(seed, (40, 30)) for seed in range(12)]
    texts = ["red", "a blue sky", "green", "nothing"]
    with ThreadPoolExecutor(12) as threads:
        made = list(threads.map(lambda picture: shared.encode([picture])[encoder.text_space], pictures))
        words = list(threads.map(lambda text: shared.encode_text([text]), texts))
    assert np.allclose(np.concatenate(made), encoder.encode(pictures)[encoder.text_space], atol=1e-6)
    assert np.allclose(np.concatenate(words), encoder.encode_text(texts), atol=1e-6)
    assert np.array_equal(shared.encode(pictures)[encoder.text_space], encoder.encode(pictures)[encoder.text_space])
    assert shared.encode([])[encoder.text_space].shape == (0, 64)


def test_what_an_encoder_can_do_stays_what_it_can_do():
    assert isinstance(merged(ColourEncoder()), TextEncoder)
    assert isinstance(merged(ColourEncoder()), Recogniser)
    assert not isinstance(merged(WordlessEncoder()), TextEncoder)
