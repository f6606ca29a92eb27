"""Is the encoder that ships with Lookalike complete, small, and the same as when its figures were measured?"""

import hashlib
import io
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lookalike.encoders import load_encoder
from lookalike.encoders.card import read_card
from lookalike.errors import BadInput
from lookalike.models.engines import has_openvino
from lookalike.testing import draw_picture
from lookalike.types import Pixels

pytestmark = pytest.mark.slow

FOLDER = files("lookalike.encoders") / "mini"

FIRST_OF_DRAWN_PICTURE = [-0.1254, -0.0605, 0.0319, 0.0014, 0.0158, -0.0087, -0.0900, -0.0067]
"""As measured when the model was made, in ONNX Runtime, whose 8-bit arithmetic is the same on every processor."""

FIRST_COPY_NUMBERS_OF_DRAWN_PICTURE = [-0.0200, -0.0430, 0.1330, -0.0680, -0.1234, 0.0924, 0.0039, -0.0435]


@pytest.fixture(scope="module")
def encode():
    encoder = load_encoder()

    def one(picture: Pixels, space: str = "mini@2/visual") -> np.ndarray:
        return encoder.encode([picture])[space][0]

    return one


def confidence(score: float, space: str) -> float:
    a, b = load_encoder().spaces[space].calibration
    return 1 / (1 + np.exp(-(a * score + b)))


def jpeg_copy(picture: Pixels, size: tuple[int, int], quality: int) -> Pixels:
    buffer = io.BytesIO()
    Image.fromarray(picture).resize(size).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def test_mini_has_a_space_for_looks_and_after_it_those_for_copies_and_for_words():
    spaces = load_encoder("mini").spaces
    assert {name: space.dim for name, space in spaces.items()} == {
        "mini@2/visual": 512,
        "mini@2/copy": 256,
        "mini@2/semantic": 384,
    }
    assert next(iter(spaces)) == "mini@2/visual"
    assert {space.encoder for space in spaces.values()} == {"mini"}


def test_the_vectors_of_a_drawn_picture_are_the_ones_measured():
    encoded = load_encoder("mini", "onnxruntime").encode([draw_picture(0, (400, 300))])
    vector = encoded["mini@2/visual"][0]
    np.testing.assert_allclose(vector[:8], FIRST_OF_DRAWN_PICTURE, atol=2e-3)
    np.testing.assert_allclose(np.abs(vector).sum(), 17.863, atol=2e-2)
    np.testing.assert_allclose(encoded["mini@2/copy"][0][:8], FIRST_COPY_NUMBERS_OF_DRAWN_PICTURE, atol=2e-3)


@pytest.mark.skipif(not has_openvino(), reason="OpenVINO is not installed; it is, by default, on x86-64")
def test_both_engines_give_the_same_vectors_within_a_hundredth():
    pictures = [draw_picture(seed, (300, 200)) for seed in range(8)]
    one, other = (load_encoder("mini", engine).encode(pictures) for engine in ("onnxruntime", "openvino"))
    for space, vectors in one.items():
        assert (vectors * other[space]).sum(axis=1).min() > 0.99, space


def test_a_scaled_and_compressed_copy_is_closer_than_any_other_picture(encode):
    pictures = [draw_picture(seed, (400, 300)) for seed in range(10)]
    vectors = np.stack([encode(picture) for picture in pictures])
    for seed in range(5):
        scores = vectors @ encode(jpeg_copy(pictures[seed], (250, 188), quality=50))
        assert scores[seed] > np.delete(scores, seed).max() + 0.1, seed


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda picture: picture[30:270, 80:360], id="cropped to a half"),
        pytest.param(lambda picture: picture[:, ::-1], id="mirrored"),
        pytest.param(lambda picture: np.pad(picture, ((60, 60), (80, 80), (0, 0))), id="framed"),
        pytest.param(lambda picture: picture // 2 + 40, id="pale and dark"),
    ],
)
def test_an_edited_copy_is_closest_to_its_original_in_the_copy_space(encode, edit):
    pictures = [draw_picture(seed, (400, 300)) for seed in range(10)]
    vectors = np.stack([encode(picture, "mini@2/copy") for picture in pictures])
    for seed in range(5):
        scores = vectors @ encode(np.ascontiguousarray(edit(pictures[seed])), "mini@2/copy")
        assert scores.argmax() == seed


@pytest.mark.parametrize(("space", "low"), [("mini@2/visual", 0.1), ("mini@2/copy", 0.15), ("mini@2/semantic", 0.1)])
def test_the_confidence_is_high_for_equals_and_low_for_strangers(space, low):
    assert confidence(1.0, space) > 0.95
    assert confidence(0.0, space) < low
    assert confidence(-0.1, space) < confidence(0.3, space) < confidence(0.9, space)


def test_the_files_are_small_and_complete():
    data = {file.name: file.read_bytes() for file in FOLDER.iterdir()}
    assert set(data) == {"mini.onnx", "mini.toml", "text.onnx", "tokenizer.json", "classes.json"}
    assert sum(map(len, data.values())) < 18_000_000
    for name, expected in read_card(data["mini.toml"], "mini.toml").files.items():
        assert hashlib.sha256(data[name]).hexdigest() == expected


def test_the_card_says_where_the_model_comes_from_and_on_what_terms():
    card = read_card((FOLDER / "mini.toml").read_bytes(), "mini.toml")
    assert card.licence.startswith("Apache-2.0")
    assert "non-commercial research" in card.licence
    assert card.source.startswith("https://")
    assert card.paper.startswith("https://")
    assert "sha256" in card.about
    assert all(head.calibration != (0, 0) for head in card.heads)


def test_the_model_file_tells_nothing_of_the_machine_it_was_made_on():
    folders = [f"/{one.name}/".encode() for one in Path("/").iterdir() if one.is_dir()]
    for name in ("mini.onnx", "text.onnx", "tokenizer.json"):
        data = (FOLDER / name).read_bytes()
        assert not [word for word in (*folders, b"Users", b"site-packages") if word in data]


@pytest.mark.parametrize(
    "words",
    [
        ("a dog", "ein Hund", "un chien", "pes"),
        ("a bicycle", "ein Fahrrad", "un vélo", "jízdní kolo"),
        ("snow", "Schnee", "la neige", "sníh"),
    ],
)
def test_words_of_four_languages_that_mean_the_same_lie_close_and_others_far(words):
    encoder = load_encoder()
    vectors = encoder.encode_text(words)
    others = encoder.encode_text(["a guitar", "Kartoffeln", "une église", "letadlo"])
    assert (vectors @ vectors.T).min() > 0.6
    assert (vectors @ others.T).max() < 0.4


def test_words_typed_without_accents_and_in_capitals_mean_the_same():
    one, other = load_encoder().encode_text(["Žlutá kočka!", "ZLUTA KOCKA"])
    np.testing.assert_allclose(one, other, atol=1e-5)


def test_nothing_may_stand_after_mini():
    with pytest.raises(BadInput, match="mini:large"):
        load_encoder("mini:large")
