"""Which pictures could not be read, and why?"""

from collections import defaultdict
from typing import TYPE_CHECKING, Annotated

import typer

from lookalike.cli.failing import say
from lookalike.cli.options import EncoderOption, GalleryOption, JsonOption, flag, open_library
from lookalike.cli.progress import Tally, following
from lookalike.cli.terminal import plural, print_json, readable
from lookalike.cli.wording import named
from lookalike.uris import uri_path

if TYPE_CHECKING:
    from lookalike.library import Lookalike
    from lookalike.types import Failure


def failures(
    context: typer.Context,
    retry: Annotated[bool, flag("--retry", "Try them again, and list what fails still.")] = False,
    gallery: GalleryOption = None,
    encoder: EncoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the pictures that could not be read, by reason."""
    with open_library(context, gallery=gallery, encoder=encoder) as library:
        if retry:
            _retry(library)
        left = library.gallery.failures()
    if as_json:
        for failure in left:
            print_json(_json(failure))
    else:
        _print(left)


def _retry(library: "Lookalike") -> None:
    """Index just what failed; failures of files that vanished meanwhile are forgotten."""
    files, web = library.sources_to_retry()
    tally = Tally()
    for source in (files, web):
        for _ in following(library.ingest(source, retry=True), tally, source):
            pass
    say(f"Tried {plural(len(files.roots) + len(web), 'file')} again: {tally.summary()}.")


def _json(failure: "Failure") -> dict[str, str]:
    return {
        "uri": failure.uri,
        "path": uri_path(failure.uri),
        "outcome": failure.outcome,
        "reason": failure.reason,
        "at": failure.at.isoformat(),
    }


def _print(left: list["Failure"]) -> None:
    from lookalike.sources.failed import waits_for_indexing

    if not left:
        print("No failures.")
    by_reason: dict[str, list[Failure]] = defaultdict(list)
    for failure in left:
        by_reason[failure.reason].append(failure)
    for reason, alike in sorted(by_reason.items(), key=lambda pair: -len(pair[1])):
        print(f"{plural(len(alike), 'file')}: {readable(reason)}")
        for failure in alike:
            print(f"    {readable(named(failure.uri))}")
    if any(waits_for_indexing(failure.uri) for failure in left):
        say("Folders and tables are tried again when you index them again: lookalike index FOLDER")
