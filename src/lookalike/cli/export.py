"""How does a gallery leave as files that other programs read?"""

import shutil
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lookalike.cli.failing import NOTHING, say
from lookalike.cli.options import GalleryOption, WhereOption, argument, open_library
from lookalike.cli.terminal import plural, readable


class Layout(StrEnum):
    """How the files are laid out."""

    PARQUET = "parquet"
    CLIP_RETRIEVAL = "clip-retrieval"


def export(
    context: typer.Context,
    out: Annotated[Path, argument("OUT", "A new file, or a new folder for clip-retrieval.", Path)],
    layout: Annotated[
        Layout, typer.Option("--layout", help="One Parquet file, or the folders that clip-retrieval reads.")
    ] = Layout.PARQUET,
    where: WhereOption = "",
    gallery: GalleryOption = None,
) -> None:
    """Write what the gallery knows, vectors included, to files.

    Exit with 1 if there is nothing to write.
    """
    from lookalike.exchange import export_gallery
    from lookalike.gallery.filters import parse_filter

    with open_library(context, gallery=gallery) as library:
        count = export_gallery(library.gallery, out, parse_filter(where), layout.value)
    if not count:
        _take_away(out)
        say("There is nothing to write.")
        raise typer.Exit(NOTHING)
    print(readable(f"{plural(count, 'picture')} in {out}"))


def _take_away(out: Path) -> None:
    """Leave nothing where files without a row have just been written, and nothing was before."""
    if out.is_dir():
        shutil.rmtree(out)
    else:
        out.unlink()
