"""Does ONNX Runtime keep to itself: no report to its maker, no file in the home folder?"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from networks import draw_network

RUN = """
import pathlib, sys

from lookalike.models.engines import start_network
network = start_network({"a.onnx": pathlib.Path(sys.argv[1]).read_bytes()}, "a.onnx", "onnxruntime")
import numpy as np
network.run(["colours"], {"picture": np.zeros((1, 3, 32, 32), np.float32)})
"""


@pytest.mark.slow
def test_it_keeps_no_number_of_this_machine_and_nothing_to_be_sent(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_bytes(draw_network())
    home = tmp_path / "home"
    home.mkdir()
    mine = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    folders = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "LOCALAPPDATA"), str(home))
    subprocess.run([sys.executable, "-c", RUN, tmp_path / "a.onnx"], env=mine | folders, timeout=60, check=True)
    assert list(home.iterdir()) == []
