"""Does OpenVINO keep to itself: no report, no files but its cache, no thread but the caller's?"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from networks import DIM, SIDE, draw_network

from lookalike.models import compiled
from lookalike.models.engines import has_openvino, start_network

pytestmark = pytest.mark.skipif(not has_openvino(), reason="OpenVINO is not installed; it is, by default, on x86-64")

WATCH = """
import json, pathlib, sys

calls = []
sys.addaudithook(lambda event, _: calls.append(event) if event.startswith(("socket.", "os.fork")) else None)
from lookalike.models.engines import start_network
network = start_network({"a.onnx": pathlib.Path(sys.argv[1]).read_bytes()}, "a.onnx", "openvino")
import numpy as np
network.run(["colours"], {"picture": np.zeros((1, 3, 32, 32), np.float32)})
import openvino.utils
print(json.dumps([calls, sorted(m for m in sys.modules if "telemetry" in m), sys.modules.get("openvino.tools.ovc", 0)]))
"""


@pytest.mark.slow
def test_it_reports_to_nobody_and_leaves_nothing_in_the_home_folder(home: Path, tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_bytes(draw_network())
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", WATCH, tmp_path / "a.onnx"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [[], [], 0]
    assert [path.name for path in home.iterdir()] == []


@pytest.mark.slow
def test_a_call_is_work_of_the_calling_thread() -> None:
    network = start_network({"a.onnx": draw_network()}, "a.onnx", "openvino")
    pictures = np.zeros((256, 3, SIDE, SIDE), np.float32)
    network.run(["colours"], {"picture": pictures})

    def share() -> float:
        process, thread = time.process_time(), time.thread_time()
        for _ in range(20):
            network.run(["colours"], {"picture": pictures})
        return (time.thread_time() - thread) / (time.process_time() - process)

    assert any(share() > 0.8 for _ in range(3)), "other threads work, and not only in passing"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "lookalike" / "networks"


needs_xdg = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the cache's folder is not the environment's")


def colours(scale: float = 1) -> float:
    network = start_network({"a.onnx": draw_network(scale=scale)}, "a.onnx", "openvino")
    (found,) = network.run(["colours"], {"picture": np.ones((1, 3, SIDE, SIDE), np.float32)})
    assert found.shape == (1, DIM)
    return float(found.mean())


@pytest.mark.slow
@needs_xdg
def test_a_network_is_compiled_once_and_then_read(cache: Path) -> None:
    assert colours(2) == pytest.approx(2)
    (file,) = cache.iterdir()
    before = file.stat().st_ino
    assert colours(2) == pytest.approx(2)
    assert [path.stat().st_ino for path in cache.iterdir()] == [before]
    assert colours(3) == pytest.approx(3)
    assert len(list(cache.iterdir())) == 2


@pytest.mark.slow
@needs_xdg
@pytest.mark.parametrize("damage", [b"", b"junk" * 100, "truncated"])
def test_a_damaged_cache_is_made_anew(cache: Path, damage: bytes | str) -> None:
    colours(2)
    (file,) = cache.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] if isinstance(damage, str) else damage)
    assert colours(2) == pytest.approx(2)
    assert len(file.read_bytes()) == pytest.approx(len(whole), rel=0.02)  # each time compiled a little differently


@needs_xdg
def test_without_a_place_for_the_cache_it_works_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert colours(2) == pytest.approx(2)


@needs_xdg
def test_the_cache_forgets_what_was_not_used_for_longest(cache: Path) -> None:
    keys = [compiled.key_of(b"network", str(i)) for i in range(compiled.MAX_FILES + 3)]
    assert len(set(keys)) == len(keys)
    for second, key in enumerate(keys):
        compiled.keep(key, key.encode())
        os.utime(cache / key, (second, second))  # long ago: clocks of file systems may be coarse
        assert compiled.kept(keys[0]) == keys[0].encode()
    assert len(list(cache.iterdir())) == compiled.MAX_FILES
    assert compiled.kept(keys[1]) is None
    assert compiled.kept(keys[-1]) == keys[-1].encode()
    assert compiled.kept(keys[0]) == keys[0].encode()
