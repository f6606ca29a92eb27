"""How close does indexing come to what this machine can decode and encode?

The limit is what all cores could do if nothing but decoding and encoding cost anything: cores divided by the CPU
seconds that these take for one picture. The limit of all parts counts the fingerprint, too, without which nobody can
index. Each part is measured alone, in one thread of a process of its own, in this run, with the allocator set as the
workers have it, which makes the limits higher. Indexing is measured as a user sees it: from an empty gallery to the
last picture durably stored; once without the local features that edited copies are found by (`--features none`), and
once with them (`fast`, the default). Fewer than a thousand pictures are over in seconds: they are indexed five times,
and the median counts.

The pictures are JPEGs of 0.2 to 12 megapixels, sizes spread evenly on a logarithmic scale. With --peers the same are
given to others, as `peers/pictures` says, of which none keeps more than a vector or a hash of each. Memory is the most
that all processes of a program hold at a time.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np

from bars import hold
from lookalike.copies import GREY_PX
from lookalike.copies.fingerprint import Fingerprinter
from lookalike.decode import DecodePool, Fit, decode
from lookalike.decode.child import ENVIRONMENT
from lookalike.encoders import Recogniser, load_encoder
from lookalike.gallery import open_gallery
from lookalike.ingest import ingest
from lookalike.sources import FolderSource
from lookalike.threads import usable_cores
from peers.environment import PeerFailed, run_peer
from peers.pictures import HASHES, WAYS
from report import Table, record, spread
from sized_pictures import write_pictures
from watching import watched

MEGAPIXELS = (0.2, 12.0)
FEATURES = {"none": "without features", "fast": "with features"}
PARTS = ("decode", "encode", *FEATURES)
LIMITED = ("indexing", "indexing / limit", "indexing / limit of all parts")
LONG = 1_000
"""Pictures from which on all workers are at work for most of a run."""
HELD = 400
"""Fewer tell nothing of a rate."""
RUNS = 5
POSSIBLE = 1.02
"""Shares of the limit of all parts that clocks allow: what is beyond was measured wrongly."""


def main() -> None:
    """Measure and print; with --record append to docs/benchmarks.md."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command `lookalike` does, for the children
    arguments = parse_arguments()
    if arguments.child:
        print(index_rate(arguments.work / "pictures", arguments.work, arguments.child))
        return
    if arguments.alone:
        print(cpu_seconds(arguments.alone, [Path(line).read_bytes() for line in sys.stdin.read().split("\n")]))
        return
    with tempfile.TemporaryDirectory(dir=arguments.work) as temporary:
        work = Path(temporary)
        paths = write_pictures(work / "pictures", arguments.pictures, arguments.megapixels)
        os.sync()  # making the pictures is no part of the work, nor is writing them back
        table, rates, ratios = measure(work, paths)
        peers, ahead = compare(work, arguments.peers, rates)
        megabytes = sum(path.stat().st_size for path in paths) / 1e6
    low, high = arguments.megapixels
    print(f"{len(paths):,} pictures of {low:g} to {high:g} MP, {megabytes:,.0f} MB\n{table}")
    if ahead:
        print(f"\n{peers}")
    if arguments.record:
        record(f"Indexing rate, {low:g} to {high:g} MP", table)
        if ahead:
            record(f"Indexing rate, {low:g} to {high:g} MP, and others", peers)
    if found := judged(arguments.pictures, ratios, ahead):
        hold(found)


def judged(pictures: int, ratios: dict[str, float], ahead: dict[str, float]) -> dict[str, float]:
    """Name what has a bar: beside others always, shares of the limits where there are pictures enough."""
    found = {f"index_rate: rate without features / {way}": times for way, times in ahead.items() if way != HASHES}
    if pictures >= HELD:
        short = "" if pictures >= LONG else ", short form"
        found |= {f"index_rate: {name}{short}": ratio for name, ratio in ratios.items()}
    return found


def measure(work: Path, paths: Sequence[Path]) -> tuple[Table, dict[str, tuple[float, int]], dict[str, float]]:
    """Give the table of Lookalike and its limits; rate and memory by features; shares of the limits, by name."""
    sample = [paths[index] for index in np.linspace(0, len(paths) - 1, min(len(paths), 400)).astype(int)]
    table = Table(["features", "decode", "encode", "fingerprint", "limit", *LIMITED, "memory"])
    seconds = {part: alone(part, sample) for part in PARTS}
    rates, shares = {}, {}
    for features, kept in FEATURES.items():
        limit = usable_cores() / (seconds["decode"] + seconds["encode"])
        of_all = usable_cores() / (seconds["decode"] + seconds["encode"] + seconds[features])
        runs = [indexed(features, work) for _ in range(1 if len(paths) >= LONG else RUNS)]
        rate, peak = statistics.median(rate for rate, _ in runs), max(peak for _, peak in runs)
        if rate > POSSIBLE * of_all:
            raise SystemExit(f"{rate:.0f} pictures/s are more than {of_all:.0f}, the limit of all parts: measure anew.")
        taken = (f"{1e3 * seconds[part]:.2f} CPU ms" for part in ("decode", "encode", features))
        told = spread([rate for rate, _ in runs], "{:.0f}", "/s")
        ratios = f"{rate / limit:.2f}", f"{rate / of_all:.2f}"
        table.row(features, *taken, f"{limit:.0f}/s", told, *ratios, f"{peak / 1e6:.0f} MB")
        rates[features] = rate, peak
        shares |= {f"rate / limit, {kept}": rate / limit, f"rate / limit of all parts, {kept}": rate / of_all}
    return table, rates, shares


def indexed(features: str, work: Path) -> tuple[float, int]:
    """Index in a process of its own; give pictures a second, and the most bytes that it held."""
    done = watched([sys.executable, __file__, "--child", features, "--work", work])
    if done.returncode:
        raise SystemExit(done.stderr)
    (work / f"{features}.gallery").unlink()
    return float(done.stdout), done.peak_bytes


def compare(work: Path, wanted: list[str] | None, ours: dict[str, tuple[float, int]]) -> tuple[Table, dict[str, float]]:
    """Let others have the same pictures; gives also how many times as fast Lookalike without features is."""
    table = Table(["way", "pictures/s", "Lookalike without features is", "memory"])
    for features, (rate, peak) in ours.items():
        table.row(f"Lookalike, {FEATURES[features]}", f"{rate:.0f}", "", f"{peak / 1e6:.0f} MB")
    ahead = {}
    network = files("lookalike.encoders.mini") / "mini.onnx"
    for way in [] if wanted is None else wanted or WAYS:
        try:
            done = run_peer("pictures", "peers.pictures", way, str(work / "pictures"), str(network))
        except PeerFailed as why:
            print(f"{way} is left out: {why}", file=sys.stderr)
            continue
        rate = done["pictures"] / done["seconds"]
        ahead[way] = ours["none"][0] / rate
        table.row(way, f"{rate:.0f}", f"{ahead[way]:.2f} × as fast", f"{done['peak_bytes'] / 1e6:.0f} MB")
    return table, ahead


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pictures", type=int, default=5_000)
    parser.add_argument("--megapixels", type=float, nargs=2, default=MEGAPIXELS, metavar=("FROM", "TO"))
    parser.add_argument("--work", type=Path, help="a folder with room for the pictures (4 GB for 5,000)")
    parser.add_argument("--peers", nargs="*", choices=WAYS, help="measure these as well; none named means all")
    parser.add_argument("--child", choices=FEATURES, help=argparse.SUPPRESS)
    parser.add_argument("--alone", choices=PARTS, help=argparse.SUPPRESS)
    parser.add_argument("--record", action="store_true", help="append the table to docs/benchmarks.md")
    return parser.parse_args()


def alone(part: str, paths: Sequence[Path]) -> float:
    """Measure the CPU seconds that a part of the work takes for one picture, in a process that does nothing else."""
    given = "\n".join(str(path) for path in paths)
    command, environment = [sys.executable, __file__, "--alone", part], {**os.environ, **ENVIRONMENT}
    done = subprocess.run(command, input=given, stdout=subprocess.PIPE, text=True, check=True, env=environment)
    return float(done.stdout)


def cpu_seconds(part: str, files: Sequence[bytes]) -> float:
    """Do one part of the work on every file, in one thread, and give the CPU seconds of one."""
    cv2.setNumThreads(1)
    jobs = jobs_of(part, files)
    jobs[0]()
    start = time.process_time()
    for job in jobs:
        job()
    return (time.process_time() - start) / len(files)


def jobs_of(part: str, files: Sequence[bytes]) -> list[Callable[[], object]]:
    """Give what is to be done: `decode`, `encode` in batches of 16, or the fingerprint with such features."""
    encoder = load_encoder("mini")
    if part == "decode":
        return [partial(decode, data, replace(encoder.fit, grey=GREY_PX)) for data in files]
    if part == "encode":
        work = encoder.see if isinstance(encoder, Recogniser) else encoder.encode
        pixels = [decode(data, encoder.fit).pixels for data in files]
        return [partial(work, pixels[at : at + 16]) for at in range(0, len(pixels), 16)]
    fingerprinter, fit = Fingerprinter(part), Fit(size=64, mode="squash", grey=GREY_PX)
    decoded = [decode(data, fit) for data in files]
    return [partial(fingerprinter.fingerprint, one.grey, one.pixel_hash) for one in decoded]


def index_rate(folder: Path, work: Path, features: str) -> float:
    """Index the folder into a new gallery and give pictures per second."""
    encoder, fingerprinter = load_encoder("mini"), Fingerprinter(features)
    with open_gallery(work / f"{features}.gallery") as gallery, DecodePool() as decoder:
        source, start = FolderSource([folder]), time.perf_counter()
        outcomes = [one.outcome for one in ingest(source, gallery, encoder, decoder, fingerprinter=fingerprinter)]
        seconds = time.perf_counter() - start
        assert all(outcome == "added" for outcome in outcomes), "a made picture was not taken in"
        assert gallery.count() == len(outcomes)
    return len(outcomes) / seconds


if __name__ == "__main__":
    main()
