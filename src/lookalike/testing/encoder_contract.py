"""What must every encoder do, and what one that knows words, or names what it sees?"""

# ruff: noqa: S101, D102 - asserting is what this module is for, and the tests' names are sentences
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np

from lookalike.encoders import Encoder, Recogniser, Seen, TextEncoder
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


_TEXTS = ["a red ball", "zwei Hunde spielen im tiefen Schnee", "un chat noir", "hrající si psi", "beach " * 40, "x"]

_ODD_TEXTS = ["", " \t\r\n", "\0\x01\x7f", "\ud800", "\u202e\u200b\ufeff", "🐕🏽‍🦺" * 3, "é" * 100_000, "\uffff"]


class TextEncoderContract(EncoderContract):
    """Give `load()`: an encoder that knows words, too."""

    def test_it_is_a_text_encoder_and_says_which_languages_it_knows(self) -> None:
        encoder = _text_encoder(self.load())
        assert encoder.languages
        assert len(set(encoder.languages)) == len(encoder.languages)
        assert all(len(code) == 2 and code.isascii() and code.islower() for code in encoder.languages)
        assert np.isfinite(encoder.text_calibration).all()

    def test_each_text_becomes_one_float32_unit_vector_beside_those_of_pictures(self) -> None:
        encoder = self.load()
        vectors = _text_encoder(encoder).encode_text(_TEXTS)
        space = encoder.spaces[_text_encoder(encoder).text_space]
        _assert_unit(vectors, len(_TEXTS), space.dim)
        assert np.isfinite(vectors @ encoder.encode(_pictures(2))[space.name].T).all()

    def test_no_texts_become_no_vectors(self) -> None:
        encoder = self.load()
        text_encoder = _text_encoder(encoder)
        assert text_encoder.encode_text([]).shape == (0, encoder.spaces[text_encoder.text_space].dim)

    def test_a_text_is_encoded_alike_alone_and_beside_longer_ones(self) -> None:
        encoder = _text_encoder(self.load())
        together = encoder.encode_text(_TEXTS * 20)
        for i in (0, 3, len(_TEXTS) * 20 - 1):
            alone = encoder.encode_text([_TEXTS[i % len(_TEXTS)]])
            np.testing.assert_allclose(alone[0], together[i], atol=_SAME)

    def test_threads_may_encode_texts_at_the_same_time(self) -> None:
        encoder = _text_encoder(self.load())
        expected = [encoder.encode_text([text]) for text in _TEXTS]
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(lambda text: encoder.encode_text([text]), _TEXTS * 3))
        for one, other in zip(found, expected * 3, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-5)

    def test_any_string_is_a_text(self) -> None:
        encoder = self.load()
        text_encoder = _text_encoder(encoder)
        dim = encoder.spaces[text_encoder.text_space].dim
        _assert_unit(text_encoder.encode_text(_ODD_TEXTS), len(_ODD_TEXTS), dim)
        for text in _ODD_TEXTS:
            _assert_unit(text_encoder.encode_text([text]), 1, dim)

    def test_what_is_too_long_is_cut(self) -> None:
        long, longer = _text_encoder(self.load()).encode_text(["red " * 20_000, "red " * 30_000])
        np.testing.assert_allclose(long, longer, atol=_SAME)

    def test_it_does_not_matter_how_an_accent_was_typed(self) -> None:
        encoder = _text_encoder(self.load())
        words = "une forêt dorée, grün, červený"
        composed, decomposed = encoder.encode_text([unicodedata.normalize(form, words) for form in ("NFC", "NFD")])
        np.testing.assert_allclose(composed, decomposed, atol=_SAME)


class RecogniserContract(EncoderContract):
    """Give `load()`: an encoder that names what it sees, too."""

    def test_it_is_a_recogniser_with_a_name_for_each_class(self) -> None:
        names = _recogniser(self.load()).class_names
        assert names
        assert len(set(names)) == len(names)
        assert all(name and name == name.strip() for name in names)

    def test_one_look_gives_vectors_probabilities_and_maps(self) -> None:
        encoder = self.load()
        pictures = _pictures(11)
        seen = _recogniser(encoder).see(pictures)
        _assert_equal(seen.embeddings, encoder.encode(pictures), _SAME)
        assert seen.classes.dtype == np.float32
        assert seen.classes.shape == (11, len(_recogniser(encoder).class_names))
        assert seen.classes.min() >= 0
        np.testing.assert_allclose(seen.classes.sum(axis=1), 1, atol=1e-3)
        assert seen.maps.dtype == np.float32
        assert seen.maps.shape[0] == 11
        assert np.isfinite(seen.maps).all()

    def test_no_pictures_show_nothing(self) -> None:
        recogniser = _recogniser(self.load())
        nothing, something = recogniser.see([]), recogniser.see(_pictures(1))
        assert nothing.embeddings.keys() == something.embeddings.keys()
        for one, other in zip(_arrays(nothing), _arrays(something), strict=True):
            assert one.shape == (0, *other.shape[1:])

    def test_a_picture_is_seen_alike_alone_and_in_a_batch(self) -> None:
        recogniser = _recogniser(self.load())
        pictures = [draw_picture(i, size) for i, size in enumerate(_SIZES)]
        together = _arrays(recogniser.see(pictures))
        for i in (0, 5):
            for one, all_ in zip(_arrays(recogniser.see([pictures[i]])), together, strict=True):
                np.testing.assert_allclose(one[0], all_[i], atol=_SAME * max(1.0, float(np.abs(all_).max())))


def _text_encoder(encoder: Encoder) -> TextEncoder:
    assert isinstance(encoder, TextEncoder), f"{encoder.name} does not know words"
    return encoder


def _recogniser(encoder: Encoder) -> Recogniser:
    assert isinstance(encoder, Recogniser), f"{encoder.name} does not name what it sees"
    return encoder


def _arrays(seen: Seen) -> list[np.ndarray]:
    return [*seen.embeddings.values(), seen.classes, seen.maps]


def _assert_unit(vectors: Embeddings, n: int, dim: int) -> None:
    assert vectors.dtype == np.float32
    assert vectors.shape == (n, dim)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)


def _pictures(n: int) -> list[Pixels]:
    return [_picture(seed).copy() for seed in range(n)]


@cache
def _picture(seed: int) -> Pixels:
    return draw_picture(seed, (256, 192))


def _assert_equal(found: dict[str, Embeddings], expected: dict[str, Embeddings], tolerance: float) -> None:
    assert found.keys() == expected.keys()
    for name, vectors in found.items():
        np.testing.assert_allclose(vectors, expected[name], atol=tolerance)
