"""Do pictures come out upright whatever stored them, and JPEGs at no larger a scale than needed?"""

import io
import struct
import tarfile
import zlib
from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lookalike.decode import Fit, Limits, decode
from lookalike.decode.exif import UPRIGHT
from lookalike.decode.opening import load, open_image
from lookalike.errors import TooLarge
from lookalike.types import Region

UPRIGHT_CORNERS = ["red", "green", "blue", "white"]


@pytest.mark.parametrize(
    ("format_", "orientation"), list(product(["JPEG", "PNG", "WEBP", "TIFF", "AVIF"], range(1, 9)))
)
def test_a_turned_picture_comes_out_upright(
    format_: str,
    orientation: int,
    turned_file: Callable[[str, int], bytes],
    corners: Callable[[np.ndarray], list[str]],
) -> None:
    decoded = decode(turned_file(format_, orientation), Fit(size=128))
    assert corners(decoded.pixels) == UPRIGHT_CORNERS
    assert (decoded.width, decoded.height) == (128, 64)
    assert decoded.pixels.shape == (64, 128, 3)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_heic_is_turned_by_its_container_and_not_by_its_exif_again(
    orientation: int, heic_file: Callable[[int], bytes]
) -> None:
    stored = Image.fromarray(decode(heic_file(1), Fit(size=128)).pixels)
    upright = stored.transpose(UPRIGHT[orientation]) if orientation in UPRIGHT else stored
    decoded = decode(heic_file(orientation), Fit(size=128))
    assert (decoded.width, decoded.height) == upright.size
    np.testing.assert_array_equal(decoded.pixels, np.asarray(upright))


def test_exif_behind_the_pixels_of_a_png_counts(
    turned_file: Callable[[str, int], bytes], corners: Callable[[np.ndarray], list[str]]
) -> None:
    file = turned_file("PNG", 6)
    start = file.index(b"eXIf") - 4
    end = start + 12 + int.from_bytes(file[start : start + 4], "big")
    late = file[:start] + file[end:-12] + file[start:end] + file[-12:]
    assert late.index(b"IDAT") < late.index(b"eXIf")
    assert corners(decode(late, Fit(size=128)).pixels) == UPRIGHT_CORNERS


@pytest.mark.slow
def test_the_orientation_example_pictures_come_out_upright_and_equal(test_data: Path) -> None:
    archive = test_data / "messy-images.tar"
    if not archive.is_file():
        pytest.skip(f"there is no {archive}")
    with tarfile.open(archive) as tar:
        pictures = {
            Path(member.name).stem: tar.extractfile(member).read()
            for member in tar
            if "exif-orientation-examples" in member.name and member.name.endswith(".jpg")
        }
    assert len(pictures) == 18
    for shape, size in (("Landscape", (1_800, 1_200)), ("Portrait", (1_200, 1_800))):
        reference = decode(pictures[f"{shape}_1"], Fit(size=100)).pixels.astype(int)
        for number in range(9):
            decoded = decode(pictures[f"{shape}_{number}"], Fit(size=100))
            assert (decoded.width, decoded.height) == size
            # The pictures differ by the number written on them and by their JPEG noise, not more.
            assert np.abs(decoded.pixels - reference).mean() < 3.0, f"{shape}_{number}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "fit", "region", "reduced"),
    [
        ((4_000, 3_000), Fit(size=224, mode="squash"), None, 8),
        ((1_800, 1_792), Fit(size=224, mode="squash"), None, 8),
        ((1_800, 1_791), Fit(size=224, mode="squash"), None, 4),
        ((1_800, 1_200), Fit(size=224, mode="crop", margin=0.875), None, 4),
        ((1_800, 1_200), Fit(size=225, mode="inside"), None, 8),
        ((500, 375), Fit(size=224, mode="crop", margin=0.875), None, 1),
        ((4_000, 3_000), Fit(size=224, mode="squash"), Region(x=0.3, y=0.3, width=0.25, height=0.25), 2),
        ((4_000, 3_000), Fit(size=224, mode="squash"), Region(x=0.3, y=0.3, width=0.05, height=0.05), 1),
    ],
)
def test_a_jpeg_is_decoded_at_the_smallest_scale_that_still_serves(
    size: tuple[int, int], fit: Fit, region: Region | None, reduced: int, file_of: Callable[..., bytes]
) -> None:
    opened = open_image(file_of(Image.new("RGB", size), "JPEG"), "jpeg", Limits())
    loaded = load(opened, fit, region, Limits())
    assert loaded.reduced == reduced
    assert loaded.image.size == (-(-size[0] // reduced), -(-size[1] // reduced))
    assert (loaded.width, loaded.height) == size
    assert loaded.cuts.finest.shrink >= reduced or reduced == 1


def test_the_scale_of_a_turned_jpeg_is_chosen_by_its_upright_shape(file_of: Callable[..., bytes]) -> None:
    exif = Image.Exif()
    exif[274] = 6
    lying = open_image(file_of(Image.new("RGB", (1_600, 400)), "JPEG", exif=exif), "jpeg", Limits())
    tall = load(lying, Fit(size=100, mode="squash"), Region(x=0.0, y=0.0, width=1.0, height=0.25), Limits())
    assert (tall.width, tall.height) == (400, 1_600)
    assert tall.reduced == 4


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def test_a_declared_size_past_the_limit_is_refused_before_anything_is_decoded() -> None:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    claim = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", b"not even zlib") + chunk(b"IEND", b"")
    with pytest.raises(TooLarge, match="60000 × 60000 pixels"):
        decode(claim, Fit(size=32))


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"exif": b"Exif\0\0"}], ids=["VP8", "VP8L", "VP8X"])
def test_a_webp_is_refused_before_room_is_made_for_it(
    options: dict[str, object], quarters: Image.Image, file_of: Callable[..., bytes]
) -> None:
    file = file_of(quarters, "WEBP", **options)
    with pytest.raises(TooLarge, match="128 × 64 pixels"):
        decode(file[:40], Fit(size=32), limits=Limits(max_pixels=1_000))  # where there is nothing to decode


def test_pillows_own_limit_on_pixels_plays_no_part() -> None:
    # Pillow would warn above 89 million pixels, which is an error here, and refuse above 179 million.
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 20_000, 20_000, 1, 0, 0, 0, 0))
    claim = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    opened = open_image(claim, "png", Limits(max_pixels=400_000_000))
    assert opened.image.size == (20_000, 20_000)


def test_the_first_frame_of_an_animation_is_taken(
    quarters: Image.Image, file_of: Callable[..., bytes], corners: Callable[[np.ndarray], list[str]]
) -> None:
    later = [Image.new("RGB", quarters.size, colour) for colour in ("black", "yellow")]
    for format_ in ("GIF", "PNG", "WEBP", "TIFF", "AVIF"):
        file = file_of(quarters, format_, save_all=True, append_images=later)
        assert corners(decode(file, Fit(size=128)).pixels) == UPRIGHT_CORNERS


def test_an_animation_that_declares_too_many_frames_is_refused_at_once(
    quarters: Image.Image, file_of: Callable[..., bytes]
) -> None:
    frames = [Image.new("RGB", quarters.size, (12 * level, 0, 0)) for level in range(20)]
    for format_ in ("PNG", "WEBP", "AVIF"):
        file = file_of(quarters, format_, save_all=True, append_images=frames)
        with pytest.raises(TooLarge, match="21 frames, more than 20"):
            decode(file, Fit(size=32), limits=Limits(max_frames=20))
    claim = file_of(quarters, "PNG", save_all=True, append_images=frames)
    start = claim.index(b"acTL")
    claim = claim[: start - 4] + chunk(b"acTL", struct.pack(">II", 0x7FFFFFFF, 0)) + claim[start + 16 :]
    with pytest.raises(TooLarge, match="2,147,483,647 frames"):
        decode(claim, Fit(size=32))


def test_the_frames_of_a_gif_are_not_walked_through(quarters: Image.Image, file_of: Callable[..., bytes]) -> None:
    frames = [Image.new("L", (2, 2), level) for level in range(50)]
    file = file_of(frames[0], "GIF", save_all=True, append_images=frames[1:])
    cut = io.BytesIO(file).read(file.index(b"\x21\xf9", file.index(b"\x21\xf9") + 2))  # up to the second frame
    assert decode(cut, Fit(size=2), limits=Limits(max_frames=1)).width == 2
