"""What must every encoder do?"""

# ruff: noqa: S101, D102 - asserting is what this module is for, and the tests' names are sentences
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np

from lookalike.encoders import Encoder
from lookalike.testing.pictures import draw_picture
from lookalike.types import Embeddings, Pixels

_SIZES = [(1, 1), (1, 700), (700, 1), (2, 3), (64, 64), (224, 224), (331, 257), (1500, 200)]
_SAME = 1e-3
"""How far a component may move with the batch around it: float16 would store no more."""


class EncoderContract:
    """Give `load() -> Encoder`; it is called once for each test."""

    def load(self) -> Encoder:
        raise NotImplementedError("a subclass of EncoderContract gives the encoder to test")

    def test_each_picture_becomes_one_float32_unit_vector_in_every_space(self) -> None:
        encoder = self.load()
        encoded = encoder.encode(_pictures(5))
        assert list(encoded) == list(encoder.spaces)
        for name, vectors in encoded.items():
            assert vectors.dtype == np.float32
            assert vectors.shape == (5, encoder.spaces[name].dim)
            np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)

    def test_the_spaces_say_what_a_gallery_must_store_about_them(self) -> None:
        encoder = self.load()
        assert encoder.spaces, "an encoder has at least one space"
        for name, space in encoder.spaces.items():
            assert space.name == name
            assert space.encoder == encoder.name
            assert space.dim > 0
            assert len(bytes.fromhex(space.digest)) == 32, "the digest is a sha256 in hexadecimal"
            assert np.isfinite(space.calibration).all()

    def test_two_encoders_of_one_name_are_the_same(self) -> None:
        first, second = self.load(), self.load()
        assert dict(first.spaces) == dict(second.spaces)
        _assert_equal(first.encode(_pictures(3)), second.encode(_pictures(3)), 1e-5)

    def test_no_pictures_become_no_vectors(self) -> None:
        encoder = self.load()
        shapes = {name: vectors.shape for name, vectors in encoder.encode([]).items()}
        assert shapes == {name: (0, space.dim) for name, space in encoder.spaces.items()}

    def test_a_picture_is_encoded_alike_alone_and_in_a_batch(self) -> None:
        encoder = self.load()
        pictures = _pictures(17)
        together = encoder.encode(pictures)
        for i in (0, 7, 16):
            alone = encoder.encode([pictures[i]])
            _assert_equal(alone, {name: vectors[i : i + 1] for name, vectors in together.items()}, _SAME)

    def test_threads_may_encode_at_the_same_time(self) -> None:
        encoder = self.load()
        pictures = _pictures(8)
        expected = [encoder.encode([picture]) for picture in pictures]
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(lambda picture: encoder.encode([picture]), pictures * 3))
        for one, other in zip(found, expected * 3, strict=True):
            _assert_equal(one, other, 1e-5)

    def test_pictures_of_any_size_may_stand_in_one_batch(self) -> None:
        encoder = self.load()
        for vectors in encoder.encode([draw_picture(i, size) for i, size in enumerate(_SIZES)]).values():
            assert len(vectors) == len(_SIZES)
            np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)

    def test_plain_pictures_have_a_direction_too(self) -> None:
        encoder = self.load()
        plain = [np.full((50, 40, 3), shade, np.uint8) for shade in (0, 127, 128, 255)]
        for vectors in encoder.encode(plain).values():
            np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)

    def test_a_picture_is_neither_changed_nor_need_it_lie_in_one_piece(self) -> None:
        encoder = self.load()
        picture = draw_picture(3, (200, 160))
        before = picture.copy()
        picture.flags.writeable = False
        view = np.repeat(picture, 2, axis=1)[:, ::2]
        assert not view.flags.c_contiguous
        _assert_equal(encoder.encode([picture]), encoder.encode([view]), 1e-5)
        np.testing.assert_array_equal(picture, before)

    def test_a_slightly_brighter_picture_is_nearer_than_another_picture(self) -> None:
        encoder = self.load()
        pictures = _pictures(6)
        brighter = [np.clip(picture.astype(np.int16) + 8, 0, 255).astype(np.uint8) for picture in pictures]
        for name, vectors in encoder.encode(pictures).items():
            scores = encoder.encode(brighter)[name] @ vectors.T
            assert list(scores.argmax(axis=1)) == list(range(6))


def _pictures(n: int) -> list[Pixels]:
    return [_picture(seed).copy() for seed in range(n)]


@cache
def _picture(seed: int) -> Pixels:
    return draw_picture(seed, (256, 192))


def _assert_equal(found: dict[str, Embeddings], expected: dict[str, Embeddings], tolerance: float) -> None:
    assert found.keys() == expected.keys()
    for name, vectors in found.items():
        np.testing.assert_allclose(vectors, expected[name], atol=tolerance)
