"""Are files of a checkpoint read within their limit, and no memory taken beyond their size?"""

import tracemalloc

import pytest

from lookalike.errors import BadInput
from lookalike.models.files import MAX_MODEL_BYTES, read_file


def test_reading_takes_as_much_memory_as_the_file_has_not_as_much_as_it_might(tmp_path):
    (tmp_path / "small.onnx").write_bytes(b"x" * 5_000)
    tracemalloc.start()
    try:
        assert read_file(tmp_path, "small.onnx", MAX_MODEL_BYTES) == b"x" * 5_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


def test_a_file_may_have_as_many_bytes_as_the_limit_and_none_more(tmp_path):
    (tmp_path / "words.json").write_bytes(b"12345")
    assert read_file(tmp_path, "words.json", 5) == b"12345"
    with pytest.raises(BadInput, match="past the limit of 4 bytes"):
        read_file(tmp_path, "words.json", 4)
