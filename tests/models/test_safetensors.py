"""Is a file of weights refused that is not what its header says?"""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lookalike.errors import BadInput, NotFound
from lookalike.models.safetensors import MAX_HEADER_BYTES, Tensor, read_header

WEIGHT = {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}


def write(path, header, data=bytes(24), length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes((len(text) if length is None else length).to_bytes(8, "little") + text + data)
    return path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.safetensors"


def test_a_sound_header_says_what_is_in_the_file(path):
    header = read_header(write(path, {"__metadata__": {"format": "pt"}, "weight": WEIGHT}))
    assert header.tensors == {"weight": Tensor("F32", (2, 3))}
    assert header.metadata == {"format": "pt"}


@pytest.mark.parametrize("numpy_type", ["float32", "float16", "int64", "bool", "uint8"])
def test_what_the_reference_writes_is_sound(path, numpy_type):
    import numpy as np

    numpy = pytest.importorskip("safetensors.numpy")
    numpy.save_file({"a": np.zeros((3, 2), numpy_type), "empty": np.zeros((0, 5), numpy_type)}, path)
    assert {name: tensor.shape for name, tensor in read_header(path).tensors.items()} == {"a": (3, 2), "empty": (0, 5)}


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({"weight": {**WEIGHT, "data_offsets": [0, 20]}}, "takes 20 bytes, where its shape takes 24"),
        ({"weight": {**WEIGHT, "data_offsets": [4, 28]}}, "are not where those before end"),
        ({"weight": {**WEIGHT, "shape": [2, 2], "data_offsets": [0, 16]}}, "24 bytes of numbers"),
        ({"a": WEIGHT, "b": WEIGHT}, "are not where those before end"),
        ({"weight": {**WEIGHT, "shape": [-2, -3]}}, "cannot be"),
        ({"weight": {**WEIGHT, "shape": [True, 6]}}, "cannot be"),
        ({"weight": {**WEIGHT, "shape": [2, 3.0]}}, "cannot be"),
        ({"weight": {**WEIGHT, "shape": [1] * 40}}, "cannot be"),
        ({"weight": {**WEIGHT, "dtype": "OBJECT"}}, "OBJECT"),
        ({"weight": {"dtype": "F32"}}, "shape"),
        ({"weight": 3}, "not subscriptable"),
        ({"__metadata__": {"a": 1}, "weight": WEIGHT}, "not all texts"),
        (b'{"a": {}, "a": {}}', "twice"),
        (b"[]", "no header"),
        (b"{" * 100_000, "safetensors"),
        (b'{"a":\xff}', "safetensors"),
    ],
)
def test_a_header_that_cannot_be_is_refused_with_the_reason(path, header, reason):
    with pytest.raises(BadInput, match=reason):
        read_header(write(path, header))


@pytest.mark.parametrize("length", [MAX_HEADER_BYTES + 1, 1 << 63, 500])
def test_a_header_that_claims_to_be_longer_than_it_can_be_is_not_read(path, length):
    with pytest.raises(BadInput, match=r"past the limit|ends within"):
        read_header(write(path, {"weight": WEIGHT}, length=length))


def test_a_pickle_by_the_name_of_weights_is_refused(path):
    import pickle

    path.write_bytes(pickle.dumps({"weight": [1.0] * 100}, protocol=2))
    with pytest.raises(BadInput, match="no sound safetensors file"):
        read_header(path)


def test_a_file_that_is_not_there_is_named(path):
    with pytest.raises(NotFound, match=r"model\.safetensors"):
        read_header(path)


@pytest.mark.slow
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "any.safetensors"
    path.write_bytes(data)
    try:
        read_header(path)
    except BadInput:
        return
    assert data.startswith((2).to_bytes(8, "little") + b"{}")
