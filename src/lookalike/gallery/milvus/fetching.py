"""How are records read again: by their ids, by what they carry, or as a list of what is known of which version?"""

from collections.abc import Collection, Iterator, Sequence

from lookalike.gallery.milvus.codes import any_of, begins_with, code_of, is_id
from lookalike.gallery.milvus.notes import Notes
from lookalike.gallery.milvus.rows import FULL, HEAD, to_record
from lookalike.gallery.milvus.schema import records_of
from lookalike.gallery.milvus.server import Server
from lookalike.gallery.milvus.spaces import Spaces
from lookalike.gallery.milvus.walking import fetch, stream
from lookalike.types import ImageRecord


def records_by_id(server: Server, spaces: Spaces, ids: Sequence[str], *, embeddings: bool) -> list[ImageRecord]:
    """Give records in the order asked, with vectors and features if wanted; unknown ids are left out."""
    wanted = [id_ for id_ in dict.fromkeys(ids) if is_id(id_)]
    rows = server.rows(records_of(server.address.name), wanted, FULL if embeddings else HEAD)
    held = {}
    if embeddings and rows:
        held = {name: spaces.search(space).vectors(list(rows)) for name, space in spaces.present.items()}
    found = {
        id_: to_record(
            row, {name: vectors[id_] for name, vectors in held.items() if id_ in vectors}, features=embeddings
        )
        for id_, row in rows.items()
    }
    return [found[id_] for id_ in ids if id_ in found]


def ids_by_value(server: Server, field: str, values: Collection[str]) -> dict[str, list[str]]:
    """Map each value of a field that is kept as a code to the ids of the records that carry it, oldest first."""
    codes = {code_of(field, value): value for value in values}
    found: dict[str, list[str]] = {}
    if codes:
        rows = fetch(server, records_of(server.address.name), any_of(field, codes), ("id", "added", field))
        for row in sorted(rows, key=lambda row: (row["added"], row["id"])):
            found.setdefault(codes[int(row[field])], []).append(row["id"])
    return found


def versions(server: Server, notes: Notes, prefix: str) -> Iterator[tuple[str, str]]:
    """Give (uri, version) of every record and failure whose uri starts so."""
    collection = records_of(server.address.name)
    for rows in stream(server, collection, begins_with("uri", prefix), ("uri", "version")):
        yield from ((row["uri"], row["version"]) for row in rows if row["uri"].startswith(prefix))
    yield from notes.failed_versions(prefix)
