"""Is anything lost when the process is killed?

Round after round a child lives as `life.py` says until it is killed with SIGKILL at a random moment, which may be while
it opens. A process that dies loses nothing that it has handed to the operating system, so this tests the transactions;
what a disk does with what was not synced, `power_cuts.py` tests.
"""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from disasters.calls import State, applied
from disasters.losses import Losses

BENCH = Path(__file__).parent.parent
LONGEST_LIFE_S = 1.2


class Kills:
    """Kills children one after the other, and counts what they have broken."""

    def __init__(self, path: Path, seed: int) -> None:
        """Begin with no gallery at all."""
        self._path = path
        self._seed = seed
        self._chance = random.Random(seed)  # noqa: S311 - nothing secret
        self._held: State = {}
        self.losses = Losses()
        self.inside = self.acknowledged = 0

    def once(self, number: int) -> None:
        """Let one child live for a while, and look at what it leaves."""
        pending = None
        for line in self._lines_of_a_short_life(number):
            if line == "done":
                self._held = applied(self._held, pending)
                self.acknowledged += 1
                pending = None
            elif line != "opening":
                pending = line
        self.inside += pending is not None
        self._held = self.losses.judge(self._path, self._held, pending, self._chance)
        self.losses.goes_on(self._path)

    def _lines_of_a_short_life(self, number: int) -> list:
        command = [sys.executable, "-m", "disasters.life", str(self._path.resolve()), str(self._seed + 1 + number)]
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, cwd=BENCH, **streams) as child:
            assert child.stdin is not None
            assert child.stdout is not None
            child.stdin.write(json.dumps(self._held) + "\n")
            child.stdin.flush()
            first = child.stdout.readline()
            time.sleep(self._chance.random() ** 2 * LONGEST_LIFE_S)
            child.send_signal(signal.SIGKILL)
            rest = child.stdout.read()
        self.losses.damaged += child.returncode != -signal.SIGKILL  # it had ended by itself
        return [json.loads(line) for line in [first, *rest.splitlines(keepends=True)] if line.endswith("\n")]
