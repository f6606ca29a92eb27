from collections.abc import Callable
from threading import Thread

import cv2
import numpy as np
import pytest

from lookalike.copies.features import QUERY_POINTS, Features, detect
from lookalike.copies.fingerprint import Fingerprinter
from lookalike.copies.index import CopyIndex
from lookalike.copies.pdq import dihedral
from lookalike.errors import GalleryError
from lookalike.types import Fingerprint, Grey

pytestmark = pytest.mark.slow

PICTURES = 30


@pytest.fixture(scope="module")
def greys(draw_busy) -> list[Grey]:
    return [draw_busy(100 + seed, (400, 300)) for seed in range(PICTURES)]


@pytest.fixture(scope="module")
def prints(greys) -> list[Fingerprint]:
    return [Fingerprinter().fingerprint(grey, "") for grey in greys]


def add(index: CopyIndex, prints: list[Fingerprint], keys: range) -> None:
    """Take in the prints whose numbers are the keys, less a thousand."""
    some = [prints[key - 1000] for key in keys]
    hashes = np.array([list(bytes.fromhex(one.perceptual)) for one in some], np.uint8).reshape(-1, 32)
    quality = np.array([one.quality for one in some], np.uint8)
    index.add(np.array(keys, np.int64), [one.features for one in some], hashes, quality)


@pytest.fixture
def index(prints) -> CopyIndex:
    index = CopyIndex()
    add(index, prints, range(1000, 1000 + PICTURES))
    return index


def query(grey: Grey) -> Features:
    return detect(grey, QUERY_POINTS)


def turned(grey: Grey, degrees: float) -> Grey:
    height, width = grey.shape
    return cv2.warpAffine(grey, cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1), (width, height))


def pasted(grey: Grey) -> Grey:
    """Lay the picture, made small, on another."""
    sheet = np.random.default_rng(3).integers(0, 256, (6, 8), np.uint8)
    sheet = cv2.resize(sheet, (448, 336), interpolation=cv2.INTER_CUBIC)
    sheet[40:190, 200:400] = cv2.resize(grey, (200, 150), interpolation=cv2.INTER_AREA)
    return sheet


EDITS: dict[str, Callable[[Grey], Grey]] = {
    "nothing": lambda grey: grey,
    "a quarter cut out": lambda grey: grey[60:210, 100:300].copy(),
    "turned by 20°": lambda grey: turned(grey, 20),
    "pasted small on another": pasted,
    "compressed": lambda grey: cv2.imdecode(cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, 10])[1], 0),
    "paler": lambda grey: (grey * 0.4 + 120).astype(np.uint8),
}


@pytest.mark.parametrize("edit", EDITS)
def test_the_original_of_an_edited_copy_comes_first(index, greys, edit):
    for number in (3, 17):
        found = index.candidates(query(EDITS[edit](greys[number])), 5)
        assert found[0].key == 1000 + number
        assert found[0].agreeing >= 6
        assert found[0].score > 2 * found[1].score


@pytest.mark.parametrize(("mirrored", "inverted"), [(True, False), (False, True), (True, True)])
def test_mirrored_and_inverted_copies_are_found(index, greys, mirrored, inverted):
    grey = greys[5][:, ::-1] if mirrored else greys[5]
    best = index.candidates(query(np.ascontiguousarray(255 - grey if inverted else grey)), 3)[0]
    assert best.key == 1005
    assert best.agreeing >= 20


def test_every_picture_of_a_collage_is_found(index, greys):
    collage = np.block([[greys[1][:150, :200], greys[2][:150, :200]], [greys[7][:150, :200], greys[9][:150, :200]]])
    assert {one.key for one in index.candidates(query(collage), 4)} == {1001, 1002, 1007, 1009}


def test_a_picture_without_points_has_no_candidates(index):
    assert index.candidates(query(np.full((200, 200), 90, np.uint8)), 5) == []
    assert CopyIndex().candidates(query(np.full((200, 200), 90, np.uint8)), 5) == []


def test_an_empty_index_finds_nothing(greys):
    assert CopyIndex().candidates(query(greys[0]), 5) == []
    assert len(CopyIndex().hash_matches(dihedral(greys[0]).bits, 31).keys) == 0
    assert len(CopyIndex()) == 0


def test_what_was_removed_is_found_no_more(index, greys):
    index.remove(np.array([1003, 99], np.int64))
    assert len(index) == PICTURES - 1
    assert not np.isin(1003, index.keys())
    assert 1003 not in {one.key for one in index.candidates(query(greys[3]), 50)}
    assert 1003 not in index.hash_matches(dihedral(greys[3]).bits, 60).keys


def test_a_key_added_again_stands_for_the_new_picture_only(index, greys, prints):
    again = prints[8]
    hashes = np.array([list(bytes.fromhex(again.perceptual))], np.uint8)
    index.add(np.array([1002], np.int64), [again.features], hashes, np.array([again.quality], np.uint8))
    assert len(index) == PICTURES
    assert {one.key for one in index.candidates(query(greys[8]), 2)} == {1002, 1008}
    assert index.hash_matches(dihedral(greys[2]).bits, 20).keys.tolist() == []


def test_adding_one_by_one_finds_the_same_as_adding_at_once(index, greys, prints):
    slowly = CopyIndex()
    for number in range(PICTURES):
        add(slowly, prints, range(1000 + number, 1001 + number))
        if number == 11:
            slowly.remove(np.array([1004], np.int64))
    add(slowly, prints, range(1004, 1005))
    assert sorted(slowly.keys()) == sorted(index.keys())
    for number in (0, 4, 29):
        one, other = (which.candidates(query(greys[number]), 3) for which in (slowly, index))
        assert [found.key for found in one] == [found.key for found in other]
        np.testing.assert_allclose([found.score for found in one], [found.score for found in other], rtol=1e-5)


def test_a_picture_without_stored_features_is_found_by_its_hash_alone(greys, prints):
    index = CopyIndex()
    hashes = np.array([list(bytes.fromhex(prints[0].perceptual))], np.uint8)
    index.add(np.array([5], np.int64), [b""], hashes, np.array([77], np.uint8))
    assert index.candidates(query(greys[0]), 5) == []
    found = index.hash_matches(dihedral(greys[0]).bits, 0)
    assert (found.keys.tolist(), found.distances.tolist(), found.quality.tolist()) == ([5], [0], [77])


def test_hashes_of_turned_and_mirrored_copies_are_found_nearest_first(index, greys):
    for copy in (greys[6], greys[6][:, ::-1], np.rot90(greys[6])):
        found = index.hash_matches(dihedral(np.ascontiguousarray(copy)).bits, 256)
        assert found.keys[0] == 1006
        assert (np.diff(found.distances) >= 0).all()
        assert len(found.keys) == len(set(found.keys)) == PICTURES


def test_hash_distances_are_exact(index, prints):
    hashes = np.random.default_rng(1).integers(0, 256, (8, 32), np.uint8)
    stored = np.array([list(bytes.fromhex(one.perceptual)) for one in prints], np.uint8)
    expected = np.unpackbits(hashes[:, None] ^ stored, axis=2).sum(axis=2).min(axis=0)
    limit = int(np.sort(expected)[10])
    found = index.hash_matches(hashes, limit)
    assert dict(zip(found.keys.tolist(), found.distances.tolist(), strict=True)) == {
        1000 + row: distance for row, distance in enumerate(expected.tolist()) if distance <= limit
    }


def test_a_broken_blob_is_refused_and_nothing_is_taken_in(index, prints):
    hashes = np.zeros((2, 32), np.uint8)
    with pytest.raises(GalleryError, match="broken"):
        index.add(np.array([1, 2], np.int64), [prints[0].features, prints[1].features[:-3]], hashes, hashes[:, 0])
    assert len(index) == PICTURES


def test_readers_always_see_whole_pictures_while_others_come_and_go(greys, prints):
    index = CopyIndex()
    add(index, prints, range(1000, 1010))
    asked, wrong = query(greys[4]), []

    def ask() -> None:
        for _ in range(15):
            wrong.extend(one for one in index.candidates(asked, 1) if one.key != 1004)

    readers = [Thread(target=ask) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(10, PICTURES):
        add(index, prints, range(1000 + number, 1001 + number))
        index.remove(np.array([990 + number], np.int64) if number != 14 else np.array([1], np.int64))
    for reader in readers:
        reader.join()
    assert wrong == []
    assert len(index) == 11


def test_pictures_that_are_gone_do_not_stay_in_memory(index):
    index.remove(np.arange(1000, 1020, dtype=np.int64))
    (segment,) = index._segments
    assert len(segment) == len(index) == 10
