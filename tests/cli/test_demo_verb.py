"""Does `lookalike demo` make its pictures, once?"""

import pytest

pytestmark = pytest.mark.slow


def test_the_demo_pictures_are_made_once_and_mended(cli, tmp_path):
    pytest.importorskip("skimage")
    folder = tmp_path / "demo"
    done = cli("demo", folder)
    assert (done.code, done.stdout) == (0, f"119 pictures in {folder}\n")
    stamps = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    (folder / "coffee-mirrored.jpg").unlink()
    assert cli("demo", folder).code == 0
    again = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert again.keys() == stamps.keys()
    assert [path.name for path in again if again[path] != stamps[path]] == ["coffee-mirrored.jpg"]


def test_without_scikit_image_the_demo_names_the_extra(cli, tmp_path, monkeypatch):
    monkeypatch.setattr("lookalike.demo.find_spec", lambda _: None)
    done = cli("demo", tmp_path / "demo")
    assert done.code == 3
    assert "pip install 'lookalike[demo]'" in done.stderr
    assert not (tmp_path / "demo").exists()
