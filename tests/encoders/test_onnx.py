"""Does any ONNX file with a card make an encoder, and is what is wrong or hostile refused with words?"""

import hashlib
import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from networks import (
    DIM,
    SIDE,
    count_pieces,
    draw_network,
    draw_network_with_weights_in,
    draw_text_network,
    floats,
    in_eight_bits,
    make_card,
    make_tokenizer,
    save,
    sums,
)
from onnx import TensorProto, helper

from lookalike.encoders import Recogniser, TextEncoder, load_encoder
from lookalike.errors import BadInput, NotFound
from lookalike.models.network import Engine
from lookalike.testing import EncoderContract, draw_picture

HEAD = {"output": "colours", "space": "colour", "dim": DIM}


@pytest.fixture
def write_model(tmp_path: Path) -> Callable[..., str]:
    """Write a network, its other files and its card; gives what `load_encoder` takes."""

    def write(network: bytes | None = None, *, others: dict[str, bytes] | None = None, **changes: Any) -> str:
        files = {"colours.onnx": network or draw_network(), **(others or {})}
        for name, data in files.items():
            (tmp_path / name).write_bytes(data)
        (tmp_path / "colours.json").write_text(json.dumps(make_card(files, **changes)))
        return f"onnx:{tmp_path / 'colours.onnx'}"

    return write


@pytest.fixture(scope="module")
def sound_model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sound")
    network = draw_network()
    (folder / "colours.onnx").write_bytes(network)
    (folder / "colours.json").write_text(json.dumps(make_card({"colours.onnx": network})))
    return f"onnx:{folder / 'colours.onnx'}"


class TestOnnxEncoder(EncoderContract):
    @pytest.fixture(autouse=True)
    def _model(self, sound_model):
        self.model = sound_model

    def load(self):
        return load_encoder(self.model)


@pytest.fixture(scope="module")
def small_model(tmp_path_factory):
    """A model that knows words, with both networks in 8 bits on the fly."""
    folder = tmp_path_factory.mktemp("small")
    tokenizer = make_tokenizer()
    files = {
        "colours.onnx": in_eight_bits(draw_network(), "flat"),
        "text.onnx": in_eight_bits(draw_text_network(count_pieces(tokenizer)), "sum"),
        "tokenizer.json": tokenizer,
    }
    text = {
        "model": "text.onnx",
        "tokenizer": "tokenizer.json",
        "space": "colour",
        "max_pieces": 32,
        "languages": ["en"],
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (folder / "colours.json").write_text(json.dumps(make_card(files, text=text)))
    return f"onnx:{folder / 'colours.onnx'}"


class TestEncoderInEightBits(EncoderContract):
    """A vector must not depend on who shares its run, though the network measures all that it is given."""

    @pytest.fixture(autouse=True)
    def _model(self, small_model):
        self.model = small_model

    def load(self):
        return load_encoder(self.model)

    def test_a_short_text_is_encoded_alike_alone_and_beside_a_very_long_one(self):
        encoder = self.load()
        alone, beside = encoder.encode_text(["a dog"]), encoder.encode_text(["red " * 30, "a dog"])
        np.testing.assert_allclose(beside[1], alone[0], atol=1e-6)


def refused(
    model: str, error: type[Exception] | tuple[type[Exception], ...] = BadInput, engine: Engine = "auto"
) -> str:
    """Load a model that must be refused; gives what was said."""
    with pytest.raises(error) as caught:
        load_encoder(model, engine)
    assert caught.value.fix
    return str(caught.value)


def test_the_network_sees_what_its_card_says(write_model, engine):
    picture = draw_picture(1, (SIDE, SIDE))
    fields = picture.reshape(4, 8, 4, 8, 3).mean(axis=(1, 3)).transpose(2, 0, 1).ravel()
    expected = (fields / 255 - 0.4) / 0.2
    (vector,) = load_encoder(write_model(), engine).encode([picture])["colours@1/colour"]
    np.testing.assert_allclose(vector, expected / np.linalg.norm(expected), atol=1e-5)


def test_a_network_may_take_bytes(write_model, engine):
    picture = draw_picture(1, (SIDE, SIDE))
    fields = picture.reshape(4, 8, 4, 8, 3).mean(axis=(1, 3)).transpose(2, 0, 1).ravel()
    model = write_model(
        draw_network(element=TensorProto.UINT8), input={"size": SIDE, "fit": "squash", "dtype": "uint8"}
    )
    (vector,) = load_encoder(model, engine).encode([picture])["colours@1/colour"]
    np.testing.assert_allclose(vector, fields / np.linalg.norm(fields), atol=1e-5)


def test_a_network_with_two_outputs_fills_two_spaces_at_once(write_model, engine):
    heads = [HEAD, {"output": "more", "space": "copy", "dim": DIM}]
    encoder = load_encoder(write_model(draw_network(outputs=("more", "colours")), heads=heads), engine)
    encoded = encoder.encode([draw_picture(1), draw_picture(2)])
    assert list(encoded) == list(encoder.spaces) == ["colours@1/colour", "colours@1/copy"]
    np.testing.assert_allclose(encoded["colours@1/colour"], encoded["colours@1/copy"], atol=1e-6)


@pytest.mark.slow
def test_hundreds_of_pictures_keep_their_order(write_model):
    encoder = load_encoder(write_model())
    pictures = [draw_picture(seed, (SIDE, SIDE)) for seed in range(20)]
    alone = np.concatenate([encoder.encode([picture])["colours@1/colour"] for picture in pictures])
    np.testing.assert_allclose(encoder.encode(pictures * 11)["colours@1/colour"], np.tile(alone, (11, 1)), atol=1e-5)


def test_the_encoder_can_be_loaded_again_by_its_name_from_another_folder(write_model, monkeypatch, tmp_path):
    write_model()
    monkeypatch.chdir(tmp_path)
    encoder = load_encoder("onnx:colours.onnx")
    monkeypatch.chdir("/")
    assert load_encoder(encoder.name).spaces == encoder.spaces


def test_a_missing_model_is_not_found(tmp_path):
    assert "nothing.onnx" in refused(f"onnx:{tmp_path / 'nothing.onnx'}", NotFound)


def test_a_missing_card_is_not_found_and_one_is_offered(tmp_path):
    network = draw_network()
    (tmp_path / "colours.onnx").write_bytes(network)
    said = refused(f"onnx:{tmp_path / 'colours.onnx'}", NotFound)
    assert "colours.toml" in said
    assert hashlib.sha256(network).hexdigest() in said


def test_another_file_than_the_cards_is_refused_with_both_sums(write_model, tmp_path):
    model = write_model()
    expected = hashlib.sha256((tmp_path / "colours.onnx").read_bytes()).hexdigest()
    (tmp_path / "colours.onnx").write_bytes(draw_network(scale=2))
    said = refused(model)
    assert expected in said
    assert hashlib.sha256(draw_network(scale=2)).hexdigest() in said


def test_a_card_that_does_not_name_its_model_is_refused(write_model):
    assert "does not name colours.onnx" in refused(write_model(others={"x": b"x"}, files=sums({"x": b"x"})))


def test_a_file_of_the_card_that_is_not_there_is_not_found(write_model):
    files = sums({"colours.onnx": draw_network(), "weights.bin": b""})
    assert "weights.bin" in refused(write_model(files=files), NotFound)


@pytest.mark.parametrize("name", ["model.safetensors", "model", ""])
def test_other_formats_are_refused_unread(name):
    assert "no .onnx file" in refused(f"onnx:{name}")


@pytest.mark.parametrize("ending", [".pt", ".pth", ".pkl", ".pickle", ".joblib", ".bin", ".ckpt", ".h5", ".PT"])
def test_formats_that_can_carry_code_are_refused_with_the_reason(ending):
    assert "would run whatever is in it" in refused(f"onnx:model{ending}")


@pytest.mark.parametrize("data", [pickle.dumps({"weights": [1, 2]}), b"PK\3\4", b"", b"\x08\x09", bytes(range(256))])
def test_what_only_calls_itself_onnx_is_refused(write_model, engine, tmp_path, data):
    model = write_model()
    (tmp_path / "colours.onnx").write_bytes(data)
    (tmp_path / "colours.json").write_text(json.dumps(make_card({"colours.onnx": data})))
    assert "cannot be loaded" in refused(model, engine=engine)


@pytest.mark.parametrize("name", ["a\0b.onnx", "a" * 5_000 + ".onnx", "~nobody-of-that-name/a.onnx"])
def test_a_path_that_no_system_has_is_refused(name):
    refused(f"onnx:{name}", (NotFound, BadInput))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_named_pipe_in_the_place_of_a_model_does_not_hang(write_model, tmp_path):
    model = write_model()
    (tmp_path / "colours.onnx").unlink()
    os.mkfifo(tmp_path / "colours.onnx")
    assert "colours.onnx" in refused(model, NotFound)


def test_weights_in_a_file_of_the_card_are_used(write_model):
    weights = np.arange(DIM, dtype=np.float32)
    network = draw_network_with_weights_in("weights.bin")
    encoder = load_encoder(write_model(network, others={"weights.bin": weights.tobytes()}))
    plain = load_encoder(write_model())
    picture = draw_picture(4)
    expected = plain.encode([picture])["colours@1/colour"] * weights
    found = encoder.encode([picture])["colours@1/colour"]
    np.testing.assert_allclose(found, expected / np.linalg.norm(expected), atol=1e-5)


@pytest.mark.parametrize("location", ["secret.bin", "../secret.bin", "{folder}/secret.bin", "sub/../../secret.bin"])
def test_weights_in_files_that_the_card_does_not_name_are_never_read(
    write_model, engine, tmp_path, monkeypatch, location
):
    for folder in (tmp_path, tmp_path.parent):
        (folder / "secret.bin").write_bytes(bytes(4 * DIM))
    monkeypatch.chdir(tmp_path)
    network = draw_network_with_weights_in(location.format(folder=tmp_path))
    assert "cannot be loaded" in refused(write_model(network), engine=engine)


@pytest.mark.parametrize(
    ("said", "network", "changes"),
    [
        ("no output 'vector'", {}, {"heads": [HEAD | {"output": "vector"}]}),
        ("not float32 [n, 47]", {}, {"heads": [HEAD | {"dim": DIM - 1}]}),
        ("not float32 [n, 3, 64, 64]", {}, {"input": {"size": 64, "fit": "squash"}}),
        ("not float32 [n, 32, 32, 3]", {}, {"input": {"size": SIDE, "fit": "squash", "layout": "nhwc"}}),
        ("not uint8 [n, 3, 32, 32]", {}, {"input": {"size": SIDE, "fit": "squash", "dtype": "uint8"}}),
        ("float64 [n, 3, 32, 32], not float32", {"element": TensorProto.DOUBLE}, {}),
        ("batch axis is fixed", {"batch": 1}, {}),
    ],
)
def test_a_model_that_is_not_what_its_card_says_is_refused(write_model, engine, said, network, changes):
    assert said in refused(write_model(draw_network(**network), **changes), engine=engine)


def test_an_output_that_hides_its_shape_is_caught_at_the_latest_when_it_comes(write_model, engine):
    pool = helper.make_node("GlobalAveragePool", ["picture"], ["colours"])
    network = save([pool], [floats("picture", ["n", 3, SIDE, SIDE])], [floats("colours", None)])
    with pytest.raises(BadInput, match=r"has shape|not float32 \[n, 48\]"):
        load_encoder(write_model(network), engine).encode([draw_picture(1)])


@pytest.mark.parametrize("scale", [0.0, float("nan"), float("inf")])
def test_vectors_without_a_direction_are_refused(write_model, engine, scale):
    encoder = load_encoder(write_model(draw_network(scale=scale)), engine)
    with pytest.raises(BadInput, match="zero or not finite"):
        encoder.encode([draw_picture(1)])


def test_a_card_without_the_sections_gives_an_encoder_without_the_capabilities(sound_model):
    encoder = load_encoder(sound_model)
    assert not isinstance(encoder, TextEncoder)
    assert not isinstance(encoder, Recogniser)


def test_models_from_elsewhere_run_on_onnxruntime_unless_one_asks_for_more(sound_model, engine):
    assert load_encoder(sound_model).engine == "onnxruntime"
    assert load_encoder(sound_model, engine).engine == engine


def test_an_unknown_family_is_refused_with_the_known_ones():
    said = refused("pickle:model")
    assert "mini" in said
    assert "onnx" in said
