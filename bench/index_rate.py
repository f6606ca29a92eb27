"""How close does indexing come to what this machine can decode and encode?

The limit is what all cores could do if nothing but decoding, encoding and fingerprinting cost anything: cores divided
by the CPU seconds that these take for one picture, each measured alone, in one thread, in this run; decoding in a
process of its own, with the allocator set as the workers have it, which makes the limit higher. Indexing is measured as
a user sees it: from an empty gallery to the last picture durably stored; once without the local features that edited
copies are found by (`--features none`), and once with them (`fast`, the default).

The pictures are JPEGs of 0.2 to 12 megapixels, sizes spread evenly on a logarithmic scale, made from the photos of
LOOKALIKE_TEST_DATA where that is set and from drawn pictures otherwise. Each base picture is written several times
with a comment segment of its own: other bytes, so that nothing is recognised and skipped, and the same work.
"""

import argparse
import io
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from bars import hold
from lookalike.copies import GREY_PX
from lookalike.copies.fingerprint import Fingerprinter
from lookalike.decode import DecodePool, Fit, decode
from lookalike.decode.child import ENVIRONMENT
from lookalike.encoders import Encoder, Recogniser, load_encoder
from lookalike.gallery import open_gallery
from lookalike.ingest import ingest
from lookalike.sources import FolderSource
from lookalike.testing import draw_picture
from report import Table, record

MEGAPIXELS = (0.2, 12.0)
BASES = 120
FEATURES = ("none", "fast")


def main() -> None:
    """Measure and print; with --record append to docs/benchmarks.md."""
    arguments = parse_arguments()
    with tempfile.TemporaryDirectory(dir=arguments.work) as work:
        folder = Path(work) / "pictures"
        paths = make_pictures(folder, arguments.pictures, arguments.megapixels)
        os.sync()  # making the pictures is no part of the work, nor is writing them back
        encoder = load_encoder("mini")
        sample = [paths[index] for index in np.linspace(0, len(paths) - 1, min(len(paths), 400)).astype(int)]
        table = Table(["features", "decode", "encode", "fingerprint", "limit", "indexing", "indexing / limit"])
        decode_s, encode_s = decode_alone(sample), encode_alone(sample, encoder)
        shares = {}
        for features in FEATURES:
            fingerprinter = Fingerprinter(features)
            print_s = fingerprint_alone(sample, fingerprinter)
            limit = len(os.sched_getaffinity(0)) / (decode_s + encode_s + print_s)
            place = Path(work) / f"{features}.gallery"
            rate = index_rate(folder, place, encoder, fingerprinter)
            alone = (f"{seconds * 1e3:.2f} CPU ms" for seconds in (decode_s, encode_s, print_s))
            table.row(features, *alone, f"{limit:.0f}/s", f"{rate:.0f}/s", f"{rate / limit:.2f}")
            shares[features] = rate / limit
        megabytes = sum(path.stat().st_size for path in paths) / 1e6
    low, high = arguments.megapixels
    print(f"{len(paths):,} pictures of {low:g} to {high:g} MP, {megabytes:,.0f} MB")
    table.print()
    if arguments.record:
        command = f"python bench/index_rate.py --pictures {arguments.pictures} --megapixels {low:g} {high:g}"
        record(f"Indexing rate, {low:g} to {high:g} MP", command, table)
    if arguments.pictures >= 1_000:  # fewer are over before all workers are at work
        hold(
            {
                "index_rate: rate / limit, without features": shares["none"],
                "index_rate: rate / limit, with features": shares["fast"],
            }
        )


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pictures", type=int, default=5_000)
    parser.add_argument("--megapixels", type=float, nargs=2, default=MEGAPIXELS, metavar=("FROM", "TO"))
    parser.add_argument("--work", type=Path, help="a folder with room for the pictures (4 GB for 5,000)")
    parser.add_argument("--record", action="store_true", help="append the table to docs/benchmarks.md")
    return parser.parse_args()


def make_pictures(folder: Path, count: int, megapixels: Sequence[float]) -> list[Path]:
    """Write `count` JPEGs whose sizes are spread over `megapixels`."""
    folder.mkdir()
    bases = min(BASES, count)
    sizes = np.geomspace(*megapixels, bases) * 1e6
    paths: list[Path] = []
    for number, (photo, pixels) in enumerate(zip(photos(bases), sizes, strict=True)):
        data = enlarged(photo, int(pixels))
        for copy in range(number, count, bases):
            paths.append(folder / f"{copy:06}.jpg")
            paths[-1].write_bytes(with_comment(data, str(copy)))
    return sorted(paths)


def photos(count: int) -> Iterator[Image.Image]:
    """Give `count` pictures: real photos where there are some, drawn ones otherwise."""
    tar = Path(os.environ.get("LOOKALIKE_TEST_DATA", "../shared/data")) / "openstax-photos.tar"
    if not tar.exists():
        for seed in range(count):
            yield Image.fromarray(draw_picture(seed, (640, 480)))
        return
    with tarfile.open(tar) as archive:
        members = (member for member in archive if member.name.endswith(".jpg"))
        for _, member in zip(range(count), members, strict=False):
            file = archive.extractfile(member)
            assert file is not None
            yield Image.open(io.BytesIO(file.read())).convert("RGB")


def enlarged(photo: Image.Image, pixels: int) -> bytes:
    """Scale a photo to a number of pixels, and give it the noise of a camera so that it does not decode too easily."""
    scale = (pixels / (photo.width * photo.height)) ** 0.5
    large = photo.resize(
        (max(1, round(photo.width * scale)), max(1, round(photo.height * scale))), Image.Resampling.BICUBIC
    )
    noise = np.random.default_rng(pixels).normal(0, 4, (large.height, large.width, 1))
    noisy = Image.fromarray(np.clip(np.asarray(large) + noise, 0, 255).astype(np.uint8))
    buffer = io.BytesIO()
    noisy.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def with_comment(jpeg: bytes, text: str) -> bytes:
    """Put a comment segment behind the start marker of a JPEG."""
    body = text.encode()
    return jpeg[:2] + b"\xff\xfe" + (len(body) + 2).to_bytes(2, "big") + body + jpeg[2:]


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


def index_rate(folder: Path, gallery_path: Path, encoder: Encoder, fingerprinter: Fingerprinter) -> float:
    """Index the folder into a new gallery and give pictures per second."""
    with open_gallery(gallery_path) as gallery, DecodePool() as decoder:
        source, start = FolderSource([folder]), time.perf_counter()
        outcomes = [one.outcome for one in ingest(source, gallery, encoder, decoder, fingerprinter=fingerprinter)]
        seconds = time.perf_counter() - start
        assert all(outcome == "added" for outcome in outcomes), "a made picture was not taken in"
        assert gallery.count() == len(outcomes)
    return len(outcomes) / seconds


if __name__ == "__main__":
    main()
