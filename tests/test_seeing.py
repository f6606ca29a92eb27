import numpy as np

from lookalike.seeing import LEAST_CONFIDENCE, RECOGNISED, look
from lookalike.testing import ColourCaptioner, ColourEncoder, WordlessEncoder, draw_picture
from lookalike.types import Maps, Pixels

RED = np.full((20, 30, 3), (230, 20, 20), np.uint8)
HALF = np.concatenate([RED, np.full((20, 30, 3), (20, 60, 220), np.uint8)])


class WithoutMaps(ColourCaptioner):
    """Claims that nobody gave it maps."""

    def caption(self, images: list[Pixels], maps: Maps | None = None):
        assert maps is None
        return super().caption(images)


class WithMaps(ColourCaptioner):
    """Claims that it need not look itself."""

    def caption(self, images: list[Pixels], maps: Maps | None = None):
        assert maps is not None
        assert len(maps) == len(images)
        return super().caption(images, maps)


def test_what_is_recognised_comes_likeliest_first_and_not_below_the_threshold():
    red, half, scene = look(ColourEncoder(), [RED, HALF, draw_picture(1)])
    assert red.recognised == {"red": 1.0}
    assert half.recognised == {"red": 0.5, "blue": 0.5}
    assert len(scene.recognised) <= RECOGNISED
    assert all(LEAST_CONFIDENCE <= sure <= 1 for sure in scene.recognised.values())
    assert list(scene.recognised.values()) == sorted(scene.recognised.values(), reverse=True)
    assert red.caption is None


def test_embeddings_are_those_of_the_encoder_and_float16():
    encoder = ColourEncoder()
    (space,) = encoder.spaces
    (one,) = look(encoder, [RED])
    assert one.embeddings[space].dtype == np.float16
    np.testing.assert_allclose(one.embeddings[space], encoder.encode([RED])[space][0], atol=1e-3)


def test_an_encoder_that_names_nothing_leaves_what_is_recognised_empty():
    (one,) = look(WordlessEncoder(), [RED])
    assert one.recognised == {}


def test_captions_are_written_for_those_that_want_one_from_what_the_encoder_saw():
    red, half = look(ColourEncoder(), [RED, HALF], WithMaps(), to_caption=[0])
    assert red.caption.text == "a picture in red"
    assert half.caption is None
    assert all(one.caption for one in look(ColourEncoder(), [RED, HALF], WithMaps()))


def test_a_captioner_of_another_name_looks_for_itself():
    assert look(ColourEncoder(32), [RED], WithoutMaps(64))[0].caption.text == "a picture in red"
    assert look(WordlessEncoder(), [RED], WithoutMaps())[0].caption.text == "a picture in red"


def test_no_pictures_give_no_looks():
    assert look(ColourEncoder(), [], ColourCaptioner()) == []
