"""Is what a measurement over HTTP asks as it says?"""

import io
import subprocess
import sys
from argparse import Namespace
from importlib import import_module

import psutil
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


def test_memory_is_that_of_the_decoders_too(bench):
    service = import_module("http_served").Service("", psutil.Process())
    before = service.memory()
    holding = "import sys; held = b'x' * 200_000_000; print('holds', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", holding], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as decoder:
        assert decoder.stdout.readline().strip() == b"holds"
        assert service.memory() - before > 150_000_000
        decoder.stdin.close()
