"""How long does it take to find an edited copy among a million pictures, and how much memory?

The gallery holds 200 real photos, and as many more records as `--images` says, filled as `filling.py` says. Queries are
crops of the photos, saved again, and photos that it does not hold. They are asked in a process of its own, first while
the index of local features is made from the gallery, then from the index as it was written to disk.

The photos are those of LOOKALIKE_TEST_DATA where that is set and drawn otherwise.
"""

import argparse
import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

from filling import PHOTOS, fill
from lookalike.library import Lookalike
from lookalike.types import Hit, Relation, Tier
from report import Table, record
from sized_pictures import QUERIED, photos

CROPPED = 0.6
"""Share of each side that is left."""
TARGET_MS = 400


def main() -> None:
    """Measure and print; with --record append to docs/benchmarks.md."""
    arguments = parse_arguments()
    if arguments.child:
        print(json.dumps(search(arguments.child)))
        return
    with tempfile.TemporaryDirectory(dir=arguments.work) as temporary:
        work = Path(temporary)
        with Lookalike(work / "bench.gallery") as library:
            fill(library.gallery, library.encoder, arguments.images, work, with_features=True)
            added = list(library.index(sorted(work.glob("photo-*.jpg"))))
            assert len(added) == PHOTOS
        first, again = child(work), child(work)
        size = (work / "bench.gallery").stat().st_size
        index = sum(path.stat().st_size for path in (work / "bench.gallery.copies").iterdir())
    table = Table(["measure", "value"])
    table.row("pictures", f"{arguments.images + PHOTOS:,}; gallery {size / 1e9:.2f} GB, its index {index / 1e9:.2f} GB")
    table.row("making the index, and the first query", f"{first['open_s']:.0f} s")
    table.row("opening it, and the first query", f"{again['open_s']:.1f} s")
    for kind, name in (("crop", "a crop of a picture it holds"), ("unknown", "a picture it does not hold")):
        p50, p95 = np.percentile(again["ms"][kind], [50, 95])
        table.row(f"query: {name}", f"p50 {p50:.0f} ms, p95 {p95:.0f} ms (target p50 {TARGET_MS} ms)")
    table.row("crops whose picture is the first hit", f"{again['first']['its own']:.3f}")
    table.row("crops whose first hit is made up, of the same file", f"{again['first']['made up']:.3f}")
    table.row("unknown pictures that something is called a copy of", f"{again['mistaken']} of {QUERIED}")
    table.row("resident memory after all queries", f"{again['memory'] / 1e6:,.0f} MB")
    table.print()
    if arguments.record:
        record("Edited copies among a million", table)


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--work", type=Path, help="a folder with room for the gallery (4 GB for a million)")
    parser.add_argument("--record", action="store_true", help="append the table to docs/benchmarks.md")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def child(work: Path) -> dict:
    """Search in a process that does nothing else."""
    command = [sys.executable, __file__, "--child", str(work)]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


def search(work: Path) -> dict:
    """Ask for crops of the photos that are in the gallery, and for those that are not."""
    unknown = [saved(photo) for photo in islice(photos(QUERIED), QUERIED)]
    files = sorted(work.glob("photo-*.jpg"))[::2]
    taken: dict[str, list[float]] = {"crop": [], "unknown": []}
    first, mistaken = [], 0
    with Lookalike(work / "bench.gallery") as library:
        start = time.perf_counter()
        library.search(files[0])
        open_s = time.perf_counter() - start
        for file in files:
            query = saved(cropped(Image.open(file)))
            start = time.perf_counter()
            hits = library.search(query).hits
            taken["crop"].append((time.perf_counter() - start) * 1e3)
            first.append(found_first(hits, file))
        for query in unknown:
            start = time.perf_counter()
            hits = library.search(query).hits
            taken["unknown"].append((time.perf_counter() - start) * 1e3)
            mistaken += hits[0].tier is not Tier.SIMILAR and hits[0].evidence.relation is Relation.SAME
    memory = psutil.Process().memory_info().rss
    return {
        "open_s": open_s,
        "ms": taken,
        "first": {kind: first.count(kind) / len(files) for kind in ("its own", "made up")},
        "mistaken": mistaken,
        "memory": memory,
    }


def found_first(hits: Sequence[Hit], file: Path) -> str:
    """Say what stands first: the picture itself, or a record of made-up vectors whose original is the same file."""
    path = Path(hits[0].record.path) if hits else None
    if path is None or not path.samefile(file):
        return "another"
    return "its own" if path.name == file.name else "made up"


def cropped(photo: Image.Image) -> Image.Image:
    """Cut the middle out."""
    left, top = (round(side * (1 - CROPPED) / 2) for side in photo.size)
    return photo.crop((left, top, photo.width - left, photo.height - top))


def saved(photo: Image.Image) -> bytes:
    """Give a JPEG."""
    file = io.BytesIO()
    photo.convert("RGB").save(file, "JPEG", quality=80)
    return file.getvalue()


if __name__ == "__main__":
    main()
