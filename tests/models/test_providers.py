"""Is the best device chosen that there is, and the processor where nothing else is better?"""

import pytest
from networks import draw_network

from lookalike.errors import MissingExtra
from lookalike.models.engines import start_network
from lookalike.models.providers import PROVIDERS, choose_devices, device_of, offered_devices

FLOATS, IN_8_BITS = draw_network(), b"...QLinearConv..."


@pytest.mark.parametrize(
    ("engine", "network", "offered", "chosen"),
    [
        ("onnxruntime", FLOATS, ["cpu"], ["cpu"]),
        ("onnxruntime", FLOATS, ["cuda", "cpu"], ["cuda", "cpu"]),
        ("auto", FLOATS, ["cuda", "cpu"], ["cuda", "cpu"]),
        ("onnxruntime", FLOATS, ["coreml", "cpu"], ["coreml", "cpu"]),
        ("onnxruntime", IN_8_BITS, ["cuda", "cpu"], ["cpu"]),
        ("cuda", IN_8_BITS, ["cuda", "cpu"], ["cuda", "cpu"]),
        ("cpu", FLOATS, ["cuda", "cpu"], ["cpu"]),
    ],
)
def test_the_best_device_is_chosen_and_the_processor_stands_by(engine, network, offered, chosen):
    assert choose_devices(engine, network, offered) == chosen


def test_a_device_that_is_not_there_names_the_package_that_brings_it():
    with pytest.raises(MissingExtra, match="cannot use cuda; it can use cpu") as caught:
        choose_devices("cuda", FLOATS, ["cpu"])
    assert "onnxruntime-gpu" in caught.value.fix


def test_the_processor_is_always_offered_and_is_where_a_plain_package_runs():
    assert offered_devices()[-1] == "cpu"
    assert start_network({"a.onnx": FLOATS}, "a.onnx", "cpu").device == "cpu"


def test_the_device_of_a_session_is_the_best_that_it_has_taken():
    assert device_of(["CUDAExecutionProvider", "CPUExecutionProvider"]) == "cuda"
    assert device_of(["CPUExecutionProvider"]) == "cpu"


def test_the_bundled_networks_are_in_8_bits_and_stay_on_the_processor():
    from importlib.resources import files

    folder = files("lookalike.encoders") / "mini"
    for name in ("mini.onnx", "text.onnx"):
        assert choose_devices("onnxruntime", folder.joinpath(name).read_bytes(), [*PROVIDERS]) == ["cpu"], name
