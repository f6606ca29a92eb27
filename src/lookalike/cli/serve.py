"""How does one search from a browser?"""

import os
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Annotated

import typer

from lookalike.cli.failing import INTERRUPTED, report, report_bug, say
from lookalike.cli.options import (
    EncoderOption,
    ExcludeOption,
    FeaturesOption,
    GalleryOption,
    argument,
    flag,
    open_library,
    option,
)
from lookalike.cli.progress import Tally, following
from lookalike.errors import LookalikeError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from lookalike.library import Lookalike
    from lookalike.sources import FolderSource

_LET_GO_S = 5.0
"""How long the batch in hand may take to be stored after being told to stop; it would not be lost, only done again."""


def serve(  # noqa: PLR0913, PLR0917 - one parameter an option
    context: typer.Context,
    paths: Annotated[list[Path], argument("PATH", "Files and folders to index meanwhile.")] = [],  # noqa: B006
    exclude: ExcludeOption = None,
    host: Annotated[
        str | None, option("--host", "ADDRESS", "Where to listen: 127.0.0.1 if not set, 0.0.0.0 for the whole network.")
    ] = None,
    port: Annotated[int | None, option("--port", "N", "The port: 8077 if not set, 0 for any that is free.")] = None,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in the browser.")] = True,
    demo: Annotated[bool, flag("--demo", "Serve a gallery of pictures to try things with.")] = False,
    gallery: GalleryOption = None,
    encoder: EncoderOption = None,
    features: FeaturesOption = None,
) -> None:
    """Open the search page, and answer programs over HTTP.

    Runs until Ctrl-C. Only this machine can reach it, unless --host says otherwise.
    """
    if demo:
        from lookalike.demo import demo_folder, make_demo_pictures

        paths = [*paths, make_demo_pictures(demo_folder() / "pictures")]
        gallery = gallery or str(demo_folder() / "demo.gallery")
    given = {"gallery": gallery, "encoder": encoder, "exclude": exclude, "features": features}
    with open_library(context, create=True, host=host, port=port, **given) as library:
        from lookalike.service.server import BoundServer

        source = _source(paths, library)
        server = BoundServer(_make_app(library), library.settings.host, library.settings.port)
        try:
            with _indexing(source, library):
                server.run(lambda url: _announce(url, open_page=open_page))
        except KeyboardInterrupt as error:
            say("Stopped.")
            raise typer.Exit(INTERRUPTED) from error


def _source(paths: list[Path], library: "Lookalike") -> "FolderSource":
    """Plan the indexing, and refuse paths that are not there before anything starts."""
    source = library.folder_source(paths)
    next(source.items(), None)
    return source


def _make_app(library: "Lookalike") -> "FastAPI":
    from lookalike.service import Parts, ServiceLimits, allowed_hosts, create_app

    settings = library.settings
    parts = Parts(
        searcher=library.searcher,
        decoder=library.decoder,
        thumbnails=library.thumbnails,
        fingerprinter=library.fingerprinter,
        captioner=library.captioner if settings.captions else None,
        gate=lambda: library.gate,
        fetcher=library.fetcher,
        uploads=library.uploads,
        uploads_are_shared=bool(settings.uploads),
        limits=ServiceLimits(max_upload_bytes=settings.max_upload_bytes),
        hosts=allowed_hosts(settings.host, settings.hosts),
    )
    return create_app(parts)


def _announce(url: str, *, open_page: bool) -> None:
    print(f"Lookalike is at {url}", flush=True)
    say("Stop it with Ctrl-C.")
    if open_page and _has_desktop():
        Thread(target=webbrowser.open, args=(url,), daemon=True).start()


def _has_desktop() -> bool:
    """Whether a browser could show itself to the person at this terminal."""
    if sys.platform in {"darwin", "win32"}:
        return "SSH_CONNECTION" not in os.environ
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


@contextmanager
def _indexing(source: "FolderSource", library: "Lookalike") -> Iterator[None]:
    """Index in the background; at the end what is in hand is let go of, and the rest is left for the next time."""
    stop = Event()
    thread = Thread(target=_index, args=(source, library, stop), daemon=True)
    if source.roots:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        if source.roots:
            thread.join(_LET_GO_S)


def _index(source: "FolderSource", library: "Lookalike", stop: Event) -> None:

    tally = Tally()
    try:
        with library.make_decoder() as decoder:  # of its own, or every search would wait behind the folder
            for _ in following(library.ingest(source, decoder=decoder), tally, source):
                if stop.is_set():
                    return
        say(f"Indexed: {tally.summary()}.")
    except LookalikeError as error:
        if not stop.is_set():
            report(error)
    except Exception as error:  # noqa: BLE001 - the page goes on serving, and the person learns why indexing does not
        if not stop.is_set():
            report_bug(error)
