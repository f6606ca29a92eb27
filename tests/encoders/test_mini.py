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

FIRST_COPY_NUMBERS_OF_DRAWN_PICTURE = [-0.0200, -0.0430, 0.1330, -0.0680, -0.1234, 0.0924, 0.0039, -0.0435]


@pytest.fixture(scope="module")
def encode():
    encoder = load_encoder()

    def one(picture: Pixels, space: str = "mini@1/semantic") -> np.ndarray:
        return encoder.encode([picture])[space][0]

    return one


def confidence(score: float, space: str) -> float:
    a, b = load_encoder().spaces[space].calibration
    return 1 / (1 + np.exp(-(a * score + b)))


def jpeg_copy(picture: Pixels, size: tuple[int, int], quality: int) -> Pixels:
    buffer = io.BytesIO()
    Image.fromarray(picture).resize(size).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def test_mini_has_a_semantic_space_and_after_it_one_for_copies():
    spaces = load_encoder("mini").spaces
    assert {name: space.dim for name, space in spaces.items()} == {"mini@1/semantic": 512, "mini@1/copy": 256}
    assert next(iter(spaces)) == "mini@1/semantic"
    assert {space.encoder for space in spaces.values()} == {"mini"}


def test_the_vectors_of_a_drawn_picture_are_the_ones_measured(encode):
    vector = encode(draw_picture(0, (400, 300)))
    np.testing.assert_allclose(vector[:8], FIRST_OF_DRAWN_PICTURE, atol=2e-3)
    np.testing.assert_allclose(np.abs(vector).sum(), 17.863, atol=2e-2)
    copy = encode(draw_picture(0, (400, 300)), "mini@1/copy")
    np.testing.assert_allclose(copy[:8], FIRST_COPY_NUMBERS_OF_DRAWN_PICTURE, atol=2e-3)


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
    vectors = np.stack([encode(picture, "mini@1/copy") for picture in pictures])
    for seed in range(5):
        scores = vectors @ encode(np.ascontiguousarray(edit(pictures[seed])), "mini@1/copy")
        assert scores.argmax() == seed


@pytest.mark.parametrize(("space", "low"), [("mini@1/semantic", 0.1), ("mini@1/copy", 0.15)])
def test_the_confidence_is_high_for_equals_and_low_for_strangers(space, low):
    assert confidence(1.0, space) > 0.95
    assert confidence(0.0, space) < low
    assert confidence(-0.1, space) < confidence(0.3, space) < confidence(0.9, space)


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
