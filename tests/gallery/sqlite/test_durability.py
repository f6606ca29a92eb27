"""Does what was acknowledged outlive kills, power cuts and full disks? The bench asks hundreds of times, this a few."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[3] / "bench"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL"),
    pytest.mark.skipif(not BENCH.exists(), reason="the benches are not here"),
]

ON_A_DISK_THAT = """
import sys
from pathlib import Path
from disasters.power_cuts import PowerCuts

cuts = PowerCuts(Path(sys.argv[1]), seed=0, count=16, is_lying=sys.argv[2] == "lies")
for _ in cuts.run(8):
    pass
print(cuts.losses.lost + cuts.losses.damaged)
"""


def test_nothing_acknowledged_is_lost_or_left_half_written_by_kills_power_cuts_or_full_disks(tmp_path):
    command = [sys.executable, BENCH / "durability.py", "--rounds", "4", "--cuts", "15", "--fills", "2"]
    done = subprocess.run(
        [*command, "--work", tmp_path, "--seed", "77"], capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in done.stdout.splitlines()[2:]]
    assert [row[0] for row in rows] == ["killed", "power cut", "disk full"]
    assert rows[0][-3:] == rows[1][-3:] == ["0", "0", "0"]
    assert all(int(row[3].replace(",", "")) > 0 for row in rows[:2]), "no call was ever acknowledged"


@pytest.mark.parametrize(("disk", "loses"), [("keeps", False), ("lies", True)])
def test_a_disk_that_does_not_sync_what_it_says_does_lose_and_so_losses_are_seen(tmp_path, disk, loses):
    done = subprocess.run(
        [sys.executable, "-c", ON_A_DISK_THAT, tmp_path, disk],
        cwd=BENCH,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (int(done.stdout) > 0) is loses
