"""How does one fill a gallery from the terminal?"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lookalike.cli.failing import INTERRUPTED, say
from lookalike.cli.options import (
    EncoderOption,
    ExcludeOption,
    FeaturesOption,
    GalleryOption,
    JsonOption,
    argument,
    flag,
    open_library,
)
from lookalike.cli.progress import Tally, following
from lookalike.cli.terminal import plural, print_json, readable

if TYPE_CHECKING:
    from lookalike.library import Lookalike
    from lookalike.sources import FolderSource
    from lookalike.types import Ingested


def index(  # noqa: PLR0913, PLR0917 - one parameter an option
    context: typer.Context,
    paths: Annotated[list[Path], argument("PATH", "Files and folders of pictures.")],
    exclude: ExcludeOption = None,
    watch: Annotated[bool, flag("--watch", "Go on, and follow what appears, changes and vanishes.")] = False,
    gallery: GalleryOption = None,
    encoder: EncoderOption = None,
    features: FeaturesOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take pictures in, and forget those that vanished.

    Pictures that have not changed since the last time cost nothing. Stop it at any time; the same command goes on.
    """
    tally = Tally()
    given = {"gallery": gallery, "encoder": encoder, "exclude": exclude, "features": features}
    with open_library(context, create=True, **given) as library:
        try:
            for source in _sources(library.folder_source(paths), watch=watch):
                _take_in(source, library, tally, as_json=as_json)
                if watch:
                    _report(tally, library, gallery, as_json=as_json)
                    say("Watching; stop with Ctrl-C.")
                    tally = Tally()
        except KeyboardInterrupt as error:
            say("Stopped; what was indexed is kept; run the same command to go on.")
            raise typer.Exit(INTERRUPTED) from error
        _report(tally, library, gallery, as_json=as_json)


def _sources(everything: "FolderSource", *, watch: bool) -> Iterator["FolderSource"]:
    if not watch:
        return iter([everything])
    from lookalike.sources.watch import watch_folders

    return watch_folders(everything)


def _take_in(source: "FolderSource", library: "Lookalike", tally: Tally, *, as_json: bool) -> None:

    outcomes = library.ingest(source)
    with closing(following(outcomes, tally, source)) as followed:
        for one in followed:
            if as_json:
                print_json(ingested_json(one))


def ingested_json(one: "Ingested") -> dict[str, str]:
    """Give what became of one item as JSON."""
    from lookalike.types import uri_path

    return {"uri": one.uri, "path": uri_path(one.uri), "outcome": one.outcome, "reason": one.reason, "id": one.id}


def _report(tally: Tally, library: "Lookalike", gallery: str | None, *, as_json: bool) -> None:
    if as_json:
        say(tally.summary())
    else:
        print(tally.summary(), flush=True)
    failed = len(library.gallery.failures())
    if failed:
        option = f" --gallery {readable(gallery)}" if gallery else ""
        say(f"{plural(failed, 'file')} could not be read: `lookalike failures{option}` says why.")
