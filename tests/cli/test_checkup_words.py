"""Does `lookalike doctor` say how it stands with captions, without fetching anything for that?"""

from lookalike.cli.checkup.words import check_captioner, check_versions
from lookalike.cli.newer import newer_models
from lookalike.config import load_settings
from lookalike.library import Lookalike
from lookalike.testing import ColourEncoder, MemoryGallery


def found(captioner: str, tmp_path) -> list[tuple[str, str]]:
    with Lookalike(tmp_path / "no.gallery", ColourEncoder(), settings=load_settings(captioner=captioner)) as library:
        return [(finding.state, finding.what) for finding in check_captioner(library)]


def test_a_captioner_that_was_never_fetched_is_not_fetched_now(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert found("hf:org/model", tmp_path) == [("warning", "hf:org/model is not on this machine yet")]


def test_whoever_wants_no_captioner_has_none(tmp_path):
    assert found("none", tmp_path) == [("ok", "none")]


def test_one_that_cannot_be_is_said_to(tmp_path):
    ((state, what),) = found("poet", tmp_path)
    assert state == "warning"
    assert "no captioner 'poet'" in what


def test_a_gallery_whose_encoder_came_from_elsewhere_asks_no_registry(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    with Lookalike(tmp_path / "no.gallery", ColourEncoder(), create=False) as library:
        assert list(check_versions(library)) == []
    with MemoryGallery() as gallery:
        for space in ColourEncoder().spaces.values():
            gallery.add_space(space)
        assert list(newer_models(gallery)) == []
