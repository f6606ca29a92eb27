"""Which bytes show that a format can be read? A tiny picture of each, made on the spot."""

import struct
from base64 import b64decode
from io import BytesIO

from PIL import Image

SIDE = 64
COLOUR = (200, 80, 40)
"""What a sample shows, all over; but for `raw`, which is grey."""

_HEIC = (
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAVZtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9j"
    "AAAAAERAAAEAAQAAAAABegABAAAAAAAAABgAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA1mlw"
    "cnAAAAC3aXBjbwAAAHhodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQArQgEBA3AA"
    "AAMAkAAAAwAAAwAeoCCBBZbqSSmubgIaDAgAAAMAyAAAAwAIQGIAAQAHRAHBcrAiQAAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAA"
    "AABAAAAAQAAAABBwaXhpAAAAAAMICAgAAAAXaXBtYQAAAAAAAAABAAEEgQIDBAAAACBtZGF0AAAAFCgBrwQY/Hk46//uPj91wFtDxHQ4"
)
"""Made once with pillow-heif: what reads HEIC here cannot write it."""


def make_sample(format_: str) -> bytes:
    """Make a square picture in a format of `lookalike.decode`."""
    match format_:
        case "heic":
            return b64decode(_HEIC)
        case "raw":
            return _dng()
        case _:
            buffer = BytesIO()
            Image.new("RGB", (SIDE, SIDE), COLOUR).save(buffer, format_)
            return buffer.getvalue()


def _dng() -> bytes:
    """Write the smallest file that counts as a camera's: one directory, one plane of 16-bit sensor values.

    Source: Adobe Digital Negative specification 1.4, chapters 3 and 4
    """
    byte, short, long = 1, 3, 4
    entries = [  # tag, type, count, value
        (256, long, 1, SIDE),  # ImageWidth
        (257, long, 1, SIDE),  # ImageLength
        (258, short, 1, 16),  # BitsPerSample
        (262, short, 1, 32803),  # PhotometricInterpretation: colour filter array
        (273, long, 1, 8 + 2 + 8 * 12 + 4),  # StripOffsets: right behind this directory
        (33421, short, 2, 2 | 2 << 16),  # CFARepeatPatternDim: 2 × 2
        (33422, byte, 4, 0x02010100),  # CFAPattern: red, green, green, blue
        (50706, byte, 4, 0x00000401),  # DNGVersion: 1.4
    ]
    directory = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + directory + bytes(4) + struct.pack("<H", 20_000) * SIDE**2
