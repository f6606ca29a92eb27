"""What do the tests of decoding draw? Four quarters in four colours, in every format and turned every way."""

import io
import struct
from base64 import b64decode
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from PIL.Image import Transpose

STORED_AS = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_90,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_270,
}
"""Orientation → how a camera that was held so stores an upright picture; the inverse of what a decoder does."""


@pytest.fixture
def quarters() -> Image.Image:
    """A picture 128 wide and 64 high: red and green above blue and white."""
    return _quarters()


@pytest.fixture
def corners() -> Callable[[np.ndarray], list[str]]:
    """A function that names the colours in the middle of the four quarters: top left, top right, and below."""
    return _corners


@pytest.fixture
def file_of() -> Callable[..., bytes]:
    """A function that writes a picture in a format, with Pillow's options."""
    return _file_of


@pytest.fixture
def turned_file() -> Callable[[str, int], bytes]:
    """A function that writes the quarters in a format, stored turned and tagged with an orientation."""
    return _turned_file


@pytest.fixture
def heic_file() -> Callable[[int], bytes]:
    """A function that writes the quarters as HEIC, which is to be turned as an orientation says."""
    return _heic_file


@pytest.fixture
def dng_file() -> Callable[..., bytes]:
    """A function that writes a camera raw file of 400 × 300 grey pixels, with a JPEG preview or without."""
    return _dng_file


@pytest.fixture
def profile() -> Callable[..., bytes]:
    """A function that writes a colour profile: `swapped` (red is green), `srgb`, `grey` (linear) or `ink` (CMYK)."""
    return _profile


def _quarters() -> Image.Image:
    picture = Image.new("RGB", (128, 64))
    for colour, left, top in (("red", 0, 0), ("lime", 64, 0), ("blue", 0, 32), ("white", 64, 32)):
        picture.paste(colour, (left, top, left + 64, top + 32))
    return picture


def _corners(pixels: np.ndarray) -> list[str]:
    names = {(1, 0, 0): "red", (0, 1, 0): "green", (0, 0, 1): "blue", (1, 1, 1): "white"}
    height, width = pixels.shape[:2]
    places = [(y, x) for y in (height // 4, height * 3 // 4) for x in (width // 4, width * 3 // 4)]
    return [names.get(tuple(int(level > 127) for level in pixels[place]), str(pixels[place])) for place in places]


def _file_of(picture: Image.Image, format_: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, format_, **options)
    return file.getvalue()


def _turned_file(format_: str, orientation: int) -> bytes:
    picture = _quarters()
    if orientation in STORED_AS:
        picture = picture.transpose(STORED_AS[orientation])
    exif = Image.Exif()
    exif[274] = orientation
    return _file_of(picture, format_, exif=exif)


# The quarters as one HEVC picture, made once with x265 from `_quarters()`: its configuration, and the coded slice.
_HVCC = b64decode(
    "AQQIAAAAnjgAAAAAHvAA/P/4+AAADwNgAAEAF0ABDAH//wQIAAADAJ44AAADAAAeugJAYQABAClCAQEECAAAAwCeOAAAAwAAHpACBAgst1JJ"
    "TXNwENBgQAAABkAAAAMAQmIAAQAIRAHBcoYMAiQ="
)
_SLICE = b64decode(
    "AAAAqigBrwY44+e/P03+Z3v///K9d6H+9g4qvg3WX+PoVyP+VYj//+Mygl3YyexUabxCNlnHQR8JRTowUec+wBuBygEwiuqQJ7XWTvmin+Vc"
    "TYC6fjF8v3LvbhyNX7WsHu7P9oXvbr8Q3I6srdaRS/3dJCJn66trsukwv1UbSsB5pZGoGM748BpcUPESL/1Dq//8kYn//psF/XrBT/3Iq7D+"
    "y48sfun7w2t/qQse"
)
_HEIF_TURNS = {
    1: (),
    2: ((b"imir", 1),),
    3: ((b"irot", 2),),
    4: ((b"imir", 0),),
    5: ((b"irot", 3), (b"imir", 1)),
    6: ((b"irot", 3),),
    7: ((b"irot", 1), (b"imir", 1)),
    8: ((b"irot", 1),),
}
"""Orientation → quarter turns to the left and then a mirror. Source: ISO/IEC 23008-12, 6.5.10 and 6.5.12."""


def _box(kind: bytes, *parts: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(b"".join(parts)), kind) + b"".join(parts)


def _full_box(kind: bytes, *parts: bytes, version: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", version << 24), *parts)


def _heic_file(orientation: int) -> bytes:
    """Put the coded picture into a container, with its turn as properties and, as phones do, in EXIF once more."""
    tiff = b"MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, 274, 3, 1, orientation, 0, 0)
    exif = b"\0\0\0\x06Exif\0\0" + tiff
    properties = [
        _box(b"hvcC", _HVCC),
        _full_box(b"ispe", struct.pack(">II", 128, 64)),
        _box(b"colr", b"nclx", struct.pack(">HHHB", 1, 13, 6, 128)),
        *(_box(kind, bytes([value])) for kind, value in _HEIF_TURNS[orientation]),
    ]
    uses = bytes(0x80 | number for number in range(1, len(properties) + 1))
    items = (
        _full_box(b"infe", struct.pack(">HH4s", 1, 0, b"hvc1"), b"\0", version=2),
        _full_box(b"infe", struct.pack(">HH4s", 2, 0, b"Exif"), b"\0", version=2),
    )

    def meta(start: int) -> bytes:
        places = ((1, start, len(_SLICE)), (2, start + len(_SLICE), len(exif)))
        return _full_box(
            b"meta",
            _full_box(b"hdlr", b"\0\0\0\0pict", bytes(13)),
            _full_box(b"pitm", struct.pack(">H", 1)),
            _full_box(b"iloc", b"\x44\0\0\2", *(struct.pack(">HHHII", item, 0, 1, at, n) for item, at, n in places)),
            _full_box(b"iinf", struct.pack(">H", 2), *items),
            _full_box(b"iref", _box(b"cdsc", struct.pack(">HHH", 2, 1, 1))),
            _box(
                b"iprp",
                _box(b"ipco", *properties),
                _full_box(b"ipma", struct.pack(">IHB", 1, 1, len(uses)), uses),
            ),
        )

    start = _box(b"ftyp", b"heic\0\0\0\0mif1heic")
    return start + meta(len(start) + len(meta(0)) + 8) + _box(b"mdat", _SLICE, exif)


def _directory(tags: dict[int, tuple[str, tuple[int, ...] | bytes]], at: int) -> bytes:
    """Write a TIFF directory that will lie at an offset: tag → (type letter of `struct`, values)."""
    rows, behind = b"", b""
    for tag, (code, values) in sorted(tags.items()):
        kind = {"B": 1, "s": 2, "H": 3, "I": 4, "r": 5, "R": 10}[code]
        if isinstance(values, bytes):
            raw, count = values, len(values)
        else:
            letter = {"r": "I", "R": "i"}.get(code, code)
            raw = struct.pack(f"<{len(values)}{letter}", *values)
            count = len(values) // (2 if code in "rR" else 1)
        if len(raw) > 4:
            offset = at + 2 + 12 * len(tags) + 4 + len(behind)
            behind += raw + bytes(len(raw) % 2)
            raw = struct.pack("<I", offset)
        rows += struct.pack("<HHI", tag, kind, count) + raw.ljust(4, b"\0")
    return struct.pack("<H", len(tags)) + rows + bytes(4) + behind


def _dng_file(preview: bytes | None, orientation: int = 1) -> bytes:
    data = bytearray(b"II*\0\0\0\0\0")

    def add(block: bytes) -> int:
        at = len(data)
        data.extend(block + bytes(len(block) % 2))
        return at

    sensor = np.full((300, 400), 8_000, "<u2").tobytes()
    raw = {
        254: ("I", (0,)),
        256: ("I", (400,)),
        257: ("I", (300,)),
        258: ("H", (16,)),
        259: ("H", (1,)),
        262: ("H", (32_803,)),
        273: ("I", (add(sensor),)),
        277: ("H", (1,)),
        278: ("I", (300,)),
        279: ("I", (len(sensor),)),
        33_421: ("H", (2, 2)),
        33_422: ("B", (0, 1, 1, 2)),
        50_717: ("I", (65_535,)),
    }
    first = {
        271: ("s", b"Lookalike\0"),
        272: ("s", b"Drawn\0"),
        274: ("H", (orientation,)),
        306: ("s", b"2024:05:17 18:03:00\0"),
        330: ("I", (add(_directory(raw, len(data))),)),
        50_706: ("B", (1, 4, 0, 0)),
        50_721: ("R", (1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1)),
        50_728: ("r", (1, 1, 1, 1, 1, 1)),
    }
    if preview is not None:
        width, height = Image.open(io.BytesIO(preview)).size
        first |= {
            254: ("I", (1,)),
            256: ("I", (width,)),
            257: ("I", (height,)),
            258: ("H", (8, 8, 8)),
            259: ("H", (7,)),
            262: ("H", (6,)),
            273: ("I", (add(preview),)),
            277: ("H", (3,)),
            278: ("I", (height,)),
            279: ("I", (len(preview),)),
        }
    data[4:8] = struct.pack("<I", add(_directory(first, len(data))))
    return bytes(data)


_SRGB_PRIMARIES = {
    b"r": (0.4360747, 0.2225045, 0.0139322),
    b"g": (0.3850649, 0.7168786, 0.0971045),
    b"b": (0.1430804, 0.0606169, 0.7141733),
}
"""Under D50. Source: http://www.brucelindbloom.com/index.html?Eqn_RGB_XYZ_Matrix.html"""


def _xyz(*values: float) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65_536) for value in values))


def _gamma(value: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(value * 256)) + b"\0\0"


def _profile(kind: str) -> bytes:
    """Write an ICC profile of version 2. Source: ICC.1:2001-04, 6.1 and 6.5."""
    white = {b"wtpt": _xyz(0.9642, 1.0, 0.8249)}
    if kind == "ink":  # the first ink is a strong orange, the others are black
        tables = bytes(range(256)) * 4
        nodes = b"".join(
            bytes((255, 128, 128))
            if not any(inks)
            else bytes((160, 188, 198))
            if inks == (1, 0, 0, 0)
            else b"\0\x80\x80"
            for inks in np.ndindex(2, 2, 2, 2)
        )
        matrix = struct.pack(">9i", *(65_536 * (row == column) for row in range(3) for column in range(3)))
        lookup = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + matrix + tables + nodes + bytes(range(256)) * 3
        return _icc(b"prtr", b"CMYK", b"Lab ", white | {b"A2B0": lookup})
    if kind == "grey":
        return _icc(b"mntr", b"GRAY", b"XYZ ", white | {b"kTRC": _gamma(1.0)})
    order = {"swapped": b"grb", "srgb": b"rgb"}[kind]
    tags = dict(white)
    for name, source in zip(b"rgb", order, strict=True):
        tags[bytes([name]) + b"XYZ"] = _xyz(*_SRGB_PRIMARIES[bytes([source])])
        tags[bytes([name]) + b"TRC"] = _gamma(2.2)
    return _icc(b"mntr", b"RGB ", b"XYZ ", tags)


def _icc(family: bytes, space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    table, body, at = b"", b"", 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        table += struct.pack(">4sII", name, at + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    header = struct.pack(">II", at + len(body), 0)[:4] + bytes(4) + struct.pack(">I", 0x02400000)
    header += family + space + connection + bytes(12) + b"acsp" + bytes(28)
    header += struct.pack(">3i", 63_190, 65_536, 54_061)
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body
