"""How does an index of fingerprints stay up to date? By the pages of keys that hold what changed after a revision."""

from collections.abc import Collection, Iterator

import numpy as np

from lookalike.gallery import PAGE_KEYS, FingerprintPage
from lookalike.gallery.fingerprints import PERCEPTUAL_BYTES
from lookalike.gallery.milvus.notes import REVISIONS_A_SECOND, Notes
from lookalike.gallery.milvus.rows import HEAD, features_of, to_record
from lookalike.gallery.milvus.schema import records_of
from lookalike.gallery.milvus.server import RECENT_S, Row, Server
from lookalike.gallery.milvus.walking import fetch, stream

_FIELDS = (*HEAD, "features")


def pages_since(server: Server, notes: Notes, revision: int) -> Iterator[FingerprintPage]:
    """Give the pages that changed after a revision, each with the fingerprints of all records that it holds now.

    Those that changed shortly before it come once more: notes of two writers may have crossed on their way, and records
    may be there to be read a moment after the note of them.
    """
    if notes.state().revision <= revision:
        return
    collection = records_of(server.address.name)
    since = revision - int(max(RECENT_S, server.address.timeout_s) * REVISIONS_A_SECOND)
    numbers = notes.pages_since(since)
    for rows in stream(server, collection, f"revision > {since}", ("key",)):
        numbers |= {int(row["key"]) // PAGE_KEYS for row in rows}
    for number in sorted(numbers):
        first = number * PAGE_KEYS
        rows = fetch(server, collection, f"key >= {first} && key < {first + PAGE_KEYS}", _FIELDS)
        yield _page(number, sorted(rows, key=lambda row: int(row["key"])))


def _page(number: int, rows: list[Row]) -> FingerprintPage:
    prints = [to_record(row, {}, features=False).fingerprint for row in rows]
    hashes = b"".join(bytes.fromhex(one.perceptual).ljust(PERCEPTUAL_BYTES, b"\0") for one in prints)
    keys = np.array([row["key"] for row in rows], np.int64)
    return FingerprintPage(
        number=number,
        held=keys,
        keys=keys,
        perceptual=np.frombuffer(hashes, np.uint8).reshape(-1, PERCEPTUAL_BYTES),
        quality=np.array([one.quality if one.perceptual else 0 for one in prints], np.uint8),
        features=tuple(features_of(row) for row in rows),
    )


def ids_of_keys(server: Server, keys: Collection[int]) -> dict[int, str]:
    """Map keys to ids; those of records that have gone are left out."""
    found: dict[int, str] = {}
    wanted = [int(key) for key in keys]
    for start in range(0, len(wanted), 4_000):
        listed = ", ".join(map(str, wanted[start : start + 4_000]))
        rows = server.query(records_of(server.address.name), f"key in [{listed}]", ("id", "key"))
        found |= {int(row["key"]): row["id"] for row in rows}
    return found
