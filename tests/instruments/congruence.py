"""Do two galleries give the same answers? The same records, and 500 questions: filters, words, counts and pages.

The records lie in clusters, as those of real pictures do. What is compared is said by the score: ids may differ where
scores tie, and whatever is found must have the score that the other gallery gives it, and pass the filter.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from lookalike.gallery import Gallery
from lookalike.gallery.filters import Filter, matches, parse_filter
from lookalike.testing import make_records, make_space
from lookalike.types import Embeddings, ImageRecord, Neighbors
from lookalike.uris import image_id

DIM, BATCH, K = 64, 4_000, 10
SPACE = make_space("toy@1/congruent", DIM)
NEAREST = 400
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
AMONG = ("", "label:dog", "width>=3000", "-tag:blurry", "taken:2019..2020")
FIELDS = ("label", "tag", "owner", "format", "folder", "year")
ORDERS = ("-added", "taken", "-bytes", "path", "label")
PAGES, PAGE = 4, 50
TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well one answer agrees with another."""

    recall: float
    """Share of the places that are taken by what belongs there, or by what ties with it."""
    off: float
    """By how much a score is wrong at most."""
    lost: float
    """By how much the scores lie below the best on an average."""


@lru_cache(1)
def records(n: int) -> list[ImageRecord]:
    """Give the records that are asked for."""
    random = np.random.default_rng(5)
    vectors = clustered(random, n)
    return [
        replace(one, id=image_id(uri), uri=uri, embeddings={SPACE.name: vectors[i].astype(np.float16)})
        for i, one in enumerate(make_records(n, 0))
        for uri in [f"{one.uri}?{i}"]
    ]


def clustered(random: np.random.Generator, n: int) -> Embeddings:
    """Give vectors that lie around some centres."""
    centres = random.standard_normal((200, DIM)).astype(np.float32)
    vectors: Embeddings = centres[random.integers(0, 200, n)] + 0.6 * random.standard_normal((n, DIM), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def fill(gallery: Gallery, n: int) -> Gallery:
    """Put the records into a gallery."""
    gallery.add_space(SPACE)
    for start in range(0, n, BATCH):
        gallery.put(records(n)[start : start + BATCH])
    return gallery


def nearest(reference: Gallery, other: Gallery) -> Iterator[Agreement]:
    """Ask for the nearest of 400 vectors, most of them within a filter."""
    queries = clustered(np.random.default_rng(9), NEAREST)
    for place, text in enumerate(FILTERS):
        where, asked = parse_filter(text), queries[place :: len(FILTERS)]
        expected, found = (gallery.nearest(SPACE.name, asked, K, where) for gallery in (reference, other))
        for query, right, given in zip(asked, expected, found, strict=True):
            true = reference.similarity(SPACE.name, query, given.ids)
            yield agreement(right, given, dict(zip(given.ids, true.tolist(), strict=True)))
            claim_passing(reference, given.ids, where)


def words(reference: Gallery, other: Gallery) -> Iterator[Agreement]:
    """Ask for those that suit words, all of them and within filters."""
    for text in WORDS:
        for where in map(parse_filter, AMONG):
            given = other.match_text(text, K, where)
            right = reference.match_text(text, K, where)
            scored = reference.match_text(text, K, where, also=lambda ids=given.ids: ids)
            yield agreement(right, given, dict(zip(scored.ids, scored.scores.tolist(), strict=True)))
            claim_passing(reference, given.ids, where)


def counted(gallery: Gallery) -> Iterator[object]:
    """Count what passes each filter, and the values of each field, of all and of some."""
    yield from (gallery.count(parse_filter(text)) for text in FILTERS)
    yield from (gallery.facets(field, parse_filter(text)) for field in FIELDS for text in ("", "width>=3000"))


def paged(gallery: Gallery) -> Iterator[list[object]]:
    """Give the sort values of the first pages in several orders, of all and of some."""
    for order in ORDERS:
        field = {"added": "added_at", "taken": "taken_at"}.get(order.strip("-"), order.strip("-"))
        for text in ("", "width>=100"):
            after, seen = "", set[str]()
            for _ in range(PAGES):
                page = gallery.scan(parse_filter(text), order=order, after=after, limit=PAGE)
                after = page.after
                seen |= {one.id for one in page.records}
                yield [getattr(one, field) for one in page.records]
            if len(seen) != PAGES * PAGE:
                raise AssertionError(f"{order}: {len(seen)} different records on {PAGES} pages of {PAGE}")


def agreement(expected: Neighbors, found: Neighbors, scores: dict[str, float]) -> Agreement:
    """Compare an answer with what it should be, and with the scores that what was found should have."""
    if len(found.ids) != len(expected.ids):
        raise AssertionError(f"{len(found.ids)} were found in place of {len(expected.ids)}")
    if not expected.ids:
        return Agreement(1.0, 0.0, 0.0)
    last = float(expected.scores[-1]) - TOLERANCE
    belonging = sum(scores.get(id_, -1.0) >= last for id_ in {*found.ids})
    off = max(abs(score - scores.get(id_, -1.0)) for id_, score in zip(found.ids, found.scores.tolist(), strict=True))
    return Agreement(belonging / len(expected.ids), off, float(expected.scores.mean() - found.scores.mean()))


def claim_passing(gallery: Gallery, ids: Collection[str], where: Filter | None) -> None:
    """Claim that the records of these ids pass a filter."""
    strangers = [one.id for one in gallery.get(list(ids)) if where is not None and not matches(one, where)]
    if strangers:
        raise AssertionError(f"{strangers} do not pass {where}")
