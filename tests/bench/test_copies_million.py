"""Is a picture found only where it is itself the first hit, and not a record that was made up beside it?"""

from importlib import import_module
from types import SimpleNamespace

import pytest

pytestmark = pytest.mark.slow


def test_a_made_up_record_of_the_same_file_is_not_the_picture(bench, tmp_path):
    own, other = tmp_path / "photo-20.jpg", tmp_path / "photo-21.jpg"
    made_up = tmp_path / "gallery" / "0.jpg"
    made_up.parent.mkdir()
    own.write_bytes(b"one")
    other.write_bytes(b"two")
    made_up.hardlink_to(own)
    first = import_module("copies_million").found_first
    found = {
        path: first([SimpleNamespace(record=SimpleNamespace(path=str(path)))], own) for path in (own, made_up, other)
    }
    assert found == {own: "its own", made_up: "made up", other: "another"}
    assert first([], own) == "another"
