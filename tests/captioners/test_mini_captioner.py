"""Is the captioner that ships with Lookalike complete, small, and as good as when its figures were measured?"""

import json
from importlib.resources import files
from itertools import pairwise

import numpy as np
import pytest

from lookalike.captioners import load_captioner
from lookalike.captioners.onnx import OnnxCaptioner
from lookalike.encoders import Recogniser, load_encoder
from lookalike.errors import BadInput
from lookalike.testing import CaptionerContract, draw_picture
from lookalike.types import Maps

pytestmark = pytest.mark.slow

FOLDER = files("lookalike.captioners") / "mini"

MOST_BYTES = 6_000_000

WRITTEN_OF_NOISE = {
    "a little girl is playing on a red and white dog": (-1.4862, -4.8109),
    "a man in a blue shirt is standing on the camera": (-1.1213, -4.8175),
}
"""Text → fluency and familiarity, as measured when the files were made; their arithmetic is 32 bits everywhere."""


@pytest.fixture(scope="module")
def captioner() -> OnnxCaptioner:
    return load_captioner("mini")


@pytest.fixture(scope="module")
def maps() -> Maps:
    """What the bundled encoder sees in drawn pictures, which are not of the kind that the captioner knows."""
    return eyes().see([draw_picture(seed, (224, 224)) for seed in range(8)]).maps


def eyes() -> Recogniser:
    encoder = load_encoder("mini")
    assert isinstance(encoder, Recogniser)
    return encoder


class TestMiniCaptioner(CaptionerContract):
    def load(self) -> OnnxCaptioner:
        encoder = eyes()
        return load_captioner("mini", lambda images: encoder.see(images).maps)


def test_all_its_files_are_small():
    assert sum(len(file.read_bytes()) for file in FOLDER.iterdir() if file.is_file()) <= MOST_BYTES


def test_it_takes_the_maps_of_the_bundled_encoder(captioner, maps):
    assert maps.shape[1:] == (captioner.card.map.cells, captioner.card.map.channels)
    assert captioner.card.map.encoder == next(iter(load_encoder("mini").spaces)).partition("/")[0]


def test_captions_are_made_of_known_words_and_finite_numbers(captioner, maps):
    words = set(json.loads((FOLDER / captioner.card.words).read_bytes()))
    for written in captioner.write(maps):
        assert 3 <= len(written.text.split()) <= captioner.card.writing.longest
        assert set(written.text.replace("'s", " 's").replace("n't", " n't").split()) <= words
        assert np.isfinite([written.fluency, written.familiarity]).all()


def test_what_is_written_of_noise_is_what_was_measured(captioner):
    sides = (len(WRITTEN_OF_NOISE), captioner.card.map.cells, captioner.card.map.channels)
    maps = np.random.default_rng(1).normal(0, 2.7, sides).astype(np.float32)
    for written, (text, numbers) in zip(captioner.write(maps), WRITTEN_OF_NOISE.items(), strict=True):
        assert written.text == text
        np.testing.assert_allclose([written.fluency, written.familiarity], numbers, atol=2e-3)


def test_captions_are_the_same_every_time_and_in_any_batch(captioner, maps):
    first, again = captioner.write(maps), captioner.write(maps)
    assert first == again
    alone = [captioner.write(maps[i : i + 1])[0] for i in range(len(maps))]
    assert [one.text for one in alone] == [one.text for one in first]


def test_no_caption_says_a_phrase_twice(captioner):
    """Not even about noise, which drives it to whatever it says most."""
    noise = np.random.default_rng(0).normal(0, 3, (24, captioner.card.map.cells, captioner.card.map.channels))
    for written in captioner.write(noise.astype(np.float32)):
        words = written.text.split()
        assert all(one != other for one, other in pairwise(words))
        triples = list(zip(words, words[1:], words[2:], strict=False))
        assert len(set(triples)) == len(triples), written.text


def test_of_drawn_shapes_it_says_little_and_is_not_sure(captioner, maps):
    captions = captioner.caption([draw_picture(0, (8, 8))] * len(maps), maps)
    assert np.mean([caption.confidence for caption in captions]) < 0.5


def test_maps_of_another_encoder_are_refused(captioner):
    with pytest.raises(BadInput, match="cells") as caught:
        captioner.caption([draw_picture(0, (8, 8))], np.zeros((1, 64, 3), np.float32))
    assert captioner.card.map.encoder in caught.value.fix
