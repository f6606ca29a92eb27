"""Is what two pictures are to each other said both ways, however they lie?"""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from lookalike.decode import DecodePool
from lookalike.search import compare_pair
from lookalike.testing import draw_picture
from lookalike.types import Region, Relation, Tier

WIDTH, HEIGHT = 640, 480
ON_A_WALL = np.array([[-0.1, 0, 0.6], [-0.25, 0.25, 0.375], [-0.5, 0, 1]])
"""Maps fractions of a picture to those of a photo of the wall that it hangs on; the photo's left lies behind it."""


@pytest.fixture
def hanging(tmp_path: Path) -> tuple[Path, Path]:
    """A picture, and a photo of it on a wall, taken from the side."""
    picture, sizes = draw_picture(1, (WIDTH, HEIGHT)), np.diag([WIDTH, HEIGHT, 1.0])
    photo = cv2.warpPerspective(picture, sizes @ ON_A_WALL @ np.linalg.inv(sizes), (WIDTH, HEIGHT))
    paths = tmp_path / "picture.png", tmp_path / "photo.png"
    for path, pixels in zip(paths, (picture, photo), strict=True):
        Image.fromarray(pixels).save(path)
    return paths


@pytest.mark.slow
def test_a_picture_on_a_wall_seen_from_the_side_is_told_both_ways(
    hanging: tuple[Path, Path], decoder: DecodePool
) -> None:
    pair = compare_pair(decoder, *hanging)
    assert pair.relation is Relation.SAME
    assert "cropped to" in pair.evidence.transform
    assert "set into a larger picture" in pair.reverse
    assert "seen at an angle" in pair.reverse


@pytest.mark.slow
def test_where_a_region_lies_is_told_of_the_whole_picture(hanging: tuple[Path, Path], decoder: DecodePool) -> None:
    picture, photo = hanging
    (matched, *_) = compare_pair(decoder, photo, picture, Region(x=0.5, y=0, width=0.5, height=1)).evidence.regions
    x, y = np.mean(matched.query, axis=0)
    across, down, depth = np.reshape(matched.homography, (3, 3)) @ (x, y, 1)
    expected = np.linalg.solve(ON_A_WALL, (x, y, 1))
    assert depth == pytest.approx(1)
    assert (across, down) == pytest.approx(expected[:2] / expected[2], abs=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(640, 480), (2_000, 1_500)])
def test_a_lossless_copy_is_the_same_pixels_and_a_jpeg_of_coarser_detail_is_not(
    tmp_path: Path, decoder: DecodePool, size: tuple[int, int]
) -> None:
    detail = [2 if 4 not in divmod(place, 8) else 255 for place in range(64)]
    image = Image.fromarray(
        draw_picture(2, size) // 2 + np.random.default_rng(2).integers(0, 99, (*size[::-1], 3), np.uint8)
    )
    for name, table in (("fine.jpg", [2] * 64), ("coarse.jpg", detail)):
        image.save(tmp_path / name, qtables=[table, table], subsampling=0)
    Image.open(tmp_path / "fine.jpg").save(tmp_path / "copy.png")
    same = compare_pair(decoder, tmp_path / "fine.jpg", tmp_path / "copy.png")
    assert (same.tier, same.evidence.signal) == (Tier.IDENTICAL, "pixels")
    assert compare_pair(decoder, tmp_path / "fine.jpg", tmp_path / "coarse.jpg").tier is Tier.EDITED
