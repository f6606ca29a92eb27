"""What is said of a picture that a decoder gave up on? Its words in ours: truncated, broken, or too much for memory."""

import struct

from lookalike.errors import LookalikeError, TooLarge, UnreadableImage

_RAISE_MEMORY = "Raise decode_memory_bytes to read it."
_SPELLING = {"webp": "WebP", "raw": "camera raw file"}
_VAGUE = ("decoder error", "cannot load this image", "not identified by this driver")


def refusal(error: Exception, format_: str, data: bytes) -> LookalikeError:
    """Turn whatever a decoder raised into an error with a reason."""
    name = _SPELLING.get(format_, format_.upper())
    # Pillow wraps what its header parsers stumble over: SyntaxError(IndexError(…)).
    error = error.args[0] if error.args and isinstance(error.args[0], Exception) else error
    words = " ".join(str(error).split())
    said = "".join(letter for letter in words if letter.isprintable())[:200].rstrip(".")
    if isinstance(error, MemoryError) or "memory" in said.lower():
        return TooLarge(f"The {name} needs more memory to decode than it may have.", _RAISE_MEMORY)
    if "DecompressionBomb" in type(error).__name__:
        return TooLarge(f"The {name} has too many pixels: {said}.")
    if _is_truncated(error, said) or _expected_bytes(data, format_) > len(data):
        return UnreadableImage(f"The {name} is truncated.", "Get a complete copy of the file.")
    if said == "could not create decoder object":  # libwebp tells no more than that
        return UnreadableImage(f"The {name} is broken, or needs more memory to decode than it may have.")
    if isinstance(error, KeyError | TypeError | AttributeError) or said.startswith(_VAGUE):
        return UnreadableImage(f"The {name} is broken: it cannot be decoded.")
    return UnreadableImage(f"The {name} is broken: {said or type(error).__name__}.")


def memory_refusal() -> TooLarge:
    """Say that a file takes more than its worker may have, though nothing of it was decoded."""
    return TooLarge("The file needs more memory than it may have.", _RAISE_MEMORY)


def _is_truncated(error: Exception, said: str) -> bool:
    return (
        isinstance(error, EOFError | IndexError | struct.error)
        or "truncated" in said.lower()
        or "end of file" in said.lower()
    )


def _expected_bytes(data: bytes, format_: str) -> int:
    """Give the least length that a file must have by its own account; 0 where it gives none."""
    if format_ == "webp":
        return 8 + int.from_bytes(data[4:8], "little")
    if format_ == "tiff":  # the first directory must lie within
        return int.from_bytes(data[4:8], "little" if data.startswith(b"II") else "big") + 2
    if format_ not in {"avif", "heic"}:
        return 0
    at = 0
    while at + 8 <= len(data):  # boxes, one behind the other. Source: ISO/IEC 14496-12, 4.2
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        if size < 8:  # 0: up to the end of the file
            return 0
        at += size
    return at
