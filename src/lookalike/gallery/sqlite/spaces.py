"""Which spaces does a gallery hold, and where are their embeddings?"""

# ruff: noqa: S608 - names of tables and columns are our own; values are bound
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import apsw
import numpy as np

from lookalike.errors import GalleryError
from lookalike.gallery.serving import Serving, first_served, no_space, without
from lookalike.gallery.sqlite.pages import MAX_SPACES, ROWS, by_page, unmark_space
from lookalike.gallery.sqlite.schema import EMBEDDINGS
from lookalike.types import Embeddings, Learned, Space


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSpace:
    """A space, and how a gallery scans it."""

    number: int
    space: Space
    rows: int
    """How many records have an embedding in it."""
    codec: str
    """`bits` where codes are stored, else empty."""
    codec_revision: int
    calibrated_rows: int
    shortlist: int
    """How many of the nearest codes to compare exactly for the best ten."""
    role: str
    """`now`, `before` or `filling`, as in `Serving`; else empty."""


_SCANNED = ("number", "rows", "codec", "codec_revision", "calibrated_rows", "shortlist", "role")
_ROLES = ("now", "before", "filling")


def load_spaces(connection: apsw.Connection) -> dict[str, StoredSpace]:
    """Give all spaces by name, oldest first."""
    learned = _learned(connection)
    query = f"SELECT name, dim, encoder, digest, slope, bias, {', '.join(_SCANNED)} FROM space ORDER BY place"
    found = {}
    for name, dim, encoder, digest, slope, bias, *scanned in connection.execute(query):
        space = Space(name=name, dim=dim, encoder=encoder, digest=digest, calibration=(slope, bias))
        stored = StoredSpace(space=space, **dict(zip(_SCANNED, scanned, strict=True)))
        if stored.number in learned:
            stored = replace(stored, space=space.taught(learned[stored.number]))
        found[name] = stored
    return found


def _learned(connection: apsw.Connection) -> dict[int, Learned]:
    query = "SELECT space, slope, bias, text_slope, text_bias, note FROM calibration"
    return {
        number: Learned(pictures=(slope, bias), texts=(text_slope, text_bias), note=note)
        for number, slope, bias, text_slope, text_bias, note in connection.execute(query)
    }


def calibrate(connection: apsw.Connection, space: str, learned: Learned | None) -> None:
    """Keep what was learned about a space, or forget it.

    Raises:
        GalleryError: no such space.
    """
    spaces = load_spaces(connection)
    if space not in spaces:
        raise no_space(space, spaces)
    number = spaces[space].number
    connection.execute("DELETE FROM calibration WHERE space = ?", (number,))
    if learned is not None:
        connection.execute(
            "INSERT INTO calibration(space, slope, bias, text_slope, text_bias, note) VALUES (?, ?, ?, ?, ?, ?)",
            (number, *learned.pictures, *learned.texts, learned.note),
        )


def holds(spaces: dict[str, StoredSpace], space: Space) -> bool:
    """Say whether a space is there.

    Raises:
        GalleryError: one of that name is there, but holds vectors of another encoder.
    """
    if space.name not in spaces:
        return False
    found = spaces[space.name].space
    if (found.dim, found.digest) == (space.dim, space.digest):
        return True
    raise GalleryError(
        f"The space {space.name!r} of this gallery was made with the encoder {found.encoder!r} "
        f"({found.dim} dimensions, digest {found.digest[:12]}), not with {space.encoder!r} "
        f"({space.dim} dimensions, digest {space.digest[:12]}).",
        f"Use --encoder {found.encoder}, or another --gallery.",
    )


def insert_space(connection: apsw.Connection, space: Space) -> None:
    """Add a space and its table."""
    taken = {number for (number,) in connection.execute("SELECT number FROM space")}
    number = next(number for number in range(MAX_SPACES + 1) if number not in taken)
    if number == MAX_SPACES:
        raise GalleryError(
            f"The gallery holds {MAX_SPACES} spaces already, and cannot take {space.name!r}.",
            "Drop one: lookalike reencode --drop NAME",
        )
    slope, bias = space.calibration
    # The number may have been another space's: the revision tells those who hold its codes that they are of no use.
    connection.execute(
        "INSERT INTO space(number, name, dim, encoder, digest, slope, bias, place, codec_revision) "
        "SELECT ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(place) + 1, 0) FROM space), revision FROM gallery",
        (number, space.name, space.dim, space.encoder, space.digest, slope, bias),
    )
    connection.execute(EMBEDDINGS.format(number=number))


def delete_space(connection: apsw.Connection, name: str, revision: int) -> None:
    """Forget a space, its table and its codes, and take it from the pages.

    Raises:
        Conflict: it answers queries.
    """
    spaces = load_spaces(connection)
    if name not in spaces:
        return
    write_serving(connection, without(name, read_serving(spaces)))
    number = spaces[name].number
    connection.execute(f"DROP TABLE embedding_{number}")
    for table, column in (("code_page", "space"), ("calibration", "space"), ("space", "number")):
        connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (number,))
    unmark_space(connection, number, revision)


def read_serving(spaces: Mapping[str, StoredSpace]) -> Serving:
    """Say which of the spaces answer queries."""
    if not any(stored.role for stored in spaces.values()):
        return first_served(stored.space for stored in spaces.values())
    named = {role: tuple(name for name, stored in spaces.items() if stored.role == role) for role in _ROLES}
    return Serving(**named)


def write_serving(connection: apsw.Connection, serving: Serving) -> None:
    """Keep which of the spaces answer queries."""
    connection.execute("UPDATE space SET role = ''")
    for role in _ROLES:
        names = [(role, name) for name in getattr(serving, role)]
        connection.executemany("UPDATE space SET role = ? WHERE name = ?", names)


def read_vectors(connection: apsw.Connection, space: StoredSpace, keys: np.ndarray) -> Embeddings:
    """Give the embeddings of some keys, in their order; all of them must have one."""
    table = f"embedding_{space.number}"
    query = f"SELECT vector FROM json_each(?) AS wanted CROSS JOIN {table} ON {table}.key = wanted.value"
    rows: Any = connection.execute(query, (str(keys.tolist()),)).fetchall()
    stored = np.frombuffer(b"".join([vector for (vector,) in rows]), np.float16)
    return stored.astype(np.float32).reshape(len(keys), space.space.dim)


def read_page_of_vectors(connection: apsw.Connection, space: StoredSpace, number: int) -> Embeddings:
    """Give the embeddings of one page's keys; zero where there is none."""
    query = f"SELECT key, vector FROM embedding_{space.number} WHERE key >= ? AND key < ?"
    rows: Any = connection.execute(query, (number * ROWS, (number + 1) * ROWS)).fetchall()
    page = np.zeros((ROWS, space.space.dim), np.float32)
    if rows:
        slots = np.array([key for key, _ in rows]) % ROWS
        stored = np.frombuffer(b"".join([vector for _, vector in rows]), np.float16)
        page[slots] = stored.reshape(len(rows), -1)
    return page


def write_vectors(connection: apsw.Connection, space: StoredSpace, keys: Sequence[int], vectors: Embeddings) -> None:
    """Store one embedding a key."""
    stored = vectors.astype(np.float16)
    connection.executemany(
        f"REPLACE INTO embedding_{space.number}(key, vector) VALUES (?, ?)",
        zip(keys, [vector.tobytes() for vector in stored], strict=True),
    )


def write_codes(
    connection: apsw.Connection, space: StoredSpace, keys: np.ndarray, codes: np.ndarray | None, revision: int
) -> None:
    """Rewrite the code pages that some keys lie in; without codes, only say that their embeddings have changed."""
    for number, rows in by_page(keys):
        page = None
        if codes is not None:
            old = connection.execute(
                "SELECT codes FROM code_page WHERE space = ? AND number = ?", (space.number, number)
            ).get
            page = np.zeros((ROWS, codes.shape[1]), np.uint8)
            if old is not None:
                page[:] = np.frombuffer(old, np.uint8).reshape(page.shape)
            page[keys[rows] % ROWS] = codes[rows]
        write_code_page(connection, space, number, page, revision)


def write_code_page(
    connection: apsw.Connection, space: StoredSpace, number: int, codes: np.ndarray | None, revision: int
) -> None:
    """Store one whole page of codes, or that there is none."""
    connection.execute(
        "INSERT INTO code_page(space, number, revision, codes) VALUES (?1, ?2, ?3, ?4) "
        "ON CONFLICT (space, number) DO UPDATE SET revision = ?3, codes = ?4",
        (space.number, number, revision, None if codes is None else codes.tobytes()),
    )
