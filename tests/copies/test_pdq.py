import io
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lookalike.copies.pdq import dihedral, hash_picture
from lookalike.testing import draw_picture
from lookalike.types import Grey

REFERENCE = (
    ((448, 336), 100, "ff80e000807f0fff1ffd3e007800703f70ff61ffe3f8e3e0e3c0e3c0e380e380"),
    ((299, 448), 100, "fffff5040010ffff0014ffff00001fffffe0c00000ff0fff1fe03f803e003c00"),
    ((64, 64), 9, "06e4410749640407a78980151f665b2db274159bec999377db26c7df67d27ddd"),
    ((100, 31), 10, "0504501dbbbb0437a87e4425407b054dd20ef5ff53d3845f11df65f501c3f57d"),
    ((5, 5), 0, "00" * 32),
    ((4, 300), 0, "00" * 32),
)
"""(height, width), quality and hash that `pdqhash` 0.2.8 gives for `pattern`."""


def pattern(height: int, width: int) -> Grey:
    y, x = np.mgrid[:height, :width].astype(np.int64)
    return ((x * x // 3 + y * y // 7 + x * y // 5 + (x // 37) * (y // 23) * 11) // 16 % 256).astype(np.uint8)


def read_greys(folder: Path) -> list[Grey]:
    """Give some real photos, small, tall and wide."""
    greys = []
    for name in ("openstax-photos", "flowers"):
        with tarfile.open(folder / f"{name}.tar") as tar:
            for member in [one for one in tar if one.name.endswith(".jpg")][:120:4]:
                picture = Image.open(io.BytesIO(tar.extractfile(member).read())).convert("L")
                picture.thumbnail((448, 448))
                greys.append(np.asarray(picture))
    return greys


def bits(hashes: np.ndarray) -> np.ndarray:
    return np.unpackbits(hashes, axis=-1)


@pytest.mark.parametrize(("size", "quality", "expected"), REFERENCE)
def test_hash_and_quality_are_those_of_the_reference(size, quality, expected):
    found = hash_picture(pattern(*size))
    assert (found.bits.tobytes().hex(), found.quality) == (expected, quality)


@pytest.mark.slow
def test_hashes_of_real_photos_agree_bit_for_bit_with_pdqhash(test_data):
    pdqhash = pytest.importorskip("pdqhash")
    for grey in read_greys(test_data):
        colour = np.ascontiguousarray(np.repeat(grey[..., None], 3, axis=2))
        expected, quality = pdqhash.compute(colour)
        found = hash_picture(grey)
        np.testing.assert_array_equal(bits(found.bits), expected)
        assert found.quality == quality
        np.testing.assert_array_equal(bits(dihedral(grey).bits), pdqhash.compute_dihedral(colour)[0])


@pytest.mark.slow
def test_the_eight_hashes_are_those_of_the_turned_and_mirrored_pictures():
    grey = draw_picture(3, (320, 320))[..., 1].copy()  # samples lie in the middle of their five pixels
    turned = [grey, *(np.rot90(grey, times) for times in (1, 2, 3))]
    flipped = [grey[::-1], grey[:, ::-1], grey.T, grey[::-1, ::-1].T]
    expected = np.stack([hash_picture(np.ascontiguousarray(one)).bits for one in turned + flipped])
    assert (bits(dihedral(grey).bits) != bits(expected)).sum(axis=1).max() <= 4


@pytest.mark.slow
def test_a_picture_resized_and_compressed_has_nearly_the_same_hash():
    picture = Image.fromarray(draw_picture(5, (400, 300))).convert("L")
    buffer = io.BytesIO()
    picture.resize((280, 210)).save(buffer, "jpeg", quality=40)
    copy = np.asarray(Image.open(buffer))
    other = draw_picture(6, (400, 300))[..., 1].copy()
    here = bits(hash_picture(np.asarray(picture)).bits)
    assert (here != bits(hash_picture(copy).bits)).sum() < 20
    assert (here != bits(hash_picture(other).bits)).sum() > 80


def test_a_blank_picture_has_no_quality():
    assert hash_picture(np.full((200, 200), 77, np.uint8)).quality == 0


@pytest.mark.parametrize("size", [(4, 400), (400, 4), (1, 1)])
def test_a_picture_too_small_to_hash_has_the_empty_hash(size):
    grey = np.full(size, 9, np.uint8)
    assert not hash_picture(grey).bits.any()
    assert not dihedral(grey).bits.any()
