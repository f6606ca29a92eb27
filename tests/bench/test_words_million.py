"""Is a gallery that is there used only where it is whole, and holds what the table says?"""

from importlib import import_module

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture
def words(bench, monkeypatch):
    module = import_module("words_million")
    monkeypatch.setattr(module, "real_captions", lambda: [["a", "dog", "in", "the", "snow"]])
    return module


def test_a_gallery_of_another_size_is_refused(words, tmp_path):
    words.build(tmp_path / "words.gallery", 30)
    words.check(tmp_path / "words.gallery", 30)
    with pytest.raises(SystemExit, match="holds 30 records, not 1,000"):
        words.check(tmp_path / "words.gallery", 1_000)


def test_a_gallery_that_was_not_finished_is_made_anew(words, tmp_path, monkeypatch):
    path = tmp_path / "words.gallery"
    with monkeypatch.context() as stopped:
        stopped.setattr(words, "records", lambda *_: iter(["no record"]))
        with pytest.raises(AttributeError):
            words.build(path, 30)
    assert not path.exists()
    words.build(path, 30)
    words.check(path, 30)
    assert [one.name for one in tmp_path.iterdir()] == ["words.gallery"]
