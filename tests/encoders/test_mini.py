"""Is the encoder that ships with Lookalike complete, small, and the same as when its figures were measured?"""

import hashlib
import io
from importlib.resources import files

import numpy as np
import pytest
from PIL import Image

from lookalike.encoders import load_encoder
from lookalike.encoders.card import read_card
from lookalike.errors import BadInput
from lookalike.testing import draw_picture
from lookalike.types import Pixels

FOLDER = files("lookalike.encoders") / "mini"

FIRST_OF_DRAWN_PICTURE = [-0.1254, -0.0605, 0.0319, 0.0014, 0.0158, -0.0087, -0.0900, -0.0067]
"""As measured when the model was made; its 8-bit arithmetic is the same on every processor."""


@pytest.fixture(scope="module")
def encode():
    encoder = load_encoder()

    def one(picture: Pixels) -> np.ndarray:
        return encoder.encode([picture])["mini@1/semantic"][0]

    return one


def confidence(score: float) -> float:
    a, b = load_encoder().spaces["mini@1/semantic"].calibration
    return 1 / (1 + np.exp(-(a * score + b)))


def jpeg_copy(picture: Pixels, size: tuple[int, int], quality: int) -> Pixels:
    buffer = io.BytesIO()
    Image.fromarray(picture).resize(size).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def test_mini_has_one_semantic_space_of_at_most_512_dimensions():
    (space,) = load_encoder("mini").spaces.values()
    assert (space.name, space.encoder) == ("mini@1/semantic", "mini")
    assert space.dim <= 512


def test_the_vector_of_a_drawn_picture_is_the_one_measured(encode):
    vector = encode(draw_picture(0, (400, 300)))
    np.testing.assert_allclose(vector[:8], FIRST_OF_DRAWN_PICTURE, atol=2e-3)
    np.testing.assert_allclose(np.abs(vector).sum(), 17.863, atol=2e-2)


@pytest.mark.parametrize("seed", range(5))
def test_a_scaled_and_compressed_copy_is_closer_than_any_other_picture(encode, seed):
    picture = draw_picture(seed, (400, 300))
    copy = encode(jpeg_copy(picture, (250, 188), quality=50))
    others = [float(copy @ encode(draw_picture(other, (400, 300)))) for other in range(10) if other != seed]
    assert float(copy @ encode(picture)) > max(others) + 0.1


def test_the_confidence_is_high_for_equals_and_low_for_strangers():
    assert confidence(1.0) > 0.95
    assert confidence(0.0) < 0.1
    assert confidence(-0.1) < confidence(0.3) < confidence(0.9)


def test_the_files_are_small_and_complete():
    data = {file.name: file.read_bytes() for file in FOLDER.iterdir()}
    assert set(data) == {"mini.onnx", "mini.toml"}
    assert sum(map(len, data.values())) < 8_000_000
    assert read_card(data["mini.toml"], "mini.toml").files["mini.onnx"] == hashlib.sha256(data["mini.onnx"]).hexdigest()


def test_the_card_says_where_the_model_comes_from_and_on_what_terms():
    card = read_card((FOLDER / "mini.toml").read_bytes(), "mini.toml")
    assert card.licence == "Apache-2.0"
    assert card.source.startswith("https://")
    assert card.paper.startswith("https://")
    assert "sha256" in card.about
    assert all(head.calibration != (0, 0) for head in card.heads)


def test_the_model_file_tells_nothing_of_the_machine_it_was_made_on():
    data = (FOLDER / "mini.onnx").read_bytes()
    assert not [word for word in (b"/home/", b"/tmp/", b"/root/", b"Users", b"site-packages") if word in data]


def test_nothing_may_stand_after_mini():
    with pytest.raises(BadInput, match="mini:large"):
        load_encoder("mini:large")
