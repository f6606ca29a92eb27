"""Does a refusal say what is wrong, in words for people?"""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from lookalike.decode import Fit, decode
from lookalike.decode.refusal import refusal
from lookalike.errors import TooLarge, UnreadableImage

Writer = Callable[..., bytes]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_a_truncated_picture_is_unreadable_and_says_why(format_: str, share: float, file_of: Writer) -> None:
    levels = np.random.default_rng(3).integers(0, 256, (120, 160, 3), dtype=np.uint8)
    file = file_of(Image.fromarray(levels), format_)
    with pytest.raises(UnreadableImage, match="truncated") as refused:
        decode(file[: int(len(file) * share)], Fit(size=32))
    assert refused.value.fix == "Get a complete copy of the file."


@pytest.mark.parametrize("left_out", [1, 100, 400])
def test_a_truncated_heic_says_so(left_out: int, heic_file: Callable[[int], bytes]) -> None:
    with pytest.raises(UnreadableImage, match="The HEIC is truncated"):
        decode(heic_file(1)[:-left_out], Fit(size=32))


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate"])
def test_a_truncated_tiff_with_its_directory_at_the_end_says_so(compression: str, file_of: Writer) -> None:
    file = file_of(Image.linear_gradient("L"), "TIFF", compression=compression)
    with pytest.raises(UnreadableImage, match="truncated"):
        decode(file[: len(file) // 2], Fit(size=32))


def test_a_png_of_nonsense_is_broken(quarters: Image.Image, file_of: Writer) -> None:
    file = bytearray(file_of(quarters, "PNG"))
    file[20] ^= 0xFF
    with pytest.raises(UnreadableImage, match="The PNG is broken: "):
        decode(bytes(file), Fit(size=32))


@pytest.mark.parametrize(
    ("raised", "kind", "words"),
    [
        (MemoryError(), TooLarge, "The WebP needs more memory to decode than it may have."),
        (OSError("Memory allocation failed"), TooLarge, "needs more memory"),
        (Image.DecompressionBombError("too big"), TooLarge, "too many pixels"),
        (SyntaxError(KeyError(99)), UnreadableImage, "The WebP is broken: it cannot be decoded."),
        (OSError("decoder error -2"), UnreadableImage, "it cannot be decoded"),
        (SyntaxError(IndexError("index out of range")), UnreadableImage, "truncated"),
        (ValueError("bad\x1b[31m\nmagic" + "!" * 999), UnreadableImage, r"broken: bad\[31m magic!{1,200}\.$"),
        (ValueError(), UnreadableImage, "broken: ValueError."),
    ],
)
def test_what_decoders_raise_is_put_in_our_words(raised: Exception, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        raise refusal(raised, "webp", b"RIFF\0\0\0\0WEBP")
