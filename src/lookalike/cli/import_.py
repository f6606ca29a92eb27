"""How do the files of `lookalike export`, or of clip-retrieval, come into a gallery?"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lookalike.cli.failing import say
from lookalike.cli.options import EncoderOption, GalleryOption, JsonOption, argument, check_there, open_library, option
from lookalike.cli.progress import Tally, following
from lookalike.cli.terminal import print_json
from lookalike.cli.wording import ingested_json
from lookalike.errors import BadInput

if TYPE_CHECKING:
    from lookalike.library import Lookalike
    from lookalike.types import Space

_TABLES = {".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".gz"}


def import_(
    context: typer.Context,
    source: Annotated[Path, argument("IN", "A Parquet file, or a folder of clip-retrieval.", Path)],
    space: Annotated[
        str | None, option("--space", "NAME", "What the vectors are, where the files do not say: mini@2/visual.", str)
    ] = None,
    gallery: GalleryOption = None,
    encoder: EncoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take in what `lookalike export` or clip-retrieval wrote.

    The pictures themselves are not needed. Whoever wrote the files decides which pictures of this machine the gallery
    will show: import what you trust.
    """
    from lookalike.exchange import check_readable, import_gallery

    if source.suffix.lower() in _TABLES and source.is_file():
        raise BadInput(
            f"{str(source)!r} is no export, but perhaps a table of pictures.",
            "To take in the pictures that a table names: lookalike index --table FILE",
        )
    check_there([source])
    if space is None:  # else only the gallery and its encoder know what the vectors are
        check_readable(source)
    tally = Tally()
    with open_library(context, gallery=gallery, encoder=encoder, create=True) as library:
        known = _known_space(space, library) if space else None
        for one in following(import_gallery(library.gallery, source, known), tally):
            if as_json:
                print_json(ingested_json(one))
            elif one.outcome.failed:
                say(f"{one.uri or 'a row'}: {one.reason}")
    say(tally.summary()) if as_json else print(tally.summary())


def _known_space(name: str, library: "Lookalike") -> "Space":
    known: Mapping[str, Space] = {**library.gallery.spaces, **library.encoder.spaces}
    if name not in known:
        raise BadInput(f"There is no space {name!r}.", f"Use one of these: {', '.join(sorted(known))}.")
    return known[name]
