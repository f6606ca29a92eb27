"""Is a gallery on Milvus sound? Whether all collections are there, and vectors and records belong together."""

from collections.abc import Iterator

from lookalike.gallery.milvus.schema import notes_of, records_of, space_of
from lookalike.gallery.milvus.server import Server
from lookalike.gallery.milvus.spaces import Spaces
from lookalike.gallery.milvus.walking import stream


def findings(server: Server, spaces: Spaces) -> Iterator[str]:
    """Say what is wrong, a sentence each."""
    name = server.address.name
    base = {records_of(name): "records", notes_of(name): "notes"}
    gone = {collection: what for collection, what in base.items() if not server.has(collection)}
    known = {} if notes_of(name) in gone else spaces.known
    vectors = {space_of(name, one): f"vectors of {one}" for one in known}
    gone |= {collection: what for collection, what in vectors.items() if not server.has(collection)}
    for collection, what in gone.items():
        yield f"The collection {collection} with the gallery's {what} is gone."
    if records_of(name) in gone:
        return
    for one in known:
        if space_of(name, one) not in gone:
            orphans = len(orphaned(server, one))
            if orphans:
                yield f"{orphans:,} vectors of {one} belong to no record: indexing was cut off there. Index again."


def orphaned(server: Server, space: str) -> list[str]:
    """Give the ids of vectors whose record is not there."""
    name = server.address.name
    found: list[str] = []
    for rows in stream(server, space_of(name, space), "", ("id",)):
        low, high = rows[0]["id"], rows[-1]["id"]
        where = f'id >= "{low}" && id <= "{high}"'
        known = {row["id"] for part in stream(server, records_of(name), where, ("id",)) for row in part}
        found += [row["id"] for row in rows if row["id"] not in known]
    return found
