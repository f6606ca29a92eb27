"""Do one-bit codes find the nearest in this gallery? Made from its own vectors, and measured against them."""

from dataclasses import replace

import apsw
import numpy as np

from lookalike.gallery.sqlite import columns, scanning
from lookalike.gallery.sqlite.bits import BitCodec
from lookalike.gallery.sqlite.codecs import inner_products
from lookalike.gallery.sqlite.pages import ROWS
from lookalike.gallery.sqlite.scanning import Sizes, SpaceIndex, sample_vectors
from lookalike.gallery.sqlite.spaces import (
    StoredSpace,
    load_spaces,
    read_page_of_vectors,
    read_vectors,
    write_code_page,
)

AIM = 0.995
"""The share of the ten nearest that the shortlist shall hold.

It is measured again when there are twice as many records, and until then misses half as many again to twice as many.
Measured with made-up vectors: 200 of a million held 0.997, of two 0.996, of four 0.992, and of ten million 0.983; 500
held 0.999, 0.999, 0.996 and 0.994.
"""
FLOOR = 0.99
"""What that share must reach even if the measurement is off by two standard errors. Where the longest shortlist holds
less, bytes are scanned instead of bits."""

_K = 10
_QUERIES = 200
"""Records that ask for their own neighbours."""
_LONG = 5_000
"""How many of the best codes are compared exactly to learn which are the nearest. That takes as long in a gallery of
ten million as in one of a million, and hides little: a codec that loses neighbours beyond 5,000 loses far more of them
beyond the longest shortlist, and that is seen."""
_EXHAUSTIVE = 1_000_000
"""Up to so many rows it takes less time to compare them all exactly."""
_SAMPLED_PAGES = 24


def build_where_due(connection: apsw.Connection, space: StoredSpace, revision: int, sizes: Sizes) -> None:
    """Make the one-bit codes of a space that has outgrown bytes, and measure them again whenever it has doubled."""
    if space.rows <= sizes.bytes or space.rows < 2 * space.calibrated_rows:
        return
    if space.codec != "bits":
        _encode(connection, space, revision)
    shortlist = _measured(connection, load_spaces(connection)[space.space.name], revision, sizes)
    if not shortlist:
        _forget_codes(connection, space, revision)
    connection.execute(
        "UPDATE space SET shortlist = ?, calibrated_rows = rows WHERE number = ?", (shortlist, space.number)
    )


def _encode(connection: apsw.Connection, space: StoredSpace, revision: int) -> None:
    """Write a codec that suits the embeddings, and the codes of all pages."""
    codec = BitCodec.fit(sample_vectors(connection, space, _SAMPLED_PAGES))
    connection.execute(
        "UPDATE space SET codec = 'bits', codec_revision = ?, centre = ?, axes = ?, spread = ? WHERE number = ?",
        (revision, codec.centre.tobytes(), codec.axes.tobytes(), codec.spread.tobytes(), space.number),
    )
    for number in _pages(connection, space):
        codes = codec.encode(read_page_of_vectors(connection, space, number))
        write_code_page(connection, space, number, codes, revision)


def _pages(connection: apsw.Connection, space: StoredSpace) -> list[int]:
    query = "SELECT number FROM code_page WHERE space = ?"
    return [number for (number,) in connection.execute(query, (space.number,))]


def _forget_codes(connection: apsw.Connection, space: StoredSpace, revision: int) -> None:
    """Go back to bytes, which are made from the embeddings on reading."""
    connection.execute("UPDATE code_page SET codes = NULL, revision = ? WHERE space = ?", (revision, space.number))
    connection.execute(
        "UPDATE space SET codec = '', codec_revision = ?, centre = NULL, axes = NULL, spread = NULL WHERE number = ?",
        (revision, space.number),
    )


def _measured(connection: apsw.Connection, space: StoredSpace, revision: int, sizes: Sizes) -> int:
    """Give the first shortlist that holds enough of the nearest, by the very scan that will be used; 0 if none does."""
    present = columns.refreshed(columns.Columns(), connection, revision).having(space.number)
    index = scanning.refreshed(None, connection, space, revision, sizes)
    keys = np.flatnonzero(present)
    asking = np.random.default_rng(0).choice(keys, min(_QUERIES, len(keys)), replace=False)
    if len(keys) <= _EXHAUSTIVE:
        nearest = _nearest_of_all(connection, space, asking)
    else:
        nearest = _nearest(connection, space, replace(index, shortlist=_LONG), asking, present)
    queries = read_vectors(connection, space, asking)
    for length in sizes.shortlists:
        shorter = replace(index, shortlist=length)
        found = [shorter.candidates(query, _K, present) for query in queries]
        shares = np.array([np.isin(true, line).mean() for true, line in zip(nearest, found, strict=True)])
        if shares.mean() >= AIM and shares.mean() - 2 * shares.std() / np.sqrt(len(shares)) >= FLOOR:
            return length
    return 0


def _nearest_of_all(connection: apsw.Connection, space: StoredSpace, asking: np.ndarray) -> list[np.ndarray]:
    """Give the keys of the nearest to some records, which are not counted themselves."""
    queries = read_vectors(connection, space, asking)
    keys, scores = np.zeros((len(asking), _K), np.int64), np.full((len(asking), _K), -np.inf, np.float32)
    for number in _pages(connection, space):
        page = read_page_of_vectors(connection, space, number)
        rows = np.arange(number * ROWS, (number + 1) * ROWS)
        counted = page.any(axis=1) & (rows != asking[:, None])
        scores = np.concatenate([scores, np.where(counted, queries @ page.T, -np.inf)], axis=1)
        keys = np.concatenate([keys, np.broadcast_to(rows, counted.shape)], axis=1)
        best = np.argpartition(-scores, _K - 1, axis=1)[:, :_K]
        keys, scores = np.take_along_axis(keys, best, axis=1), np.take_along_axis(scores, best, axis=1)
    return [line[score > -np.inf] for line, score in zip(keys, scores, strict=True)]


def _nearest(
    connection: apsw.Connection, space: StoredSpace, index: SpaceIndex, asking: np.ndarray, present: np.ndarray
) -> list[np.ndarray]:
    """Give the same from the best by the codes of an index."""
    nearest = []
    for key, query in zip(asking, read_vectors(connection, space, asking), strict=True):
        keys = index.candidates(query, _K, present)
        scores = inner_products(read_vectors(connection, space, keys), query)
        scores[keys == key] = -np.inf
        nearest.append(keys[np.argsort(-scores)[: min(_K, len(keys) - 1)]])
    return nearest
