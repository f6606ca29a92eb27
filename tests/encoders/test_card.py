"""Does a card say everything, and nothing that it should not?"""

import json
import re
from pathlib import Path

import pytest

from lookalike.encoders.card import EXAMPLE, read_card
from lookalike.errors import BadInput
from lookalike.models.cards import MAX_CARD_BYTES

SHA256 = "0" * 64


def card(**changes) -> dict:
    tree = {
        "name": "colours",
        "version": "2",
        "input": {"size": 32, "fit": "crop", "margin": 0.875},
        "heads": [{"output": "y", "space": "colour", "dim": 48}],
        "files": {"colours.onnx": SHA256},
    }
    return tree | changes


def read(tree: dict):
    return read_card(json.dumps(tree).encode(), "colours.json")


def test_the_same_card_may_be_written_as_toml_or_json():
    toml = f"""
        name = "colours"
        version = "2"
        input = {{ size = 32, fit = "crop", margin = 0.875 }}
        heads = [{{ output = "y", space = "colour", dim = 48 }}]
        files = {{ "colours.onnx" = "{SHA256}" }}
    """
    assert read_card(toml.encode(), "colours.toml") == read(card())


@pytest.mark.parametrize("name", ["colours.toml", "colours.json"])
def test_a_card_with_a_byte_order_mark_is_read(name):
    text = EXAMPLE.format(file="a.onnx", sha256=SHA256) if name.endswith(".toml") else json.dumps(card())
    assert read_card(b"\xef\xbb\xbf" + text.encode(), name) == read_card(text.encode(), name)


def test_the_example_that_a_missing_card_offers_is_a_right_card():
    example = read_card(EXAMPLE.format(file="my.onnx", sha256=SHA256).encode(), "my.toml")
    assert example.files == {"my.onnx": SHA256}


def test_a_card_gives_the_cut_and_the_spaces():
    read_ = read(card(heads=[{"output": o, "space": s, "dim": 8} for o, s in (("a", "semantic"), ("b", "copy"))]))
    assert (read_.fit.size, read_.fit.mode, read_.fit.margin) == (32, "crop", 0.875)
    spaces = read_.spaces("onnx:here.onnx")
    assert list(spaces) == ["colours@2/semantic", "colours@2/copy"]
    assert len({space.digest for space in spaces.values()}) == 2
    assert {space.encoder for space in spaces.values()} == {"onnx:here.onnx"}


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("nonsense", {"nonsense": 1}),
        ("input.colour", {"input": {"size": 32, "fit": "crop", "colour": "bgr"}}),
        ("input.size", {"input": {"size": "32", "fit": "crop"}}),
        ("input.size", {"input": {"size": 2**40, "fit": "crop"}}),
        ("input.fit", {"input": {"size": 32, "fit": "inside"}}),
        ("input.margin", {"input": {"size": 32, "fit": "crop", "margin": 0}}),
        ("input.std.1", {"input": {"size": 32, "fit": "crop", "std": [1, 0, 1]}}),
        ("input.margin", {"input": {"size": 32, "fit": "crop", "margin": 1e-310}}),
        ("input.std.1", {"input": {"size": 32, "fit": "crop", "std": [1, 1e-310, 1]}}),
        ("input.mean.0", {"input": {"size": 32, "fit": "crop", "mean": [1e300, 0, 0]}}),
        ("input.mean.0", {"input": {"size": 32, "fit": "crop", "mean": [float("nan"), 0, 0]}}),
        ("heads", {"heads": []}),
        ("heads.0.dim", {"heads": [{"output": "y", "space": "colour", "dim": 0}]}),
        ("heads.0.space", {"heads": [{"output": "y", "space": "a/b", "dim": 8}]}),
        ("heads", {"heads": [{"output": "y", "space": "same", "dim": 8}] * 2}),
        ("name", {"name": "../mini"}),
        ("version", {"version": ""}),
        ("files", {"files": {}}),
        ("files.colours.onnx", {"files": {"colours.onnx": "md5"}}),
    ],
)
def test_a_wrong_key_is_refused_and_named(key, changes):
    with pytest.raises(BadInput) as refused:
        read(card(**changes))
    assert f"{key}: " in refused.value.what


@pytest.mark.parametrize(
    "name", ["../secret.bin", "/etc/passwd", "a/b.bin", "a\\b.bin", "..", ".hidden", "", "a\0.bin"]
)
def test_files_outside_the_cards_folder_are_refused(name):
    with pytest.raises(BadInput, match=r"no plain file name in the card's own folder"):
        read(card(files={"colours.onnx": SHA256, name: SHA256}))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.json", b"{"),
        ("a.toml", b"name = "),
        ("a.json", b"\xff\xfe"),
        ("a.json", b"[" * 60_000),
        ("a.toml", b"a = " + b"[" * 60_000),
        ("a.toml", b" " * (MAX_CARD_BYTES + 1)),
        ("a.json", b"[]"),
        ("a.toml", b"when = 1979-05-27"),
        ("a.json", b"9" * 5_000),
        ("a.toml", b".".join([b"a"] * 30_000) + b" = 1"),
    ],
)
def test_what_is_no_card_is_refused(name, data):
    with pytest.raises(BadInput, match=name):
        read_card(data, name)


@pytest.mark.parametrize(
    "changes",
    [
        {"files": {"colours.onnx": "1" * 64}},
        {"input": {"size": 32, "fit": "squash", "margin": 0.875}},
        {"input": {"size": 32, "fit": "crop", "margin": 0.875, "mean": [0.5, 0.5, 0.5]}},
        {"heads": [{"output": "z", "space": "colour", "dim": 48}]},
    ],
)
def test_the_digest_follows_whatever_shapes_the_vectors(changes):
    before, after = read(card()), read(card(**changes))
    assert before.spaces("x")["colours@2/colour"].digest != after.spaces("x")["colours@2/colour"].digest


def test_the_digest_is_not_moved_by_words_or_calibration():
    heads = [{"output": "y", "space": "colour", "dim": 48, "calibration": [3.0, -1.0]}]
    before, after = read(card()), read(card(heads=heads, licence="MIT", about="said otherwise"))
    assert before.spaces("x")["colours@2/colour"].digest == after.spaces("x")["colours@2/colour"].digest


def test_digests_stay_as_galleries_have_stored_them():
    digest = read(card()).spaces("x")["colours@2/colour"].digest
    assert digest == "1ff56ebffe4678ee65cb9df5f297181f2affad9daa54dca91bb9c3882d248084"


CLASSES = {"output": "classes", "names": "classes.json"}
MAP = {"output": "map", "cells": 49, "channels": 256}
TEXT = {
    "model": "text.onnx",
    "tokenizer": "tokenizer.json",
    "space": "semantic",
    "max_pieces": 64,
    "languages": ["en", "cs"],
}
FILES = {
    name: letter * 64
    for name, letter in {"a.onnx": "a", "text.onnx": "b", "tokenizer.json": "c", "classes.json": "d"}.items()
}
HEADS = [{"output": name, "space": name, "dim": 8} for name in ("visual", "semantic")]


def whole(**changes) -> dict:
    return card(heads=HEADS, classes=CLASSES, map=MAP, text=TEXT, files=FILES) | changes


def test_the_example_in_the_documentation_is_a_right_card():
    page = (Path(__file__).parents[2] / "docs" / "encoders.md").read_text("utf-8")
    example, sscd = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert read_card(sscd.encode(), "sscd_disc_mixup.toml").torch is not None
    shown = read_card(example.encode(), "model.toml")
    assert (shown.classes, shown.map, shown.text) != (None, None, None)
    assert shown.text is not None
    assert shown.text.languages == ("en", "de")


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        ("come together", {"map": None}),
        ("come together", {"classes": None}),
        ("'words', which no head has", {"text": TEXT | {"space": "words"}}),
        ("does not name 'other.onnx'", {"text": TEXT | {"model": "other.onnx"}}),
        ("does not name '../tokenizer.json'", {"text": TEXT | {"tokenizer": "../tokenizer.json"}}),
        ("does not name 'names.json'", {"classes": CLASSES | {"names": "names.json"}}),
        ("text.max_pieces: ", {"text": TEXT | {"max_pieces": 0}}),
        ("text.languages.0: ", {"text": TEXT | {"languages": ["english"]}}),
        ("text.languages: ", {"text": TEXT | {"languages": []}}),
        ("text.calibration.0: ", {"text": TEXT | {"calibration": [float("inf"), 0.0]}}),
        ("text.model: ", {"text": {key: value for key, value in TEXT.items() if key != "model"}}),
        ("text.stemmer: ", {"text": TEXT | {"stemmer": "porter"}}),
        ("classes.count: ", {"classes": CLASSES | {"count": 3}}),
        ("map.cells: ", {"map": MAP | {"cells": 0}}),
        ("map.channels: ", {"map": MAP | {"channels": "many"}}),
    ],
)
def test_a_wrong_section_is_refused_and_named(said, changes):
    with pytest.raises(BadInput) as refused:
        read(whole(**changes))
    assert said in refused.value.what


def digests(tree: dict) -> dict[str, str]:
    return {name: space.digest for name, space in read(tree).spaces("x").items()}


def changed(tree: dict) -> set[str]:
    """Name the spaces whose digest is not that of the whole card."""
    before, after = digests(whole()), digests(tree)
    return {name.rpartition("/")[2] for name in before if before[name] != after[name]}


@pytest.mark.parametrize(
    ("tree", "spaces"),
    [
        (whole(files=FILES | {"a.onnx": "1" * 64}), {"visual", "semantic"}),
        (whole(files=FILES | {"text.onnx": "1" * 64}), {"semantic"}),
        (whole(files=FILES | {"tokenizer.json": "1" * 64}), {"semantic"}),
        (whole(files=FILES | {"classes.json": "1" * 64}), set()),
        (whole(text=TEXT | {"max_pieces": 32}), {"semantic"}),
        (whole(text=TEXT | {"max_pieces": 8_192}), {"semantic"}),
        (whole(text=TEXT | {"calibration": [3.0, 1.0], "languages": ["en", "de"]}), set()),
        (whole(text=TEXT | {"space": "visual"}), {"visual", "semantic"}),
        (whole(map=MAP | {"channels": 3}, classes=CLASSES | {"output": "sorts"}), set()),
    ],
)
def test_words_and_pictures_are_pinned_together_and_other_spaces_apart(tree, spaces):
    assert changed(tree) == spaces


def test_a_card_without_the_sections_has_the_digests_of_one_that_never_heard_of_them():
    plain = card(heads=HEADS, files={"a.onnx": "a" * 64})
    assert digests(plain)["colours@2/visual"] == digests(whole())["colours@2/visual"]
    assert digests(plain)["colours@2/semantic"] != digests(whole())["colours@2/semantic"]


def test_digests_of_words_stay_as_galleries_have_stored_them():
    digest = digests(whole())["colours@2/semantic"]
    assert digest == "cfd0f1d298f3849d10a1556f77deb25234b30abfb3de9310ad159b7ee7d024fa"


WORDS = {"model": "t.onnx", "tokenizer": "t.json", "space": "colour", "max_pieces": 8, "languages": ["en"]}
ALL_FILES = {"colours.onnx": SHA256, "t.onnx": SHA256, "t.json": SHA256}


def digest(**changes) -> str:
    (space,) = read(card(**changes)).spaces("x").values()
    return space.digest


def test_what_was_added_to_cards_later_changes_no_digest_that_galleries_have():
    with_text = {"text": WORDS, "files": ALL_FILES}
    assert digest() == "1ff56ebffe4678ee65cb9df5f297181f2affad9daa54dca91bb9c3882d248084"
    assert digest(**with_text) == digest(**{**with_text, "text": {**WORDS, "pad": 0, "fill": False}})


@pytest.mark.parametrize(
    "changes",
    [
        {"input": {"size": 32, "fit": "crop", "margin": 0.875, "filter": "bicubic"}},
        {"input": {"size": 32, "fit": "crop", "margin": 0.875, "rounding": "even"}},
        {"text": {**WORDS, "pad": 3}, "files": ALL_FILES},
        {"text": {**WORDS, "fill": True}, "files": ALL_FILES},
        {"torch": {"architecture": "resnet50"}},
        {"torch": {"architecture": "resnet50", "power": 3.0}},
    ],
)
def test_another_way_to_the_vectors_makes_another_digest(changes):
    plain = {"text": WORDS, "files": ALL_FILES} if "text" in changes else {}
    assert digest(**changes) != digest(**plain)


def test_a_graph_may_vouch_for_the_space_of_what_it_was_made_of():
    assert digest(alike="a" * 64) == "a" * 64


@pytest.mark.parametrize(
    "changes",
    [
        {"alike": "a" * 64, "heads": [{"output": o, "space": o, "dim": 8} for o in "ab"]},
        {"torch": {"architecture": "resnet50"}, "input": {"size": 32, "fit": "crop", "dtype": "uint8"}},
        {"torch": {"architecture": "resnet50"}, "text": WORDS, "files": ALL_FILES},
        {"torch": {"architecture": "org/model"}},
        {"torch": {"architecture": "resnet50", "power": 0.0}},
    ],
)
def test_sections_that_do_not_go_together_are_refused(changes):
    with pytest.raises(BadInput):
        read(card(**changes))
