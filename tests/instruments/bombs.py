"""Which small files unfold into large ones? Drawn in code: nothing here is larger than a few megabytes."""

import io
import struct
import zlib
from collections.abc import Iterator

from PIL import Image

Bomb = tuple[str, bytes]


def deflated(size: int) -> bytes:
    """Compress so many zeros, whole megabytes: one is compressed, and what that gave is repeated."""
    packer = zlib.compressobj(9, wbits=-15)
    megabyte = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    sum_of_zeros = struct.pack(">HH", size % 65_521, 1)  # Adler-32
    return b"\x78\xda" + megabyte * (size >> 20) + packer.flush() + sum_of_zeros


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, colour: int = 2, depth: int = 8, *, extra: bytes = b"", data: bytes = b"") -> bytes:
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    palette = chunk(b"PLTE", bytes(768)) if colour == 3 else b""
    body = chunk(b"IHDR", head) + palette + extra + chunk(b"IDAT", data or deflated(1 << 26)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def drawn(format_: str, size: tuple[int, int] = (64, 64), **options: object) -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(file, format_, **options)
    return file.getvalue()


def png_bombs() -> Iterator[Bomb]:
    sizes = [(50_000, 50_000), (65_535, 65_535), (2**31 - 1, 1), (1, 2**31 - 1), (20_000, 20_000), (10_001, 10_001)]
    for width, height in sizes:
        for colour, depth in ((0, 16), (2, 8), (3, 1), (6, 16)):
            yield f"png {width}x{height}, colour {colour}, {depth} bit", png(width, height, colour, depth)
    small = zlib.compress(bytes(64 * (64 * 3 + 1)))
    for kind, head in ((b"zTXt", b"a\0\0"), (b"iTXt", b"a\0\1\0\0\0"), (b"iCCP", b"a\0\0")):
        packed = chunk(kind, head + deflated(1 << 29))
        yield f"png with half a gigabyte of {kind.decode()}", png(64, 64, extra=packed, data=small)
    yield "png with 50,000 texts", png(64, 64, extra=chunk(b"tEXt", b"a\0b") * 50_000, data=small)
    yield "png whose rows are a gigabyte", png(8_000, 8_000, data=deflated(1 << 30))
    frames = b"".join(
        chunk(b"fcTL", struct.pack(">IIIIIHHBB", n, 9_000, 9_000, 0, 0, 1, 1, 0, 0)) for n in range(5_000)
    )
    yield "animated png", png(9_000, 9_000, extra=chunk(b"acTL", struct.pack(">II", 5_000, 0)) + frames)


def other_bombs() -> Iterator[Bomb]:
    gif = drawn("GIF")
    image = gif[gif.index(b",\0\0\0\0") : -1]
    yield "gif with a screen of 65535", gif[:6] + struct.pack("<HH", 65_535, 65_535) + gif[10:]
    yield (
        "gif with a frame of 65535",
        gif.replace(b",\0\0\0\0" + struct.pack("<HH", 64, 64), b",\0\0\0\0\xff\xff\xff\xff"),
    )
    yield "gif with 2,000 frames", gif[:-1] + image * 2_000 + b";"
    for width, height in ((60_000, 60_000), (2**31 - 1, 2**31 - 1), (100_000, -100_000)):
        head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, 0, 0, 0, 256, 0)
        yield (
            f"bmp {width}x{height}",
            b"BM" + struct.pack("<IHHI", 2_000, 0, 0, 1_078) + head + bytes(1_024) + b"\xff\0" * 999,
        )
    jpeg = drawn("JPEG", (512, 512), progressive=True)
    start = jpeg.index(b"\xff\xc2")
    huge = jpeg[: start + 5] + struct.pack(">HH", 65_500, 65_500) + jpeg[start + 9 :]
    yield "jpeg 65500x65500", huge
    scans = jpeg[jpeg.index(b"\xff\xda") : -2]
    yield "jpeg with 3,000 scans", jpeg[:-2] + scans * (3_000 * 10_000 // max(len(scans), 1)) + b"\xff\xd9"
    tall = jpeg[: start + 5] + struct.pack(">HH", 9_900, 9_900) + jpeg[start + 9 : -2]
    yield "large jpeg with many scans", tall + scans * 200 + b"\xff\xd9"
    tiff = drawn("TIFF", compression="tiff_adobe_deflate")
    for tag in (256, 257):
        at = tiff.index(struct.pack("<HHI", tag, 4, 1)) if struct.pack("<HHI", tag, 4, 1) in tiff else -1
        kind = "<I" if at >= 0 else "<H"
        at = at if at >= 0 else tiff.index(struct.pack("<HHI", tag, 3, 1))
        wide = tiff[: at + 8] + struct.pack(kind, 65_000) + tiff[at + 8 + struct.calcsize(kind) :]
        yield f"tiff whose tag {tag} is 65,000", wide
    loop = bytearray(drawn("TIFF"))
    loop[-4:] = loop[4:8]
    yield "tiff whose pages go round in a circle", bytes(loop)
    webp = drawn("WEBP", lossless=True)
    at = webp.index(b"VP8L") + 9
    yield "webp 16384x16384", webp[:at] + struct.pack("<I", 0x0FFFFFFF) + webp[at + 4 :]
    avif = drawn("AVIF")
    at = avif.index(b"ispe") + 8
    yield "avif 60000x60000", avif[:at] + struct.pack(">II", 60_000, 60_000) + avif[at + 8 :]
    yield "nothing but a gigabyte of zeros, deflated", b"\x89PNG\r\n\x1a\n" + deflated(1 << 30)


def all_bombs() -> list[Bomb]:
    """Give each with its name."""
    return [*png_bombs(), *other_bombs()]
