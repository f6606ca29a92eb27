"""Is the picture drawn well at every size, and hashed the same wherever its pixels are the same?"""

from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from PIL.Image import Resampling

from lookalike.decode import Fit, decode
from lookalike.decode.pixels import fit_pixels
from lookalike.types import Region

Writer = Callable[..., bytes]


def noise(width: int, height: int, cells: int = 50) -> Image.Image:
    """A picture of soft spots, so many across its shorter side."""
    side = max(8, min(width, height) // cells)
    levels = np.random.default_rng(7).integers(0, 256, (height // side + 1, width // side + 1, 3), dtype=np.uint8)
    return Image.fromarray(levels).resize((width, height), Resampling.BICUBIC)


@pytest.mark.slow
@pytest.mark.parametrize(
    "fit",
    [Fit(size=224, mode="squash"), Fit(size=224, mode="crop", margin=0.875), Fit(size=300)],
    ids=lambda fit: fit.mode,
)
@pytest.mark.parametrize("size", [(90, 70), (500, 333), (1_500, 2_100)], ids=str)
def test_a_picture_is_resampled_as_well_as_pillow_does_slowly(size: tuple[int, int], fit: Fit, file_of: Writer) -> None:
    picture = noise(*size)
    if fit.mode == "crop":
        side = min(size) * fit.margin
        left, top = (size[0] - side) / 2, (size[1] - side) / 2
        expected = picture.resize((224, 224), Resampling.BICUBIC, box=(left, top, left + side, top + side))
    elif fit.mode == "squash":
        expected = picture.resize((224, 224), Resampling.BICUBIC)
    else:
        expected = picture.copy()
        expected.thumbnail((fit.size, fit.size), Resampling.BICUBIC, reducing_gap=None)
    pixels = decode(file_of(picture, "BMP"), fit).pixels
    assert pixels.shape == np.asarray(expected).shape
    assert np.abs(pixels.astype(int) - np.asarray(expected)).mean() < 1.5


@pytest.mark.parametrize("size", [(1, 1), (1, 60_000), (60_000, 1), (2, 3)], ids=str)
@pytest.mark.parametrize("mode", ["squash", "crop", "inside"])
@pytest.mark.parametrize("format_", ["PNG", "JPEG"])
def test_absurd_shapes_are_drawn(size: tuple[int, int], mode: str, format_: str, file_of: Writer) -> None:
    decoded = decode(file_of(Image.new("RGB", size, "red"), format_), Fit(size=224, mode=mode, margin=0.5))
    assert (decoded.width, decoded.height) == size
    assert max(decoded.pixels.shape[:2]) == (224 if mode != "inside" else min(224, max(size)))
    np.testing.assert_allclose(decoded.pixels[0, 0], (255, 0, 0), atol=2)


@pytest.mark.slow
def test_a_region_is_drawn_from_full_detail(file_of: Writer) -> None:
    picture = noise(2_400, 1_600, cells=400)
    region = Region(x=0.25, y=0.5, width=0.1, height=0.15)
    expected = picture.crop((600, 800, 840, 1_040)).resize((200, 200), Resampling.BICUBIC)
    for format_ in ("BMP", "JPEG"):
        file = file_of(picture, format_, quality=95)
        pixels = decode(file, Fit(size=200, mode="squash"), region=region).pixels
        assert np.abs(pixels.astype(int) - np.asarray(expected)).mean() < 3.0, format_


def test_a_region_at_its_own_size_is_not_resampled(file_of: Writer) -> None:
    picture = noise(400, 300)
    pixels = decode(file_of(picture, "PNG"), Fit(size=999), region=Region(x=0.5, y=0.5, width=0.25, height=0.25)).pixels
    np.testing.assert_array_equal(pixels, np.asarray(picture.crop((200, 150, 300, 225))))


def test_the_hash_is_the_same_in_every_lossless_container(file_of: Writer) -> None:
    picture = noise(200, 100)
    files = [
        file_of(picture, "PNG"),
        file_of(picture, "PNG", compress_level=0, dpi=(300, 300)),
        file_of(picture, "BMP"),
        file_of(picture, "TIFF"),
        file_of(picture, "TIFF", compression="tiff_lzw"),
        file_of(picture, "WEBP", lossless=True, exact=True),
        file_of(picture.convert("RGBA"), "PNG"),
    ]
    assert len({decode(file, Fit(size=64)).pixel_hash for file in files}) == 1
    assert len({decode(file, Fit(size=64)).sha256 for file in files}) == len(files)


def test_grey_is_hashed_like_the_same_grey_in_colour(file_of: Writer) -> None:
    grey = noise(60, 40).convert("L")
    assert (
        decode(file_of(grey, "PNG"), Fit(size=64)).pixel_hash
        == decode(file_of(grey.convert("RGB"), "BMP"), Fit(size=64)).pixel_hash
    )


def test_a_turned_copy_is_hashed_upright(turned_file: Callable[[str, int], bytes]) -> None:
    assert len({decode(turned_file("PNG", turn), Fit(size=64)).pixel_hash for turn in range(1, 9)}) == 1


def test_the_hash_tells_pixels_and_shapes_apart(file_of: Writer) -> None:
    picture = noise(200, 100)
    dotted = picture.copy()
    dotted.putpixel((199, 99), (1, 2, 3))
    flat = [Image.new("RGB", size) for size in ((20, 10), (10, 20), (200, 1))]
    hashes = {decode(file_of(image, "PNG"), Fit(size=8)).pixel_hash for image in (picture, dotted, *flat)}
    assert len(hashes) == 5


def test_the_hash_tells_apart_what_looks_alike_on_white_only(file_of: Writer) -> None:
    pale = [Image.new("RGBA", (30, 20), colour) for colour in ((0, 0, 0, 0), (255, 255, 255, 255))]
    nothing, white = (decode(file_of(image, "PNG"), Fit(size=8)) for image in pale)
    assert np.array_equal(nothing.pixels, white.pixels)
    assert nothing.pixel_hash != white.pixel_hash
    assert white.pixel_hash == decode(file_of(pale[1].convert("RGB"), "PNG"), Fit(size=8)).pixel_hash


@pytest.mark.slow
def test_the_hash_of_what_is_decoded_whole_depends_on_neither_fit_nor_region(file_of: Writer) -> None:
    file = file_of(noise(1_500, 1_200), "BMP")
    hashes = {
        decode(file, fit, region=region).pixel_hash
        for fit in (Fit(size=64), Fit(size=224, mode="crop"))
        for region in (None, Region(x=0.1, y=0.1, width=0.2, height=0.2))
    }
    assert len(hashes) == 1


@pytest.mark.slow
def test_a_jpeg_that_is_decoded_whole_has_the_hash_of_its_lossless_copy(file_of: Writer) -> None:
    jpeg = file_of(noise(1_000, 700), "JPEG")
    copy = decode(file_of(Image.open(BytesIO(jpeg)), "PNG"), Fit(size=64)).pixel_hash
    assert decode(jpeg, Fit(size=64, whole=True)).pixel_hash == copy
    assert decode(jpeg, Fit(size=64)).pixel_hash != copy


def test_a_jpeg_without_its_metadata_keeps_its_hash(file_of: Writer) -> None:
    exif = Image.Exif()
    exif[271] = "a camera"
    picture = noise(900, 600)
    fit = Fit(size=224, mode="crop", margin=0.875)
    tagged = decode(file_of(picture, "JPEG", exif=exif, comment=b"hello"), fit)
    assert tagged.pixel_hash == decode(file_of(picture, "JPEG"), fit).pixel_hash


@pytest.mark.parametrize("fit", [Fit(size=64, mode="squash"), Fit(size=64, mode="crop", margin=0.8), Fit(size=300)])
def test_pixels_that_are_decoded_already_are_cut_just_so(fit: Fit, file_of: Writer) -> None:
    picture = noise(500, 400)
    cut = fit_pixels(np.asarray(picture), fit)
    np.testing.assert_array_equal(cut, decode(file_of(picture, "PNG"), fit).pixels)
    np.testing.assert_array_equal(fit_pixels(cut, fit), cut)


@pytest.mark.slow
@pytest.mark.parametrize("format_", ["PNG", "JPEG"])
def test_a_grey_picture_of_the_whole_comes_along_where_asked_for(format_: str, file_of: Writer) -> None:
    colours = noise(900, 600, 12)
    decoded = decode(file_of(colours, format_), Fit(size=224, mode="crop", margin=0.5, grey=300))
    assert decoded.pixels.shape == (224, 224, 3)
    assert decoded.grey is not None
    assert decoded.grey.shape == (200, 300)
    luma = np.asarray(colours.convert("L").resize((300, 200), Resampling.BOX), int)
    assert np.abs(decoded.grey - luma).mean() < 4
    assert decode(file_of(colours, format_), Fit(size=224)).grey is None


def test_a_small_picture_is_not_enlarged_for_its_grey_one_and_a_region_cuts_both(file_of: Writer) -> None:
    colours = noise(90, 60, 12)
    assert decode(file_of(colours, "PNG"), Fit(size=224, mode="squash", grey=300)).grey.shape == (60, 90)
    region = Region(x=0, y=0, width=0.5, height=1)
    assert decode(file_of(colours, "PNG"), Fit(size=224, grey=300), region=region).grey.shape == (60, 45)


@pytest.mark.slow
def test_the_colours_are_those_that_come_without_a_grey_picture(file_of: Writer) -> None:
    colours = noise(1_000, 700, 12)
    alone = decode(file_of(colours, "PNG"), Fit(size=64, mode="squash")).pixels
    along = decode(file_of(colours, "PNG"), Fit(size=64, mode="squash", grey=448)).pixels
    assert np.abs(alone.astype(int) - along).mean() < 2


@pytest.mark.parametrize("name", ["bilinear", "bicubic", "lanczos"])
@pytest.mark.parametrize("size", [(90, 61), (64, 127), (33, 47)])
def test_a_filter_that_is_named_gives_what_scaling_and_then_cutting_gives(name: str, size: tuple[int, int]) -> None:
    pixels = np.asarray(noise(*size))
    fit = Fit(size=32, mode="crop", margin=32 / 36, filter=name, rounding="even")
    scaled = [int(36 * side / min(size)) for side in size]
    whole = Image.fromarray(pixels).resize((scaled[0], scaled[1]), Resampling[name.upper()])
    left, top = (round((side - 32) / 2) for side in scaled)
    expected = np.asarray(whole.crop((left, top, left + 32, top + 32)))
    np.testing.assert_allclose(fit_pixels(pixels, fit).astype(int), expected.astype(int), atol=1)
