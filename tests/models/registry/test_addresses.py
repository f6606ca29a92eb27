"""Which versions of which models do texts name, and what may they be made of?"""

import json

import pytest

from lookalike.errors import BadInput
from lookalike.models.registry import Address, Manifest, fetch_registered
from lookalike.models.registry.manifest import read_manifest

SUM = "0" * 64


@pytest.mark.parametrize(
    ("text", "name", "version", "alias"),
    [
        ("models:/photos@champion", "photos", 0, "champion"),
        ("models:/photos/3", "photos", 3, ""),
        ("models:/photos/3@champion", "photos", 3, "champion"),
        ("models:/My photos-2.1/12", "My photos-2.1", 12, ""),
        ("models:/photos", "photos", 0, ""),
    ],
)
def test_an_address_is_written_as_it_is_read(text, name, version, alias):
    address = Address.parse(text)
    assert (address.name, address.version, address.alias) == (name, version, alias)
    assert str(address) == text


@pytest.mark.parametrize(
    "text",
    [
        "photos",
        "models:/",
        "models:/..",
        "models:/../x/1",
        "models:/x./1",
        "models:/x /1",
        "models:/a/b/1",
        "models:/x/0",
        "models:/x/-1",
        "models:/x@",
        "models:/x@a b",
        "models:/x\n/1",
        "models:/x/1\n",
        "models:/" + "x" * 300,
        "runs:/x/model",
    ],
)
def test_what_could_lead_elsewhere_is_no_address(text):
    with pytest.raises(BadInput, match="names no version"):
        Address.parse(text)


def test_a_manifest_is_read_as_it_was_written_and_its_digest_is_of_what_it_is_made_of():
    made = Manifest(kind="encoder", family="onnx", entry="a.onnx", origin="onnx:/tmp/a.onnx", files={"a.onnx": SUM})
    assert read_manifest(made.write()) == made
    elsewhere = Manifest(kind="encoder", family="onnx", entry="a.onnx", origin="mini", files={"a.onnx": SUM})
    other = Manifest(kind="encoder", family="onnx", entry="a.onnx", files={"a.onnx": "1" * 64})
    assert made.digest == elsewhere.digest != other.digest


@pytest.mark.parametrize(
    "name",
    [
        *("model.pkl", "model.bin", "model.pt", "a.py", "model.joblib", "python_model.pkl", "MLmodel"),
        *("../a.onnx", "/etc/a.json", ".hidden.json", "a/../../b.onnx", "C:\\a.onnx", "", "lookalike.json"),
    ],
)
def test_nothing_that_can_carry_code_or_lies_elsewhere_is_part_of_a_version(name):
    data = {"kind": "encoder", "family": "onnx", "entry": "a.onnx", "files": {"a.onnx": SUM, name: SUM}}
    with pytest.raises(BadInput, match="may not be part of a model"):
        read_manifest(json.dumps(data).encode())


@pytest.mark.parametrize(
    "wrong", [{"kind": "spy"}, {"format": 2}, {"files": {}}, {"more": 1}, {"files": {"a.onnx": "x"}}]
)
def test_a_manifest_that_is_wrong_is_refused(wrong):
    data = {"kind": "encoder", "family": "onnx", "entry": "a.onnx", "files": {"a.onnx": SUM}} | wrong
    with pytest.raises(BadInput, match=r"lookalike\.json is wrong"):
        read_manifest(json.dumps(data).encode())


def test_no_registry_is_begun_in_the_folder_one_happens_to_be_in(home, monkeypatch):
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(BadInput, match="No MLflow registry is named"):
        fetch_registered("models:/photos@champion", "encoder")
    assert list(home.iterdir()) == []
