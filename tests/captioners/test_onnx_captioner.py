"""Do ONNX files and a card make a captioner, and are wrong ones refused with the reason?"""

import json
import os

import numpy as np
import pytest
from captioner_files import CELLS, CHANNELS, WORDS, draw_begin, draw_step

from lookalike.captioners import Captioner, load_captioner
from lookalike.captioners.onnx import OnnxCaptioner
from lookalike.captioners.registry import registrable
from lookalike.errors import BadInput, LookalikeError, NotFound
from lookalike.testing import CaptionerContract, ColourCaptioner, draw_picture
from lookalike.types import Maps, Pixels

PICTURE = draw_picture(0, (8, 8))

CONFIDENCE = {"offset": 0.0, "fluency": 1.0, "familiarity": 1.0, "cutoff": 0.2}


def see(images: list[Pixels]) -> Maps:
    """Look at how bright each third of the numbers is; a map that says more of one word than of others."""
    maps = np.zeros((len(images), CELLS, CHANNELS), np.float32)
    for i, image in enumerate(images):
        maps[i, :, 1:4] = image.mean(axis=(0, 1)) / 64
    return maps


def map_of(**words: float) -> Maps:
    """A map in which these words stand out."""
    maps = np.zeros((1, CELLS, CHANNELS), np.float32)
    for word, much in words.items():
        maps[:, :, WORDS.index(word)] = much
    return maps


class TestOnnxCaptioner(CaptionerContract):
    @pytest.fixture(autouse=True)
    def _files(self, write_captioner):
        self.folder = write_captioner()

    def load(self) -> Captioner:
        return OnnxCaptioner("table", self.folder, see)


class TestColourCaptioner(CaptionerContract):
    def load(self) -> Captioner:
        return ColourCaptioner()


def test_the_caption_follows_the_map(write_captioner):
    captioner = OnnxCaptioner("table", write_captioner())
    (dogs,) = captioner.caption([PICTURE], map_of(dogs=2))
    (cats,) = captioner.caption([PICTURE], map_of(cats=2))
    assert (dogs.text, cats.text) == ("dogs run outside", "cats sleep outside")


def test_maps_are_asked_for_only_where_none_are_given(write_captioner):
    asked = []

    def see_dogs(images: list[Pixels]) -> Maps:
        asked.append(len(images))
        return map_of(dogs=2)

    captioner = OnnxCaptioner("table", write_captioner(), see_dogs)
    assert captioner.caption([PICTURE], map_of(cats=2))[0].text == "cats sleep outside"
    assert asked == []
    assert captioner.caption([PICTURE])[0].text == "dogs run outside"
    assert asked == [1]


def test_without_maps_and_without_an_encoder_it_says_what_to_give(write_captioner):
    captioner = OnnxCaptioner("table", write_captioner())
    with pytest.raises(BadInput, match="no encoder") as caught:
        captioner.caption([PICTURE])
    assert "maps" in caught.value.fix
    assert captioner.caption([]) == []


def test_below_the_cutoff_nothing_is_said_and_the_confidence_tells_why(write_captioner):
    captioner = OnnxCaptioner("table", write_captioner(confidence=CONFIDENCE | {"cutoff": 0.5}))
    strange, known = map_of(dogs=2), map_of(dogs=2)
    strange[:, :, 0], known[:, :, 0] = -3, 3
    (silent,), (sure,) = captioner.caption([PICTURE], strange), captioner.caption([PICTURE], known)
    assert silent.text == ""
    assert silent.confidence < 0.5 <= sure.confidence
    assert sure.text == "dogs run outside"
    assert captioner.write(strange)[0].text == "dogs run outside"


def test_twenty_pictures_keep_their_order(write_captioner):
    captioner = OnnxCaptioner("table", write_captioner())
    maps = np.concatenate([map_of(dogs=2), map_of(cats=2)] * 10)
    texts = [caption.text for caption in captioner.caption([PICTURE] * 20, maps)]
    assert texts == ["dogs run outside", "cats sleep outside"] * 10


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ((1, CELLS, CHANNELS + 1), f"{CELLS} cells of {CHANNELS + 1} channels"),
        ((1, CELLS - 1, CHANNELS), f"{CELLS - 1} cells"),
        ((2, CELLS, CHANNELS), "2 maps for 1 pictures"),
        ((0, CELLS, CHANNELS), "0 maps for 1 pictures"),
    ],
)
def test_maps_of_another_shape_are_refused(write_captioner, shape, said):
    with pytest.raises(BadInput, match=said):
        OnnxCaptioner("table", write_captioner()).caption([PICTURE], np.zeros(shape, np.float32))


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_maps_that_are_not_finite_are_refused(write_captioner, number):
    maps = map_of(dogs=2)
    maps[0, 1, 2] = number
    with pytest.raises(BadInput, match="not finite") as caught:
        OnnxCaptioner("table", write_captioner()).caption([PICTURE], maps)
    assert "table@1" in caught.value.fix


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (b"{", "cannot be read"),
        (b"\xff", "cannot be read"),
        (b"[" * 100_000, "cannot be read"),
        (b"{}", "no list of words"),
        (b'[""]', "no list of words"),
        (b'["", 1]', "no list of words"),
        (json.dumps(WORDS[1:]).encode(), "empty one"),
        (json.dumps([*WORDS, "dogs"]).encode(), "each once"),
    ],
)
def test_wrong_words_are_refused(write_captioner, words, said):
    folder = write_captioner({"words.json": words})
    with pytest.raises(BadInput, match=said):
        OnnxCaptioner("table", folder)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"words.json": json.dumps(WORDS[:4]).encode()}, "words that are not among the 3"),
        ({"step.onnx": draw_step(beams=2)}, "other shapes"),
        ({"step.onnx": draw_step(added=np.nan)}, "no numbers"),
        ({"begin.onnx": draw_begin(first=[0, 1])}, "one familiarity a picture"),
    ],
)
def test_networks_that_answer_something_else_are_caught_when_they_do(write_captioner, files, said):
    captioner = OnnxCaptioner("table", write_captioner(files))
    with pytest.raises(BadInput, match=said):
        captioner.caption([PICTURE], map_of(sleep=9))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"beam": 3}, "beam"),
        ({"map": {"encoder": "table@1", "cells": 0, "channels": 3}}, "map.cells"),
        ({"writing": {"beams": 3, "longest": 6, "length_exponent": "0.8"}}, "writing.length_exponent"),
        ({"confidence": CONFIDENCE | {"cutoff": 1.5}}, "confidence.cutoff"),
        ({"step": "other.onnx"}, "other.onnx"),
        ({"files": {"../begin.onnx": "0" * 64}}, "no plain file name"),
        ({"files": {"begin.onnx": "0" * 64, "step.onnx": "0" * 64, "words.json": "0" * 64}}, "sha256"),
    ],
)
def test_a_wrong_card_is_refused_with_the_key(write_captioner, changes, said):
    with pytest.raises(BadInput, match=said):
        OnnxCaptioner("table", write_captioner(**changes))


@pytest.mark.parametrize("name", ["captioner.toml", "begin.onnx", "step.onnx", "words.json"])
def test_a_missing_file_is_not_found(write_captioner, name):
    folder = write_captioner()
    (folder / name).unlink()
    with pytest.raises(NotFound, match=name):
        OnnxCaptioner("table", folder)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_named_pipe_in_the_place_of_a_card_does_not_hang(write_captioner):
    folder = write_captioner()
    (folder / "captioner.toml").unlink()
    os.mkfifo(folder / "captioner.toml")
    with pytest.raises(NotFound, match=r"captioner\.toml"):
        OnnxCaptioner("table", folder)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"begin.onnx": b"PK"}, "cannot be loaded"),
        ({"begin.onnx": draw_step()}, "does not take 'maps'"),
        ({"step.onnx": draw_begin()}, "does not take 'words'"),
        ({"step.onnx": draw_step(next_words="others")}, "does not give 'next_words'"),
    ],
)
def test_networks_that_are_none_of_a_captioner_are_refused(write_captioner, files, said):
    with pytest.raises(BadInput, match=said):
        OnnxCaptioner("table", write_captioner(files))


def test_an_unknown_captioner_is_refused_with_the_known_ones():
    with pytest.raises(LookalikeError, match="mini"):
        load_captioner("blip")


def test_one_with_a_file_that_does_not_come_out_of_a_registry_is_not_registered(write_captioner):
    with pytest.raises(BadInput, match=r"cannot be registered: files: 'lookalike\.json' may not be part of a model"):
        registrable(str(write_captioner({"lookalike.json": b"{}"})))
