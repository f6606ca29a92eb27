"""Does what was acknowledged outlive SIGKILL? The bench asks 200 times, this asks a few."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[3] / "bench" / "durability.py"


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.skipif(not BENCH.exists(), reason="the benches are not here")
def test_nothing_acknowledged_is_lost_or_left_half_written_when_the_process_is_killed(tmp_path):
    command = [sys.executable, BENCH, "--rounds", "8", "--work", tmp_path, "--seed", "77"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "| 8, of which" in done.stdout
