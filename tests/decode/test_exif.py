"""Does EXIF give the time and the way up, and do no harm when it is hostile?"""

import struct
from collections.abc import Callable
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lookalike.decode import Fit, decode

FIT = Fit(size=32)


def exif_with(tags: dict[int, object], camera: dict[int, object]) -> Image.Exif:
    exif = Image.Exif()
    exif.update(tags)
    exif.get_ifd(0x8769).update(camera)
    return exif


def test_the_cameras_clock_is_read_without_a_zone(quarters: Image.Image, file_of: Callable[..., bytes]) -> None:
    exif = exif_with({271: "Drawn"}, {0x9003: "2024:05:17 18:03:09", 0x9011: "+02:00"})
    for format_ in ("JPEG", "PNG", "WEBP", "AVIF"):
        taken = decode(file_of(quarters, format_, exif=exif), FIT).taken_at
        assert taken == datetime(2024, 5, 17, 18, 3, 9)  # noqa: DTZ001  that it is naive is the point


def test_the_clock_in_a_tiff_is_read_too(quarters: Image.Image, file_of: Callable[..., bytes]) -> None:
    clock = b"2024:05:17 18:03:09\0"
    at = len(file_of(quarters, "TIFF", tiffinfo={34665: 0}))  # the camera's directory goes behind the file
    directory = struct.pack("<HHHIII", 1, 0x9003, 2, len(clock), at + 18, 0) + clock
    decoded = decode(file_of(quarters, "TIFF", tiffinfo={34665: at}) + directory, FIT)
    assert decoded.taken_at == datetime(2024, 5, 17, 18, 3, 9)  # noqa: DTZ001


@pytest.mark.parametrize(
    "clock", ["0000:00:00 00:00:00", "    :  :     :  :  ", "yesterday", "", "2024:13:45 99:00:00"]
)
def test_a_clock_that_was_never_set_gives_no_time(
    clock: str, quarters: Image.Image, file_of: Callable[..., bytes]
) -> None:
    assert decode(file_of(quarters, "JPEG", exif=exif_with({}, {0x9003: clock})), FIT).taken_at is None


@pytest.mark.parametrize("orientation", [0, 9, 60_000])
def test_an_orientation_that_does_not_exist_turns_nothing(
    orientation: int,
    quarters: Image.Image,
    file_of: Callable[..., bytes],
    corners: Callable[..., list[str]],
) -> None:
    decoded = decode(file_of(quarters, "JPEG", quality=95, exif=exif_with({274: orientation}, {})), Fit(size=128))
    assert corners(decoded.pixels) == ["red", "green", "blue", "white"]


GOOD_EXIF = exif_with({271: "Drawn", 274: 6}, {0x9003: "2024:05:17 18:03:09", 0x927C: bytes(40)}).tobytes()


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@given(st.data())
def test_hostile_exif_never_costs_the_picture(data: st.DataObject) -> None:
    exif = bytearray(GOOD_EXIF)
    for _ in range(data.draw(st.integers(1, 8))):
        exif[data.draw(st.integers(6, len(exif) - 1))] = data.draw(st.integers(0, 255))
    file = PLAIN_JPEG[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + PLAIN_JPEG[2:]
    assert {decode(file, FIT).width, decode(file, FIT).height} == {16, 8}


def _plain_jpeg() -> bytes:
    from io import BytesIO

    file = BytesIO()
    Image.new("RGB", (16, 8), "red").save(file, "JPEG")
    return file.getvalue()


PLAIN_JPEG = _plain_jpeg()
