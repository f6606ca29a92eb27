"""How does one search from a browser?"""

import logging
import os
import signal
import sys
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Thread, Timer
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from lookalike.cli.exposing import (
    access_for,
    checked_hosts,
    checked_origins,
    listening_for,
    urls_for_others,
    warning_about,
)
from lookalike.cli.failing import INTERRUPTED, TERMINATED, report, report_bug, say
from lookalike.cli.logs import log_to_stderr
from lookalike.cli.options import (
    CaptionerOption,
    CaptionsOption,
    EncoderOption,
    ExcludeOption,
    FeaturesOption,
    GalleryOption,
    argument,
    check_excluded,
    flag,
    open_library,
    option,
)
from lookalike.cli.progress import Tally, following
from lookalike.disk import expand_home
from lookalike.errors import LookalikeError
from lookalike.threads import share_arenas
from lookalike.uris import shown_path

if TYPE_CHECKING:
    from fastapi import FastAPI
    from opentelemetry.sdk.trace import TracerProvider

    from lookalike.config import Settings
    from lookalike.library import Lookalike
    from lookalike.service.access import Access
    from lookalike.service.ledger import Ledger
    from lookalike.service.needs import Service
    from lookalike.service.passage.metrics import Metrics
    from lookalike.sources import FolderSource

_LET_GO_S = 5.0
"""How long the batch in hand may take to be stored after being told to stop; it would not be lost, only done again."""
_LOADED_S = 5.0
"""How long a model that is just being loaded may take then."""
_END_S = 19.0
"""How long the end may take in all, of the 20 seconds that are promised."""


def serve(  # noqa: PLR0913, PLR0917 - one parameter an option
    context: typer.Context,
    paths: Annotated[list[Path], argument("PATH", "Files and folders to index meanwhile.", Path)] = [],  # noqa: B006
    exclude: ExcludeOption = None,
    host: Annotated[
        str | None,
        option("--host", "ADDRESS", "Where to listen: 127.0.0.1 if not set, 0.0.0.0 for the whole network.", str),
    ] = None,
    port: Annotated[int | None, option("--port", "N", "The port: 8077 if not set, 0 for any that is free.")] = None,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in the browser.")] = True,
    demo: Annotated[bool, flag("--demo", "Serve a gallery of pictures to try things with.")] = False,
    insecure: Annotated[
        bool, flag("--insecure", "Let anybody on the network in, without a key, to see, change and delete.")
    ] = False,
    log_format: Annotated[
        Literal["text", "json"] | None, option("--log-format", "text|json", "How to write the log: text if not set.")
    ] = None,
    gallery: GalleryOption = None,
    encoder: EncoderOption = None,
    features: FeaturesOption = None,
    captions: CaptionsOption = None,
    captioner: CaptionerOption = None,
) -> None:
    """Open the search page, and answer programs over HTTP.

    Runs until Ctrl-C. Only this machine can reach it, unless --host says otherwise, which takes a key: see
    `lookalike keys`.
    """
    if demo:
        paths, gallery = [*paths, _demo_pictures()], gallery or _demo_gallery(context.obj.config, encoder)
    check_excluded(exclude, paths)
    from lookalike.service.passage.metrics import Metrics

    share_arenas()
    metrics = Metrics()
    given: dict[str, object] = {"gallery": gallery, "encoder": encoder, "exclude": exclude, "features": features}
    given |= {"host": host, "port": port, "insecure": insecure or None, "log_format": log_format}
    given |= {"captions": captions, "captioner": captioner}
    with open_library(context, create=True, **given) as library:
        library.note_encoding = metrics.note_encoding
        named = library.gallery_argument if gallery else ""
        access = access_for(library.settings, library.keys, library.gallery_name, named)
        log_to_stderr(library.settings)
        try:
            with _ended_by_sigterm():
                _run(library, paths, open_page=open_page, access=access, metrics=metrics, named=named)
        except KeyboardInterrupt as error:
            say("Stopped.")
            raise typer.Exit(INTERRUPTED) from error


def _demo_pictures() -> Path:
    from lookalike.demo import demo_folder, make_demo_pictures

    return make_demo_pictures(demo_folder() / "pictures")


def _demo_gallery(config: Path | None, encoder: str | None) -> str:
    """Name the demo's gallery, which is made anew where it came from a Lookalike that saw otherwise."""
    from lookalike.config import load_settings
    from lookalike.demo import demo_gallery, put_outdated_aside

    aside = put_outdated_aside(demo_gallery(), settings=load_settings(config, encoder=encoder))
    if aside is not None:
        say(f"The demo was made with another encoder, and is made anew. The one before is now {aside}.")
    return str(demo_gallery())


def _run(
    library: "Lookalike", paths: list[Path], *, open_page: bool, access: "Access", metrics: "Metrics", named: str
) -> None:
    """Serve until somebody says to stop; `named` is the gallery where `--gallery` names it."""
    from lookalike.service.server import BoundServer

    how = listening_for(library.settings)
    with _ledger(library) as ledger, _tracing(library.settings) as tracing:
        source = _source(paths, library)
        app = _make_app(library, ledger, source, access=access, metrics=metrics, tracing=tracing)
        server = BoundServer(app, how=how)
        warning = warning_about(library.settings, access, named)
        urls = partial(urls_for_others, library.settings)
        with _looking_around(library), _indexing(source, app.state.service):
            server.run(lambda url: _announce(url, urls(url), warning, open_page=open_page), _end_in_time)


def _end_in_time(signal_number: int) -> None:
    """See to it that the program ends, though work in its threads may not: that cannot be broken off otherwise."""
    code = 128 + signal_number  # Source: POSIX, Shell Command Language, 2.8.2
    timer = Timer(_END_S, _break_off, [code])
    timer.daemon = True
    timer.start()


def _break_off(code: int) -> None:
    """End at once, as a kill would; whatever was answered for is on disk."""
    say("Something did not end in time, and was broken off. Nothing that was acknowledged is lost.")
    logging.shutdown()
    os._exit(code)


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Let a supervisor's SIGTERM end the program as it should end, rather than cut it off: parts are closed."""

    def leave(*_: object) -> None:
        sys.exit(TERMINATED)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _source(paths: list[Path], library: "Lookalike") -> "FolderSource":
    """Plan the indexing, and refuse paths that are not there before anything starts."""
    source = library.folder_source(paths)
    next(source.items(), None)
    return source


def _ledger(library: "Lookalike") -> "Ledger":
    """Open what the service remembers, beside the gallery; where nothing may be written, it forgets at the end."""
    from lookalike.service.ledger import Ledger

    try:
        return Ledger(library.ledger)
    except LookalikeError as error:
        say(f"{error.what} Until it can be, deletions cannot be taken back after a restart.")
        return Ledger()


def _make_app(library: "Lookalike", ledger: "Ledger", source: "FolderSource", **guarding: Any) -> "FastAPI":
    from lookalike.service import Parts, ServiceLimits, allowed_hosts, create_app

    settings = library.settings
    library.open_now()
    if settings.captions:
        library.captioning()
    parts = Parts(
        library=library,
        index_roots=(*map(expand_home, settings.index_roots), *source.roots),
        ledger=ledger,
        limits=ServiceLimits(max_upload_bytes=settings.max_upload_bytes, max_answer_s=settings.request_timeout_s),
        hosts=allowed_hosts(settings.host, checked_hosts(settings.hosts)),
        origins=checked_origins(settings.cors_origins),
        **guarding,
    )
    return create_app(parts)


@contextmanager
def _tracing(settings: "Settings") -> Iterator["TracerProvider | None"]:
    """Send traces to where the settings say; the last of them at the end."""
    if not settings.telemetry:
        yield None
        return
    from lookalike.service.passage.traces import start_tracing

    provider = start_tracing(settings.telemetry)
    try:
        yield provider
    finally:
        provider.shutdown()


@contextmanager
def _looking_around(library: "Lookalike") -> Iterator[None]:
    """Look around meanwhile. A model that is being loaded when the program ends would abort it, so it is waited for."""
    looking = Thread(target=_look_around, args=(library,), daemon=True)
    looking.start()
    try:
        yield
    finally:
        looking.join(_LOADED_S)


def _look_around(library: "Lookalike") -> None:
    """Load what somebody would wait for: the captioner, which may have to be fetched, and the index of copies.

    Then ask the registry for news. Of a library that is closed meanwhile nothing is opened, and nothing said.
    """
    from lookalike.cli.newer import newer_models

    try:
        library.captioning()
    except LookalikeError as error:
        if not library.is_closed:
            report(error)
    with suppress(LookalikeError):  # whoever searches is told
        library.copies.refresh()
    try:
        for sentence in newer_models(library.gallery):
            say(sentence)
    except LookalikeError as error:
        if not library.is_closed:
            say(f"Nobody knows whether there is a newer version of the encoder: {error.what}")


def _announce(url: str, for_others: Sequence[str], warning: str, *, open_page: bool) -> None:
    print(f"Lookalike is at {url}", flush=True)
    if for_others:
        say(f"On the network it is at {' or '.join(for_others)}")
    if warning:
        say(warning)
    say("Stop it with Ctrl-C.")
    if open_page and _has_desktop():
        Thread(target=webbrowser.open, args=(url,), daemon=True).start()


def _has_desktop() -> bool:
    """Whether a browser could show itself to the person at this terminal."""
    if sys.platform in {"darwin", "win32"}:
        return "SSH_CONNECTION" not in os.environ
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


@contextmanager
def _indexing(source: "FolderSource", service: "Service") -> Iterator[None]:
    """Index in the background; at the end what is in hand is let go of, and the rest is left for the next time."""
    thread = Thread(target=_index, args=(source, service), daemon=True)
    if source.roots:
        thread.start()
    try:
        yield
    finally:
        service.close()
        if source.roots:
            thread.join(_LET_GO_S)


def _index(source: "FolderSource", service: "Service") -> None:
    """Index as a job, which whoever may can watch and cancel."""
    from lookalike.service.jobs import JobKind
    from lookalike.service.jobs.indexing import taking_in

    tally, about = Tally(), ", ".join(map(shown_path, source.roots))
    try:
        with service.jobs.listed(JobKind.INDEX, about) as job:
            for _ in following(taking_in(source, service.parts, job), tally, source):
                pass
        if not service.jobs.closed:
            say(f"{'Stopped' if job.cancelled.is_set() else 'Indexed'}: {tally.summary()}.")
    except LookalikeError as error:
        if not service.jobs.closed:
            report(error)
    except Exception as error:  # noqa: BLE001 - the page goes on serving, and the person learns why indexing does not
        if not service.jobs.closed:
            report_bug(error)
