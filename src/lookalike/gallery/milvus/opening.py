"""How is a gallery on Milvus opened? Its collections are made where they never were, and loaded."""

from lookalike.errors import GalleryError, NotFound
from lookalike.gallery.milvus import schema
from lookalike.gallery.milvus.address import Address
from lookalike.gallery.milvus.notes import Notes
from lookalike.gallery.milvus.server import Server


def open_server(url: str, *, create: bool, token: str) -> Server:
    """Connect to the server that holds a gallery, and have the gallery ready there.

    Raises:
        LookalikeError: as `MilvusGallery.open` says; or the gallery's records are gone.
    """
    server = Server(Address.parse(url, token))
    try:
        notes = Notes(server)
        if create:
            _make(server, notes)
        else:
            _load(server, notes)
        for name in notes.spaces():
            server.load(schema.space_of(server.address.name, name))
    except BaseException:
        server.close()
        raise
    return server


def _make(server: Server, notes: Notes) -> None:
    """Make what is not there yet.

    Raises:
        GalleryError: it was there once: to make an empty collection in its place would hide that.
    """
    name = server.address.name
    if server.has(schema.notes_of(name)) and not server.has(schema.records_of(name)):
        server.load(schema.notes_of(name))
        if notes.is_begun:
            raise GalleryError(
                f"The records of the gallery {server.address.url} are gone: {schema.records_of(name)} is not there.",
                f"Bring Milvus's backup back; or drop {schema.notes_of(name)}, too, and index again.",
            )
    schema.make_base(server)
    notes.begin()


def _load(server: Server, notes: Notes) -> None:
    """Have what is there loaded.

    Raises:
        NotFound: nothing is.
    """
    if server.has(schema.notes_of(server.address.name)):
        schema.load_base(server)
        if notes.is_begun:
            return
    raise NotFound(f"There is no gallery at {server.address.url}.", "Make it with `lookalike index FOLDER`.")
