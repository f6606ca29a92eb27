"""What must every captioner do?"""

# ruff: noqa: S101, D102 - asserting is what this module is for, and the tests' names are sentences
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from lookalike.captioners import Captioner
from lookalike.testing.pictures import draw_picture
from lookalike.types import Caption

_SIZES = [(1, 1), (1, 300), (300, 1), (2, 3), (64, 64), (224, 224), (331, 257)]
_SAME = 1e-3
"""How far a confidence may move with the batch around it."""


class CaptionerContract:
    """Give `load() -> Captioner`, one that can look at pictures for itself; it is called once for each test."""

    def load(self) -> Captioner:
        raise NotImplementedError("a subclass of CaptionerContract gives the captioner to test")

    def test_each_picture_gets_one_line_without_a_full_stop_and_a_probability(self) -> None:
        captions = self.load().caption([draw_picture(seed, (48, 36)) for seed in range(5)])
        assert len(captions) == 5
        for caption in captions:
            assert caption.text == " ".join(caption.text.split()), "one line, single spaces"
            assert not caption.text.endswith(".")
            assert 0 <= caption.confidence <= 1

    def test_no_pictures_get_no_captions(self) -> None:
        assert self.load().caption([]) == []

    def test_two_captioners_of_one_name_write_the_same(self) -> None:
        first, second = self.load(), self.load()
        assert first.name == second.name
        assert first.fit == second.fit
        pictures = [draw_picture(seed, (48, 36)) for seed in range(3)]
        _assert_equal(first.caption(pictures), second.caption(pictures))

    def test_a_picture_is_captioned_alike_alone_and_in_a_batch(self) -> None:
        captioner = self.load()
        pictures = [draw_picture(seed, (48, 36)) for seed in range(11)]
        together = captioner.caption(pictures)
        for i in (0, 7, 10):
            _assert_equal(captioner.caption([pictures[i]]), [together[i]])

    def test_threads_may_caption_at_the_same_time(self) -> None:
        captioner = self.load()
        pictures = [draw_picture(seed, (48, 36)) for seed in range(6)]
        expected = [captioner.caption([picture])[0] for picture in pictures]
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(lambda picture: captioner.caption([picture])[0], pictures * 2))
        _assert_equal(found, expected * 2)

    def test_pictures_of_any_size_may_stand_in_one_batch(self) -> None:
        captions = self.load().caption([draw_picture(i, size) for i, size in enumerate(_SIZES)])
        assert len(captions) == len(_SIZES)

    def test_a_picture_is_neither_changed_nor_need_it_lie_in_one_piece(self) -> None:
        captioner = self.load()
        picture = draw_picture(3, (100, 80)).copy()
        before = picture.copy()
        picture.flags.writeable = False
        view = np.repeat(picture, 2, axis=1)[:, ::2]
        assert not view.flags.c_contiguous
        _assert_equal(captioner.caption([picture]), captioner.caption([view]))
        np.testing.assert_array_equal(picture, before)


def _assert_equal(found: list[Caption], expected: list[Caption]) -> None:
    assert [caption.text for caption in found] == [caption.text for caption in expected]
    for one, other in zip(found, expected, strict=True):
        assert abs(one.confidence - other.confidence) <= _SAME
