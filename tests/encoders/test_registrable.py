"""Is what goes into a registry all that an encoder needs to be loaded again?"""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hub_server import Repository, ask_only, serving_hub
from networks import SIDE, draw_network, make_card

from lookalike.encoders import load_encoder
from lookalike.encoders.registry import registrable
from lookalike.errors import BadInput, NotFound
from lookalike.models.registry import Manifest
from lookalike.models.registry.manifest import sums_of
from lookalike.testing import draw_picture

PICTURES = [draw_picture(seed, (40, 30)) for seed in range(3)]


def loaded_elsewhere(made: Manifest, contents: Mapping[str, bytes | Path], folder: Path) -> np.ndarray:
    """Give the vectors of an encoder that is made of these files and no others."""
    assert made.files == sums_of({name: data for name, data in contents.items() if isinstance(data, bytes)})
    folder.mkdir()
    for name in made.files:
        (folder / name).write_bytes(contents[name])
    (vectors,) = load_encoder(f"onnx:{folder / made.entry}").encode(PICTURES).values()
    return vectors


def test_a_file_with_its_card_is_whole(tmp_path):
    network = draw_network()
    (tmp_path / "colours.onnx").write_bytes(network)
    (tmp_path / "colours.json").write_text(json.dumps(make_card({"colours.onnx": network})))
    (tmp_path / "unrelated.txt").write_text("x")
    name = f"onnx:{tmp_path / 'colours.onnx'}"
    made, contents = registrable(name)
    assert set(made.files) == {"colours.onnx", "colours.json"}
    (expected,) = load_encoder(name).encode(PICTURES).values()
    np.testing.assert_array_equal(loaded_elsewhere(made, contents, tmp_path / "elsewhere"), expected)


def test_a_graph_of_the_hub_is_whole_with_the_card_that_was_made_of_its_descriptions(tmp_path, monkeypatch):
    described = {
        "size": {"height": SIDE, "width": SIDE},
        "resample": 3,
        "image_mean": [0.4, 0.4, 0.4],
        "image_std": [0.2, 0.2, 0.2],
    }
    files = {
        "config.json": b'{"model_type": "dinov2"}',
        "preprocessor_config.json": json.dumps(described).encode(),
        "onnx/model.onnx": draw_network(outputs=("pooler_output",)),
    }
    with serving_hub({"org/model": Repository(files)}) as hub:
        ask_only(hub, tmp_path / "home", monkeypatch)
        made, contents = registrable("hf:org/model")
        encoder = load_encoder("hf:org/model")
    assert made.origin == encoder.name
    (expected,) = encoder.encode(PICTURES).values()
    np.testing.assert_array_equal(loaded_elsewhere(made, contents, tmp_path / "elsewhere"), expected)


@pytest.mark.parametrize(("model", "other"), [("photos.onnx", "more.bin"), ("lookalike.onnx", "lookalike.json")])
def test_a_file_that_does_not_come_out_of_a_registry_is_refused_by_its_name(tmp_path, model, other):
    files = {model: draw_network(), "more.bin": b"x"}
    card = json.dumps(make_card({name: data for name, data in files.items() if name in (model, other)}))
    for name, data in (files | {f"{Path(model).stem}.json": card.encode()}).items():
        (tmp_path / name).write_bytes(data)
    with pytest.raises(BadInput, match=f"{model} cannot be registered: files: '{other}' may not be part of a model"):
        registrable(f"onnx:{tmp_path / model}")


@pytest.mark.parametrize(
    ("name", "kind"),
    [("torch:photos.safetensors", BadInput), ("mlflow:models:/photos/1", BadInput), ("onnx:nowhere.onnx", NotFound)],
)
def test_what_cannot_be_registered_says_so(name, kind):
    with pytest.raises(kind):
        registrable(name)
