"""Does the bundled encoder know words and things, the same as when it was measured, on either engine, and fast?"""

import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lookalike.encoders import load_encoder
from lookalike.encoders.onnx import OnnxTextRecogniser
from lookalike.models.engines import has_openvino
from lookalike.testing import draw_picture

pytestmark = pytest.mark.slow

TEXT = "two dogs playing in the snow"

FIRST_OF_TEXT = [-0.0196, -0.0749, 0.0648, 0.0253, -0.0995, 0.0449, -0.0535, 0.0816]
"""As measured when the model was made, in ONNX Runtime; likewise the others."""

FIRST_SEMANTIC_NUMBERS_OF_DRAWN_PICTURE = [-0.0337, -0.0356, 0.0371, 0.0020, 0.0260, -0.0298, 0.1377, 0.0588]

CLASS_OF_DRAWN_PICTURE = ("pinwheel", 0.806)


def load(engine: str) -> OnnxTextRecogniser:
    if engine == "openvino" and not has_openvino():
        pytest.skip("OpenVINO is not installed; it is, by default, on x86-64")
    encoder = load_encoder("mini", engine)
    assert isinstance(encoder, OnnxTextRecogniser)
    return encoder


@pytest.fixture(scope="module")
def mini() -> OnnxTextRecogniser:
    return load("onnxruntime")


def test_words_things_and_meanings_are_the_ones_measured(mini):
    np.testing.assert_allclose(mini.encode_text([TEXT])[0][:8], FIRST_OF_TEXT, atol=1e-2)
    seen = mini.see([draw_picture(0, (400, 300))])
    found = seen.embeddings[mini.text_space][0]
    np.testing.assert_allclose(found[:8], FIRST_SEMANTIC_NUMBERS_OF_DRAWN_PICTURE, atol=1e-2)
    name, share = CLASS_OF_DRAWN_PICTURE
    assert mini.class_names[seen.classes[0].argmax()] == name
    assert seen.classes[0].max() == pytest.approx(share, abs=2e-2)


def test_both_engines_read_and_see_alike(mini):
    other = load("openvino")
    texts = [TEXT, "ein Hund", "un chat noir sur le lit", "červené auto", "beach " * 70]
    assert (mini.encode_text(texts) * other.encode_text(texts)).sum(axis=1).min() > 0.99
    pictures = [draw_picture(seed, (300, 200)) for seed in range(6)]
    one, two = mini.see(pictures), other.see(pictures)
    assert np.abs(one.classes - two.classes).max() < 0.1
    for first, second in zip(one.maps, two.maps, strict=True):
        assert (first * second).sum() > 0.98 * np.linalg.norm(first) * np.linalg.norm(second)


@pytest.mark.parametrize(
    ("english", "others", "stranger"),
    [
        ("dog", ["Hund", "chien", "pes"], "car"),
        ("a car", ["ein Auto", "une voiture", "auto"], "dog"),
        ("two children play football", ["zwei Kinder spielen Fußball", "deux enfants jouent au football"], "a red car"),
        ("a woman on the beach", ["eine Frau am Strand", "une femme à la plage", "žena na pláži"], "a dog in the snow"),
    ],
)
def test_the_same_in_another_language_is_nearer_than_something_else(mini, english, others, stranger):
    said, wrong, *same = mini.encode_text([english, stranger, *others])
    for vector in same:
        assert vector @ said > wrong @ said + 0.1


def test_capitals_do_not_matter_and_word_order_hardly(mini):
    one, other = mini.encode_text(["A Dog On A Beach", "a dog on a beach"])
    assert one @ other == pytest.approx(1, abs=1e-5)


def test_a_text_takes_less_than_two_milliseconds(mini):
    mini.encode_text([TEXT])
    taken = []
    for _ in range(20):
        start = time.thread_time()
        mini.encode_text([TEXT])
        taken.append(time.thread_time() - start)
    assert min(taken) < 0.002


def test_the_lines_in_the_documentation_run():
    page = (Path(__file__).parents[2] / "docs" / "encoders.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - our own page
    assert names["vectors"].shape == (2, 384)
    assert len(names["names"]) == 1_000


def test_the_thousand_classes_have_plain_english_names(mini):
    assert len(mini.class_names) == 1_000
    assert {"golden retriever", "teapot"} <= {name.lower() for name in mini.class_names}
