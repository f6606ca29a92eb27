"""How do records get into a further space, and which of them are not in it yet? By their vectors alone."""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from time import sleep

import numpy as np

from lookalike.errors import BadInput, GalleryError
from lookalike.gallery.milvus.codes import all_of, is_id, quoted
from lookalike.gallery.milvus.columns import columns_of, terms_of
from lookalike.gallery.milvus.rows import HEAD, to_record
from lookalike.gallery.milvus.schema import records_of, space_of
from lookalike.gallery.milvus.server import RECENT_S, Row, Server
from lookalike.gallery.milvus.walking import fetch, stream
from lookalike.gallery.serving import Embedded, no_space
from lookalike.types import Space

_CALLS_BETWEEN = 4
"""One after another that a store may make from one of its vectors to the record: three that settle another space, and
the record's own."""
_LOOKED_AT_ONCE = 1_000
_NORM_TOLERANCE = 0.01
"""Rounding to float16 changes the length of a unit vector by less than 0.001."""


def check_vectors(owner: str, embeddings: Mapping[str, np.ndarray], spaces: Mapping[str, Space]) -> None:
    """Look whether these vectors can be kept.

    Raises:
        BadInput: one is not of unit length.
        GalleryError: unknown space, or wrong dimension.
    """
    for name, vector in embeddings.items():
        if name not in spaces:
            raise no_space(name, spaces)
        if vector.shape != (spaces[name].dim,):
            what = f"The embedding {name!r} of {owner!r} has {vector.size} dimensions, not {spaces[name].dim}."
            raise GalleryError(what, "Use the encoder that the gallery was made with.")
        exact = vector.astype(np.float32)
        length = math.sqrt(exact.dot(exact))
        if not abs(length - 1) <= _NORM_TOLERANCE:
            raise BadInput(f"The embedding {name!r} of {owner!r} is no unit vector: its length is {length}.")


def embed(server: Server, made: Sequence[Embedded], spaces: Mapping[str, Space]) -> list[str]:
    """Add vectors to records, and give the ids of those that took them.

    What others did to the records meanwhile is looked for last: vectors of those that are gone, or of other bytes by
    now, go again, and those of others get what is now said of them.
    """
    for one in made:
        check_vectors(one.id, one.embeddings, spaces)
    collection = records_of(server.address.name)
    wanted = {one.id: one for one in made if is_id(one.id)}
    before = server.rows(collection, list(wanted), HEAD)
    taking = _taking(wanted, before)
    _write(server, taking, before)
    now = server.rows(collection, list(taking), HEAD, latest=True)
    taken = _taking(taking, now)
    for name in spaces:
        gone = [id_ for id_, one in taking.items() if id_ not in taken and name in one.embeddings]
        server.delete(space_of(server.address.name, name), gone)
    _write(server, {id_: one for id_, one in taken.items() if now[id_] != before[id_]}, now)
    return list(taken)


def _taking(wanted: Mapping[str, Embedded], rows: Mapping[str, Row]) -> dict[str, Embedded]:
    """Give the vectors of records that are there, and still of the bytes that the vectors were made of."""
    held = {id_: to_record(row, {}, features=False).sha256 for id_, row in rows.items()}
    return {id_: one for id_, one in wanted.items() if held.get(id_) in {"", one.sha256}}


def _write(server: Server, taking: Mapping[str, Embedded], rows: Mapping[str, Row]) -> None:
    known = {id_: to_record(rows[id_], {}, features=False) for id_ in taking}
    columns = {id_: columns_of(record, terms_of(record, record.path)) for id_, record in known.items()}
    for name in {name for one in taking.values() for name in one.embeddings}:
        held = [(id_, one.embeddings[name]) for id_, one in taking.items() if name in one.embeddings]
        server.upsert(
            space_of(server.address.name, name), [{"id": id_, "vector": vector, **columns[id_]} for id_, vector in held]
        )


def orphaned(server: Server, space: str) -> list[str]:
    """Give the ids of vectors whose record is not there."""
    name = server.address.name
    found: list[str] = []
    for rows in stream(server, space_of(name, space), "", ("id",)):
        between = all_of([f"id >= {quoted(rows[0]['id'])}", f"id <= {quoted(rows[-1]['id'])}"])
        known = {row["id"] for row in fetch(server, records_of(name), between, ("id",))}
        found += [row["id"] for row in rows if row["id"] not in known]
    return found


def delete_orphans(server: Server, spaces: Collection[str], on_their_way: Callable[[], frozenset[str]]) -> int:
    """Delete vectors whose record is not there, nor on its way behind them; gives how many there were.

    `on_their_way` gives the ids of records that this process is about to write. Those of another are waited for, as
    long as a store may take on a slow server, and looked for again right before their vectors go.
    """
    found = {space: ids for space in spaces if (ids := orphaned(server, space))}
    if not found:
        return 0
    sleep(_CALLS_BETWEEN * server.address.timeout_s + RECENT_S)
    count = 0
    for space, ids in found.items():
        for some in (ids[start : start + _LOOKED_AT_ONCE] for start in range(0, len(ids), _LOOKED_AT_ONCE)):
            coming = on_their_way()  # first: what is written by now is known below
            known = coming | server.rows(records_of(server.address.name), some, ("id",), latest=True).keys()
            gone = [id_ for id_ in some if id_ not in known]
            server.delete(space_of(server.address.name, space), gone)
            count += len(gone)
    return count


def lacking_ids(server: Server, spaces: Collection[str], after: str, limit: int, *, lost: Collection[str]) -> list[str]:
    """Give the first ids behind one whose records lack a vector in one of some spaces, in ascending order.

    In those that were `lost`, all do.

    Raises:
        BadInput: `after` is no id.
    """
    if after and not is_id(after):
        raise BadInput("This is no cursor.", "Begin again without one.")
    name, found = server.address.name, list[str]()
    for rows in stream(server, records_of(name), "", ("id",), after):
        ids = [row["id"] for row in rows if row["id"] > after]
        if not ids:
            continue
        between = all_of([f"id >= {quoted(ids[0])}", f"id <= {quoted(ids[-1])}"])
        held = [
            set() if space in lost else {row["id"] for row in fetch(server, space_of(name, space), between, ("id",))}
            for space in spaces
        ]
        found += [id_ for id_ in ids if not all(id_ in one for one in held)]
        if len(found) >= limit:
            break
    return found[:limit]


def count_lacking(server: Server, spaces: Collection[str], *, lost: Collection[str]) -> int:
    """Count the records that lack a vector in one of some spaces; too few where vectors of no record lie around.

    In those that were `lost`, all do.
    """
    name = server.address.name
    records = server.count(records_of(name), "")
    if any(space in lost for space in spaces):
        return records
    missing = [records - server.count(space_of(name, space), "") for space in spaces]
    if sum(one != 0 for one in missing) <= 1:
        return max(0, sum(missing))
    return len(lacking_ids(server, spaces, "", records, lost=lost))
