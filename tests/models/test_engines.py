"""Do both engines run the same network alike, from many threads, and open no file by themselves?"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from networks import DIM, SIDE, draw_network, draw_network_with_weights_in

from lookalike.errors import BadInput, MissingExtra
from lookalike.models import engines
from lookalike.models.engines import has_openvino, start_network
from lookalike.models.network import Network, Port

PICTURE = np.random.default_rng(0).normal(size=(5, 3, SIDE, SIDE)).astype(np.float32)


def start(engine: Any, **how: Any) -> Network:
    return start_network({"a.onnx": draw_network(**how)}, "a.onnx", engine)


def test_the_engine_that_was_asked_for_runs_the_network(engine: Any) -> None:
    assert start(engine).engine == engine


def test_without_a_wish_it_is_openvino_where_that_is_installed() -> None:
    assert start("auto").engine == ("openvino" if has_openvino() else "onnxruntime")


def test_a_network_says_what_it_takes_and_gives(engine: Any) -> None:
    network = start(engine, outputs=("colours", "more"))
    assert network.inputs == {"picture": Port("float32", (None, 3, SIDE, SIDE))}
    assert [network.outputs[name] for name in ("colours", "more")] == [Port("float32", (None, DIM))] * 2
    assert str(network.inputs["picture"]) == "float32 [n, 3, 32, 32]"


def test_outputs_come_in_the_order_asked_for_and_are_the_callers_own(engine: Any) -> None:
    network = start(engine, outputs=("colours", "more"))
    (first,) = network.run(["more"], {"picture": PICTURE})
    kept = first.copy()
    network.run(["colours", "more"], {"picture": PICTURE * 3})
    np.testing.assert_array_equal(first, kept)
    expected = PICTURE.reshape(5, 3, 4, 8, 4, 8).mean(axis=(3, 5)).reshape(5, DIM)
    np.testing.assert_allclose(first, expected, atol=1e-5)


def test_batches_may_have_any_size(engine: Any) -> None:
    network = start(engine)
    (whole,) = network.run(["colours"], {"picture": PICTURE})
    for n in (1, 3, 5, 2):
        (part,) = network.run(["colours"], {"picture": PICTURE[:n]})
        np.testing.assert_allclose(part, whole[:n], atol=1e-5)


def test_many_threads_get_their_own_answers(engine: Any) -> None:
    network = start(engine)
    (expected,) = network.run(["colours"], {"picture": PICTURE})

    def one(i: int) -> np.ndarray:
        return network.run(["colours"], {"picture": PICTURE[i : i + 1]})[0]

    with ThreadPoolExecutor(8) as threads:
        for i, found in enumerate(threads.map(one, [0, 1, 2, 3, 4] * 20)):
            np.testing.assert_allclose(found[0], expected[i % 5], atol=1e-5)


def test_a_wrong_input_is_refused_and_the_next_call_works(engine: Any) -> None:
    network = start(engine)
    with pytest.raises(BadInput, match=r"a\.onnx failed"):
        network.run(["colours"], {"picture": PICTURE[:, :2]})
    assert network.run(["colours"], {"picture": PICTURE})[0].shape == (5, DIM)


def test_weights_in_other_files_are_taken_from_memory_only(
    engine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "weights.bin").write_bytes(np.full(DIM, 7, np.float32).tobytes())
    model = draw_network_with_weights_in("weights.bin")
    with pytest.raises(BadInput, match="cannot be loaded"):
        start_network({"a.onnx": model}, "a.onnx", engine)
    network = start_network({"a.onnx": model, "weights.bin": np.ones(DIM, np.float32).tobytes()}, "a.onnx")
    assert network.engine == "onnxruntime"
    (found,) = network.run(["colours"], {"picture": np.ones((1, 3, SIDE, SIDE), np.float32)})
    np.testing.assert_allclose(found, 1, atol=1e-5)


@pytest.mark.parametrize(
    "data", [b"", b"\x08\x09", b"junk", b"<?xml version='1.0'?><net name='x' version='11'><layers/></net>", b"GGUF"]
)
def test_what_is_no_onnx_is_refused_even_where_an_engine_could_read_it(engine: Any, data: bytes) -> None:
    for wish in (engine, "auto"):
        with pytest.raises(BadInput, match=r"a\.onnx cannot be loaded") as refused:
            start_network({"a.onnx": data}, "a.onnx", wish)
        assert refused.value.fix


def test_damaged_models_are_refused_or_run_but_break_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    """In ONNX Runtime; OpenVINO crashes on some, which is why it runs the bundled models only."""
    model = draw_network()
    random = np.random.default_rng(7)
    for _ in range(60):
        damaged = bytearray(model[: int(random.integers(1, len(model) + 1))])
        for place in random.integers(0, len(damaged), 3):
            damaged[place] = random.integers(0, 256)
        with suppress(BadInput):
            network = start_network({"a.onnx": bytes(damaged)}, "a.onnx", "onnxruntime")
            network.run(list(network.outputs), dict.fromkeys(network.inputs, PICTURE))
    assert capfd.readouterr() == ("", "")


def test_an_engine_that_is_not_installed_is_named_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "find_spec", lambda _: None)
    with pytest.raises(MissingExtra, match="pip install openvino"):
        start("openvino")
    assert start("auto").engine == "onnxruntime"
