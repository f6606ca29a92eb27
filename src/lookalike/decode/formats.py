"""Which picture format is this? An allow-list, by the bytes and never by the name."""

import struct
from itertools import chain, islice

from lookalike.errors import UnreadableImage

FORMATS = ("jpeg", "png", "webp", "gif", "bmp", "tiff", "avif", "heic", "raw")
"""Everything that `sniff` lets through."""

_SIGNATURES = {
    b"\xff\xd8\xff": "jpeg",
    b"\x89PNG\r\n\x1a\n": "png",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
    b"FUJIFILMCCD-RAW": "raw",  # RAF
    b"IIU\0": "raw",  # RW2, RWL
    b"IIRO": "raw",  # ORF, likewise the next two
    b"IIRS": "raw",
    b"MMOR": "raw",
    b"\0MRM": "raw",  # Minolta MRW
    b"II\x1a\0\0\0HEAPCCDR": "raw",  # Canon CRW
    b"FOVb": "raw",  # Sigma X3F
}

_BRANDS = {
    **dict.fromkeys((b"avif", b"avis"), "avif"),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"), "heic"),
    b"crx ": "raw",  # Canon CR3
}
"""What a file of the ISO base media kind may call itself. Source: https://mp4ra.org/registered-types/brands"""

_BMP_HEADERS = {12, 16, 40, 52, 56, 64, 108, 124}
"""Sizes of the second header. Source: https://learn.microsoft.com/windows/win32/gdi/bitmap-header-types"""

_REFUSED = (
    (0, b"%PDF-", "a PDF document"),
    (0, b"%!PS", "PostScript or EPS"),
    (0, b"\xc5\xd0\xd3\xc6", "EPS"),
    (0, b"8BPS", "a Photoshop file (PSD)"),
    (0, b"gimp xcf", "a GIMP file (XCF)"),
    (0, b"\0\0\1\0", "an icon (ICO)"),
    (0, b"\0\0\2\0", "a cursor (CUR)"),
    (0, b"icns", "an icon (ICNS)"),
    (0, b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (0, b"\0\0\0\x0cJXL ", "JPEG XL"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"II\xbc", "JPEG XR"),
    (0, b"DDS ", "a DDS texture"),
    (0, b"BLP", "a BLP texture"),
    (0, b"qoif", "QOI"),
    (0, b"BPG\xfb", "BPG"),
    (0, b"\x8aMNG", "an MNG animation"),
    (0, b"v/1\x01", "OpenEXR"),
    (0, b"#?RADIANCE", "Radiance HDR"),
    (0, b"SIMPLE  =", "FITS"),
    (128, b"DICM", "DICOM"),
    (0, b"AT&TFORM", "DjVu"),
    (0, b"\x01\xda", "an SGI picture"),
    (0, b"\x59\xa6\x6a\x95", "a Sun raster"),
    (0, b"/* XPM", "XPM"),
    (0, b"\xd7\xcd\xc6\x9a", "a Windows metafile (WMF)"),
    (40, b" EMF", "a Windows metafile (EMF)"),
    (4, b"\x11\xaf", "an FLI animation"),
    (4, b"\x12\xaf", "an FLC animation"),
    (4, b"ftyp", "an MP4 or QuickTime video"),
    (4, b"moov", "a QuickTime video"),
    (4, b"mdat", "a QuickTime video"),
    (4, b"wide", "a QuickTime video"),
    (0, b"\x1a\x45\xdf\xa3", "a Matroska or WebM video"),
    (8, b"AVI ", "an AVI video"),
    (8, b"WAVE", "a sound file (WAV)"),
    (0, b"FLV\x01", "a Flash video"),
    (0, b"\0\0\1\xba", "an MPEG video"),
    (0, b"\0\0\1\xb3", "an MPEG video"),
    (0, b"OggS", "an Ogg file"),
    (0, b"fLaC", "a sound file (FLAC)"),
    (0, b"ID3", "a sound file (MP3)"),
    (0, b"PK\3\4", "a zip archive"),
    (0, b"PK\5\6", "a zip archive"),
    (257, b"ustar", "a tar archive"),
    (0, b"\x1f\x8b", "gzip data"),
    (0, b"BZh", "bzip2 data"),
    (0, b"\xfd7zXZ", "xz data"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"Rar!", "a rar archive"),
    (0, b"\xd0\xcf\x11\xe0", "an Office or FlashPix file (OLE)"),
    (0, b"\x89HDF", "HDF5 data"),
    (0, b"SQLite format 3", "an SQLite database"),
    (0, b"\x7fELF", "a program"),
    (0, b"MZ", "a program"),
)
"""(Offset, bytes there, what it is): what people meet in folders of pictures, so that the reason is a helpful one."""

_MOST_BELOW = 16
"""Directories below the first of a TIFF that are looked at; cameras write up to eight."""

_MARKUP = ((b"<svg", "an SVG drawing"), (b"<html", "a web page"), (b"<!doctype html", "a web page"))
_SUPPORTED = "JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, HEIC and camera RAW are read; convert it to one of them."


def sniff(data: bytes) -> str:
    """Name the format of a file's bytes: `jpeg`, `png`, `webp`, `gif`, `bmp`, `tiff`, `avif`, `heic` or `raw`.

    Raises:
        UnreadableImage: any other format, named where it is known.
    """
    for signature, name in _SIGNATURES.items():
        if data.startswith(signature):
            return name
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "webp"
    if data.startswith(b"BM") and int.from_bytes(data[14:18], "little") in _BMP_HEADERS:
        return "bmp"
    if data.startswith((b"II*\0", b"MM\0*")):
        return "raw" if _is_raw_tiff(data) else "tiff"
    if data.startswith((b"II+\0", b"MM\0+")):
        return "tiff"
    if data[4:8] == b"ftyp" and (brand := _media_brand(data)):
        return brand
    what = _refused_kind(data)
    raise UnreadableImage(f"It is {what}, not a picture that can be read.", _SUPPORTED)


def is_picture(head: bytes) -> bool:
    """Say whether the first few thousand bytes of a file are a picture's, of a format that `sniff` lets through."""
    try:
        sniff(head)
    except UnreadableImage:
        return False
    return True


def _media_brand(data: bytes) -> str:
    """Name the still-picture format of an ISO base media file; empty for video and anything else."""
    size = min(int.from_bytes(data[:4], "big"), 256, len(data))
    offered = [data[8:12], *(data[at : at + 4] for at in range(16, size - 3, 4))]
    if offered[0] in _BRANDS:
        return _BRANDS[offered[0]]
    if offered[0] in {b"mif1", b"msf1", b"miaf"}:  # "some kind of HEIF": the codec is among the compatible brands
        return next((_BRANDS[brand] for brand in offered if brand in _BRANDS), "heic")
    return ""


def _is_raw_tiff(data: bytes) -> bool:
    """Tell a camera's raw file from a common TIFF: DNG, NEF, ARW, CR2, PEF and others share its container."""
    order = "<" if data.startswith(b"II") else ">"
    if data[8:10] == b"CR":
        return True
    first = _entries(data, order, int.from_bytes(data[4:8], "little" if order == "<" else "big"))
    below = dict.fromkeys(offset for tag, values in first if tag == 330 for offset in values)  # SubIFDs
    further = (_entries(data, order, offset) for offset in islice(below, _MOST_BELOW))
    return any(
        tag == 50706  # DNGVersion
        or (tag == 262 and values[0] in {32803, 34892})  # photometric: colour filter array, linear raw
        or (tag == 259 and values[0] in {32767, 34713})  # compression: Sony ARW, Nikon NEF
        for tag, values in chain(first, chain.from_iterable(further))
    )


def _entries(data: bytes, order: str, offset: int) -> list[tuple[int, tuple[int, ...]]]:
    """List (tag, first few values) of one TIFF directory as far as it lies within the bytes; whole numbers only."""
    count = int.from_bytes(data[offset : offset + 2], "little" if order == "<" else "big")
    directory = data[offset + 2 : offset + 2 + 12 * count]
    found = []
    entries = struct.iter_unpack(order + "HHI4s", directory[: len(directory) // 12 * 12])
    for tag, kind, amount, value in islice(entries, 1_000):
        if kind not in {1, 3, 4, 13} or amount == 0:  # BYTE, SHORT, LONG, IFD
            continue
        code, width = {1: ("B", 1), 3: ("H", 2)}.get(kind, ("I", 4))
        amount_read = min(amount, 8)
        if amount * width > 4:
            at = struct.unpack(order + "I", value)[0]
            value = data[at : at + amount_read * width]  # noqa: PLW2901
        if len(value) >= amount_read * width:
            found.append((tag, struct.unpack_from(f"{order}{amount_read}{code}", value)))
    return found


def _refused_kind(data: bytes) -> str:
    """Name what these bytes are instead, as well as is known."""
    if not data.strip(b"\0"):
        return "an empty file" if not data else "a file of zeros"
    for offset, magic, name in _REFUSED:
        if data[offset : offset + len(magic)] == magic:
            return name
    if data[-18:-2] == b"TRUEVISION-XFILE":
        return "a TGA picture"
    if data[:1] == b"P" and data[1:2] in b"1234567Ff" and data[2:3].isspace():
        return "a Netpbm picture"
    head = data[:2_000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"<"):
        return next((name for mark, name in _MARKUP if mark in head), "XML or HTML")
    return "text" if data[:2_000].isascii() and b"\0" not in data[:2_000] else "of an unknown format"
