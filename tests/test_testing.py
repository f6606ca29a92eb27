"""Can the contracts fail? Each fault that an adapter might have is caught by the claim that is about it."""

import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lookalike.encoders import Seen
from lookalike.errors import LookalikeError
from lookalike.gallery import Change, Gallery, Page
from lookalike.gallery.filters import Filter
from lookalike.testing import (
    ColourEncoder,
    EncoderContract,
    GalleryContract,
    MemoryGallery,
    RecogniserContract,
    TextEncoderContract,
    WordlessEncoder,
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


class DescribesOneByOne(MemoryGallery):
    def describe(self, ids: Collection[str], change: Change) -> list[ImageRecord]:
        return [record for id_ in ids for record in super(DescribesOneByOne, self).describe([id_], change)]


class TakesMoreThanWords(MemoryGallery):
    def describe(self, ids: Collection[str], change: Change) -> list[ImageRecord]:
        changed = [replace(change(record), id=record.id, uri=record.uri) for record in self.get(list(ids))]
        self.put(changed)
        return changed


class MergesNothing(MemoryGallery):
    def put(self, records: Sequence[ImageRecord], failures: Sequence[Failure] = (), **_: Any) -> None:
        super().put(records, failures)


class IgnoresCase(MemoryGallery):
    def find(self, field: Any, values: Any) -> dict[str, list[str]]:
        return {value: ids[::-1] for value, ids in super().find(field, values).items()}


@pytest.mark.slow
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
        (DescribesOneByOne, "unknown_ids_are_passed_over_and_all_or_none_are_described"),
        (TakesMoreThanWords, "describing_touches_nothing_but_the_words"),
        (MergesNothing, "a_record_put_again_keeps_what_merging_keeps"),
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


@pytest.mark.slow
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


class WritesLongTextVectors(ColourEncoder):
    def encode_text(self, texts: Sequence[str]) -> Embeddings:
        return super().encode_text(texts) * 2


class MixesItsTexts(ColourEncoder):
    def encode_text(self, texts: Sequence[str]) -> Embeddings:
        return super().encode_text([" ".join([text, *texts][-2:]) for text in texts])


class StumblesOverSurrogates(ColourEncoder):
    def encode_text(self, texts: Sequence[str]) -> Embeddings:
        return super().encode_text([text.encode().decode() for text in texts])


class ReadsBytes(ColourEncoder):
    def encode_text(self, texts: Sequence[str]) -> Embeddings:
        return super().encode_text([str(text.encode(errors="replace")) for text in texts])


class NeedsAText(ColourEncoder):
    def encode_text(self, texts: Sequence[str]) -> Embeddings:
        return super().encode_text([texts[0], *texts[1:]])


@pytest.mark.parametrize(
    ("faulty", "claim"),
    [
        (WritesLongTextVectors, "each_text_becomes_one_float32_unit_vector_beside_those_of_pictures"),
        (MixesItsTexts, "a_text_is_encoded_alike_alone_and_beside_longer_ones"),
        (StumblesOverSurrogates, "any_string_is_a_text"),
        (ReadsBytes, "it_does_not_matter_how_an_accent_was_typed"),
        (NeedsAText, "no_texts_become_no_vectors"),
        (WordlessEncoder, "it_is_a_text_encoder_and_says_which_languages_it_knows"),
    ],
)
def test_a_faulty_text_encoder_breaks_its_contract(faulty: Callable[[], WordlessEncoder], claim: str) -> None:
    class Contract(TextEncoderContract):
        def load(self) -> WordlessEncoder:
            return faulty()

    with pytest.raises((AssertionError, IndexError, ValueError)):
        getattr(Contract(), f"test_{claim}")()


class IsSureOfEverything(ColourEncoder):
    def see(self, images: Sequence[Pixels]) -> Seen:
        seen = super().see(images)
        return replace(seen, classes=np.ones_like(seen.classes))


class SeesOtherVectors(ColourEncoder):
    def see(self, images: Sequence[Pixels]) -> Seen:
        seen = super().see(images)
        return replace(seen, embeddings={name: -vectors for name, vectors in seen.embeddings.items()})


class MovesItsMaps(ColourEncoder):
    def see(self, images: Sequence[Pixels]) -> Seen:
        seen = super().see(images)
        return replace(seen, maps=seen.maps - seen.maps.mean())


class CallsTwoThingsTheSame(ColourEncoder):
    class_names = (*ColourEncoder.class_names[:-1], "red")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("faulty", "claim"),
    [
        (IsSureOfEverything, "one_look_gives_vectors_probabilities_and_maps"),
        (SeesOtherVectors, "one_look_gives_vectors_probabilities_and_maps"),
        (MovesItsMaps, "a_picture_is_seen_alike_alone_and_in_a_batch"),
        (CallsTwoThingsTheSame, "it_is_a_recogniser_with_a_name_for_each_class"),
        (WordlessEncoder, "it_is_a_recogniser_with_a_name_for_each_class"),
    ],
)
def test_a_faulty_recogniser_breaks_its_contract(faulty: Callable[[], WordlessEncoder], claim: str) -> None:
    class Contract(RecogniserContract):
        def load(self) -> WordlessEncoder:
            return faulty()

    with pytest.raises((AssertionError, IndexError, ValueError)):
        getattr(Contract(), f"test_{claim}")()


@pytest.mark.parametrize("text", ["a red ball", "ein roter Ball", "le ballon rouge", "ČERVENÝ míč", "Rot in Rot"])
def test_the_toy_encoder_knows_colours_in_four_languages(text: str) -> None:
    encoder = ColourEncoder()
    plain = [np.full((8, 8, 3), colour, np.uint8) for colour in ((230, 20, 20), (20, 60, 220), (250, 250, 250))]
    pictures = encoder.encode(plain)[encoder.text_space]
    scores = encoder.encode_text([text])[0] @ pictures.T
    assert scores.argmax() == 0
    assert scores[0] > 0.99
    assert scores[1:].max() < 0.5


def test_to_the_toy_encoder_words_without_a_colour_are_near_no_colour() -> None:
    encoder = ColourEncoder()
    colours = encoder.encode_text(list(encoder.class_names))
    assert (colours @ encoder.encode_text(["beach", "Rotation", "sedan", "bill", ""]).T).max() < 0.5


def test_the_toy_encoder_says_how_much_of_which_colour_is_where() -> None:
    encoder = ColourEncoder()
    flag = np.repeat(np.array([[[230, 20, 20]], [[20, 60, 220]]], np.uint8), 16, axis=1).repeat(8, axis=0)
    seen = encoder.see([flag])
    assert {name: share for name, share in zip(encoder.class_names, seen.classes[0], strict=True) if share} == {
        "red": 0.5,
        "blue": 0.5,
    }
    assert seen.maps.shape == (1, 64, 3)
    assert list(seen.maps[0, :, 0] > seen.maps[0, :, 2]) == [True] * 32 + [False] * 32


@pytest.mark.slow
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
