"""Is anything lost when the disk is full?

    python -m disasters.full_disks FOLDER ROUNDS SEED

A small disk of its own holds the gallery. Pictures come until there is no room, in the midst of whatever SQLite writes;
then the call must fail with an error of ours and leave nothing behind, all that was acknowledged must be read as
before, also by who opens the gallery then, and when there is room again everything must go on.

The disk is a tmpfs, mounted where only this process sees it, which Linux lets users do unless an administrator forbids
it: `can_mount` tells.
"""

import json
import random
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from disasters.calls import SIZES, SPACE, State, applied, calls, do
from disasters.losses import Losses
from lookalike.errors import GalleryError
from lookalike.gallery.sqlite import SqliteGallery

BENCH = Path(__file__).parent.parent
_MOUNT = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c")
_DISK_BYTES = 64 * 2**20
_ROOM = 3_000_000
"""Bytes that are free when a round begins, at most: a few dozen calls."""
_TRIES = 3
"""Calls that a full disk refuses before there is room again."""


def can_mount() -> bool:
    """Say whether this user may mount a small disk."""
    if shutil.which("unshare") is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        command = [*_MOUNT, 'mount -t tmpfs tmpfs "$0"', folder]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


def on_a_small_disk(rounds: int, seed: int) -> dict[str, Any]:
    """Mount a disk, fill it so many times in a process of its own, and give what `FullDisks` counted."""
    with tempfile.TemporaryDirectory() as folder:
        script = f'mount -t tmpfs -o size={_DISK_BYTES} tmpfs "$0" && exec "$@"'
        program = [sys.executable, "-m", "disasters.full_disks", folder, str(rounds), str(seed)]
        done = subprocess.run([*_MOUNT, script, folder, *program], cwd=BENCH, stdout=subprocess.PIPE, check=True)
    counted: dict[str, Any] = json.loads(done.stdout)
    return counted


class FullDisks:
    """Fills a disk again and again, and counts what is broken."""

    def __init__(self, disk: Path, seed: int) -> None:
        """Begin with no gallery at all."""
        self._path = disk / "full.gallery"
        self._ballast = disk / "ballast"
        self._chance = random.Random(seed)  # noqa: S311 - nothing secret
        self._held: State = {}
        self.losses = Losses()
        self.acknowledged = self.refused = 0

    def run(self, rounds: int) -> None:
        """Fill the disk so many times."""
        for _ in range(rounds):
            self._leave_room(self._chance.randrange(_ROOM // 10, _ROOM))
            self._fill()

    def _leave_room(self, wanted: int) -> None:
        """Fill the disk with ballast, but for some bytes."""
        self._ballast.unlink(missing_ok=True)
        self._ballast.write_bytes(bytes(max(0, shutil.disk_usage(self._ballast.parent).free - wanted)))

    def _fill(self) -> None:
        """Make calls until some are refused, and look at what is there."""
        with SqliteGallery.open(self._path, sizes=SIZES) as gallery:
            gallery.add_space(SPACE)
            refused = 0
            while refused < _TRIES:
                refused += self._is_refused(gallery)
            self.refused += refused
            self.losses.compare(gallery, self._held, None, self._chance)
            with SqliteGallery.open(self._path, sizes=SIZES) as other:
                self.losses.compare(other, self._held, None, self._chance)
        self.losses.judge(self._path, self._held, None, self._chance)

    def _is_refused(self, gallery: SqliteGallery) -> bool:
        """Make calls until one is refused, a few at most."""
        for call in islice(calls(self._chance, self._held), 50):
            try:
                do(gallery, call)
            except GalleryError:
                return True
            self._held = applied(self._held, call)
            self.acknowledged += 1
        return False


def main() -> None:
    """Fill the disk that is mounted, and write what came of it."""
    disks = FullDisks(Path(sys.argv[1]), int(sys.argv[3]))
    disks.run(int(sys.argv[2]))
    print(json.dumps(asdict(disks.losses) | {"acknowledged": disks.acknowledged, "refused": disks.refused}))


if __name__ == "__main__":
    main()
