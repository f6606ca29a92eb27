"""Is what a measurement over HTTP asks as it says?"""

import io
from argparse import Namespace
from importlib import import_module

import pytest
from PIL import Image

pytestmark = pytest.mark.slow


def pixels(data: bytes) -> bytes:
    return Image.open(io.BytesIO(data)).tobytes()


def test_no_picture_that_is_asked_with_is_in_the_gallery(bench, monkeypatch, tmp_path):
    monkeypatch.setenv("LOOKALIKE_TEST_DATA", str(tmp_path))
    served = import_module("http_served")
    _, requests = served.prepare(tmp_path, Namespace(pictures=3, images=10, encoder="mini"))
    indexed = {pixels(path.read_bytes()) for path in (tmp_path / "pictures").iterdir()}
    assert len(indexed) == 3
    assert len(requests["thumbnail"]) == 3
    assert len(requests["picture"]) == 20
    assert indexed.isdisjoint(pixels(one[one.index(b"\xff\xd8") :]) for one in requests["picture"])
