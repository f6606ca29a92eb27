"""Are samples drawn from all there is, and not from where it begins?"""

import io
import tarfile
from importlib import import_module
from itertools import pairwise

import pytest

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("there", "most"), [(2_640, 300), (1_999, 1_000), (1_000, 1_000), (7, 10), (3, 1), (0, 5)])
def test_a_sample_spreads_over_the_whole(bench, there, most):
    drawn = import_module("real_photos").spread(range(there), most)
    assert len(set(drawn)) == len(drawn) == min(there, most)
    assert drawn == sorted(drawn)
    steps = {after - before for before, after in pairwise([*drawn, there])}
    assert max(steps, default=0) - min(steps, default=0) <= 1


def test_photos_are_read_from_the_whole_of_a_set(bench, tmp_path, monkeypatch):
    monkeypatch.setenv("LOOKALIKE_TEST_DATA", str(tmp_path))
    with tarfile.open(tmp_path / "letters.tar", "w") as tar:
        for number in range(10):
            tar.addfile(tarfile.TarInfo(f"{number}.jpg"), io.BytesIO())
    read = import_module("real_photos").read_photos
    assert [photo.name for photo in read("letters", 6)] == ["0", "1", "3", "5", "6", "8"]
    assert len([*read("letters")]) == 10


def test_no_folder_but_the_one_that_is_named_is_looked_into(bench, monkeypatch):
    monkeypatch.delenv("LOOKALIKE_TEST_DATA", raising=False)
    photos = import_module("real_photos")
    assert photos.tar_of("openstax-photos") is None
    with pytest.raises(SystemExit, match="LOOKALIKE_TEST_DATA"):
        next(photos.read_photos("openstax-photos"))
