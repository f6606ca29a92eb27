"""A hub for the tests of this folder, and a home for what comes from it."""

import pytest
from hub_server import Repository, ask_only, serving_hub


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """Run a hub with one model, and have the client ask it."""
    files = {
        "config.json": b'{"model_type": "clip"}',
        "model.safetensors": bytes(range(256)) * 4_000,
        "onnx/model.onnx": b"graph",
        "pytorch_model.bin": b"pickle",
        "vocab.txt": b"a\nb\n",
    }
    with serving_hub({"org/model": Repository(files)}) as running:
        ask_only(running, tmp_path / "home", monkeypatch)
        yield running


@pytest.fixture
def model(hub):
    """The model that the hub has."""
    return hub.repositories["org/model"]
