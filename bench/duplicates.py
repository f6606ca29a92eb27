"""How long does it take to find the duplicates of 100,000 pictures, are all found, and nothing else?

The pictures are the real photos of LOOKALIKE_TEST_DATA, then halves and quarters of them, which are other pictures for
a hash of the whole. A twentieth is planted: copies of others, saved again, made smaller, lighter or darker, turned or
mirrored, with a caption or a little crop. Groups are found as `lookalike duplicates` does, with a look at the pixels
where hashes are not sure. A pair is an other picture of a group with the one that is kept.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

from bars import hold
from edited_copies.canvas import canvas_of, flipped, quarter_turned, scaled
from edited_copies.edits import Edit, chain, looked, part, placed
from edited_copies.looks import encoded, lettered, with_augly
from edited_copies.photos import photo_folder, pool
from lookalike.library import Lookalike
from lookalike.types import Pixels
from real_photos import Picture
from report import Table, record

_PLANTED = 20
"""One in so many."""

_SAVED = looked(encoded("JPEG", quality=60))
COPIES: dict[str, Edit] = {
    "the same bytes": lambda _random, canvas, _others: canvas,
    "saved again": _SAVED,
    "smaller": chain(placed(lambda canvas: scaled(canvas, 0.7)), _SAVED),
    "lighter": chain(looked(with_augly("brightness", factor=1.2)), _SAVED),
    "darker": chain(looked(with_augly("brightness", factor=0.75)), _SAVED),
    "a line of small text": chain(looked(lettered(0.05, 1)), _SAVED),
    "cropped to 98 %": chain(part(0.98), _SAVED),
    "mirrored": chain(placed(lambda canvas: flipped(canvas, 1)), _SAVED),
    "turned by 90°": chain(placed(lambda canvas: quarter_turned(canvas, 1)), _SAVED),
}


@dataclass(frozen=True)
class Written:
    """What lies in the folder, by number of the file."""

    photo: list[int]
    """The photo each picture shows, or a part of it."""
    copy_of: dict[int, int]
    """Planted picture → the one it was made of."""
    kind: dict[int, str]


def main() -> None:
    """Measure and print; with --record append to docs/benchmarks.md."""
    arguments = parse_arguments()
    if arguments.child:
        print(json.dumps(CHILDREN[arguments.child](arguments.folder, arguments.file)))
        return
    with tempfile.TemporaryDirectory() as temporary:
        work = (arguments.work or Path(temporary)) / f"duplicates-parts-{arguments.pictures}"
        written = write_pictures(work, arguments.pictures)
        gallery = work / "bench.gallery"
        for old in work.glob("bench.gallery*"):
            old.unlink()
        indexed = child("index", work / "pictures", gallery)
        found = child("find", work / "pictures", gallery)
    table, shares = judge(written, found["groups"])
    table.row("indexing", f"{indexed['s']:.0f} s, {arguments.pictures / indexed['s']:.0f} pictures/s")
    table.row("finding all groups", f"{found['s']:.1f} s")
    table.row("memory while finding", f"{found['memory'] / 1e6:.0f} MB")
    table.print()
    if arguments.record:
        record("Duplicates", table)
    hold({f"duplicates: {name}": share for name, share in shares.items()})


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--work", type=Path, help="a folder for the pictures (1 GB), used again next time")
    parser.add_argument("--record", action="store_true", help="append the table to docs/benchmarks.md")
    parser.add_argument("--child", choices=tuple(CHILDREN), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def child(name: str, folder: Path, gallery: Path) -> dict:
    """Run a part of the measurement in a process of its own."""
    command = [sys.executable, __file__, "--child", name, "--folder", str(folder), "--file", str(gallery)]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def write_pictures(work: Path, count: int) -> Written:
    """Write the pictures, or take them as they were written."""
    plan = work / "plan.json"
    if not plan.exists():
        shutil.rmtree(work, ignore_errors=True)
        (work / "pictures").mkdir(parents=True)
        plan.write_text(json.dumps(_write(work / "pictures", count)), "utf-8")
    known = json.loads(plan.read_text("utf-8"))
    if known.get("planted") != [*COPIES]:
        raise SystemExit(f"{work} was made with other kinds of copies; remove it, or choose another --work.")
    copy_of = {int(copy): original for copy, original in known["copy_of"].items()}
    return Written(known["photo"], copy_of, {int(copy): kind for copy, kind in known["kind"].items()})


def _write(folder: Path, count: int) -> dict:
    planted = count // _PLANTED
    enough = max(1, count // 4)  # each comes in nine parts
    sources, distractors = pool(photo_folder(), enough)
    photo: list[int] = []
    for number, (shown, pixels) in zip(range(count - planted), _parts(sources + distractors), strict=False):
        Image.fromarray(pixels).save(folder / f"{number:06}.jpg", quality=92)
        photo.append(shown)
    if len(photo) < count - planted:
        raise SystemExit(f"There are photos for {len(photo) + planted:,} pictures; lower --pictures.")
    random = np.random.default_rng(1)
    copy_of, kinds = {}, {}
    for copy, original in enumerate(random.choice(len(photo), planted, replace=False).tolist(), start=len(photo)):
        kind = str(random.choice(list(COPIES)))
        source, target = folder / f"{original:06}.jpg", folder / f"{copy:06}.jpg"
        if kind == "the same bytes":
            shutil.copy(source, target)
        else:
            pixels = np.asarray(Image.open(source).convert("RGB"))
            Image.fromarray(COPIES[kind](random, canvas_of(pixels), ()).pixels).save(target, quality=85)
        copy_of[copy], kinds[copy] = original, kind
        photo.append(photo[original])
    return {"photo": photo, "copy_of": copy_of, "kind": kinds, "planted": [*COPIES]}


def _parts(photos: list[Picture]) -> Iterator[tuple[int, Pixels]]:
    """Give every photo whole, then each half of all, then the quarters."""
    for rows, columns in ((1, 1), (1, 2), (2, 1), (2, 2)):
        for number, photo in enumerate(photos):
            for band in np.array_split(photo.pixels, rows):
                for piece in np.array_split(band, columns, axis=1):
                    yield number, np.ascontiguousarray(piece)


def _index(folder: Path, gallery: Path) -> dict:
    with Lookalike(gallery) as library:
        start = time.perf_counter()
        assert all(one.outcome == "added" for one in library.index(folder)), "a made picture was not taken in"
        return {"s": time.perf_counter() - start}


def _find(_: Path, gallery: Path) -> dict:
    from lookalike.duplicates import Looking, OriginalsVerifier, find_groups

    with Lookalike(gallery, create=False) as library:
        start = time.perf_counter()
        how = Looking(verify=OriginalsVerifier(library.decoder))
        groups = [
            [int(Path(one.path).stem) for one in group.records] for group in find_groups(library.gallery, how=how)
        ]
        seconds = time.perf_counter() - start
        return {"s": seconds, "groups": groups, "memory": psutil.Process().memory_info().rss}


CHILDREN: dict[str, Callable[[Path, Path], dict]] = {"index": _index, "find": _find}


def judge(written: Written, groups: list[list[int]]) -> tuple[Table, dict[str, float]]:
    """Count the planted copies that share a group with their original, and the pairs that show one photo."""
    together = {one: number for number, group in enumerate(groups) for one in group}
    pairs = [(group[0], other) for group in groups for other in group[1:]]
    right = sum(written.photo[keep] == written.photo[other] for keep, other in pairs)
    was_found = {
        copy: copy in together and together[copy] == together.get(original)
        for copy, original in written.copy_of.items()
    }
    table = Table(["measure", "value"])
    table.row("pictures, planted copies", f"{len(written.photo):,}, {len(written.copy_of):,}")
    shares = {"recall": float(np.mean(list(was_found.values()))), "precision": right / max(1, len(pairs))}
    table.row("recall", f"{shares['recall']:.4f}")
    table.row("precision", f"{shares['precision']:.4f} of {len(pairs):,} pairs")
    for kind in COPIES:
        share = [found for copy, found in was_found.items() if written.kind[copy] == kind]
        table.row(f"recall, {kind}", f"{np.mean(share):.3f} of {len(share)}" if share else "none planted")
    return table, shares


if __name__ == "__main__":
    main()
