"""How are fingerprints kept for whoever derives an index from them? Local features, and which pages changed."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import apsw
import numpy as np

from lookalike.gallery import PAGE_KEYS, FingerprintPage
from lookalike.gallery.sqlite.database import Database
from lookalike.types import Fingerprint

_PERCEPTUAL_BYTES = 32

_Kept = tuple[bytes, int, bytes]
"""Perceptual hash, its quality, and packed features."""


def features_of(connection: apsw.Connection, keys: Collection[int]) -> dict[int, bytes]:
    """Give the packed features of some keys."""
    query = "SELECT key, packed FROM features WHERE key IN (SELECT value FROM json_each(?))"
    return dict(connection.execute(query, (str(list(keys)),)))


def changed_fingerprints(connection: apsw.Connection, fingerprints: Mapping[int, Fingerprint]) -> list[int]:
    """Give the keys whose stored fingerprint is another than the one given; ask before the rows are written."""
    known = _kept(connection, list(fingerprints))
    return [
        key
        for key, one in fingerprints.items()
        if known.get(key, (b"", 0, b"")) != (bytes.fromhex(one.perceptual), one.quality, one.features)
    ]


def write_fingerprints(
    connection: apsw.Connection, fingerprints: Mapping[int, Fingerprint], changed: Collection[int], revision: int
) -> None:
    """Store the features that have changed, and say in which pages."""
    rows = [(key, fingerprints[key].features) for key in changed]
    connection.executemany("DELETE FROM features WHERE key = ?", [(key,) for key, packed in rows if not packed])
    connection.executemany(
        "REPLACE INTO features(key, packed) VALUES (?, ?)", [(key, packed) for key, packed in rows if packed]
    )
    mark_changed(connection, changed, revision)


def mark_changed(connection: apsw.Connection, keys: Collection[int], revision: int) -> None:
    """Say that the fingerprints of some keys have changed or gone."""
    connection.executemany(
        "REPLACE INTO fingerprint_page(number, revision) VALUES (?, ?)",
        [(number, revision) for number in sorted({key // PAGE_KEYS for key in keys})],
    )


def pages_since(database: Database, revision: int) -> Iterator[FingerprintPage]:
    """Give the pages whose fingerprints have changed after a revision, each read in a transaction of its own.

    A page that changes meanwhile comes with its latest content, and again for whoever asks from the state before.
    """
    with database.reading() as connection:
        query = "SELECT number FROM fingerprint_page WHERE revision > ? ORDER BY number"
        numbers: Any = connection.execute(query, (revision,)).fetchall()
    for (number,) in numbers:
        with database.reading() as connection:
            yield _page(connection, number)


def _page(connection: apsw.Connection, number: int) -> FingerprintPage:
    query = (
        "SELECT image.key, perceptual, quality, coalesce(packed, x'') "
        "FROM image LEFT JOIN features USING (key) WHERE image.key >= ? AND image.key < ? ORDER BY image.key"
    )
    rows: Any = connection.execute(query, (number * PAGE_KEYS, (number + 1) * PAGE_KEYS)).fetchall()
    keys, hashes, qualities, features = zip(*rows, strict=True) if rows else ((), (), (), ())
    padded = b"".join(one.ljust(_PERCEPTUAL_BYTES, b"\0") for one in hashes)
    return FingerprintPage(
        number=number,
        keys=np.array(keys, np.int64),
        perceptual=np.frombuffer(padded, np.uint8).reshape(-1, _PERCEPTUAL_BYTES),
        quality=np.array([q if one else 0 for q, one in zip(qualities, hashes, strict=True)], np.uint8),
        features=tuple(features),
    )


def _kept(connection: apsw.Connection, keys: list[int]) -> dict[int, _Kept]:
    query = (
        "SELECT image.key, perceptual, quality, coalesce(packed, x'') FROM json_each(?) AS wanted "
        "CROSS JOIN image ON image.key = wanted.value LEFT JOIN features ON features.key = image.key"
    )
    rows = connection.execute(query, (str(keys),))
    return {key: (perceptual, quality, packed) for key, perceptual, quality, packed in rows}
