"""Do all engines give the same answers? The same records and 500 questions: embedded, on Milvus, on Milvus Lite.

Milvus Lite, which compares all that there is one by one, is asked of fewer records here; `bench/on_engines.py` asks all
of 20,000.
"""

from collections.abc import Iterator
from pathlib import Path

import congruence
import numpy as np
import pytest
from milvus_servers import Shelf

from lookalike.gallery import Gallery, open_gallery

pytestmark = [pytest.mark.milvus, pytest.mark.slow, pytest.mark.timeout(600)]

RECORDS = {"milvus": 20_000, "milvus_lite": 400}
LEAST_RECALL = 0.98
MOST_LOST = 0.005
"""Of a score between 0 and 1, on an average: where thousands hold the words, each engine compares some hundreds."""


@pytest.fixture(scope="module", params=RECORDS)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def embedded(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gallery]:
    path: Path = tmp_path_factory.mktemp("congruent") / "embedded.gallery"
    with open_gallery(path) as gallery:
        yield congruence.fill(gallery, RECORDS[engine])


@pytest.fixture(scope="module")
def other(engine: str, request: pytest.FixtureRequest) -> Iterator[Gallery]:
    shelf: Shelf = request.getfixturevalue(engine)
    with open_gallery(f"{shelf.server}/congruent") as gallery:
        yield congruence.fill(gallery, RECORDS[engine])
    shelf.drop("congruent")


def test_what_is_nearest_is_the_same_with_and_without_filters(embedded, other):
    answers = list(congruence.nearest(embedded, other))
    assert max(one.off for one in answers) < congruence.TOLERANCE
    assert np.mean([one.recall for one in answers]) >= LEAST_RECALL


def test_what_suits_words_suits_them_as_well_with_and_without_filters(embedded, other):
    answers = list(congruence.words(embedded, other))
    assert max(one.off for one in answers) < congruence.TOLERANCE
    assert np.mean([one.lost for one in answers]) < MOST_LOST


def test_counts_and_facets_are_the_same(embedded, other):
    assert list(congruence.counted(other)) == list(congruence.counted(embedded))


def test_pages_hold_the_same_in_the_same_order_of_values(embedded, other):
    assert list(congruence.paged(other)) == list(congruence.paged(embedded))
