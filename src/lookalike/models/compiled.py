"""Was this network compiled here before? A folder of compiled networks, which may be deleted at any time."""

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from platformdirs import user_cache_path

from lookalike.disk import replacing

MAX_FILES = 12
"""The longest unused are deleted; one network has two or three, and versions come and go."""

_SUM_BYTES = 32


def key_of(network: bytes, *circumstances: str) -> str:
    """Name a network as compiled under circumstances: versions, processor, options."""
    parts = [hashlib.sha256(network).digest(), *(hashlib.sha256(one.encode()).digest() for one in circumstances)]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def kept(key: str) -> bytes | None:
    """Give what was kept; None where nothing was, or where it is damaged."""
    path = _folder() / key
    try:
        data = path.read_bytes()
        os.utime(path)
    except OSError:
        return None
    compiled = data[_SUM_BYTES:]
    return compiled if hashlib.sha256(compiled).digest() == data[:_SUM_BYTES] else None


def keep(key: str, compiled: bytes) -> None:
    """Keep a compiled network where that is possible; a full or read-only disk only costs time."""
    with suppress(OSError):
        _folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        with replacing(_folder() / key, mode=0o600, synced=False) as file:
            file.write(hashlib.sha256(compiled).digest() + compiled)
        _forget_the_longest_unused()


def _forget_the_longest_unused() -> None:
    files = sorted(_folder().iterdir(), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files[MAX_FILES:]:
        file.unlink(missing_ok=True)


def _folder() -> Path:
    return user_cache_path("lookalike", appauthor=False) / "networks"
