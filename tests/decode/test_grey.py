"""Is deep grey scaled to 8 bits, so that neither light nor shadow is lost?"""

import io
from collections.abc import Callable

import numpy as np
import pytest
import tifffile
from PIL import Image

from lookalike.decode import Fit, decode

FIT = Fit(size=512)


def tiff_of(values: np.ndarray, **options: object) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, values, **options)
    return file.getvalue()


def ramp(low: float, high: float, kind: str) -> np.ndarray:
    return np.tile(np.linspace(low, high, 256), (4, 1)).astype(kind)


def check_ramp(file: bytes, *, falling: bool = False) -> None:
    expected = np.arange(256)[::-1] if falling else np.arange(256)
    pixels = decode(file, FIT).pixels
    assert pixels.shape == (4, 256, 3)
    np.testing.assert_allclose(pixels, np.broadcast_to(expected[None, :, None], (4, 256, 3)), atol=1)


@pytest.mark.parametrize("top", [255, 1_023, 4_095, 65_535])
def test_16_bits_are_scaled_by_what_their_values_need(top: int, file_of: Callable[..., bytes]) -> None:
    values = ramp(0, top, "uint16")
    check_ramp(tiff_of(values))
    check_ramp(tiff_of(values, byteorder=">"))
    check_ramp(file_of(Image.fromarray(values), "PNG"))


def test_dark_16_bits_stay_dark(file_of: Callable[..., bytes]) -> None:
    values = ramp(0, 6_554, "uint16")
    assert decode(file_of(Image.fromarray(values), "PNG"), FIT).pixels.max() == 26


def test_a_negative_is_turned_positive() -> None:
    check_ramp(tiff_of(ramp(0, 65_535, "uint16"), photometric="miniswhite"), falling=True)


@pytest.mark.parametrize("top", [1.0, 255.0, 65_535.0])
def test_floating_point_is_scaled(top: float) -> None:
    check_ramp(tiff_of(ramp(0, top, "float32")))


def test_signed_and_wide_values_are_stretched() -> None:
    check_ramp(tiff_of(ramp(-3.5, 2.25, "float32")))
    check_ramp(tiff_of(ramp(-20_000, 20_000, "int16")))
    check_ramp(tiff_of(ramp(-2_000_000_000, 2_000_000_000, "int32")))
    check_ramp(tiff_of(ramp(0, 3e38, "float32")))


def test_what_is_no_number_is_black_and_infinity_is_the_brightest() -> None:
    values = ramp(0.0, 1.0, "float32")
    values[0, :4] = (np.nan, np.inf, -np.inf, 0.5)
    pixels = decode(tiff_of(values), FIT).pixels
    assert pixels[0, :4, 0].tolist() == [0, 255, 0, 128]
    assert not decode(tiff_of(np.full((4, 4), np.nan, "float32")), FIT).pixels.any()


def test_a_flat_picture_is_no_division_by_zero() -> None:
    assert not decode(tiff_of(np.full((4, 4), -7.0, "float32")), FIT).pixels.any()


def test_the_transparent_value_of_16_bits_is_seen_as_white(file_of: Callable[..., bytes]) -> None:
    values = np.full((4, 4), 30_000, np.uint16)
    values[0] = 65_535
    values[1] = 7
    pixels = decode(file_of(Image.fromarray(values), "PNG", transparency=7), FIT).pixels
    assert pixels[:, 0, 0].tolist() == [255, 255, 117, 117]


def test_colour_of_16_bits_is_scaled(file_of: Callable[..., bytes]) -> None:
    values = np.zeros((4, 256, 3), np.uint16)
    values[..., 0] = ramp(0, 65_535, "uint16")
    pixels = decode(tiff_of(values, photometric="rgb"), FIT).pixels
    np.testing.assert_allclose(pixels[0, :, 0], np.arange(256), atol=1)
    assert not pixels[..., 1:].any()
