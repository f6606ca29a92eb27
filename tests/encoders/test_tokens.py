"""Are texts cut as tokenizers of other models want it: with pieces around them, and filled up?"""

import base64
import json

import numpy as np
import pytest
from tokenizers import Tokenizer as Trained
from tokenizers import models, pre_tokenizers, processors

from lookalike.encoders.tokens import Tokenizer
from lookalike.errors import BadInput

START, END, RED, DOG = 4, 5, 1, 2


@pytest.fixture(scope="module")
def data() -> bytes:
    """A tokenizer as CLIP has it: texts stand between two pieces, of which the last also fills them up."""
    vocab = {"[PAD]": 0, "red": RED, "dog": DOG, "[UNK]": 3, "<s>": START, "</s>": END}
    tokenizer = Trained(models.WordLevel(vocab, unk_token="[UNK]"))  # noqa: S106 - a piece of text
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens(["[PAD]", "<s>", "</s>"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", START), ("</s>", END)]
    )
    return tokenizer.to_str().encode()


def test_a_text_that_is_too_long_still_ends_as_every_text_does(data):
    pieces = Tokenizer("t", data, 4, pad=END).cut(["red dog red dog red dog"])
    np.testing.assert_array_equal(pieces, [[START, RED, DOG, END]])


def test_texts_are_filled_up_to_the_longest_or_to_the_limit(data):
    beside = Tokenizer("t", data, 8, pad=END).cut(["red", "red dog"])
    np.testing.assert_array_equal(beside, [[START, RED, END, END], [START, RED, DOG, END]])
    whole = Tokenizer("t", data, 8, fill=True).cut(["red", "red dog"])
    np.testing.assert_array_equal(whole[1], [START, RED, DOG, END, 0, 0, 0, 0])
    assert whole.shape == (2, 8)


def test_a_text_without_words_is_what_stands_around_it(data):
    np.testing.assert_array_equal(Tokenizer("t", data, 8, pad=END).cut([""]), [[START, END]])


def test_a_text_of_nothing_but_what_fills_up_is_one_unknown_word(data):
    tree = json.loads(data) | {"post_processor": None}
    np.testing.assert_array_equal(Tokenizer("t", json.dumps(tree).encode(), 8).cut(["[PAD] [PAD]", ""]), [[3], [3]])


@pytest.mark.parametrize("pad", [RED, 3, 99])
def test_a_word_cannot_fill_texts_up(data, pad):
    with pytest.raises(BadInput, match=f"its piece {pad}, which fills"):
        Tokenizer("t", data, 8, pad=pad)


def test_a_word_may_fill_up_texts_that_say_themselves_where_they_end(data):
    pieces = Tokenizer("t", data, 6, pad=RED, fill=True).cut(["red dog", "red", ""])
    np.testing.assert_array_equal(
        pieces, [[START, RED, DOG, END, RED, RED], [START, RED, END, RED, RED, RED], [START, END, RED, RED, RED, RED]]
    )
    tree = json.loads(data) | {"post_processor": None}
    with pytest.raises(BadInput, match="its piece 1, which fills"):
        Tokenizer("t", json.dumps(tree).encode(), 6, pad=RED, fill=True)


TENFOLD = {"type": "Replace", "pattern": {"String": "d"}, "content": "d" * 10}
BETWEEN = {"type": "Replace", "pattern": {"Regex": ""}, "content": "d"}
BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
BOOK = base64.b64encode(bytes(4) + b"d" * 1_000).decode()


@pytest.mark.parametrize(
    "steps",
    [
        {"normalizer": {"type": "Sequence", "normalizers": [TENFOLD] * 5}},
        {"normalizer": {"type": "Sequence", "normalizers": [BETWEEN] * 30}},
        {"normalizer": TENFOLD | {"content": "d" * 100, "normalizers": []}},
        {"normalizer": TENFOLD | {"content": "d" * 100, "precompiled_charsmap": "AAAAAA=="}},
        {"normalizer": {"type": "Prepend", "prepend": "d" * 100, "content": ""}},
        {"normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "d" * 100}]}},
        {"normalizer": {"type": "Sequence", "normalizers": [{"type": "Lowercase"}] * 100}},
        {"normalizer": {"type": "Precompiled", "precompiled_charsmap": BOOK}},
        {"pre_tokenizer": {"type": "Sequence", "pretokenizers": [BYTES] * 30}},
    ],
)
def test_steps_that_make_gigabytes_of_a_short_text_are_refused(data, steps):
    with pytest.raises(BadInput, match="makes too much of a text"):
        Tokenizer("t", json.dumps(json.loads(data) | steps).encode(), 8)
