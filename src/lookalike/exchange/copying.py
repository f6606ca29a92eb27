"""How does a gallery move to another engine? Record by record with all that was worked out, and then it is verified."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields, replace
from random import Random
from typing import Any

import numpy as np

from lookalike.describing import keep_persons_words
from lookalike.errors import GalleryError
from lookalike.exchange.intake import take_in
from lookalike.gallery import Gallery
from lookalike.gallery.serving import in_turn
from lookalike.gallery.walking import each_page
from lookalike.types import Described, ImageRecord, Ingested, Learned, Neighbors, Space

_PAGE = 512
_SAMPLED = 20
_K = 10
_TOLERANCE = 2e-3
"""What rounding to 16 bits may change about a score."""
_LEAST_AGREEMENT = 0.95
"""Of the sampled neighbours: an index over many pictures may miss one now and then."""
_WORDS = tuple(field.name for field in fields(Described))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a comparison of two galleries found."""

    records: int
    """Of the source, all of which are in the target."""
    reworded: int
    """Of those, how many are described otherwise in the target."""
    asked: int
    """Searches that both were asked."""
    agreement: float
    """Share of the source's nearest ten that the target's are as near as."""


def copy_gallery(source: Gallery, target: Gallery) -> Iterator[Ingested]:
    """Copy spaces, records with embeddings and local features, and failures; yields what is durably stored.

    May be broken off and begun again: what is there already is `unchanged`. What was written in the source counts
    before what was written in the target, but nothing is taken away there: a field that a person wrote only there
    stays, as do records that only it has. Where it holds vectors of an encoder that the source knows nothing of, what
    answers queries there goes on to. A space that is added to the source meanwhile is left to the next copy.

    Raises:
        GalleryError: the target holds vectors of another encoder by the same name, or cannot take a record.
    """
    roles, serving = target.serving, source.serving
    spaces = source.spaces  # read last, so that it holds those that serve
    is_copy = {*roles.now, *roles.before, *roles.filling} <= spaces.keys()
    known = {name for name, space in target.spaces.items() if space.learned}
    for space in in_turn(spaces, serving):
        target.add_space(space.untaught())
    copied = ([_within(record, spaces) for record in page] for page in pages(source))
    yield from take_in(target, copied, words=keep_persons_words)
    target.put([], source.failures())
    for space in spaces.values():
        if space.learned and (is_copy or space.name not in known):
            target.calibrate(space.name, _lesson(space))
    if serving.now and is_copy:
        target.serve(lambda _: serving)


def pages(gallery: Gallery) -> Iterator[tuple[ImageRecord, ...]]:
    """Give all records with all that is known of them, those that came first first."""
    return each_page(lambda after: gallery.scan(order="added", after=after, limit=_PAGE, embeddings=True))


def _within(record: ImageRecord, spaces: Collection[str]) -> ImageRecord:
    return replace(record, embeddings={name: one for name, one in record.embeddings.items() if name in spaces})


def _lesson(space: Space) -> Learned:
    return Learned(pictures=space.calibration, texts=space.text_calibration, note=space.learned)


def verify_copy(source: Gallery, target: Gallery) -> Verified:
    """Compare two galleries: whether each record of one is in the other, with a vector in each space in which it has
    one, how many are described otherwise there, and whether searches give the same.

    Raises:
        GalleryError: records or vectors are missing, or answers differ; copy again, or look what is wrong there.
    """
    missing, reworded, records = 0, 0, 0
    embedded, lost = Counter[str](), Counter[str]()
    chance = Random(0)  # noqa: S311 - nothing secret depends on it
    sampled: list[ImageRecord] = []
    for page in pages(source):
        known = {one.id: one for one in target.get([record.id for record in page], embeddings=True)}
        for record in page:
            there = known.get(record.id)
            if there is None or record.sha256 not in {"", there.sha256}:
                missing += 1
            else:
                reworded += _words(there) != _words(record)
                lost.update(record.embeddings.keys() - there.embeddings.keys())
            records += 1
            embedded.update(record.embeddings.keys())
            _sample(sampled, record, chance.randrange(records))
    if missing:
        raise GalleryError(
            f"{missing:,} of {records:,} records are not in {target.url} as they are in {source.url}.",
            "Run the same command again: it goes on where it was. What it says cannot be kept there stays missing.",
        )
    if lost:
        ((space, count),) = lost.most_common(1)
        raise GalleryError(
            f"Of {embedded[space]:,} pictures with a vector in {space}, {count:,} have none in {target.url}.",
            "Run the same command again: it goes on where it was.",
        )
    shares = [share for space in source.spaces for share in _agreements(source, target, space, sampled)]
    agreement = float(np.mean(shares)) if shares else 1.0
    if agreement < _LEAST_AGREEMENT:
        raise GalleryError(
            f"Only {agreement:.0%} of the nearest pictures that {source.url} gives are as near in {target.url}.",
            "If others write to one of them meanwhile, compare again: --verify-only. Else report it.",
        )
    return Verified(records=records, reworded=reworded, asked=len(shares), agreement=agreement)


def _words(record: ImageRecord) -> list[Any]:
    return [getattr(record, name) for name in _WORDS]


def _sample(sampled: list[ImageRecord], record: ImageRecord, place: int) -> None:
    """Keep a few of many records, each as likely as any other: `place` is by chance below how many have come so far.

    Source: Vitter 1985, Random Sampling with a Reservoir, algorithm R.
    """
    if len(sampled) < _SAMPLED:
        sampled.append(record)
    elif place < _SAMPLED:
        sampled[place] = record


def _agreements(source: Gallery, target: Gallery, space: str, sampled: list[ImageRecord]) -> Iterator[float]:
    for record in sampled:
        if space in record.embeddings:
            vector = record.embeddings[space].astype(np.float32)[None]
            (expected,), (found,) = source.nearest(space, vector, _K), target.nearest(space, vector, _K)
            yield _agreement(expected, found)


def _agreement(expected: Neighbors, found: Neighbors) -> float:
    """Give the share of some neighbours that others are at least as near as, place by place."""
    if not len(expected.scores):
        return 1.0
    both = min(len(expected.scores), len(found.scores))
    return float((found.scores[:both] >= expected.scores[:both] - _TOLERANCE).sum() / len(expected.scores))
