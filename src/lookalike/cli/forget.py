"""How does one take pictures out of a gallery?"""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lookalike.cli.failing import say
from lookalike.cli.options import GalleryOption, argument, open_library
from lookalike.cli.terminal import plural
from lookalike.errors import BadInput

if TYPE_CHECKING:
    from lookalike.gallery import Gallery

_NOTHING = 1
_BATCH = 500


def forget(
    context: typer.Context,
    pictures: Annotated[list[str], argument("PATH|ID", "Files, folders with all below, ids or URIs.")],
    gallery: GalleryOption = None,
) -> None:
    """Take pictures out of the gallery; the files stay where they are. Exit with 1 if none was in it.

    A folder that is indexed again brings its pictures back.
    """
    with open_library(context, gallery=gallery) as library:
        uris = sorted({uri for text in pictures for uri in _uris(text, library.gallery)})
        _forget(uris, library.gallery)
    if not uris:
        say("None of these is in the gallery.")
        raise typer.Exit(_NOTHING)
    print(f"Forgot {plural(len(uris), 'picture')}. The files are untouched.")


def _uris(text: str, gallery: "Gallery") -> Iterator[str]:
    """Find what the gallery knows under an id, a uri, or a path that need not be there any more."""
    if not text:  # a script's empty variable must not mean the folder one happens to be in
        raise BadInput("An empty text names no picture.", "Give a path or an id; `.` is the folder you are in.")
    if re.fullmatch(r"[a-z2-7]{16}", text):
        yield from (record.uri for record in gallery.get([text]))
    uri = text if re.match(r"[a-z][a-z0-9+.-]*:", text) else Path(os.path.abspath(text)).as_uri()  # noqa: PTH100
    below = uri.rstrip("/") + "/"
    for known, _ in gallery.versions(uri.rstrip("/")):
        if known == uri or known.startswith(below):
            yield known


def _forget(uris: Sequence[str], gallery: "Gallery") -> None:
    from lookalike.types import image_id

    for start in range(0, len(uris), _BATCH):
        batch = uris[start : start + _BATCH]
        gallery.delete([image_id(uri) for uri in batch])
        gallery.drop_failures(batch)
