"""Does decoding say everything about a picture, and only what it should about what is none?"""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from lookalike.decode import Fit, Limits, decode
from lookalike.errors import BadInput, TooLarge, UnreadableImage
from lookalike.types import Region

Writer = Callable[..., bytes]
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")


@pytest.mark.parametrize("format_", FORMATS)
def test_a_picture_tells_its_size_format_and_digest(format_: str, quarters: Image.Image, file_of: Writer) -> None:
    file = file_of(quarters, format_)
    decoded = decode(file, Fit(size=32, mode="squash"))
    assert decoded.pixels.shape == (32, 32, 3)
    assert (decoded.width, decoded.height) == (128, 64)
    assert decoded.format == format_.lower()
    assert decoded.sha256 == hashlib.sha256(file).hexdigest()
    assert decoded.bytes == len(file)
    assert len(decoded.pixel_hash) == 32
    assert decoded.taken_at is None
    decoded.pixels[0, 0] = 7  # whoever gets a picture may draw on it


def test_a_file_past_the_limit_is_refused_before_it_is_looked_at() -> None:
    with pytest.raises(TooLarge, match=r"more than 0\.001 MB"):
        decode(b"<svg>" + bytes(2_000), Fit(size=32), limits=Limits(max_bytes=1_000))


def test_a_region_outside_of_any_picture_is_the_callers_mistake(quarters: Image.Image, file_of: Writer) -> None:
    with pytest.raises(BadInput):
        decode(file_of(quarters, "PNG"), Fit(size=32), region=Region(x=2.0, y=2.0, width=1.0, height=1.0))


def test_limits_that_nothing_could_pass_are_the_callers_mistake() -> None:
    for name in ("max_bytes", "max_pixels", "max_frames", "timeout_s", "max_memory_bytes"):
        with pytest.raises(BadInput, match=name):
            Limits(**{name: 0.0 if name == "timeout_s" else 0})
    with pytest.raises(BadInput, match="timeout_s") as told:
        Limits(timeout_s=1e10)
    assert told.value.fix == "Give more than 0, at most 1,000,000."


@pytest.fixture(scope="module")
def small_files() -> dict[str, bytes]:
    files = {}
    picture = Image.linear_gradient("L").resize((24, 20)).convert("RGB")
    exif = Image.Exif()
    exif.update({271: "Drawn", 274: 6})
    options: dict[str, dict[str, object]] = {
        "JPEG": {"exif": exif},
        "progressive JPEG": {"progressive": True},
        "PNG": {"exif": exif},
        "animated PNG": {"save_all": True, "append_images": [Image.new("RGB", picture.size)]},
        "WEBP": {"exif": exif},
        "lossless WEBP": {"lossless": True},
        "GIF": {"save_all": True, "append_images": [Image.new("RGB", picture.size)]},
        "BMP": {},
        "TIFF": {"compression": "tiff_lzw"},
        "plain TIFF": {},
        "AVIF": {"exif": exif},
    }
    for name, chosen in options.items():
        file = BytesIO()
        picture.save(file, name.split()[-1], **chosen)
        files[name] = file.getvalue()
    return files


@pytest.mark.filterwarnings("ignore:::PIL")
@settings(
    max_examples=settings.default.max_examples * 3 // 2, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_damaged_pictures_are_decoded_or_refused(data: st.DataObject, small_files: dict[str, bytes]) -> None:
    file = bytearray(small_files[data.draw(st.sampled_from(sorted(small_files)))])
    # Most of what matters to a decoder stands at the beginning.
    places = st.one_of(st.integers(0, min(len(file), 400) - 1), st.integers(0, len(file) - 1))
    for place in data.draw(st.lists(places, max_size=6)):
        file[place] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del file[data.draw(st.integers(0, len(file))) :]
    with suppress(UnreadableImage, TooLarge):
        decoded = decode(bytes(file), Fit(size=16, mode="squash"), limits=Limits(max_pixels=1_000_000))
        assert decoded.pixels.shape == (16, 16, 3)
