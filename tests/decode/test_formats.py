"""Is every format named by its bytes, and everything else refused with its name?"""

import struct
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lookalike.decode import formats, sniff
from lookalike.decode.formats import FORMATS
from lookalike.errors import UnreadableImage


@pytest.mark.parametrize(
    ("pillow", "name"),
    [
        ("JPEG", "jpeg"),
        ("PNG", "png"),
        ("WEBP", "webp"),
        ("GIF", "gif"),
        ("BMP", "bmp"),
        ("TIFF", "tiff"),
        ("AVIF", "avif"),
    ],
)
def test_a_picture_is_named_by_its_bytes(
    pillow: str, name: str, quarters: Image.Image, file_of: Callable[..., bytes]
) -> None:
    assert sniff(file_of(quarters, pillow)) == name


def test_heic_and_raw_are_told_from_what_shares_their_containers(
    heic_file: Callable[[int], bytes],
    dng_file: Callable[..., bytes],
    quarters: Image.Image,
    file_of: Callable[..., bytes],
) -> None:
    assert sniff(heic_file(1)) == "heic"
    assert sniff(dng_file(None)) == "raw"
    assert sniff(file_of(quarters, "TIFF", big_tiff=True)) == "tiff"


@pytest.mark.parametrize(
    "start",
    [
        b"II*\0\x10\0\0\0CR\2\0",
        b"FUJIFILMCCD-RAW 0201",
        b"IIU\0\x18\0\0\0",
        b"IIRO\x08\0\0\0",
        b"MMOR\0\0\0\x08",
        b"\0MRM\0\1",
        b"\0\0\0\x18ftypcrx \0\0\0\1crx isom",
    ],
    ids=["CR2", "RAF", "RW2", "ORF", "ORF big-endian", "MRW", "CR3"],
)
def test_the_raw_files_of_cameras_are_known(start: bytes) -> None:
    assert sniff(start) == "raw"


@pytest.mark.parametrize(("tag", "value"), [(50706, 0x0401), (262, 32803), (262, 34892), (259, 34713), (259, 32767)])
def test_a_tiff_is_raw_when_a_directory_below_the_first_says_so(tag: int, value: int) -> None:
    below = struct.pack("<HHHIHHI", 1, tag, 3, 1, value, 0, 0)
    first = struct.pack("<HHHIII", 1, 330, 4, 1, 8 + 18, 0)
    assert sniff(b"II*\0\x08\0\0\0" + first + below) == "raw"
    assert sniff(b"II*\0\x08\0\0\0" + first + below.replace(struct.pack("<H", tag), b"\0\1", 1)) == "tiff"


@pytest.mark.parametrize(
    ("brands", "name"),
    [(b"mif1\0\0\0\0mif1heic", "heic"), (b"mif1\0\0\0\0mif1avif", "avif"), (b"avis\0\0\0\0msf1", "avif")],
)
def test_a_general_heif_is_named_by_its_compatible_brands(brands: bytes, name: str) -> None:
    assert sniff(struct.pack(">I", 8 + len(brands)) + b"ftyp" + brands) == name


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "an empty file"),
        (bytes(500), "zeros"),
        (b'<?xml version="1.0"?>\n<!-- drawn -->\n<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
        (b"\xef\xbb\xbf  <SVG></SVG>", "an SVG drawing"),
        (b"<!DOCTYPE html><html><img src=cat.jpg></html>", "a web page"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "PostScript or EPS"),
        (b"\xc5\xd0\xd3\xc6\x1e\0\0\0", "EPS"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"8BPS\0\1", "Photoshop"),
        (b"\0\0\1\0\1\0\x10\x10", "ICO"),
        (b"\0\0\2\0" + bytes(20) + b"TRUEVISION-XFILE.\0", "CUR"),
        (b"\0\1\2" + bytes(60) + b"TRUEVISION-XFILE.\0", "TGA"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (b"\xff\x4f\xff\x51\0\x2f", "JPEG 2000"),
        (b"\xff\x0a\xfa\x7f", "JPEG XL"),
        (b"DDS |\0\0\0", "DDS"),
        (b"PK\3\4\x14\0", "a zip archive"),
        (b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41", "video"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "video"),
        (b"\0\0\0\x08moov", "video"),
        (b"\x1a\x45\xdf\xa3\x9fB\x86\x81", "WebM"),
        (b"RIFF\x24\0\0\0AVI LIST", "AVI"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "WAV"),
        (b"P6\n2 2\n255\n", "Netpbm"),
        (b"qoif\0\0\0\1", "QOI"),
        (b"BM as in Bank Manager, a letter", "text"),
        (b"MZ\x90\0", "a program"),
        (b"\x01\x02\x03\xfe\xff", "unknown"),
    ],
)
def test_what_is_no_allowed_format_is_refused_by_name(data: bytes, words: str) -> None:
    with pytest.raises(UnreadableImage, match=words) as refused:
        sniff(data)
    assert "JPEG, PNG" in refused.value.fix


@given(st.sampled_from([b"", b"II*\0", b"MM\0*", b"\0\0\0\x18ftyp", b"RIFF", b"BM"]), st.binary(max_size=300))
def test_no_bytes_upset_the_sniffer(start: bytes, rest: bytes) -> None:
    with suppress(UnreadableImage):
        assert sniff(start + rest) in FORMATS


def test_a_tiff_whose_directories_point_at_themselves_is_only_a_tiff() -> None:
    loop = struct.pack("<HHHIII", 1, 330, 4, 1, 8, 8)
    assert sniff(b"II*\0\x08\0\0\0" + loop) == "tiff"


@pytest.mark.parametrize("different", [False, True], ids=["one directory", "many directories"])
def test_a_tiff_that_names_thousands_of_directories_is_read_at_a_few_of_them(
    different: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    entries = formats._entries
    monkeypatch.setattr(
        formats, "_entries", lambda data, order, offset: read.append(offset) or entries(data, order, offset)
    )
    tables = 10 + 12 * 1_000
    places = [tables + 32 * number if different else tables for number in range(1_000)]
    directory = b"".join(struct.pack("<HHII", 330, 4, 8, place) for place in places)
    offsets = struct.pack("<8000I", *(8 + number * different for number in range(8_000)))
    assert sniff(b"II*\0\x08\0\0\0" + struct.pack("<H", 1_000) + directory + offsets) == "tiff"
    assert 2 <= len(read) <= 17
