"""Does a card with [text], [classes] and [map] make an encoder that knows words and names what it sees?"""

import base64
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from networks import (
    CELLS,
    CHANNELS,
    DIM,
    SIDE,
    count_pieces,
    draw_recogniser,
    draw_text_network,
    make_tokenizer,
    make_whole_checkpoint,
    save,
)
from onnx import TensorProto, helper

from lookalike.encoders import Encoder, Recogniser, TextEncoder, load_encoder
from lookalike.errors import BadInput
from lookalike.testing import RecogniserContract, TextEncoderContract, draw_picture

Write = Callable[..., str]


def write_into(folder: Path, **changes: Any) -> str:
    for name, data in make_whole_checkpoint(**changes).items():
        (folder / name).write_bytes(data)
    return f"onnx:{folder / 'colours.onnx'}"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a whole checkpoint, but for some changes; gives what `load_encoder` takes."""
    return lambda **changes: write_into(tmp_path, **changes)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_into(tmp_path_factory.mktemp("whole"))


class TestWholeEncoder(TextEncoderContract, RecogniserContract):
    @pytest.fixture(autouse=True)
    def _model(self, whole: str, engine: Any) -> None:
        self.model, self.engine = whole, engine

    def load(self) -> Encoder:
        return load_encoder(self.model, self.engine)


@pytest.mark.parametrize("classes", [True, False])
@pytest.mark.parametrize("text", [True, False])
def test_each_section_gives_its_capability_and_no_other(write: Write, classes: bool, text: bool) -> None:
    without: dict[str, Any] = {} if classes else {"classes": None, "map": None}
    without |= {} if text else {"text": None}
    encoder = load_encoder(write(**without))
    assert isinstance(encoder, Recogniser) == classes
    assert isinstance(encoder, TextEncoder) == text


def test_the_card_says_what_the_encoder_says(whole: str) -> None:
    encoder = load_encoder(whole)
    assert isinstance(encoder, TextEncoder)
    assert (encoder.text_space, encoder.languages) == ("colours@1/colour", ("en", "de", "fr", "cs"))
    assert encoder.text_calibration == (9.0, -3.0)
    assert isinstance(encoder, Recogniser)
    assert encoder.class_names == ("red", "green", "blue")


def test_one_look_says_which_colour_is_most_and_where(whole: str, engine: Any) -> None:
    encoder = load_encoder(whole, engine)
    picture = np.zeros((SIDE, SIDE, 3), np.uint8)
    picture[: SIDE // 2, :, 1] = 250
    assert isinstance(encoder, Recogniser)
    seen = encoder.see([picture, draw_picture(3)])
    assert encoder.class_names[seen.classes[0].argmax()] == "green"
    assert seen.maps.shape == (2, CELLS, CHANNELS)
    assert list(seen.maps[0, :, 1] > 0) == [True] * 8 + [False] * 8
    np.testing.assert_allclose(
        seen.embeddings["colours@1/colour"], encoder.encode([picture, draw_picture(3)])["colours@1/colour"], atol=1e-5
    )


def words(encoder: Encoder, *texts: str) -> np.ndarray:
    assert isinstance(encoder, TextEncoder)
    vectors = encoder.encode_text(texts)
    return np.asarray(vectors)


def test_a_text_is_the_mean_of_its_pieces_whatever_stands_beside_it(whole: str, engine: Any) -> None:
    encoder = load_encoder(whole, engine)
    red, ball, both, _ = words(encoder, "red", "ball", "a red ball"[2:], "a ball the red dog a ball")
    table = np.random.default_rng(0).normal(size=(count_pieces(make_tokenizer()), DIM)).astype(np.float32)
    expected = table[2] / np.linalg.norm(table[2])
    np.testing.assert_allclose(red, expected, atol=1e-5)
    mean = table[2] + table[9]
    np.testing.assert_allclose(both, mean / np.linalg.norm(mean), atol=1e-5)
    assert red @ ball < 0.9


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("RED Ball", "red ball"),
        ("  red\t\n ball ", "red ball"),
        ("red\0\x07ball", "red ball"),
        ("re\u0301d", "r\u00e9d"),
        ("", " \n"),
        ("\ud800", "\ufffd"),
        ("\ud83d\udc15", "🐕"),
        (" " * 100_000 + "red", "red"),
        ("red " * 16, "red " * 50_000),
        ("<pad>", ""),
    ],
)
def test_these_texts_are_the_same_to_it(whole: str, text: str, same: str) -> None:
    one, other = words(load_encoder(whole), text, same)
    np.testing.assert_allclose(one, other, atol=1e-5)


def test_a_very_long_text_takes_no_longer_than_a_short_one(whole: str) -> None:
    encoder = load_encoder(whole)
    words(encoder, "first")
    start = time.process_time()
    words(encoder, "x" * 3_000_000, "é " * 1_000_000)
    assert time.process_time() - start < 1


def test_the_tower_for_texts_loads_once_though_many_threads_ask(whole: str) -> None:
    encoder = load_encoder(whole)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda text: words(encoder, text)[0], ["red", "dog"] * 16))
    for i, vector in enumerate(found):
        np.testing.assert_allclose(vector, found[i % 2], atol=1e-6)


TOKENIZER = json.loads(make_tokenizer())


def altered(**changes: Any) -> bytes:
    return json.dumps(TOKENIZER | changes).encode()


def precompiled(characters: bytes) -> dict[str, str]:
    return {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(characters).decode()}


def with_characters(characters: bytes) -> bytes:
    return altered(normalizer=precompiled(characters))


UNIGRAM = TOKENIZER["model"]
TEMPLATE = {
    "type": "TemplateProcessing",
    "single": [{"SpecialToken": {"id": "not there", "type_id": 0}}],
    "pair": [],
    "special_tokens": {},
}
SPLIT = {"type": "Split", "pattern": {"Regex": "(x+x+)+y"}, "behavior": "Isolated", "invert": False}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("said", "data"),
    [
        ("cannot be used", b""),
        ("cannot be used", b"{}"),
        ("cannot be used", b"\xff\xfe\0"),
        ("cannot be used", b"[" * 100_000),
        ("cannot be used", make_tokenizer()[:-40]),
        ("cannot be used", altered(model=None)),
        ("cannot be used", altered(model=UNIGRAM | {"vocab": []})),
        ("cannot be used", altered(model={"type": "WordLevel", "vocab": {"a": 1}, "unk_token": 7})),
        ("cannot be used", altered(model=UNIGRAM | {"vocab": [["<pad>", "much"]]})),
        ("cannot be used", altered(model=UNIGRAM | {"unk_id": 10_000})),
        ("no piece for what it does not know", altered(model=UNIGRAM | {"unk_id": None})),
        ("no piece for what it does not know", altered(model=UNIGRAM | {"unk_id": 0})),
        ("piece 0", altered(added_tokens=[])),
        ("table of characters", with_characters(b"\xff" * 4)),
        ("table of characters", altered(normalizer={"type": "Sequence", "normalizers": [precompiled(b"")]})),
        ("out of bounds", with_characters(b"\4" + b"\0" * 7)),
        ("no entry", altered(post_processor=TEMPLATE)),
        ("retry-limit", altered(pre_tokenizer=SPLIT)),
        ("Missing", altered(model={"type": "WordLevel", "vocab": {"<pad>": 0}, "unk_token": "<unk>"})),
    ],
)
def test_a_broken_tokenizer_is_refused(write: Write, said: str, data: bytes) -> None:
    encoder = load_encoder(write(contents={"tokenizer.json": data}))
    with pytest.raises(BadInput, match=said) as refused:
        words(encoder, "red" + "x" * 200)
    assert "tokenizer.json" in refused.value.what
    assert refused.value.fix


@pytest.mark.parametrize(
    ("said", "network"),
    [
        ("cannot be loaded", b"\x08\x09"),
        ("not float32 [n, 48]", draw_text_network(60, dim=DIM - 1)),
        ("its input is int32", draw_text_network(60, element=TensorProto.INT32)),
        ("no output 'text'", draw_recogniser()),
        ("zero or not finite", draw_text_network(60, scale=float("nan"))),
        ("zero or not finite", draw_text_network(60, scale=0)),
    ],
)
def test_a_wrong_network_for_texts_is_refused(write: Write, engine: Any, said: str, network: bytes) -> None:
    encoder = load_encoder(write(contents={"words.onnx": network}), engine)
    with pytest.raises(BadInput) as refused:
        words(encoder, "red")
    assert said in refused.value.what
    assert refused.value.fix


def test_pieces_that_the_network_does_not_know_are_refused_or_nothing(write: Write, engine: Any) -> None:
    encoder = load_encoder(write(contents={"words.onnx": draw_text_network(3)}), engine)
    with pytest.raises(BadInput):
        words(encoder, "dog")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("no list", b"{}"),
        ("no list", b"[]"),
        ("name 1 is '1'", b"[1, 2, 3]"),
        ("name 2 is ''", b'["red", "", "blue"]'),
        ("name 1 is", b'[" red", "green", "blue"]'),
        ("name 1 is", b'["red\\u0000", "green", "blue"]'),
        ("'red' stands there twice", b'["red", "red", "blue"]'),
        ("stands there twice", json.dumps([*map(str, range(100_000)), "99999"]).encode()),
        ("cannot be used", b"["),
        ("cannot be used", b"\xff"),
        ("cannot be used", b"[" * 100_000),
        ("past the limit", b" " * 8_000_001),
    ],
)
def test_broken_class_names_are_refused(write: Write, said: str, names: bytes) -> None:
    with pytest.raises(BadInput, match=said) as refused:
        load_encoder(write(contents={"classes.json": names}))
    assert "classes.json" in refused.value.what
    assert refused.value.fix


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        ("has shape", {"contents": {"classes.json": b'["red", "green"]'}}),
        ("no probabilities", {"contents": {"colours.onnx": draw_recogniser(softmax=False)}}),
        ("zero or not finite", {"contents": {"colours.onnx": draw_recogniser(scale=float("nan"))}}),
    ],
)
def test_classes_and_maps_that_cannot_be_are_caught_when_they_come(write: Write, engine: Any, said: str, changes: Any):
    encoder = load_encoder(write(**changes), engine)
    assert isinstance(encoder, Recogniser)
    with pytest.raises(BadInput, match=said):
        encoder.see([draw_picture(1)])


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        ("no output 'sorts'", {"classes": {"output": "sorts", "names": "classes.json"}}),
        ("not float32 [n, 49, 3]", {"map": {"output": "map", "cells": 49, "channels": 3}}),
    ],
)
def test_outputs_that_are_not_what_the_card_says_are_refused_at_once(write: Write, said: str, changes: Any) -> None:
    with pytest.raises(BadInput) as refused:
        load_encoder(write(**changes))
    assert said in refused.value.what


@pytest.mark.parametrize("part", ["text", "classes"])
def test_the_model_itself_cannot_play_a_second_part(write: Write, part: str) -> None:
    model = "colours.onnx"
    tree = json.loads(make_whole_checkpoint()["colours.json"])[part]
    with pytest.raises(BadInput, match="two parts"):
        load_encoder(write(**{part: tree | {"model" if part == "text" else "names": model}}))


def test_texts_and_pictures_of_one_model_meet(write: Write, engine: Any) -> None:
    """The network for texts gives a plain red picture's vector for `red`, and so on."""
    plain = np.zeros((3, SIDE, SIDE, 3), np.uint8)
    for channel in range(3):
        plain[channel, :, :, channel] = 255
    table = ((plain.reshape(3, 4, 8, 4, 8, 3).mean(axis=(2, 4)) / 255 - 0.4) / 0.2).transpose(0, 3, 1, 2).reshape(3, -1)
    nodes = [
        helper.make_node("Sub", ["pieces", "two"], ["rows"]),
        helper.make_node("Clip", ["rows", "zero", "two"], ["known"]),
        helper.make_node("Gather", ["table", "known"], ["each"]),
        helper.make_node("ReduceSum", ["each", "one"], ["text"], keepdims=0),
    ]
    weights = [
        helper.make_tensor("table", TensorProto.FLOAT, table.shape, table.astype(np.float32).ravel()),
        *(helper.make_tensor(n, TensorProto.INT64, [], [v]) for n, v in (("zero", 0), ("two", 2))),
        helper.make_tensor("one", TensorProto.INT64, [1], [1]),
    ]
    pieces = helper.make_tensor_value_info("pieces", TensorProto.INT64, ["n", "length"])
    text = helper.make_tensor_value_info("text", TensorProto.FLOAT, ["n", DIM])
    encoder = load_encoder(write(contents={"words.onnx": save(nodes, [pieces], [text], weights)}), engine)
    pictures = encoder.encode(list(plain))["colours@1/colour"]
    for i, word in enumerate(["red", "green", "blue"]):
        assert (words(encoder, word) @ pictures.T).argmax() == i
