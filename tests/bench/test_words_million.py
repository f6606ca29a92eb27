"""Is a gallery that is there whole, whatever became of the run that made it?"""

from importlib import import_module

import pytest

from lookalike.gallery import open_gallery

pytestmark = pytest.mark.slow


@pytest.fixture
def words(bench, monkeypatch):
    module = import_module("words_million")
    monkeypatch.setattr(module, "real_captions", lambda: [["a", "dog", "in", "the", "snow"]])
    return module


def test_a_gallery_that_was_not_finished_is_made_anew(words, tmp_path, monkeypatch):
    path = tmp_path / "words.gallery"
    with monkeypatch.context() as stopped:
        stopped.setattr(words, "records", lambda *_: iter(["no record"]))
        with pytest.raises(AttributeError):
            words.build(path, 30)
    assert not path.exists()
    words.build(path, 30)
    with open_gallery(path, create=False) as gallery:
        assert gallery.count() == 30
    assert [one.name for one in tmp_path.iterdir()] == ["words.gallery"]
