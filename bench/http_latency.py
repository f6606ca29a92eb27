"""How long does a search over HTTP take, and how much of that is work that must be done?

A gallery is filled as `filling.py` says, without local features, and another with them. `lookalike serve` runs in a
process of its own and answers uploads one after the other, over one connection: of 20 photos, of which the gallery
holds none, each time of other bytes. The limit is decoding, encoding and the vector query with its records, each
measured alone, in this process, in the same run; the rest is HTTP, the way to the decoding process and back, and the
search for copies, identical or edited.

The pictures are made from the photos of LOOKALIKE_TEST_DATA where that is set and from drawn pictures otherwise.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import httpx2
import numpy as np

from bars import hold
from filling import fill
from http_served import HITS, serving
from lookalike.decode import decode
from lookalike.encoders import Encoder, load_encoder
from lookalike.gallery import Gallery, open_gallery
from report import Table, record
from sized_pictures import SIZES, same_sized

FEATURES = {"none": "without features", "fast": "with features"}
TARGETS_MS = {"500-px JPEG": 40, "12-MP JPEG": 120}


def main() -> None:
    """Measure and print; with --record append to docs/benchmarks.md."""
    arguments = parse_arguments()
    encoder = load_encoder(arguments.encoder)
    table = Table(["features", "query", "p50", "p99", "target p50", "decode", "encode", "vectors", "limit", "upload"])
    ratios = {}
    for kept, named in FEATURES.items():
        with tempfile.TemporaryDirectory(dir=arguments.work) as work:
            path = Path(work) / "bench.gallery"
            with open_gallery(path) as gallery:
                fill(gallery, encoder, arguments.images, Path(work), with_features=kept != "none")
            with serving(path, arguments.encoder) as service, open_gallery(path) as gallery:
                for name, pixels in SIZES.items():
                    queries = list(same_sized(arguments.queries, pixels))
                    times = np.array([1e3 * one for one in ask(service.url, queries)])
                    alone = [1e3 * one for one in work_alone(queries, encoder, gallery)]
                    table.row(
                        kept,
                        name,
                        *(f"{np.percentile(times, share):.1f} ms" for share in (50, 99)),
                        f"{TARGETS_MS[name]} ms",
                        *(f"{one:.1f} ms" for one in alone),
                        f"{sum(alone):.1f} ms",
                        f"{np.mean([len(query) for query in queries]) / 1e3:.0f} kB",
                    )
                    ratios[f"http_latency: p50 / limit, {named}, {name}"] = np.median(times) / sum(alone)
    table.print()
    if arguments.record:
        record("HTTP latency", table)
    hold(ratios)


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=100, help="of each size")
    parser.add_argument("--encoder", default="mini")
    parser.add_argument("--work", type=Path, help="a folder with room for the gallery (0.2 GB for 100,000)")
    parser.add_argument("--record", action="store_true", help="append the table to docs/benchmarks.md")
    return parser.parse_args()


def ask(url: str, queries: Sequence[bytes]) -> Iterator[float]:
    """Search by each picture, and give the seconds that the caller waited; the first few only warm up."""
    with httpx2.Client(base_url=url, timeout=30) as client:
        for n, query in enumerate([*queries[:5], *queries]):
            start = time.perf_counter()
            answer = client.post("v1/search", files={"image": ("query.jpg", query)}, data={"limit": str(HITS)})
            waited = time.perf_counter() - start
            assert len(answer.raise_for_status().json()["hits"]) == HITS
            if n >= 5:
                yield waited


def work_alone(queries: Sequence[bytes], encoder: Encoder, gallery: Gallery) -> list[float]:
    """Give the median seconds of decoding, encoding, and the vector query with its records."""
    space = next(iter(encoder.spaces))
    sample = queries[:40]
    pixels = [decode(query, encoder.fit).pixels for query in sample]
    vectors = [encoder.encode([one])[space] for one in pixels]

    def search(vector: np.ndarray) -> None:
        gallery.get(gallery.nearest(space, vector, HITS)[0].ids)

    return [
        median_s(lambda query: decode(query, encoder.fit), sample),
        median_s(lambda one: encoder.encode([one]), pixels),
        median_s(search, vectors),
    ]


def median_s(work: Callable[..., object], inputs: Sequence[object]) -> float:
    """Time work on each input after one round to warm up."""
    taken = []
    for one in [*inputs[:3], *inputs]:
        start = time.perf_counter()
        work(one)
        taken.append(time.perf_counter() - start)
    return float(np.median(taken[3:]))


if __name__ == "__main__":
    main()
