"""Are the pictures of an earlier run used again only where they hold the same kinds of copies?"""

from importlib import import_module

import pytest

from lookalike.testing import draw_picture

pytestmark = pytest.mark.slow


def test_pictures_with_other_kinds_of_copies_are_refused(bench, tmp_path, monkeypatch):
    pytest.importorskip("augly")
    module, photos = import_module("duplicates"), import_module("real_photos")
    drawn = [photos.Picture(f"{seed}.jpg", draw_picture(seed, (64, 48))) for seed in range(10)]
    monkeypatch.setattr(module, "pool", lambda *_: (drawn, []))
    monkeypatch.setattr(module, "photo_folder", lambda: tmp_path)
    made = module.write_pictures(tmp_path / "made", 40)
    assert module.write_pictures(tmp_path / "made", 40) == made
    monkeypatch.delitem(module.COPIES, "mirrored")
    with pytest.raises(SystemExit, match="other kinds of copies"):
        module.write_pictures(tmp_path / "made", 40)
