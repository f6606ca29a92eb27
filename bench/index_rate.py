"""How close does indexing come to what this machine can decode and encode?

The limit is what all cores could do if nothing but decoding, encoding and fingerprinting cost anything: cores divided
by the CPU seconds that these take for one picture, each measured alone, in one thread, in this run; decoding in a
process of its own, with the allocator set as the workers have it, which makes the limit higher. Indexing is measured as
a user sees it: from an empty gallery to the last picture durably stored; once without the local features that edited
copies are found by (`--features none`), and once with them (`fast`, the default).

The pictures are JPEGs of 0.2 to 12 megapixels, sizes spread evenly on a logarithmic scale. With --peers the same are
given to others, as `peers/pictures` says, of which none keeps more than a vector or a hash of each. Memory is the most
that all processes of a program hold at a time.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np

from bars import hold
from lookalike.copies import GREY_PX
from lookalike.copies.fingerprint import Fingerprinter
from lookalike.decode import DecodePool, Fit, decode
from lookalike.decode.child import ENVIRONMENT
from lookalike.encoders import Encoder, Recogniser, load_encoder
from lookalike.gallery import open_gallery
from lookalike.ingest import ingest
from lookalike.sources import FolderSource
from lookalike.threads import usable_cores
from peers.environment import run_peer
from peers.pictures import HASHES, WAYS
from report import Table, record
from sized_pictures import write_pictures
from watching import watched

MEGAPIXELS = (0.2, 12.0)
FEATURES = {"none": "without features", "fast": "with features"}


def main() -> None:
    """Measure and print; with --record append to docs/benchmarks.md."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command `lookalike` does, for the children
    arguments = parse_arguments()
    if arguments.child:
        print(index_rate(arguments.work / "pictures", arguments.work, arguments.child))
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
        command = f"python bench/index_rate.py --pictures {arguments.pictures} --megapixels {low:g} {high:g}"
        record(f"Indexing rate, {low:g} to {high:g} MP", command, table)
        if ahead:
            record(f"Indexing rate, {low:g} to {high:g} MP, and others", f"{command} --peers", peers)
    found = {f"index_rate: rate without features / {way}": times for way, times in ahead.items() if way != HASHES}
    if arguments.pictures >= 1_000:  # fewer are over before all workers are at work
        found |= {f"index_rate: rate / limit, {FEATURES[features]}": ratio for features, ratio in ratios.items()}
    if found:
        hold(found)


def measure(work: Path, paths: Sequence[Path]) -> tuple[Table, dict[str, tuple[float, int]], dict[str, float]]:
    """Give the table of Lookalike and its limits; rate and memory by features; shares of the limit."""
    encoder = load_encoder("mini")
    sample = [paths[index] for index in np.linspace(0, len(paths) - 1, min(len(paths), 400)).astype(int)]
    table = Table(["features", "decode", "encode", "fingerprint", "limit", "indexing", "indexing / limit", "memory"])
    decode_s, encode_s = decode_alone(sample), encode_alone(sample, encoder)
    rates, shares = {}, {}
    for features in FEATURES:
        print_s = fingerprint_alone(sample, Fingerprinter(features))
        limit = usable_cores() / (decode_s + encode_s + print_s)
        done = watched([sys.executable, __file__, "--child", features, "--work", work])
        if done.returncode:
            raise SystemExit(done.stderr)
        rate = float(done.stdout)
        alone = (f"{seconds * 1e3:.2f} CPU ms" for seconds in (decode_s, encode_s, print_s))
        memory = f"{done.peak_bytes / 1e6:.0f} MB"
        table.row(features, *alone, f"{limit:.0f}/s", f"{rate:.0f}/s", f"{rate / limit:.2f}", memory)
        rates[features], shares[features] = (rate, done.peak_bytes), rate / limit
    return table, rates, shares


def compare(work: Path, wanted: list[str] | None, ours: dict[str, tuple[float, int]]) -> tuple[Table, dict[str, float]]:
    """Let others have the same pictures; gives also how many times as fast Lookalike without features is."""
    table = Table(["way", "pictures/s", "Lookalike without features is", "memory"])
    for features, (rate, peak) in ours.items():
        table.row(f"Lookalike, {FEATURES[features]}", f"{rate:.0f}", "", f"{peak / 1e6:.0f} MB")
    ahead = {}
    network = files("lookalike.encoders.mini") / "mini.onnx"
    for way in [] if wanted is None else wanted or WAYS:
        done = run_peer("pictures", "peers.pictures", way, str(work / "pictures"), str(network))
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
    parser.add_argument("--record", action="store_true", help="append the table to docs/benchmarks.md")
    return parser.parse_args()


_DECODE_ALONE = """
import sys, time
from dataclasses import replace
from pathlib import Path
from lookalike.copies import GREY_PX
from lookalike.decode import decode
from lookalike.encoders import load_encoder
fit = replace(load_encoder("mini").fit, grey=GREY_PX)
files = [Path(line).read_bytes() for line in sys.stdin.read().split("\\n")]
decode(files[0], fit)
start = time.process_time()
for data in files:
    decode(data, fit)
print((time.process_time() - start) / len(files))
"""


def decode_alone(paths: Sequence[Path]) -> float:
    """Measure the CPU seconds that one picture takes to decode: one thread, nothing else."""
    given = "\n".join(str(path) for path in paths)
    command = [sys.executable, "-c", _DECODE_ALONE]
    environment = {**os.environ, **ENVIRONMENT}
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=True, env=environment)
    return float(done.stdout)


def encode_alone(paths: Sequence[Path], encoder: Encoder) -> float:
    """Measure the CPU seconds that one picture takes to encode: batches of 16, one thread, nothing else."""
    pixels = [decode(path.read_bytes(), encoder.fit).pixels for path in paths]
    work = encoder.see if isinstance(encoder, Recogniser) else encoder.encode
    work(pixels[:16])
    start = time.process_time()
    for at in range(0, len(pixels), 16):
        work(pixels[at : at + 16])
    return (time.process_time() - start) / len(pixels)


def fingerprint_alone(paths: Sequence[Path], fingerprinter: Fingerprinter) -> float:
    """Measure the CPU seconds that the fingerprint of one picture takes: one thread, nothing else."""
    fit = Fit(size=64, mode="squash", grey=GREY_PX)
    decoded = [decode(path.read_bytes(), fit) for path in paths]
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    fingerprinter.fingerprint(decoded[0].grey, decoded[0].pixel_hash)
    start = time.process_time()
    for one in decoded:
        fingerprinter.fingerprint(one.grey, one.pixel_hash)
    taken = time.process_time() - start
    cv2.setNumThreads(threads)
    return taken / len(decoded)


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
