"""How does an assistant come to a gallery?"""

from importlib.util import find_spec

import typer

from lookalike.cli.options import EncoderOption, GalleryOption, open_library
from lookalike.errors import MissingExtra


def mcp(context: typer.Context, gallery: GalleryOption = None, encoder: EncoderOption = None) -> None:
    """Let an assistant search the gallery: speak the Model Context Protocol on standard input and output.

    It is started by the assistant's program, not by hand. The tools search_by_image, search_by_text, describe_image and
    list_duplicates only look; nothing is changed.
    """
    if find_spec("mcp") is None:
        raise MissingExtra("The package mcp is not installed.", "Install it: pip install 'lookalike[mcp]'.")
    from lookalike.mcp.server import make_server

    with open_library(context, gallery=gallery, encoder=encoder) as library:
        library.gallery.count()  # a gallery that is not there is said at once, on stderr
        make_server(library).run("stdio")
