"""Do all engines give the same answers? The same records and 500 questions: embedded, on Milvus, on Milvus Lite.

The records lie in clusters, as those of real pictures do. What is compared is said by the score: ids may differ where
scores tie. Milvus Lite, which compares all that there is one by one, is asked of fewer records.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from milvus_servers import Shelf

from lookalike.gallery import Gallery, open_gallery
from lookalike.gallery.filters import parse_filter
from lookalike.testing import make_records, make_space
from lookalike.types import Embeddings, ImageRecord, Neighbors, image_id

pytestmark = [pytest.mark.milvus, pytest.mark.slow, pytest.mark.timeout(600)]

DIM, BATCH, K = 64, 4_000, 10
RECORDS = {"milvus": 20_000, "milvus_lite": 400}
SPACE = make_space("toy@1/congruent", DIM)
FILTERS = (
    "",
    "",
    "label:dog",
    "width>=3000 -tag:blurry",
    "taken:2019..2020",
    "path:holiday/*",
    "meta.stars:3",
    "text:hill",
)
WORDS = ("dog", "snowy hill", "brown dog", "seagulls watch quietly", "jumps over", '"seashore"', "holiday dog", "seag")
TOLERANCE = 1e-3
LEAST_RECALL = 0.98


@lru_cache(1)
def records(n: int) -> list[ImageRecord]:
    random = np.random.default_rng(5)
    vectors = clustered(random, n)
    return [
        replace(one, id=image_id(uri), uri=uri, embeddings={SPACE.name: vectors[i].astype(np.float16)})
        for i, one in enumerate(make_records(n, 0))
        for uri in [f"{one.uri}?{i}"]
    ]


def clustered(random: np.random.Generator, n: int) -> Embeddings:
    centres = random.standard_normal((200, DIM)).astype(np.float32)
    vectors: Embeddings = centres[random.integers(0, 200, n)] + 0.6 * random.standard_normal((n, DIM), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def fill(gallery: Gallery, n: int) -> Gallery:
    gallery.add_space(SPACE)
    for start in range(0, n, BATCH):
        gallery.put(records(n)[start : start + BATCH])
    return gallery


@pytest.fixture(scope="module", params=RECORDS)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def embedded(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gallery]:
    path: Path = tmp_path_factory.mktemp("congruent") / "embedded.gallery"
    with open_gallery(path) as gallery:
        yield fill(gallery, RECORDS[engine])


@pytest.fixture(scope="module")
def other(engine: str, request: pytest.FixtureRequest) -> Iterator[Gallery]:
    shelf: Shelf = request.getfixturevalue(engine)
    with open_gallery(f"{shelf.server}/congruent") as gallery:
        yield fill(gallery, RECORDS[engine])
    shelf.drop("congruent")


def agreement(expected: Neighbors, found: Neighbors) -> float:
    """Give the share of the expected places that what was found is as good as, and claim that scores are the same."""
    assert len(found.ids) == len(expected.ids)
    known = dict(zip(expected.ids, expected.scores.tolist(), strict=True))
    for id_, score in zip(found.ids, found.scores.tolist(), strict=True):
        assert abs(score - known.get(id_, score)) < TOLERANCE
    return float((found.scores >= expected.scores - TOLERANCE).mean()) if len(expected.ids) else 1.0


def test_the_nearest_are_the_same_with_and_without_filters(embedded, other):
    queries = clustered(np.random.default_rng(9), 400)
    shares = []
    for place, text in enumerate(FILTERS):
        where = parse_filter(text)
        asked = queries[place :: len(FILTERS)]
        pairs = zip(
            embedded.nearest(SPACE.name, asked, K, where), other.nearest(SPACE.name, asked, K, where), strict=True
        )
        shares += [agreement(expected, found) for expected, found in pairs]
    assert len(shares) == 400
    assert np.mean(shares) >= LEAST_RECALL


def test_words_find_the_same(embedded, other):
    shares = []
    for text in WORDS:
        for filter_ in ("", "label:dog", "width>=3000"):
            where = parse_filter(filter_)
            shares.append(agreement(embedded.match_text(text, K, where), other.match_text(text, K, where)))
    assert np.mean(shares) >= LEAST_RECALL


def test_counts_and_facets_are_the_same(embedded, other):
    for text in FILTERS:
        assert other.count(parse_filter(text)) == embedded.count(parse_filter(text)), text
    for field in ("label", "tag", "owner", "format", "folder", "year"):
        assert other.facets(field) == embedded.facets(field)


def test_pages_hold_the_same_in_the_same_order_of_values(embedded, other):
    for order in ("-added", "taken", "-bytes", "path", "label"):
        field = {"added": "added_at", "taken": "taken_at"}.get(order.strip("-"), order.strip("-"))
        expected, found = (walked(gallery, order) for gallery in (embedded, other))
        assert [getattr(one, field) for one in found] == [getattr(one, field) for one in expected]


def walked(gallery: Gallery, order: str) -> list[ImageRecord]:
    """Give the first three pages."""
    found: list[ImageRecord] = []
    after = ""
    for _ in range(3):
        page = gallery.scan(parse_filter("width>=100"), order=order, after=after, limit=50)
        found += page.records
        after = page.after
    assert len({one.id for one in found}) == 150
    return found
