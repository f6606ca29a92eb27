"""Do all kinds of colour end as the sRGB that a person would see?"""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageCms

from lookalike.decode import Fit, decode

FIT = Fit(size=128)
PLAIN = ["red", "green", "blue", "white"]

Writer = Callable[..., bytes]
Corners = Callable[[np.ndarray], list[str]]


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_an_embedded_profile_is_applied(
    format_: str, quarters: Image.Image, file_of: Writer, profile: Writer, corners: Corners
) -> None:
    decoded = decode(file_of(quarters, format_, icc_profile=profile("swapped")), FIT)
    assert corners(decoded.pixels) == ["green", "red", "blue", "white"]


def test_the_profile_of_a_palette_counts_too(
    quarters: Image.Image, file_of: Writer, profile: Writer, corners: Corners
) -> None:
    file = file_of(quarters.quantize(8), "PNG", icc_profile=profile("swapped"))
    assert corners(decode(file, FIT).pixels) == ["green", "red", "blue", "white"]


@pytest.mark.parametrize("broken", [b"not a profile", bytes(500), b"\xff" * 128], ids=["words", "zeros", "ones"])
def test_a_broken_profile_is_passed_over(
    broken: bytes, quarters: Image.Image, file_of: Writer, corners: Corners
) -> None:
    assert corners(decode(file_of(quarters, "PNG", icc_profile=broken), FIT).pixels) == PLAIN


@pytest.mark.parametrize("cut", [100, 130, 150, 200, 300])
def test_a_profile_cut_short_is_passed_over(
    cut: int, quarters: Image.Image, file_of: Writer, profile: Writer, corners: Corners
) -> None:
    file = file_of(quarters, "PNG", icc_profile=profile("swapped")[:cut])
    assert corners(decode(file, FIT).pixels) == PLAIN


@pytest.mark.parametrize("other", ["ink", "grey"])
def test_a_profile_for_other_colours_is_passed_over(
    other: str, quarters: Image.Image, file_of: Writer, profile: Writer, corners: Corners
) -> None:
    assert corners(decode(file_of(quarters, "PNG", icc_profile=profile(other)), FIT).pixels) == PLAIN


def test_srgb_under_its_own_name_changes_nothing(quarters: Image.Image, file_of: Writer) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    tagged = decode(file_of(quarters, "PNG", icc_profile=srgb), FIT)
    plain = decode(file_of(quarters, "PNG"), FIT)
    np.testing.assert_array_equal(tagged.pixels, plain.pixels)
    assert tagged.pixel_hash == plain.pixel_hash
    assert tagged.sha256 != plain.sha256


def test_another_profile_makes_another_picture(quarters: Image.Image, file_of: Writer, profile: Writer) -> None:
    tagged = decode(file_of(quarters, "PNG", icc_profile=profile("swapped")), FIT)
    assert tagged.pixel_hash != decode(file_of(quarters, "PNG"), FIT).pixel_hash


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "AVIF"])
def test_a_grey_profile_is_applied_to_grey(format_: str, file_of: Writer, profile: Writer) -> None:
    linear = file_of(Image.new("L", (4, 4), 55), format_, icc_profile=profile("grey"))
    # 55/255 of the light is 0.502 in sRGB. Source: IEC 61966-2-1.
    np.testing.assert_allclose(decode(linear, FIT).pixels, 128, atol=1)


@pytest.mark.parametrize(
    ("inks", "seen"),
    [
        ((0, 0, 0, 0), (255, 255, 255)),
        ((0, 255, 255, 0), (255, 0, 0)),
        ((255, 0, 0, 0), (0, 255, 255)),
        ((0, 0, 0, 255), (0, 0, 0)),
    ],
    ids=["paper", "red", "cyan", "black"],
)
def test_inks_are_seen_as_on_paper(inks: tuple[int, ...], seen: tuple[int, ...], file_of: Writer) -> None:
    picture = Image.new("CMYK", (16, 16), inks)
    adobe = file_of(picture, "JPEG", quality=95)
    assert b"Adobe" in adobe
    for file in (adobe, file_of(picture, "TIFF"), file_of(picture, "TIFF", compression="tiff_lzw")):
        np.testing.assert_allclose(decode(file, FIT).pixels[8, 8], seen, atol=3)


@pytest.mark.parametrize("orientation", [1, 6])
def test_inks_of_a_jpeg_are_inverted_only_where_adobe_says_so(orientation: int, file_of: Writer) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    file = file_of(Image.new("CMYK", (16, 16), (0, 255, 255, 255)), "JPEG", quality=95, exif=exif)
    start = file.index(b"\xff\xee")
    length = int.from_bytes(file[start + 2 : start + 4], "big")
    unmarked = file[:start] + file[start + 2 + length :]
    # The stored values are those of cyan if they are inks, and of black if they are inverted ones.
    np.testing.assert_allclose(decode(file, FIT).pixels[8, 8], (0, 0, 0), atol=3)
    np.testing.assert_allclose(decode(unmarked, FIT).pixels[8, 8], (0, 255, 255), atol=3)


def test_inks_as_luminance_and_chroma_are_seen_as_on_paper(file_of: Writer) -> None:
    # libjpeg takes 255 − R, G, B for the inks, and Adobe inverts them all: red on paper is stored as cyan.
    luminance = Image.new("RGB", (16, 16), (0, 255, 255)).convert("YCbCr").getpixel((0, 0))
    stored = (*luminance, 255)
    file = bytearray(file_of(Image.new("CMYK", (16, 16), tuple(255 - level for level in stored)), "JPEG", quality=95))
    file[file.index(b"Adobe") + 11] = 2  # the marker's transform: YCCK
    np.testing.assert_allclose(decode(bytes(file), FIT).pixels[8, 8], (255, 0, 0), atol=4)


@pytest.mark.parametrize("format_", ["JPEG", "TIFF"])
def test_the_profile_of_inks_is_applied(format_: str, file_of: Writer, profile: Writer) -> None:
    file = file_of(Image.new("CMYK", (16, 16), (255, 0, 0, 0)), format_, icc_profile=profile("ink"))
    red, green, blue = decode(file, FIT).pixels[8, 8].tolist()
    assert red > 200 > green > blue


@pytest.mark.parametrize("format_", ["PNG", "WEBP", "TIFF", "AVIF"])
def test_what_is_transparent_is_seen_over_white(format_: str, file_of: Writer) -> None:
    picture = Image.new("RGBA", (32, 16), (0, 0, 0, 0))
    picture.paste((255, 0, 0, 128), (16, 0, 32, 16))
    pixels = decode(file_of(picture, format_, lossless=True, quality=100), FIT).pixels
    np.testing.assert_allclose(pixels[8, 4], (255, 255, 255), atol=3)
    np.testing.assert_allclose(pixels[8, 28], (255, 127, 127), atol=6)


def test_grey_with_alpha_and_palettes_are_seen_over_white(file_of: Writer) -> None:
    grey = Image.new("LA", (4, 4), (0, 51))
    palette = Image.new("P", (4, 4), 1)
    palette.putpalette([255, 0, 0, 0, 0, 255])
    files = {
        204: file_of(grey, "PNG"),
        255: file_of(palette, "PNG", transparency=1),
        191: file_of(palette, "PNG", transparency=b"\xff\x40"),
        254: file_of(palette, "GIF", transparency=1),
        253: file_of(Image.new("RGB", (4, 4), (9, 9, 9)), "PNG", transparency=(9, 9, 9)),
        252: file_of(Image.new("L", (4, 4), 9), "PNG", transparency=9),
    }
    for level, file in files.items():
        expected = 255 if level > 250 else level
        assert decode(file, FIT).pixels[2, 2, 1] == expected, level


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBX", "YCbCr"])
def test_other_kinds_of_pixels_keep_their_colour(mode: str, file_of: Writer) -> None:
    picture = Image.new("RGB", (8, 8), "white").convert(mode)
    file = file_of(picture, "TIFF" if mode in {"RGBX", "YCbCr"} else "PNG")
    assert (decode(file, FIT).pixels == 255).all()


def test_lab_colours_are_seen_as_srgb(file_of: Writer) -> None:
    # CIE L*a*b* (53, 80, 67) is sRGB red; Pillow keeps a and b as unsigned bytes around 128.
    picture = Image.merge("LAB", [Image.new("L", (8, 8), level) for level in (135, 208, 195)])
    red, green, blue = decode(file_of(picture, "TIFF"), FIT).pixels[4, 4].tolist()
    assert red > 240
    assert max(green, blue) < 40
