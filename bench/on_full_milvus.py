"""What becomes of a gallery on Milvus whose server's disk is full? Records go in until it is, and are then counted.

The disk is a small tmpfs, mounted where only this process sees it, which Linux lets users do unless an administrator
forbids it. When there is room again, the server is started anew.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "instruments"))

from milvus_servers import MilvusProcess

from lookalike.errors import LookalikeError
from lookalike.gallery import Gallery, open_gallery
from lookalike.testing import make_records, make_space
from lookalike.types import ImageRecord
from report import Table

_DISK = "700m"
"""The server itself takes 470 MB of it."""
_RECORDS, _BATCH = 20_000, 500
_BACK_S = 90.0


def main() -> None:
    """Fill a disk, make room, and print what was there before and after; exit with 1 where any of it is lost."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--disk", type=Path, help=argparse.SUPPRESS)
    folder = parser.parse_args().disk
    if folder is None:
        with tempfile.TemporaryDirectory() as folder:
            mounting = f'mount -t tmpfs -o size={_DISK} tmpfs "$0" && exec "$@"'
            again = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mounting, folder, sys.executable)
            raise SystemExit(subprocess.call([*again, __file__, "--disk", folder]))
    process = MilvusProcess(folder, **{"common.session.ttl": 10})
    process.start()
    try:
        with open_gallery(f"milvus://127.0.0.1:{process.port}/full?timeout=10") as gallery:
            lost = meet_a_full_disk(gallery, process, folder)
    finally:
        process.stop()
    if lost:
        raise SystemExit(f"{lost} acknowledged records are lost.")


def meet_a_full_disk(gallery: Gallery, process: MilvusProcess, folder: Path) -> int:
    """Store records until the server refuses or ends, and look for them when it is back; gives how many are lost."""
    records = make_records(_RECORDS)
    gallery.add_space(make_space())
    gallery.put(records[:_BATCH])
    filler = folder / "filler"
    fill(filler)
    acknowledged, said = store(gallery, records)
    filler.unlink()
    process.stop()
    process.start()
    wait_for(gallery)
    there = len(gallery.get([one.id for one in records[:acknowledged]]))
    gallery.put(records[: acknowledged + _BATCH])
    table = Table(["acknowledged", "what was said then", "there afterwards", "after the same again", "found wrong"])
    table.row(str(acknowledged), said, str(there), str(gallery.count()), str(len(gallery.check())))
    table.print()
    return acknowledged - there


def fill(filler: Path) -> None:
    """Take all the room there is."""
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(65_536))
        except OSError:
            return


def store(gallery: Gallery, records: list[ImageRecord]) -> tuple[int, str]:
    """Store records, and give how many were acknowledged, and what was said at the end."""
    for start in range(_BATCH, len(records), _BATCH):
        try:
            gallery.put(records[start : start + _BATCH])
        except LookalikeError as error:
            return start, f"{type(error).__name__}: {str(error).partition('. ')[0]}"
    return len(records), "nothing"


def wait_for(gallery: Gallery) -> None:
    """Wait until the server has loaded the gallery again."""
    deadline = time.monotonic() + _BACK_S
    while True:
        try:
            gallery.count()
        except LookalikeError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
        else:
            return


if __name__ == "__main__":
    if shutil.which("unshare") is None:
        raise SystemExit("This needs unshare, which Linux has.")
    main()
