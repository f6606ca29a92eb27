"""Is a gallery on Milvus sound? Whether all collections are there, and vectors and records belong together."""

from collections.abc import Iterator
from shlex import quote

from lookalike.gallery.milvus.embedding import orphaned
from lookalike.gallery.milvus.schema import notes_of, records_of, space_of
from lookalike.gallery.milvus.server import Server
from lookalike.gallery.milvus.spaces import Spaces


def findings(server: Server, spaces: Spaces) -> Iterator[str]:
    """Say what is wrong, a sentence each."""
    name = server.address.name
    base = {records_of(name): "records", notes_of(name): "notes"}
    gone = {collection: what for collection, what in base.items() if not server.has(collection)}
    for collection, what in gone.items():
        yield f"The collection {collection} with the gallery's {what} is gone: restore it, or use another gallery."
    if notes_of(name) in gone:
        return
    serving = spaces.serving
    for one, space in spaces.known.items():
        if not server.has(space_of(name, one)):
            anew = f"`lookalike reencode --encoder {quote(space.encoder)}"
            drop = f"`lookalike reencode --drop {quote(one)}`"
            fix = f"{anew}` makes" if one in serving.now else f"{drop} gives them up, {anew} --no-switch` makes"
            yield f"The collection {space_of(name, one)} with the vectors of {one} is gone: {fix} them anew."
        elif records_of(name) not in gone:
            orphans = len(orphaned(server, one))
            if orphans:
                yield f"{orphans:,} vectors of {one} belong to no record: `lookalike reencode` deletes them."
