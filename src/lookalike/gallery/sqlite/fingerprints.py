"""How are fingerprints kept for whoever derives an index from them? Local features, and when each key's changed."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import apsw
import numpy as np

from lookalike.gallery import PAGE_KEYS, FingerprintPage
from lookalike.gallery.fingerprints import PERCEPTUAL_BYTES
from lookalike.gallery.sqlite.database import Database
from lookalike.gallery.sqlite.pages import PAGE
from lookalike.types import Fingerprint

_Kept = tuple[bytes, int, bytes]
"""Perceptual hash, its quality, and packed features."""


def features_of(connection: apsw.Connection, keys: Collection[int]) -> dict[int, bytes]:
    """Give the packed features of some keys."""
    query = "SELECT key, packed FROM features WHERE key IN (SELECT value FROM json_each(?))"
    return dict(connection.execute(query, (str(list(keys)),)))


def changed_fingerprints(connection: apsw.Connection, fingerprints: Mapping[int, Fingerprint]) -> list[int]:
    """Give the keys whose stored fingerprint is another than the one given; ask before the rows are written.

    Keys that nothing has are among them: another picture may have had them before.
    """
    known = _kept(connection, list(fingerprints))
    return [
        key
        for key, one in fingerprints.items()
        if known.get(key) != (bytes.fromhex(one.perceptual), one.quality, one.features)
    ]


def write_fingerprints(
    connection: apsw.Connection, fingerprints: Mapping[int, Fingerprint], changed: Collection[int], revision: int
) -> None:
    """Store the features that have changed, and say of which keys."""
    rows = [(key, fingerprints[key].features) for key in changed]
    connection.executemany("DELETE FROM features WHERE key = ?", [(key,) for key, packed in rows if not packed])
    connection.executemany(
        "REPLACE INTO features(key, packed) VALUES (?, ?)", [(key, packed) for key, packed in rows if packed]
    )
    for number in {key // PAGE_KEYS for key in changed}:
        _mark(connection, number, [key % PAGE_KEYS for key in changed if key // PAGE_KEYS == number], revision)


def mark_gone(connection: apsw.Connection, keys: Collection[int], revision: int) -> None:
    """Say that some keys have gone; the fingerprints of the others in their pages are as they were."""
    for number in {key // PAGE_KEYS for key in keys}:
        _mark(connection, number, [], revision)


def _mark(connection: apsw.Connection, number: int, written: list[int], revision: int) -> None:
    """Say that a page has changed, and which of its places were written."""
    query = "SELECT revision, written FROM fingerprint_page WHERE number = ?"
    before = connection.execute(query, (number,)).fetchone()
    revisions = _revisions(*before) if before else np.zeros(PAGE_KEYS, np.int64)
    revisions[written] = revision
    connection.execute(
        "REPLACE INTO fingerprint_page(number, revision, written) VALUES (?, ?, ?)",
        (number, revision, revisions.tobytes()),
    )


def _revisions(revision: int, written: bytes) -> np.ndarray:
    """Say when each place of a page was written last; older programs noted only when any was."""
    return np.frombuffer(written, np.int64).copy() if written else np.full(PAGE_KEYS, revision)


def pages_since(database: Database, revision: int) -> Iterator[FingerprintPage]:
    """Give the pages that have changed after a revision, each read in a transaction of its own.

    A page that changes meanwhile comes with its latest content, and again for whoever asks from the state before.
    """
    with database.reading() as connection:
        query = "SELECT number FROM fingerprint_page WHERE revision > ? ORDER BY number"
        numbers: Any = connection.execute(query, (revision,)).fetchall()
    for (number,) in numbers:
        with database.reading() as connection:
            yield _page(connection, number, revision)


def _page(connection: apsw.Connection, number: int, since: int) -> FingerprintPage:
    query = (
        "SELECT fingerprint_page.revision, written, columns "
        "FROM fingerprint_page JOIN page USING (number) WHERE number = ?"
    )
    revision, written, columns = connection.execute(query, (number,)).get
    alive = np.frombuffer(columns, PAGE)[0]["alive"]
    first = number * PAGE_KEYS
    keys = first + np.flatnonzero(alive & (_revisions(revision, written) > since))
    kept = _kept(connection, keys.tolist())
    hashes, qualities, features = zip(*(kept[key] for key in keys.tolist()), strict=True) if kept else ((), (), ())
    padded = b"".join(one.ljust(PERCEPTUAL_BYTES, b"\0") for one in hashes)
    return FingerprintPage(
        number=number,
        held=first + np.flatnonzero(alive),
        keys=keys,
        perceptual=np.frombuffer(padded, np.uint8).reshape(-1, PERCEPTUAL_BYTES),
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
