"""Which engine opens a gallery? Its URL says so; what is none is the path of a file."""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lookalike.gallery import Gallery

SERVERS = {
    "milvus": "lookalike.gallery.milvus:MilvusGallery",
    "milvus+tls": "lookalike.gallery.milvus:MilvusGallery",
}
"""What a URL begins with → who opens it; anything else is the path of a file."""


def open_gallery(url: str | Path = "", *, create: bool = True, token: str = "") -> "Gallery":
    """Open a gallery: a path like `~/photos.gallery`, or a server's like `milvus://host:19530/photos`.

    An empty one is `default.gallery` in the user-data folder. With `create`, a path where nothing lies becomes a new,
    empty gallery. `token` is what a server asks for: `user:password`, or a key; what the URL says counts before it.

    Raises:
        BadInput: it is no path, and no URL that can be understood.
        MissingExtra: a package that such a server needs is not installed.
        NotFound: nothing lies there and `create` is off.
        Unreachable: the server does not answer.
        GalleryError: the file is no gallery, is newer than this program, or cannot be written.
    """
    scheme = is_on_server(url)
    gallery: Gallery
    if scheme:
        module, _, name = SERVERS[scheme].partition(":")
        gallery = getattr(import_module(module), name).open(str(url), create=create, token=token)
    else:
        gallery = import_module("lookalike.gallery.sqlite").SqliteGallery.open(url, create=create)
    return gallery


def shown_url(url: str | Path, *, whole: bool = False) -> str:
    """Give the url of a gallery on a server as its `url` would say it, without secrets; nothing is asked.

    The `whole` one holds its options, too, as a command needs them.

    Raises:
        BadInput: it cannot be understood.
    """
    address = import_module(f"{SERVERS[is_on_server(url)].partition(':')[0]}.address").Address.parse(str(url))
    shown: str = address.whole_url if whole else address.url
    return shown


def is_on_server(url: str | Path) -> str:
    """Give the scheme of a gallery that a server holds; empty for one in a file."""
    scheme = str(url).partition("://")[0].lower()
    return scheme if scheme in SERVERS else ""


def are_apart(url: str | Path, other: str | Path) -> bool:
    """Say whether two galleries are on two servers, so that what one of them asks for is not the other's to know.

    Raises:
        BadInput: as `shown_url` says.
    """
    if not (is_on_server(url) and is_on_server(other)):
        return False
    one, another = (shown_url(gallery).split("/")[2] for gallery in (url, other))
    return one != another
