"""How do records get into a further space, and which of them are not in it yet? By their vectors alone."""

import math
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from lookalike.errors import BadInput, GalleryError
from lookalike.gallery.milvus.codes import all_of, is_id, quoted
from lookalike.gallery.milvus.columns import columns_of, terms_of
from lookalike.gallery.milvus.rows import HEAD, to_record
from lookalike.gallery.milvus.schema import records_of, space_of
from lookalike.gallery.milvus.server import Server
from lookalike.gallery.milvus.walking import fetch, stream
from lookalike.gallery.serving import Embedded
from lookalike.types import Space

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
            raise GalleryError(f"The gallery holds no space {name!r}.", f"It holds: {', '.join(spaces) or 'none'}.")
        if vector.shape != (spaces[name].dim,):
            what = f"The embedding {name!r} of {owner!r} has {vector.size} dimensions, not {spaces[name].dim}."
            raise GalleryError(what, "Use the encoder that the gallery was made with.")
        exact = vector.astype(np.float32)
        length = math.sqrt(exact.dot(exact))
        if not abs(length - 1) <= _NORM_TOLERANCE:
            raise BadInput(f"The embedding {name!r} of {owner!r} is no unit vector: its length is {length}.")


def embed(server: Server, made: Sequence[Embedded], spaces: Mapping[str, Space]) -> list[str]:
    """Add vectors to records, and give the ids of those that took them."""
    for one in made:
        check_vectors(one.id, one.embeddings, spaces)
    wanted = {one.id: one for one in made if is_id(one.id)}
    rows = server.rows(records_of(server.address.name), list(wanted), HEAD)
    known = {id_: to_record(row, {}, features=False) for id_, row in rows.items()}
    taking = [one for one in wanted.values() if one.id in known and known[one.id].sha256 in {"", one.sha256}]
    columns = {one.id: columns_of(known[one.id], terms_of(known[one.id], known[one.id].path)) for one in taking}
    for name in {name for one in taking for name in one.embeddings}:
        server.upsert(
            space_of(server.address.name, name),
            [
                {"id": one.id, "vector": one.embeddings[name], **columns[one.id]}
                for one in taking
                if name in one.embeddings
            ],
        )
    return [one.id for one in taking]


def lacking_ids(server: Server, spaces: Collection[str], after: str, limit: int) -> list[str]:
    """Give the first ids behind one whose records lack a vector in one of some spaces, in ascending order.

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
        held = [{row["id"] for row in fetch(server, space_of(name, space), between, ("id",))} for space in spaces]
        found += [id_ for id_ in ids if not all(id_ in one for one in held)]
        if len(found) >= limit:
            break
    return found[:limit]


def count_lacking(server: Server, spaces: Collection[str]) -> int:
    """Count the records that lack a vector in one of some spaces."""
    name = server.address.name
    records = server.count(records_of(name), "")
    missing = [records - server.count(space_of(name, space), "") for space in spaces]
    if sum(one != 0 for one in missing) <= 1:
        return max(0, sum(missing))
    return len(lacking_ids(server, spaces, "", records))
