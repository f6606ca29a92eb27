"""How is a gallery on Milvus opened? Its collections are made where they never were, and loaded."""

import time

from lookalike.errors import GalleryError, NotFound
from lookalike.gallery.milvus import schema
from lookalike.gallery.milvus.address import Address
from lookalike.gallery.milvus.notes import Notes
from lookalike.gallery.milvus.server import Server

_MAKING_S = 5.0
"""How long another program may take from making the one collection to making the other."""


def open_server(url: str, *, create: bool, token: str) -> Server:
    """Connect to the server that holds a gallery, and have the gallery ready there.

    Raises:
        LookalikeError: as `MilvusGallery.open` says; or the gallery's records, or its notes, are gone.
    """
    server = Server(Address.parse(url, token))
    try:
        notes = Notes(server)
        if create:
            _make(server, notes)
        else:
            _load(server, notes)
        notes.require_known_layout()
        for name in notes.spaces():
            collection = schema.space_of(server.address.name, name)
            if server.has(collection):  # one that was lost is made anew when it is next filled
                server.load(collection)
    except BaseException:
        server.close()
        raise
    return server


def _make(server: Server, notes: Notes) -> None:
    """Make what is not there yet. Raises as `_check_whole`."""
    _check_whole(server, notes)
    schema.make_base(server)
    notes.begin()


def _check_whole(server: Server, notes: Notes) -> None:
    """Look whether a gallery has lost its records or its notes.

    Raises:
        GalleryError: it has: to make an empty collection in its place would hide that.
    """
    records, noted = schema.records_of(server.address.name), schema.notes_of(server.address.name)
    if server.has(noted) and not _comes(server, records):
        server.load(noted)
        if notes.is_begun:
            raise _gone(server, "records", records, noted)
    if server.has(records) and not _comes(server, noted) and server.ask("list_indexes", records):
        server.load(records)
        if server.count(records, ""):
            raise _gone(server, "notes", noted, records)


def _comes(server: Server, collection: str) -> bool:
    """Whether a collection is there, or another program makes it meanwhile, which is left alone then."""
    deadline = time.monotonic() + _MAKING_S
    while not (is_there := server.has(collection)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return is_there


def _gone(server: Server, what: str, collection: str, left: str) -> GalleryError:
    return GalleryError(
        f"The {what} of the gallery {server.address.url} are gone: {collection} is not there.",
        f"Bring Milvus's backup back; or drop {left}, too, and index again.",
    )


def _load(server: Server, notes: Notes) -> None:
    """Have what is there loaded.

    Raises:
        NotFound: nothing is.
        GalleryError: as `_check_whole`.
    """
    _check_whole(server, notes)
    if server.has(schema.notes_of(server.address.name)):
        schema.load_base(server)
        if notes.is_begun:
            return
    raise NotFound(f"There is no gallery at {server.address.url}.", "Make it with `lookalike index FOLDER`.")
