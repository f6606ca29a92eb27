"""Is an edited copy recognised and located, and is what only shares something not called the same picture?"""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import cv2
import numpy as np
import pytest

from lookalike.copies.fingerprint import Fingerprinter
from lookalike.copies.packing import unpack
from lookalike.copies.verifier import QueryPicture, Verifier
from lookalike.testing import draw_picture
from lookalike.types import Grey, Relation

pytestmark = pytest.mark.slow


def scene(seed: int, size: tuple[int, int] = (320, 240)) -> Grey:
    """Draw a picture with coarse shapes and fine texture, as photos have."""
    grey = cv2.cvtColor(draw_picture(seed, size), cv2.COLOR_RGB2GRAY).astype(np.float32)
    spots = cv2.GaussianBlur(np.random.default_rng(seed).normal(size=size[::-1]), (0, 0), 3)
    return np.clip(grey * 0.6 + 50 + spots * 200, 0, 255).astype(np.uint8)


def compare(query: Grey, image: Grey, *, thorough: bool = False):
    return Verifier().compare(QueryPicture(query), image, thorough=thorough)


def compressed(grey: Grey) -> Grey:
    return cv2.imdecode(cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, 20])[1], cv2.IMREAD_GRAYSCALE)


def turned(grey: Grey, degrees: float) -> Grey:
    move = cv2.getRotationMatrix2D((160, 120), degrees, 0.8)
    return cv2.warpAffine(grey, move, (320, 240))


@pytest.mark.parametrize(
    "edit",
    [
        compressed,
        lambda grey: cv2.GaussianBlur(grey, (0, 0), 2),
        lambda grey: cv2.convertScaleAbs(grey, alpha=0.4, beta=20),
        lambda grey: grey[40:170, 60:230].copy(),
        lambda grey: turned(grey, 33),
        lambda grey: cv2.copyMakeBorder(grey, 40, 10, 60, 20, cv2.BORDER_CONSTANT, value=255),
        lambda grey: grey[:, ::-1].copy(),
        lambda grey: 255 - grey,
        lambda grey: compressed(255 - grey[20:, 40:][:, ::-1]),
        lambda grey: cv2.resize(grey, (300, 300)),
    ],
    ids=["jpeg", "blur", "flat", "crop", "turned", "frame", "mirror", "negative", "several", "stretched"],
)
def test_an_edited_copy_is_the_same_picture(edit):
    found = compare(edit(scene(1)), scene(1))
    assert found.relation is Relation.SAME
    assert found.confidence > 0.9
    assert found.regions[0].inliers >= 6


def test_a_crop_is_located_and_told_in_words():
    found = compare(scene(2)[60:180, 80:240].copy(), scene(2))
    region = found.regions[0]
    assert np.array(region.image).min(axis=0) == pytest.approx([0.25, 0.25], abs=0.01)
    assert np.array(region.image).max(axis=0) == pytest.approx([0.75, 0.75], abs=0.01)
    assert np.array(region.query).min(axis=0) == pytest.approx([0, 0], abs=0.01)
    assert np.array(region.homography).reshape(3, 3) == pytest.approx(
        np.array([[0.5, 0, 0.25], [0, 0.5, 0.25], [0, 0, 1]]), abs=0.01
    )
    assert found.transform == "cropped to 25 %"


def test_a_mirrored_negative_says_so():
    found = compare(255 - scene(3)[:, ::-1], scene(3))
    assert found.regions[0].mirrored
    assert found.regions[0].inverted
    assert found.transform == "mirrored, colours inverted"


def test_threads_that_share_a_query_try_all_its_views():
    query = QueryPicture(scene(3))
    both = Barrier(2)

    def forms(_: int) -> list[tuple[bool, bool]]:
        both.wait()
        return [(seen.mirrored, seen.inverted) for seen in query.views]

    with ThreadPoolExecutor(2) as threads:
        for found in threads.map(forms, range(2)):
            assert found == [(False, False), (True, False), (False, True), (True, True)]


def test_every_source_of_a_collage_is_found_where_it_lies():
    sheet = np.concatenate([scene(seed, (220, 220)) for seed in (4, 5)], axis=1)
    for place, seed in enumerate((4, 5)):
        found = compare(sheet, scene(seed, (220, 220)))
        corners = np.array(found.regions[0].query)
        assert found.relation is Relation.SAME
        assert corners[:, 0].min() == pytest.approx(place / 2, abs=0.02)
        assert corners[:, 0].max() == pytest.approx(place / 2 + 0.5, abs=0.02)


def test_a_picture_finds_the_collage_that_it_was_used_in():
    sheet = np.concatenate([scene(seed, (220, 220)) for seed in (4, 5)], axis=1)
    found = compare(scene(5, (220, 220)), sheet)
    assert found.relation is Relation.SAME
    assert np.array(found.regions[0].image)[:, 0].min() == pytest.approx(0.5, abs=0.02)


def test_two_exchanged_halves_give_two_regions():
    image = scene(6, (400, 300))
    query = np.concatenate([image[:, 200:], image[:, :200]], axis=1)
    assert len(compare(query, image).regions) == 2


@pytest.mark.parametrize("seed", [6, 8])
def test_what_is_found_under_stripes_in_several_pieces_is_kept(seed):
    image = scene(seed, (400, 300))
    query = np.concatenate([image[:, 200:], image[:, :200]], axis=1)
    for top in range(0, 300, 15):
        query[top : top + 8] = 128
    assert compare(query, image).regions == ()
    regions = compare(query, image, thorough=True).regions
    assert len(regions) == 2
    assert {np.array(one.query)[:, 0].mean() > 0.5 for one in regions} == {True, False}


def test_another_picture_is_unrelated():
    for seed in range(20, 26):
        found = compare(scene(seed), scene(seed + 30))
        assert found.relation is Relation.UNRELATED
        assert found.confidence < 0.5
        assert found.regions == ()


def test_two_pictures_under_one_caption_bar_only_share_it():
    bar = np.full((90, 320), 255, np.uint8)
    for line, text in enumerate(("when you see it", "for the first time", "on a monday")):
        cv2.putText(bar, text, (10, 26 + 26 * line), cv2.FONT_HERSHEY_DUPLEX, 0.8, 0, 1, cv2.LINE_AA)
    found = compare(np.vstack([bar, scene(7)]), np.vstack([bar, scene(8)]))
    assert (found.relation, found.transform) == (Relation.SHARES_REGION, "")
    assert np.array(found.regions[0].query)[:, 1].max() < 0.45


def test_two_subjects_before_one_wall_only_share_the_wall():
    wall = scene(9)
    sides = []
    for seed in (10, 11):
        side = wall.copy()
        mask = cv2.ellipse(np.zeros_like(wall), (160, 160), (75, 110), 0, 0, 360, 1, -1).astype(bool)
        side[mask] = scene(seed)[mask]
        sides.append(side)
    assert compare(*sides).relation is Relation.SHARES_REGION


@pytest.mark.parametrize("shape", [(240, 320), (1, 1), (1, 448), (20, 20)])
def test_blank_and_tiny_pictures_are_related_to_nothing(shape):
    blank = np.full(shape, 255, np.uint8)
    for query, image in ((blank, scene(1)), (scene(1), blank), (blank, blank)):
        assert compare(query, image, thorough=True).relation is Relation.UNRELATED


def test_soft_pictures_without_points_are_found_when_looked_at_thoroughly():
    noise = np.random.default_rng(1).normal(size=(240, 320))
    soft = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 24), None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
    query = cv2.resize(soft[:, ::-1], (200, 200), interpolation=cv2.INTER_AREA)
    found = compare(query, soft, thorough=True)
    assert found.relation is Relation.SAME
    assert "mirrored" in found.transform


def test_comparing_twice_gives_the_same_answer():
    query = QueryPicture(compressed(scene(12)[30:, 30:]))
    assert Verifier().compare(query, scene(12)) == Verifier().compare(query, scene(12))


def test_features_stored_in_full_rule_out_strangers_and_no_copies():
    stored = unpack(Fingerprinter("full").fingerprint(scene(21), "").features).features
    assert not Verifier().rules_out(QueryPicture(scene(21)[20:200, 40:280].copy()), stored)
    assert not Verifier().rules_out(QueryPicture(scene(21)[:, ::-1].copy()), stored)
    assert Verifier().rules_out(QueryPicture(scene(22)), stored)


def test_outlines_never_leave_the_picture():
    regions = [
        region
        for query in (scene(23), scene(23)[3:, 5:].copy(), turned(scene(23), 20))
        for region in compare(query, scene(23)).regions
    ]
    corners = np.array([corner for region in regions for corner in (*region.query, *region.image)])
    assert len(regions) >= 3
    assert corners.min() >= 0
    assert corners.max() <= 1


def test_the_outline_includes_what_lies_over_the_picture():
    query = scene(24)
    cv2.putText(query, "ME AT 3 AM", (20, 70), cv2.FONT_HERSHEY_DUPLEX, 1.4, 255, 4)
    region = compare(query, scene(24)).regions[0]
    assert np.array(region.image).min(axis=0) == pytest.approx([0, 0], abs=0.02)
    assert np.array(region.image).max(axis=0) == pytest.approx([1, 1], abs=0.02)


def test_points_beside_regions_leave_those_out():
    query = QueryPicture(scene(25))
    left = query.beside([((0, 0), (0.5, 0), (0.5, 1), (0, 1))])
    assert 0 < len(left) < len(query.closer.features)
    assert left.points[:, 0].min() >= 159
