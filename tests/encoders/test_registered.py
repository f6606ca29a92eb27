"""What is said of a registered encoder that this machine cannot run?"""

import pytest

from lookalike.encoders import load_encoder
from lookalike.errors import MissingExtra
from lookalike.models.registry import Manifest, fetching


@pytest.mark.parametrize("family", ["hf", "open_clip", "timm", "sentence-transformers"])
def test_without_torch_the_extra_is_named(family, tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    monkeypatch.setattr(fetching, "user_cache_path", lambda *_, **__: tmp_path)
    monkeypatch.setattr("lookalike.models.packages.find_spec", lambda _: None)
    kept = fetching._home() / "photos" / "1"
    kept.mkdir(parents=True)
    manifest = Manifest(kind="encoder", family=family, files={"model.safetensors": "0" * 64})
    (kept / fetching.NAME).write_bytes(manifest.write())
    (kept / "model.safetensors").touch()
    with pytest.raises(MissingExtra, match=rf"`{family}:` need torch") as missing:
        load_encoder("mlflow:models:/photos/1")
    assert "lookalike[torch]" in missing.value.fix
