"""How long does a search by words take on a million records? A gallery of made-up captions, and queries for known ones.

    python bench/words_million.py --work /tmp     # the gallery is made the first time: some minutes, 2.5 GB

Captions are made up as `made_up_captions.py` says, from real ones, and so are vectors.
"""

import argparse
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar
from zlib import crc32

import numpy as np

from lookalike.decode import Fit
from lookalike.gallery import Gallery, open_gallery
from lookalike.search import Query, Searcher
from lookalike.search.words import plain_words
from lookalike.testing import make_record, make_space
from lookalike.types import Embeddings, ImageRecord, Pixels
from made_up_captions import Captions, real_captions
from made_up_vectors import Pictures
from report import Table, record

SPACE = make_space("bench@1/semantic", 512)
BATCH = 1_000
LONGEST = 40


class Blindfold:
    """An encoder whose words point anywhere: how long a search takes does not depend on what it finds."""

    name = SPACE.encoder
    spaces: ClassVar = {SPACE.name: SPACE}
    fit = Fit(size=64, mode="squash")
    text_space = SPACE.name
    text_calibration = (12.0, -6.0)
    languages = ("en",)

    def __init__(self) -> None:
        """Know where pictures lie."""
        self._pictures = Pictures()

    def encode(self, images: Sequence[Pixels]) -> dict[str, Embeddings]:
        """Encode no picture: none is asked for."""
        raise NotImplementedError

    def encode_text(self, texts: Sequence[str]) -> Embeddings:
        """Encode texts by their letters."""
        return np.concatenate([self._pictures.draw(1, crc32(text.encode())) for text in texts])


def records(captions: Captions, count: int) -> Iterator[ImageRecord]:
    """Make up records."""
    pictures = Pictures()
    for number in range(count):
        if number % BATCH == 0:
            vectors = pictures.draw(BATCH, number).astype(np.float16)
        yield make_record(
            f"file:///photos/{number // 500}/IMG_{number:07}.jpg",
            title=captions.draw() if number % 50 == 0 else "",
            caption=captions.draw(),
            tags=("holiday",) if number % 20 == 0 else (),
            embeddings={SPACE.name: vectors[number % BATCH]},
        )


def build(path: Path, count: int) -> None:
    """Fill a new gallery; beside its place until it is whole, so that none is taken for whole that is not."""
    captions = real_captions()
    if not captions:
        raise SystemExit("There are no captions to learn from; set LOOKALIKE_TEST_DATA.")
    started = time.perf_counter()
    half = path.with_name(f"half-{path.name}")
    for old in path.parent.glob(f"{half.name}*"):
        old.unlink()
    with open_gallery(half) as gallery:
        gallery.add_space(SPACE)
        batch: list[ImageRecord] = []
        for made in records(Captions(captions, 1), count):
            batch.append(made)
            if len(batch) == BATCH:
                gallery.put(batch)
                batch = []
        gallery.put(batch)
    half.rename(path)
    print(f"{count:,} records in {time.perf_counter() - started:.0f} s, {path.stat().st_size / 1e9:.2f} GB")


def known_items(gallery: Gallery, n: int) -> list[ImageRecord]:
    """Take records spread over the gallery whose captions are long enough to ask for twelve words."""
    chance = random.Random(3)  # noqa: S311 - the same each time
    found: list[ImageRecord] = []
    count = gallery.count()
    while len(found) < n:
        number = chance.randrange(count)
        wanted = make_record(f"file:///photos/{number // 500}/IMG_{number:07}.jpg")
        found += [one for one in gallery.get([wanted.id]) if len(set(one.caption.split())) >= 12]
    return found


def queries(record: ImageRecord, chance: random.Random) -> dict[str, str]:
    """Ask for a record in several ways."""
    words = list(dict.fromkeys(record.caption.split()))
    some = chance.sample(words, 12)
    return {
        "12 words of its caption": " ".join(some),
        "12 words, one of them wrong": " ".join([*some[:11], "marmalade"]),
        "5 words of its caption": " ".join(chance.sample(words, 5)),
        "its whole caption": record.caption,
        "its file name": record.path.rpartition("/")[2],
        "one common word": "dog",
        "an unfinished word": "photogr",
    }


def measure(path: Path) -> Table:
    """Ask for known records in several ways, and say how long it takes."""
    chance = random.Random(5)  # noqa: S311 - the same each time
    with open_gallery(path, create=False) as gallery:
        searcher = Searcher(gallery, Blindfold(), None)  # type: ignore[arg-type] # no picture is decoded
        taken, found = defaultdict(list), defaultdict(list)
        for one in known_items(gallery, 200):
            for kind, text in queries(one, chance).items():
                started = time.perf_counter()
                answer = gallery.match_text(text, 100)
                taken[kind].append(time.perf_counter() - started)
                found[kind].append(one.id in answer.ids[:10])
            started = time.perf_counter()
            hits = searcher.search(
                Query(text=str(plain_words(queries(one, chance)["12 words of its caption"]))), 10
            ).hits
            taken["12 words, the whole search"].append(time.perf_counter() - started)
            found["12 words, the whole search"].append(one.id in {hit.record.id for hit in hits})
    table = Table(("asked for", "p50, ms", "p95, ms", "p99, ms", "in the first ten"))
    for kind, seconds in taken.items():
        share = "" if kind in {"one common word", "an unfinished word"} else f"{np.mean(found[kind]):.1%}"
        table.row(kind, *(f"{one * 1000:.1f}" for one in np.quantile(seconds, (0.5, 0.95, 0.99))), share)
    return table


def main() -> None:
    """Measure and print; with --record append to docs/benchmarks.md."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--work", type=Path, help="a folder for the gallery (2.5 GB), used again next time")
    parser.add_argument("--record", action="store_true", help="append the table to docs/benchmarks.md")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        path = (arguments.work or Path(temporary)) / f"words-{arguments.records}.gallery"
        if not path.exists():
            build(path, arguments.records)
        table = measure(path)
    table.print()
    if arguments.record:
        record(f"Search by words: known pictures among {arguments.records:,}", table)


if __name__ == "__main__":
    main()
