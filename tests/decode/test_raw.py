"""Is a camera's raw file shown by its preview, upright, and told by its own size?"""

from collections.abc import Callable
from datetime import datetime

import numpy as np
import pytest
from PIL import Image

from lookalike.decode import Fit, Limits, decode
from lookalike.errors import TooLarge, UnreadableImage

Writer = Callable[..., bytes]
TURNED = {
    1: ["red", "green", "blue", "white"],
    3: ["white", "blue", "green", "red"],
    6: ["blue", "red", "white", "green"],
    8: ["green", "white", "red", "blue"],
}


@pytest.fixture
def preview(quarters: Image.Image, file_of: Writer) -> bytes:
    return file_of(quarters, "JPEG", quality=95)


@pytest.mark.parametrize("orientation", sorted(TURNED))
def test_the_preview_is_turned_as_the_raw_file_says(
    orientation: int, preview: bytes, dng_file: Writer, corners: Callable[[np.ndarray], list[str]]
) -> None:
    decoded = decode(dng_file(preview, orientation), Fit(size=128))
    assert corners(decoded.pixels) == TURNED[orientation]
    assert (decoded.width, decoded.height) == ((300, 400) if orientation >= 5 else (400, 300))
    assert decoded.format == "raw"
    assert decoded.taken_at == datetime(2024, 5, 17, 18, 3)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("lies", "tag"),
    [(True, 6), (True, 1), (True, None), (False, 1), (False, None)],
    ids=["lies and says so", "lies and says that it stands", "lies silently", "stands and says so", "stands silently"],
)
def test_the_preview_of_a_portrait_is_turned_once_or_not_at_all(
    lies: bool,
    tag: int | None,
    quarters: Image.Image,
    file_of: Writer,
    dng_file: Writer,
    corners: Callable[[np.ndarray], list[str]],
) -> None:
    portrait = quarters.transpose(Image.Transpose.TRANSPOSE)
    stored = portrait.transpose(Image.Transpose.ROTATE_90) if lies else portrait
    exif = Image.Exif()
    if tag is not None:
        exif[274] = tag
    preview = file_of(stored, "JPEG", quality=95, exif=exif)
    camera_like = preview[:2] + preview[20:]  # without JFIF, EXIF comes first, and LibRaw adds none of its own
    assert camera_like[6:10] == b"Exif" or tag is None
    for file in (preview, camera_like):
        assert corners(decode(dng_file(file, 6), Fit(size=128)).pixels) == corners(np.asarray(portrait))


def test_a_raw_file_without_a_preview_is_developed(dng_file: Writer) -> None:
    decoded = decode(dng_file(None), Fit(size=100))
    assert decoded.pixels.shape == (75, 100, 3)
    assert (decoded.width, decoded.height) == (400, 300)
    assert np.ptp(decoded.pixels) < 30  # an even grey sensor gives an even picture
    with pytest.raises(TooLarge, match="400 × 300 pixels"):
        decode(dng_file(None), Fit(size=100), limits=Limits(max_pixels=100_000))


def test_the_limit_on_pixels_is_for_what_is_decoded(preview: bytes, dng_file: Writer) -> None:
    assert decode(dng_file(preview), Fit(size=100), limits=Limits(max_pixels=10_000)).width == 400
    with pytest.raises(TooLarge, match="128 × 64 pixels"):
        decode(dng_file(preview), Fit(size=100), limits=Limits(max_pixels=8_000))


def test_a_broken_raw_file_is_unreadable(preview: bytes, dng_file: Writer) -> None:
    file = dng_file(preview)
    with pytest.raises(UnreadableImage, match="raw file is"):
        decode(b"II*\0\x10\0\0\0CR\2\0" + bytes(200), Fit(size=100))
    with pytest.raises(UnreadableImage, match="raw file is truncated"):
        decode(file.replace(preview, preview[:-100] + bytes(100)), Fit(size=100))
