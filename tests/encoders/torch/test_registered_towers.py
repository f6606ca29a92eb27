"""Does a registered checkpoint of PyTorch run as it would from the hub?"""

import hashlib

import pytest
import torch
import torch_checkpoints as checkpoints

from lookalike import load_encoder
from lookalike.encoders import TextEncoder
from lookalike.errors import MissingExtra
from lookalike.models.registry import Manifest, fetching

pytestmark = pytest.mark.torch


@pytest.fixture
def keep(tmp_path, monkeypatch):
    """Keep a CLIP of that origin as version 1 of `models:/photos`, as if it had come from a registry."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    monkeypatch.setattr(fetching, "user_cache_path", lambda *_, **__: tmp_path)

    def keep(origin: str) -> None:
        kept = fetching._home() / "photos" / "1"
        kept.mkdir(parents=True)
        checkpoints.write_clip(kept)
        files = {
            path.relative_to(kept).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in kept.rglob("*.*")
            if path.is_file()
        }
        (kept / fetching.NAME).write_bytes(Manifest(kind="encoder", family="hf", origin=origin, files=files).write())

    return keep


@pytest.mark.parametrize(
    ("origin", "languages"),
    [("hf:google/siglip2-base@1", {"en", "de", "zh"}), ("hf:org/clip@1", {"en"}), ("", {"en"})],
)
def test_its_languages_are_those_of_the_repository_that_it_was_made_of(keep, origin, languages):
    keep(origin)
    encoder = load_encoder("mlflow:models:/photos/1")
    assert isinstance(encoder, TextEncoder)
    assert languages <= set(encoder.languages)
    assert ("de" in encoder.languages) == ("de" in languages)
    assert [name.partition("@")[0] for name in encoder.spaces] == ["photos"]


def test_it_runs_on_the_engine_that_was_asked_for(keep, monkeypatch):
    keep("hf:org/clip@1")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(MissingExtra, match="finds no graphics card"):
        load_encoder("mlflow:models:/photos/1", "cuda")
