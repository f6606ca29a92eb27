"""How do records get into a further space? Their vectors alone are written; all else stays as it is."""

from collections.abc import Collection, Sequence

import apsw
import numpy as np

from lookalike.errors import BadInput
from lookalike.gallery import Page
from lookalike.gallery.serving import Embedded, no_space
from lookalike.gallery.sqlite.calibrating import build_where_due
from lookalike.gallery.sqlite.columns import Columns
from lookalike.gallery.sqlite.fetching import keys_of_ids, records_with_keys
from lookalike.gallery.sqlite.pages import mark_space
from lookalike.gallery.sqlite.scanning import Sizes
from lookalike.gallery.sqlite.spaces import StoredSpace, load_spaces
from lookalike.gallery.sqlite.vectors import checked_vectors, write_embeddings
from lookalike.gallery.sqlite.view import View
from lookalike.gallery.sqlite.writing import next_revision


def embed(connection: apsw.Connection, columns: Columns, made: Sequence[Embedded], sizes: Sizes) -> list[str]:
    """Add vectors to records, and give the ids of those that took them; the columns are those before.

    Raises:
        BadInput: a vector that is not of unit length.
        GalleryError: unknown space, or wrong dimension.
    """
    spaces = load_spaces(connection)
    keys = _keys_of_same(connection, columns, made)
    taking = [one for one in made if one.id in keys]
    vectors = checked_vectors([(one.id, one.embeddings) for one in taking], spaces)
    if not vectors:
        return []
    revision = next_revision(connection)
    all_keys = np.array([keys[one.id] for one in taking])
    for name, (rows, stacked) in vectors.items():
        write_embeddings(connection, spaces[name], all_keys[rows], stacked, revision)
        won = mark_space(connection, all_keys[rows], spaces[name].number, revision)
        connection.execute("UPDATE space SET rows = rows + ? WHERE number = ?", (won, spaces[name].number))
    for name in vectors:
        build_where_due(connection, load_spaces(connection)[name], revision, sizes)
    return [one.id for one in taking]


def lacking(view: View, spaces: Collection[str], after: str, limit: int) -> Page:
    """List the records that lack a vector in one of some spaces, by their keys.

    Raises:
        BadInput: an `after` that did not come from here.
        GalleryError: no such space.
    """
    keys = np.flatnonzero(_lacking(view, spaces))
    found = keys[keys > _edge(after)][: limit + 1].tolist()
    records = records_with_keys(view.connection, found[:limit], embeddings=False)
    return Page(records=tuple(records), after=str(found[limit - 1]) if len(found) > limit else "")


def count_lacking(view: View, spaces: Collection[str]) -> int:
    """Count them."""
    return int(np.count_nonzero(_lacking(view, spaces)))


def _lacking(view: View, spaces: Collection[str]) -> np.ndarray:
    """Give which keys are of records that lack a vector."""
    lacking = np.zeros_like(view.columns.alive())
    for name in spaces:
        lacking |= ~view.columns.having(_known(view, name).number)
    lacking &= view.columns.alive()
    return lacking


def _known(view: View, name: str) -> StoredSpace:
    if name not in view.spaces:
        raise no_space(name, view.spaces)
    return view.spaces[name]


def _edge(after: str) -> int:
    """Read the last key of the page before."""
    if after and not (after.isascii() and after.isdecimal() and len(after) < 19):
        raise BadInput("This is no place to go on from.", "Begin again without one.")
    return int(after or -1)


def _keys_of_same(connection: apsw.Connection, columns: Columns, made: Sequence[Embedded]) -> dict[str, int]:
    """Give the keys of the records that are still of the bytes that the vectors were made of."""
    keys = keys_of_ids(connection, columns, [one.id for one in made])
    query = "SELECT key, sha256 FROM image WHERE key IN (SELECT value FROM json_each(?))"
    held = dict(connection.execute(query, (str(list(keys.values())),)))
    same = {one.id for one in made if one.id in keys and held[keys[one.id]].hex() in {"", one.sha256}}
    return {id_: key for id_, key in keys.items() if id_ in same}
