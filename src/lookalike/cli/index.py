"""How does one fill a gallery from the terminal?"""

import time
from contextlib import closing
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lookalike.cli.failing import INTERRUPTED, report, say
from lookalike.cli.options import (
    BeamsOption,
    CaptionerOption,
    CaptionsOption,
    EncoderOption,
    ExcludeOption,
    FeaturesOption,
    GalleryOption,
    JsonOption,
    MaxTokensOption,
    argument,
    check_excluded,
    check_there,
    flag,
    open_library,
    option,
)
from lookalike.cli.progress import Tally, following
from lookalike.cli.terminal import plural, print_json, readable
from lookalike.cli.wording import ingested_json, named
from lookalike.errors import BadInput, LookalikeError

if TYPE_CHECKING:
    from lookalike.library import Lookalike
    from lookalike.sources import FolderSource, Source
    from lookalike.types import Failure

_TOLD = 3
"""Failures that are told at once; of more, `lookalike failures` tells."""
_PAUSE_S = 2.0
"""Until it is tried again, while watching, to take in what could not be stored; twice as long each time."""
_LONGEST_PAUSE_S = 300.0


def index(  # noqa: PLR0913, PLR0917 - one parameter an option
    context: typer.Context,
    paths: Annotated[list[Path], argument("PATH", "Files and folders of pictures.", Path)] = [],  # noqa: B006
    exclude: ExcludeOption = None,
    watch: Annotated[bool, flag("--watch", "Go on, and follow what appears, changes and vanishes.")] = False,
    captions: CaptionsOption = None,
    captioner: CaptionerOption = None,
    beams: BeamsOption = None,
    max_tokens: MaxTokensOption = None,
    table: Annotated[
        Path | None,
        option(
            "--table",
            "FILE",
            "The pictures that a table names, with what it says of them: .csv, .tsv, .jsonl, .parquet, "
            "custom_dataset.json, dataset.json and captions of Flickr8k and COCO.",
            Path,
        ),
    ] = None,
    images: Annotated[
        Path | None,
        option("--images", "FOLDER", "Where the table's paths count from; else the table's own folder.", Path),
    ] = None,
    columns: Annotated[
        list[str] | None,
        option(
            "--map",
            "FIELD=COLUMN",
            "Which column of the table is image, caption, title, tags, label, owner, link or version, where its name "
            "does not tell. May be repeated.",
        ),
    ] = None,
    encoding: Annotated[str, option("--encoding", "NAME", "How the table is written, if not in UTF-8.")] = "utf-8",
    trusted: Annotated[
        bool, flag("--trust-table", "Let the table name files anywhere on this machine, not in its folder only.")
    ] = False,
    gallery: GalleryOption = None,
    encoder: EncoderOption = None,
    features: FeaturesOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take pictures in, and forget those that vanished.

    Pictures that have not changed since the last time cost nothing. Stop it at any time; the same command goes on.
    If a folder is empty now, and was empty before its pictures were taken in, its drive is probably not mounted, and
    its pictures stay. Pictures that a person described stay whenever their folder is empty.
    """
    tally = Tally()
    if not paths and table is None:
        raise BadInput("There is nothing to index.", "Give a folder of pictures, or a table with --table.")
    if table is None and (images or columns or trusted or encoding != "utf-8"):
        what = "--images, --map, --encoding and --trust-table say how to read a table."
        raise BadInput(what, "Name it with --table.")
    if exclude and not paths:
        what = "--exclude says which names in folders to pass over, not which rows of a table."
        raise BadInput(what, "Leave it out.")
    if watch and not paths:
        raise BadInput("A table cannot be watched.", "Index it again when it has changed.")
    if captions is None and captioner is not None:
        captions = captioner != "none"
    given: dict[str, object] = {"gallery": gallery, "encoder": encoder, "exclude": exclude}
    given |= {"features": features, "captions": captions, "captioner": captioner}
    given |= {"caption_beams": beams, "caption_tokens": max_tokens}
    check_there([*paths, *filter(None, [table])])
    check_excluded(exclude, paths)
    with open_library(context, create=True, **given) as library:
        try:
            if table is not None:
                mapped = _columns(columns or [])
                options: dict[str, Any] = {"images": images, "encoding": encoding, "trusted": trusted}
                _take_in(library.table_source(table, columns=mapped, **options), library, tally, as_json=as_json)
            if watch:
                _follow(library.folder_source(paths), library, gallery, tally, as_json=as_json)
            elif paths:
                _take_in(library.folder_source(paths), library, tally, as_json=as_json)
        except KeyboardInterrupt as error:
            say("Stopped; what was indexed is kept; run the same command to go on.")
            raise typer.Exit(INTERRUPTED) from error
        _report(tally, library.gallery.failures(), library, gallery, as_json=as_json)


def _columns(given: list[str]) -> dict[str, list[str]]:
    """Read `FIELD=COLUMN` for each."""
    columns: dict[str, list[str]] = {}
    for text in given:
        field, sign, column = text.partition("=")
        if not sign or not column:
            raise BadInput(f"--map {text!r} names no column.", "Write it like --map caption=description.")
        columns.setdefault(field.strip(), []).append(column)
    return columns


def _follow(
    everything: "FolderSource", library: "Lookalike", gallery: str | None, tally: Tally, *, as_json: bool
) -> None:
    """Take in what is there and then, for ever, what changes; report what is new, at first with what is in `tally`."""
    from lookalike.sources.watch import watch_folders

    failed: int | None = None
    for source in watch_folders(everything, tell=say):
        before = failed
        if before is None:  # what hinders it from the beginning does not pass
            _take_in(source, library, tally, as_json=as_json)
            failures = library.gallery.failures()
        else:
            failures = _take_in_patiently(source, everything, library, tally, as_json=as_json)
        failed = len(failures)
        if tally.changed or failed != before:
            _report(tally, failures, library, gallery, as_json=as_json)
            say("Watching; stop with Ctrl-C.")
        tally = Tally()


def _take_in_patiently(
    source: "FolderSource", everything: "FolderSource", library: "Lookalike", tally: Tally, *, as_json: bool
) -> "list[Failure]":
    """Take in what changed; where the gallery cannot store it for a while, look at everything again after a pause.

    Returns what could not be taken in. A drive that has gone meanwhile is left out: its folders would be said to be
    missing, however often it is tried.
    """
    pause_s, said = _PAUSE_S, ""
    while True:
        try:
            _take_in(source, library, tally, as_json=as_json, unchanged=False)
            return library.gallery.failures()
        except LookalikeError as error:
            if error.what != said:
                report(error)
                say("This is tried again until it can be done; stop with Ctrl-C.")
            time.sleep(pause_s)
            source, pause_s, said = everything.there(), min(2 * pause_s, _LONGEST_PAUSE_S), error.what
            tally.begin_again()


def _take_in(source: "Source", library: "Lookalike", tally: Tally, *, as_json: bool, unchanged: bool = True) -> None:
    """Take pictures in, and print what became of them; of the `unchanged` where that is wanted."""
    outcomes = library.ingest(source)
    with closing(following(outcomes, tally, source)) as followed:
        for one in followed:
            if as_json and (unchanged or one.outcome != "unchanged"):
                print_json(ingested_json(one))


def _report(
    tally: Tally, failures: "list[Failure]", library: "Lookalike", gallery: str | None, *, as_json: bool
) -> None:
    from lookalike.gallery import is_on_server

    if as_json:
        say(tally.summary())
    else:
        print(tally.summary(), flush=True)
    if len(failures) <= _TOLD:
        for one in failures:
            say(f"{readable(named(one.uri))}: {readable(one.reason)}")
        return
    shown = library.gallery_argument if is_on_server(gallery or "") else gallery
    option = f" --gallery {readable(quote(shown))}" if shown else ""
    say(f"{plural(len(failures), 'file')} could not be taken in: `lookalike failures{option}` says why.")
