"""Can the contracts fail? Each fault that an adapter might have is caught by the claim that is about it."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lookalike.errors import LookalikeError
from lookalike.gallery import Gallery, Page
from lookalike.gallery.filters import Filter
from lookalike.testing import (
    ColourEncoder,
    EncoderContract,
    GalleryContract,
    MemoryGallery,
    draw_picture,
    make_records,
    picture_bytes,
)
from lookalike.types import Embeddings, Failure, ImageRecord, Neighbors, Pixels, Space


class ForgetsAddedAt(MemoryGallery):
    def put(self, records: Sequence[ImageRecord], failures: Sequence[Failure] = ()) -> None:
        self.delete([record.id for record in records])
        super().put(records, failures)


class StoresHalfACall(MemoryGallery):
    def put(self, records: Sequence[ImageRecord], failures: Sequence[Failure] = ()) -> None:
        for record in records:
            super().put([record])
        super().put([], failures)


class PagesByPosition(MemoryGallery):
    def scan(self, where: Filter | None = None, *, after: str = "", limit: int = 100, **options: Any) -> Page:
        start = int(after or 0)
        records = super().scan(where, limit=1_000_000, **options).records
        more = str(start + limit) if len(records) > start + limit else ""
        return Page(records=records[start : start + limit], after=more)


class FiltersAfterwards(MemoryGallery):
    def nearest(self, space: str, vectors: Embeddings, k: int, where: Filter | None = None) -> list[Neighbors]:
        passing = {record.id for record in self.scan(where, limit=1_000_000).records}
        return [
            Neighbors(
                tuple(id_ for id_ in found.ids if id_ in passing), found.scores[[id_ in passing for id_ in found.ids]]
            )
            for found in super().nearest(space, vectors, k)
        ]


class AcceptsAnyWeights(MemoryGallery):
    def add_space(self, space: Space) -> None:
        self._spaces[space.name] = space


class ListsPrefixesAsPatterns(MemoryGallery):
    def versions(self, prefix: str) -> Iterator[tuple[str, str]]:
        return (found for found in super().versions("") if found[0].lower().startswith(prefix.lower()))


class GivesEmbeddingsUnasked(MemoryGallery):
    def get(self, ids: Sequence[str], **_: bool) -> list[ImageRecord]:
        return super().get(ids, embeddings=True)


class KeepsFailures(MemoryGallery):
    def put(self, records: Sequence[ImageRecord], failures: Sequence[Failure] = ()) -> None:
        before = self.failures()
        super().put(records, failures)
        super().put([], before)


class IgnoresCase(MemoryGallery):
    def find(self, field: Any, values: Any) -> dict[str, list[str]]:
        return {value: ids[::-1] for value, ids in super().find(field, values).items()}


@pytest.mark.parametrize(
    ("faulty", "claim"),
    [
        (ForgetsAddedAt, "a_record_put_again_is_replaced_but_keeps_when_it_was_added"),
        (StoresHalfACall, "a_call_with_one_impossible_record_stores_nothing"),
        (PagesByPosition, "paging_neither_repeats_nor_skips_while_records_come_and_go"),
        (FiltersAfterwards, "a_filter_never_costs_an_answer"),
        (AcceptsAnyWeights, "a_space_is_added_once_and_guarded_by_its_digest"),
        (ListsPrefixesAsPatterns, "versions_of_records_and_failures_are_listed_by_the_start_of_their_uri"),
        (GivesEmbeddingsUnasked, "embeddings_come_only_where_asked_for"),
        (KeepsFailures, "failures_are_listed_until_the_picture_comes_in"),
        (IgnoresCase, "the_same_bytes_or_pixels_are_found_oldest_first"),
    ],
)
def test_a_faulty_gallery_breaks_its_contract(faulty: Callable[[], Gallery], claim: str, tmp_path: Path) -> None:
    class Contract(GalleryContract):
        def open(self, tmp_path: Path) -> Gallery:  # noqa: ARG002 - nothing of it is on disk
            return faulty()

    with pytest.raises((AssertionError, LookalikeError)):
        getattr(Contract(), f"test_{claim}")(tmp_path)


class LooksAtTheBatch(ColourEncoder):
    def encode(self, images: Sequence[Pixels]) -> dict[str, Embeddings]:
        encoded = super().encode(images)
        return {name: self.unit(vectors - vectors.mean(axis=0) / 2) for name, vectors in encoded.items()}

    def unit(self, vectors: Embeddings) -> Embeddings:
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


class GivesLongVectors(ColourEncoder):
    def encode(self, images: Sequence[Pixels]) -> dict[str, Embeddings]:
        return {name: vectors * 2 for name, vectors in super().encode(images).items()}


class DiffersEachTime(ColourEncoder):
    def __init__(self) -> None:
        super().__init__()
        self._projection = np.random.default_rng().standard_normal(self._projection.shape, dtype=np.float32)


class NeedsAPicture(ColourEncoder):
    def encode(self, images: Sequence[Pixels]) -> dict[str, Embeddings]:
        return super().encode([images[0], *images[1:]])


class ChangesThePicture(ColourEncoder):
    def encode(self, images: Sequence[Pixels]) -> dict[str, Embeddings]:
        for image in images:
            np.add(image, 1, out=image)
        return super().encode(images)


class SeesNothing(ColourEncoder):
    def encode(self, images: Sequence[Pixels]) -> dict[str, Embeddings]:
        return super().encode([np.zeros_like(image) for image in images])


@pytest.mark.parametrize(
    ("faulty", "claim"),
    [
        (LooksAtTheBatch, "a_picture_is_encoded_alike_alone_and_in_a_batch"),
        (GivesLongVectors, "each_picture_becomes_one_float32_unit_vector_in_every_space"),
        (DiffersEachTime, "two_encoders_of_one_name_are_the_same"),
        (NeedsAPicture, "no_pictures_become_no_vectors"),
        (ChangesThePicture, "a_picture_is_neither_changed_nor_need_it_lie_in_one_piece"),
        (SeesNothing, "a_slightly_brighter_picture_is_nearer_than_another_picture"),
    ],
)
def test_a_faulty_encoder_breaks_its_contract(faulty: Callable[[], ColourEncoder], claim: str) -> None:
    class Contract(EncoderContract):
        def load(self) -> ColourEncoder:
            return faulty()

    with pytest.raises((AssertionError, IndexError, ValueError)):
        getattr(Contract(), f"test_{claim}")()


def test_drawn_pictures_are_the_same_for_a_seed_and_differ_between_seeds() -> None:
    pictures = [draw_picture(seed, (120, 90)) for seed in range(20)]
    assert all(picture.shape == (90, 120, 3) for picture in pictures)
    np.testing.assert_array_equal(pictures[3], draw_picture(3, (120, 90)))
    vectors = next(iter(ColourEncoder().encode(pictures).values()))
    scores = vectors @ vectors.T - 2 * np.eye(20)
    assert scores.max() < 0.95
    assert picture_bytes(3) == picture_bytes(3) != picture_bytes(4)


def test_made_records_are_the_same_for_a_seed_and_begin_alike() -> None:
    first, again = make_records(5, seed=3), make_records(5, seed=3)
    assert [replace(record, embeddings={}) for record in first] == [replace(record, embeddings={}) for record in again]
    assert [record.label for record in make_records(9)[:5]] == [record.label for record in make_records(5)]
    assert len({record.id for record in make_records(50)}) == 50


@pytest.mark.slow
def test_the_contracts_do_without_pytest_when_they_are_imported() -> None:
    code = "import sys, lookalike.testing; sys.exit('pytest' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
