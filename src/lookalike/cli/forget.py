"""How does one take pictures out of a gallery?"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from lookalike.cli.failing import NOTHING, say
from lookalike.cli.naming import known_uris
from lookalike.cli.options import GalleryOption, argument, open_library
from lookalike.cli.terminal import plural
from lookalike.uris import image_id

if TYPE_CHECKING:
    from lookalike.gallery import Gallery

_BATCH = 500


def forget(
    context: typer.Context,
    pictures: Annotated[list[str], argument("PATH|ID", "Files, folders with all below, ids or URIs.")],
    gallery: GalleryOption = None,
) -> None:
    """Take pictures out of the gallery; the files stay where they are. Exit with 1 if none was in it.

    A folder that is indexed again brings its pictures back. What you wrote about a picture goes to one of the same
    bytes that the gallery holds elsewhere, unless somebody has described that: so, after moving a folder, index the
    new place and then forget the old one.
    """
    with open_library(context, gallery=gallery) as library:
        uris = sorted({uri for text in pictures for uri in known_uris(text, library.gallery)})
        heirs = _forget(uris, library.gallery)
    if not uris:
        say("None of these is in the gallery.")
        raise typer.Exit(NOTHING)
    print(f"Forgot {plural(len(uris), 'picture')}. The files are untouched.")
    if heirs:
        print(f"What was written about {heirs:,} of them stays with the same pictures elsewhere.")


def _forget(uris: Sequence[str], gallery: "Gallery") -> int:
    """Forget pictures; tells of how many what a person wrote was passed on."""
    from lookalike.describing import has_persons_words
    from lookalike.ingest.inheriting import copies_of, pass_on

    heirs, vanished = 0, {image_id(uri) for uri in uris}
    for start in range(0, len(uris), _BATCH):
        batch = uris[start : start + _BATCH]
        ids = [image_id(uri) for uri in batch]
        described = list(filter(has_persons_words, gallery.get(ids)))
        heirs += pass_on(described, copies_of(described, gallery, vanished), gallery)
        gallery.delete(ids)
        gallery.drop_failures(batch)
    return heirs
