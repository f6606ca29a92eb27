"""Which pictures could not be read, and why?"""

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lookalike.cli.failing import say
from lookalike.cli.options import EncoderOption, GalleryOption, JsonOption, flag, open_library
from lookalike.cli.progress import Tally, following
from lookalike.cli.terminal import plural, print_json, readable

if TYPE_CHECKING:
    from lookalike.fetch import Fetcher
    from lookalike.library import Lookalike
    from lookalike.types import Failure, Item

_WEB = ("http://", "https://")


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
    """Index just what failed; files that vanished meanwhile are forgotten, but no folder: a drive may be missing."""
    from lookalike.types import local_path

    failed = [(failure, local_path(failure.uri)) for failure in library.gallery.failures()]
    paths = [path for failure, path in failed if path and (not failure.uri.endswith("/") or os.path.lexists(path))]
    web = [failure for failure, _ in failed if failure.uri.startswith(_WEB)]
    tally = Tally()
    for source in (library.folder_source(paths, may_be_missing=True), _Web(web, library.fetcher)):
        for _ in following(library.ingest(source, retry=True), tally, source):
            pass
    say(f"Tried {plural(len(paths) + len(web), 'file')} again: {tally.summary()}.")


class _Web:
    """Offers pictures on the web that failed; what a table says of them comes when that is indexed again."""

    prefixes: tuple[str, ...] = ()

    def __init__(self, failed: Sequence["Failure"], fetcher: "Fetcher") -> None:
        self._failed = failed
        self._fetcher = fetcher

    def items(self) -> Iterator["Item"]:
        from lookalike.types import Item

        for failure in self._failed:
            yield Item(uri=failure.uri, version=failure.version.partition(" ")[0])

    def passes_over(self, uri: str, stamp: str) -> bool:  # noqa: ARG002
        return True

    def open(self, item: "Item") -> Path | bytes:
        return self._fetcher.get(item.uri).content


def _json(failure: "Failure") -> dict[str, str]:
    from lookalike.types import uri_path

    return {
        "uri": failure.uri,
        "path": uri_path(failure.uri),
        "outcome": failure.outcome,
        "reason": failure.reason,
        "at": failure.at.isoformat(),
    }


def _print(left: list["Failure"]) -> None:
    if not left:
        print("No failures.")
    by_reason: dict[str, list[Failure]] = defaultdict(list)
    for failure in left:
        by_reason[failure.reason].append(failure)
    for reason, alike in sorted(by_reason.items(), key=lambda pair: -len(pair[1])):
        print(f"{plural(len(alike), 'file')}: {readable(reason)}")
        for failure in alike:
            print(f"    {readable(_named(failure.uri))}")


def _named(uri: str) -> str:
    from lookalike.types import uri_path

    return uri if uri.startswith(_WEB) else uri_path(uri)
